"""Metadata as it arrives and is read back: one JSON object per item, and per frame.

Parsing knows no database; it gathers all errors rather than stop at the first.
"""
