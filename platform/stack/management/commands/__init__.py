"""`up` starts the whole platform."""
