"""Limits, with their reasons."""

# Divisible by 2 to 6 columns, and about three screens of tiles in split view.
PAGE_SIZE = 60
MAX_PAGE_SIZE = 500

# Bars of a histogram in the rail: 272 px wide, so that each is some 9 px.
HISTOGRAM_BINS = 24

# Folders and collections that the rail lists; more are found by the search in the menu.
MAX_LISTED = 100

# Units that leave the view one by one: their ids stand in the address, two to four letters each,
# and proxies take lines of some eight thousand.
MAX_LEFT_OUT = 500

# Selected units that become examples of a search, each with its picture in the strip; of more, the
# search starts from their mean.
MAX_SELECTED_EXAMPLES = 12

# Vectors that a request adds up: about a second's work for the database.
MAX_MEAN_VECTORS = 200_000

# Values of a key that the rail shows before "8 more".
VALUES_SHOWN = 6
