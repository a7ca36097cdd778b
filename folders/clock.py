"""Durations as a player shows them."""


def clock(seconds: float | None) -> str:
    """Seconds as 0:14 or 1:02:03; nothing for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
