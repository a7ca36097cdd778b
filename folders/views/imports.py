"""Pages of bulk imports: choose a file, look at what the check found, carry it out."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import Conflict, DomainError, FieldError, InvalidInput
from folders.api.imports import errors_download
from folders.choices import FolderRole
from folders.imports.presentation import ErrorGroup, describe_options, group_errors, preview
from folders.imports.registry import get_importer, importers
from folders.models import Folder, Import, Item, MetadataKey, Upload
from folders.paging import keyset_page
from folders.permissions import get_folder, get_import
from folders.services.data_imports import SentFile, cancel_import, carry_out, start_import
from folders.tree import folder_tree
from folders.views.pages import htmx_or_see_other, is_partial, place, refused, rights, see_other
from integrations.models import Integration

PAGE_SIZE = 50
RECENT = 5
# What the form holds beside the options of the kind.
_FORM_FIELDS = {"csrfmiddlewaretoken", "kind", "file", "upload", "ids_file", "ids_upload"}
_SWITCHES = ("skip_duplicate_urls", "upsert_metadata")


@require_safe
def folder_imports(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Imports into the folder, newest first."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id)
    rows = Import.objects.filter(folder=folder).select_related("job", "created_by")
    cursor = request.GET.get("cursor", "")
    imports = keyset_page(rows, order="-created_at", cursor=cursor, limit=PAGE_SIZE)
    return render(request, "folders/imports.html", {**_page(actor, folder), "imports": imports})


@require_http_methods(["GET", "HEAD", "POST"])
def folder_import_new(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Choose a file and what it is; then have it checked."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.EDITOR)
    if request.method != "POST":
        return _form(request, actor, folder)
    try:
        row = _start(request, actor, folder)
    except (InvalidInput, Conflict) as error:
        return _form(request, actor, folder, error)
    return see_other("import", row.pk)


@require_safe
def import_page(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """One import; for htmx only the part that follows its state."""
    actor = actor_of(request)
    row = get_import(actor, import_id)
    context = {**rights(actor, row.folder), **_state(actor, row)}
    if is_partial(request):
        return render(request, "folders/import_state.html", context)
    return render(request, "folders/import.html", {**_page(actor, row.folder), **context})


@require_POST
def import_start(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Write what was checked."""
    actor = actor_of(request)
    row = get_import(actor, import_id, FolderRole.EDITOR)
    try:
        carry_out(actor=actor, row=row, ignore_errors="ignore_errors" in request.POST or None)
    except (Conflict, InvalidInput) as error:
        refused(request, error)
    return htmx_or_see_other(request, "import", row.pk)


@require_POST
def import_cancel(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """End the import; what it has written is removed again."""
    actor = actor_of(request)
    row = get_import(actor, import_id, FolderRole.EDITOR)
    try:
        cancel_import(actor=actor, row=row)
    except Conflict as error:
        refused(request, error)
    return htmx_or_see_other(request, "import", row.pk)


@require_safe
def import_errors(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """All errors as a file; ?as=csv or jsonl."""
    row = get_import(actor_of(request), import_id)
    download: StreamingHttpResponse = errors_download(row, request.GET.get("as", "csv"))
    return download


def _page(actor: Actor, folder: Folder) -> dict[str, Any]:
    return {
        **place(actor, folder),
        **rights(actor, folder),
        "tree": folder_tree(actor, folder),
        "can_create": True,
    }


def _form(
    request: HttpRequest, actor: Actor, folder: Folder, error: DomainError | None = None
) -> HttpResponse:
    """The page with the form; 422 when what was sent is wrong."""
    said = request.POST if request.method == "POST" else request.GET
    kinds = importers()
    chosen = said.get("kind", "")
    recent = Import.objects.filter(folder=folder).select_related("job", "created_by")
    context = {
        **_page(actor, folder),
        "importers": kinds,
        "kind": chosen if chosen in {one.kind for one in kinds} else kinds[0].kind,
        "integrations": Integration.objects.visible_to(actor).order_by("created_at"),
        "keys": MetadataKey.objects.visible_to(actor).live().embeddings().order_by("name"),
        "said": said,
        "error": error,
        "upload": _sent_before(request, actor, "upload") if error else None,
        "ids_upload": _sent_before(request, actor, "ids_upload") if error else None,
        "recent": list(recent.order_by("-created_at")[:RECENT]),
    }
    return render(request, "folders/import_new.html", context, status=422 if error else 200)


def _start(request: HttpRequest, actor: Actor, folder: Folder) -> Import:
    """A dry run of the file of the form, or of the one that the page's script has uploaded."""
    importer = get_importer(request.POST.get("kind", ""))
    file = _sent(request, "file", "upload")
    if file is None:
        raise InvalidInput("Choose a file.", errors=[FieldError("file", "Choose a file.")])
    return start_import(
        actor=actor,
        folder=folder,
        kind=importer.kind,
        file=file.content,
        file_name=file.name,
        # The field is hidden for other kinds, but sent.
        side=_sent(request, "ids_file", "ids_upload") if importer.side else None,
        options=_options(importer.kind, request.POST.dict()),
        dry_run=True,
    )


def _sent(request: HttpRequest, file: str, upload: str) -> SentFile | None:
    """A file of the form: uploaded by the page's script before, or sent with it."""
    if upload_id := _upload_id(request, upload):
        return SentFile(upload_id)
    sent = request.FILES.get(file)
    return SentFile(cast("Any", sent), sent.name or "") if sent is not None else None


def _options(kind: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the form that are options of the kind."""
    if kind == "metadata":
        return {}
    if kind == "registration":
        # A switch that is not ticked leaves it to the file.
        switches = {name: True for name in _SWITCHES if name in form}
        integration = form.get("integration")
        return {**switches, **({"integration": integration} if integration else {})}
    other = _FORM_FIELDS | {"integration", *_SWITCHES}
    return {name: value for name, value in form.items() if name not in other}


def _upload_id(request: HttpRequest, name: str) -> UUID | None:
    given = request.POST.get(name, "")
    try:
        return UUID(given) if given else None
    except ValueError as error:
        raise InvalidInput("Choose the file again.", code="upload") from error


def _sent_before(request: HttpRequest, actor: Actor, name: str) -> Upload | None:
    """The uploaded file of a form that comes back: it need not be sent again."""
    try:
        upload_id = _upload_id(request, name)
    except InvalidInput:
        return None
    return Upload.objects.visible_to(actor).filter(pk=upload_id).first() if upload_id else None


def _item_names(actor: Actor, entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Names of the items that entries of a sample are for, as far as the actor sees them."""
    ids = {entry["item"] for entry in entries if entry.get("item")}
    seen = Item.objects.visible_to(actor).filter(pk__in=ids)
    return {str(pk): name for pk, name in seen.values_list("pk", "name")}


def _state(actor: Actor, row: Import) -> dict[str, Any]:
    """What the fragment of one import shows."""
    groups: list[ErrorGroup] = group_errors(row.errors)
    importer = get_importer(row.kind)
    sample = row.report.get("sample", [])
    duplicates = row.report.get("duplicate_sample", [])
    names = _item_names(actor, [*sample, *duplicates])
    return {
        "row": row,
        "job": row.job,
        "folder": row.folder,
        "label": importer.label,
        "options": describe_options(row.options),
        "counts": [
            (count, kind.replace("_", " ")) for kind, count in row.report.get("counts", {}).items()
        ],
        "preview": preview(sample, names),
        "duplicates": preview(duplicates, names),
        "groups": groups,
        "shown_errors": len(row.errors),
    }
