"""What somebody who edits rules is told: what changed, what is not tested, and which past cases would flip."""
