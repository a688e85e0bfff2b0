"""Which statuses a criterion can reach, over every record that the vocabulary allows."""
