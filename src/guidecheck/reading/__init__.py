"""Text files and YAML, read with limits and with the place of everything in them."""
