"""The page of matrix files, for administrators.

matrix-files         GET /schema/matrix-files/                     embeddings/matrix_files.html
    rows: list[MatrixStatus], total: bytes of all files, budget: bytes that all of the host may take
matrix-file-rebuild  POST /schema/matrix-files/<set>/rebuild/      back to the page with a message
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import actor_of
from embeddings.matrix_files.budget import disk_budget
from embeddings.matrix_files.status import matrix_statuses
from embeddings.services.matrix_files import rebuild_matrix_file


@require_safe
def matrix_files(request: HttpRequest) -> HttpResponse:
    """Every vector set of the organisation with its file on this host."""
    rows = matrix_statuses(actor_of(request))
    context = {"rows": rows, "total": sum(row.bytes for row in rows), "budget": disk_budget()}
    return render(request, "embeddings/matrix_files.html", context)


@require_POST
def matrix_file_rebuild(request: HttpRequest, set_id: int) -> HttpResponse:
    """Have one made anew."""
    made = rebuild_matrix_file(actor=actor_of(request), set_id=set_id)
    messages.success(request, f"The matrix file of {made.key.name} is being made anew.")
    return redirect("matrix-files")
