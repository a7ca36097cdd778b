"""What the server fetches from addresses that users give; integrations.guard applies it."""

from config.env import env

# Networks that are not public and are fetched from all the same, as 10.20.0.0/16.
FETCH_ALLOW = env.list("KINDRED_FETCH_ALLOW", default=[])
# Also from public servers that have no TLS.
FETCH_PLAIN_HTTP = env.bool("KINDRED_FETCH_PLAIN_HTTP", default=False)
FETCH_MAX_MB = env.int("KINDRED_FETCH_MAX_MB", default=10_240)
# Seconds for one answer in all.
FETCH_TIMEOUT = env.int("KINDRED_FETCH_TIMEOUT", default=300)
# PEM file with certificates of authorities that are trusted besides the system's.
FETCH_CA_FILE = env.str("KINDRED_FETCH_CA_FILE", default="")
# Directories of the server that integrations may read from, and what lies below them.
LOCAL_DIRECTORIES = env.list("KINDRED_LOCAL_DIRECTORIES", default=[])
