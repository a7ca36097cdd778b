"""Recompute, Keep and Discard of a version, in the Folder upgrades dialog.

Each answers with the dialog as it is then (see embeddings.views.upgrades); without htmx, as from
the page that compares versions, Keep and Discard lead to the map. The form field `verb` is one of
recompute, keep, discard.
"""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.middleware import actor_of
from core.errors import FieldError, InvalidInput, NotFound
from embeddings.maps.access import get_map
from embeddings.models import Reduction
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
    verb = request.POST.get("verb", "")
    match verb:
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
        return _away(request, reduction, verb)
    context = {"upgrade": get_upgrade(actor, root), "saved": False, "started": 0}
    return render(request, DIALOG, context | method_choices())


def _away(request: HttpRequest, reduction: Reduction, verb: str) -> HttpResponse:
    """The page to go on with."""
    if verb == "recompute":
        return redirect("folder-upgrade", reduction.root_id)
    done = {"keep": "Kept", "discard": "Discarded"}[verb]
    version, name = reduction.version, reduction.key.name
    messages.success(request, f"{done} version {version} of the map of {name}.")
    query = urlencode({"view": "split", "embedding": name})
    return redirect(f"{reverse('explorer', args=[reduction.root_id])}?{query}")
