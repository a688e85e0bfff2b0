"""Rule files set out alike: keys in the order of the reference, comments and meaning kept."""
