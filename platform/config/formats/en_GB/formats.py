"""Moments by the 24-hour clock."""

DATETIME_FORMAT = "j M Y, H:i"
