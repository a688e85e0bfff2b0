"""Decision letters read into historical cases, with the words each fact comes from."""
