"""A determination in words: what settled it, what is missing, whether it is current, the letter."""
