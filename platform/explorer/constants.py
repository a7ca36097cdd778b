"""Limits, with their reasons."""

# Divisible by 2 to 6 columns, and about three screens of tiles in split view.
PAGE_SIZE = 60
MAX_PAGE_SIZE = 500

# Bars of a histogram in the rail: 272 px wide, so that each is some 9 px.
HISTOGRAM_BINS = 24

# Folders and collections that the rail lists; more are found by the search in the menu.
MAX_LISTED = 100

# Values of a key that the rail shows before "8 more".
VALUES_SHOWN = 6
