"""The product as a person uses it: a real stack, a real browser."""
