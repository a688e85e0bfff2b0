"""Many cases at once: reading tables of them, answering every row, writing results and rejects."""
