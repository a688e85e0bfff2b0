"""What is suspicious in rules that can be read: one module a kind of question, one code a kind of finding."""
