"""`bootstrap` makes a person who can work at once."""
