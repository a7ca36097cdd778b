"""The dialog that derives vectors of videos and groups.

Context of embeddings/derived_dialog.html, GET and POST of `folder-derived-vectors`:
    folder      the folder, all below it included
    rows        DerivedKey: `key`, `mean`, `medoid`, `derived`; keys of which there are vectors
    chosen      name of the key that is chosen, empty for none
    method      "mean" or "medoid"
    problem     why nothing was begun
    job         the core Job that a POST began or found
    can_edit    whether the person may begin one
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.middleware import actor_of
from core.errors import Conflict, NotFound
from core.models import Job
from embeddings.choices import Derivation
from embeddings.derived_status import derived_keys
from embeddings.services.derived import start_derivation
from embeddings.services.imports import live_embedding_key
from folders.choices import FolderRole
from folders.permissions import get_folder, has_role


@require_http_methods(["GET", "POST"])
def folder_derived_vectors(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """The dialog; a POST begins the work."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id)
    chosen = request.POST.get("key", "")
    wanted = request.POST.get("method", "")
    method = Derivation(wanted) if wanted in Derivation.values else Derivation.MEAN
    problem = ""
    job: Job | None = None
    if request.method == "POST":
        try:
            key = live_embedding_key(actor, chosen)
            job = start_derivation(actor=actor, folder=folder, key=key, method=method)
        except (Conflict, NotFound) as error:
            problem = error.message
    context = {
        "folder": folder,
        "rows": derived_keys(actor, folder),
        "chosen": chosen,
        "method": method.value,
        "problem": problem,
        "job": job,
        "can_edit": has_role(actor, folder, FolderRole.EDITOR),
    }
    return render(
        request, "embeddings/derived_dialog.html", context, status=422 if problem else 200
    )
