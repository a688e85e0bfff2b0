"""`guidecheck rules`: one module a command."""
