"""The rule library as a person reads it: in prose, on a terminal and as Markdown."""
