"""What forms of the Files pages send: a selection of items, values of metadata."""

import json
from uuid import UUID

from django.http import HttpRequest

from core.errors import FieldError, InvalidInput
from folders.models import Folder
from folders.selections import Selection


def posted_selection(request: HttpRequest, folder: Folder) -> Selection:
    """The items that a form names: ticked ones, all that match, or those that a dialog asked about.

    Raises:
        InvalidInput: it cannot be read.
    """
    if "selection" in request.POST:
        try:
            return Selection.from_json(folder, json.loads(request.POST["selection"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable() from error
    if request.POST.get("all"):
        search = request.POST.get("search", "").strip().replace("\x00", "")
        return Selection(folder, None, search, request.POST.get("state", ""))
    try:
        named = tuple(UUID(item_id) for item_id in request.POST.getlist("item"))
    except ValueError as error:
        raise _unreadable() from error
    return Selection(folder, named)


def _unreadable() -> InvalidInput:
    message = "The selection cannot be read. Select the items again."
    return InvalidInput(message, errors=[FieldError("item", message)])
