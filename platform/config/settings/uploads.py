"""How large files may be that people send, and how long an unfinished one is kept."""

from datetime import timedelta

from config.env import env

UPLOAD_MAX_BYTES = env.int("KINDRED_UPLOAD_MAX_MB", default=50 * 1024) * 1024 * 1024
UPLOAD_EXPIRY = timedelta(hours=env.int("KINDRED_UPLOAD_HOURS", default=72))
# A bundle of the SDK: 1000 items with vectors of 4096 numbers have 90 MB.
ENCORD_MAX_BODY_BYTES = env.int("KINDRED_BUNDLE_MAX_MB", default=256) * 1024 * 1024
