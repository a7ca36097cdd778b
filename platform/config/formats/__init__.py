"""How figures and moments are written, by language."""
