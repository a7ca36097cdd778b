"""Recompute, Keep and Discard of a version, in the Folder upgrades dialog.

Each answers with the dialog as it is then (see embeddings.views.upgrades); the form field `verb`
is one of recompute, keep, discard.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.middleware import actor_of
from core.errors import FieldError, InvalidInput, NotFound
from embeddings.maps.access import get_map
from embeddings.services.versions import discard_version, keep_version, recompute_map
from embeddings.upgrade_status import get_upgradable, get_upgrade
from embeddings.views.upgrades import DIALOG, method_choices


@require_POST
def map_version(request: HttpRequest, folder_id: UUID, reduction_id: UUID) -> HttpResponse:
    """Carry out one of the three."""
    actor = actor_of(request)
    root = get_upgradable(actor, folder_id)
    reduction = get_map(actor, reduction_id)
    if reduction.root_id != root.pk:
        raise NotFound("There is no such map in this folder.")
    match request.POST.get("verb", ""):
        case "recompute":
            recompute_map(actor=actor, reduction=reduction)
        case "keep":
            keep_version(actor=actor, reduction=reduction)
        case "discard":
            discard_version(actor=actor, reduction=reduction)
        case other:
            message = "Say recompute, keep or discard."
            raise InvalidInput(message, errors=[FieldError("verb", message, found=other)])
    if not request.headers.get("HX-Request"):
        return redirect("folder-upgrade", root.pk)
    context = {"upgrade": get_upgrade(actor, root), "saved": False, "started": 0}
    return render(request, DIALOG, context | method_choices())
