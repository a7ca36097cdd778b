"""The page of matrix files, for administrators.

matrix-files         GET /schema/matrix-files/                     embeddings/matrix_files.html
    rows: list[MatrixStatus], total: bytes of all files, budget: bytes that all of the host may take
    is_building: an index is being built, so that the page looks again
matrix-file-rebuild  POST /schema/matrix-files/<set>/rebuild/      back to the page with a message
matrix-file-index    POST /schema/matrix-files/<set>/index/        the same
    verb: build, cancel or drop
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import actor_of
from embeddings.matrix_files.budget import disk_budget
from embeddings.matrix_files.status import matrix_statuses
from embeddings.services.indexes import cancel_build, drop_index, start_index
from embeddings.services.matrix_files import rebuild_matrix_file


@require_safe
def matrix_files(request: HttpRequest) -> HttpResponse:
    """Every vector set of the organisation with its file on this host."""
    rows = matrix_statuses(actor_of(request))
    context = {
        "rows": rows,
        "total": sum(row.bytes for row in rows),
        "budget": disk_budget(),
        "is_building": any(row.build for row in rows),
    }
    return render(request, "embeddings/matrix_files.html", context)


@require_POST
def matrix_file_rebuild(request: HttpRequest, set_id: int) -> HttpResponse:
    """Have one made anew."""
    made = rebuild_matrix_file(actor=actor_of(request), set_id=set_id)
    messages.success(request, f"The matrix file of {made.key.name} is being made anew.")
    return redirect("matrix-files")


@require_POST
def matrix_file_index(request: HttpRequest, set_id: int) -> HttpResponse:
    """Have the index of a set built, its build cancelled, or both dropped."""
    actor = actor_of(request)
    if request.POST.get("verb") == "drop":
        dropped = drop_index(actor=actor, set_id=set_id)
        messages.success(request, f"The index of {dropped.key.name} is dropped.")
    elif request.POST.get("verb") == "cancel":
        kept = cancel_build(actor=actor, set_id=set_id)
        messages.success(request, f"Building the index of {kept.key.name} is cancelled.")
    else:
        job = start_index(actor=actor, set_id=set_id)
        messages.success(request, f"{job.title}: a worker is at it.")
    return redirect("matrix-files")
