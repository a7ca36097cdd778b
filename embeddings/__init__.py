"""Vectors of embedding keys, similarity search, folder upgrades, reductions and maps."""
