"""A request for authorization: its facts read, checked and made into items."""
