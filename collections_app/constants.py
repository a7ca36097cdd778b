"""Limits, with their reasons."""

# How long a file lies ready: it holds what its maker saw when it was made, which grows old.
EXPORT_LIFETIME_HOURS = 24

# Up to here a snapshot is taken within the request (well under a second); beyond, by a worker.
MAX_UNITS_IN_REQUEST = 5_000

# Rows that the worker adds in one transaction: progress about twice a second.
UNITS_PER_BATCH = 20_000

# A longer list of hand-picked ids is a filter in disguise, and a request of over a megabyte.
MAX_PICKED_UNITS = 100_000

# What is written of a collection is a note, not a document.
MAX_DESCRIPTION = 10_000

# A filter has up to some hundred conditions, and an intersection one for each of them.
MAX_COMBINED = 100
