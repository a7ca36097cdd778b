"""Embedded servers of the one-command start, and the supervision of its processes."""
