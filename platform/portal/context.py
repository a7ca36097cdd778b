"""What every page needs."""

from typing import Any

from django.http import HttpRequest

from portal.shell import Shell


def shell(request: HttpRequest) -> dict[str, Any]:
    """Variables of the shell."""
    return {"shell": Shell(request)}
