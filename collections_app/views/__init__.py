"""Pages of the collections app."""
