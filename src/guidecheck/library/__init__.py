"""The rule library: its files, models, and every check that loading makes."""
