"""From an item to its determination, what would turn it, and what became of it between two drafts."""
