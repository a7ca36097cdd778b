"""The page of the metadata schema."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import Conflict, InvalidInput
from folders.choices import KeyType, Metric
from folders.filters.indexed import INDEXED_TYPES
from folders.forms import KeyChangeForm, SchemaKeyForm
from folders.models import MetadataKey
from folders.permissions import edits_schema, get_key, require_schema_editor
from folders.services.schema import add_key, delete_key, edit_key, restore_key
from folders.services.schema_changes import has_vectors
from folders.services.schema_checks import VARIANTS
from folders.services.text_vectors import convert_texts
from folders.usage import key_usage
from folders.views.pages import htmx_or_see_other, see_other


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """All keys of the organisation."""
    return _page(request, actor_of(request), SchemaKeyForm())


@require_POST
def schema_key_create(request: HttpRequest) -> HttpResponse:
    """Add a key, or show the form again with what is wrong."""
    actor = actor_of(request)
    require_schema_editor(actor)
    form = SchemaKeyForm(request.POST)
    if form.is_valid():
        try:
            key = add_key(actor=actor, **form.key())
        except (InvalidInput, Conflict) as error:
            form.take(error)
        else:
            messages.success(request, f"The key “{key.name}” was added.")
            return see_other("schema")
    return _page(request, actor, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def schema_key_edit(request: HttpRequest, key_id: int) -> HttpResponse:
    """Change a key in a dialog, or show it again with what is wrong."""
    actor = actor_of(request)
    key = get_key(actor, key_id)
    require_schema_editor(actor)
    posted = request.POST if request.method == "POST" else None
    form = KeyChangeForm(posted, initial=KeyChangeForm.initial_of(key))
    if form.is_valid():
        try:
            key = edit_key(actor=actor, key=key, **form.change_of(key))
        except (InvalidInput, Conflict) as error:
            form.take(error)
        else:
            messages.success(request, f"The key “{key.name}” was changed.")
            return htmx_or_see_other(request, "schema")
    context = _choices() | {
        "key": key,
        "form": form,
        "variants": VARIANTS,
        "can_narrow": actor.is_organisation_admin,
        "metric_is_fixed": key.type == KeyType.EMBEDDING and has_vectors(key),
    }
    status = 422 if form.errors else 200
    return render(request, "folders/schema_key_edit.html", context, status=status)


@require_safe
def schema_key_usage(request: HttpRequest, key_id: int) -> HttpResponse:
    """How many units have a value; the page asks for it once it is shown."""
    actor = actor_of(request)
    key = get_key(actor, key_id)
    context = {"key": key, "usage": key_usage(actor, key), "can_edit": edits_schema(actor)}
    return render(request, "folders/schema_key_usage.html", context)


@require_POST
def schema_key_convert(request: HttpRequest, key_id: int) -> HttpResponse:
    """Turn lists kept as text into vectors, by a job."""
    actor = actor_of(request)
    key = get_key(actor, key_id)
    convert_texts(actor=actor, key=key)
    messages.success(request, f"Texts under “{key.name}” become vectors. See Jobs.")
    return see_other("schema")


@require_POST
def schema_key_delete(request: HttpRequest, key_id: int) -> HttpResponse:
    """Turn a key into a tombstone; with `hard`, for ever."""
    actor = actor_of(request)
    hard = bool(request.POST.get("hard"))
    key = delete_key(actor=actor, key=get_key(actor, key_id), hard=hard)
    end = "for ever." if hard else "It can be restored."
    messages.success(request, f"The key “{key.name}” was deleted{' ' if hard else '. '}{end}")
    return see_other("schema")


@require_POST
def schema_key_restore(request: HttpRequest, key_id: int) -> HttpResponse:
    """Make a tombstone a live key again."""
    actor = actor_of(request)
    key = restore_key(actor=actor, key=get_key(actor, key_id))
    messages.success(request, f"The key “{key.name}” was restored.")
    return see_other("schema")


def _choices() -> dict[str, Any]:
    return {"types": KeyType.choices, "metrics": Metric.choices}


def _page(
    request: HttpRequest, actor: Actor, form: SchemaKeyForm, status: int = 200
) -> HttpResponse:
    keys = MetadataKey.objects.visible_to(actor).order_by("name")
    context = _choices() | {
        "keys": [key for key in keys if key.deleted_at is None],
        "deleted": [key for key in keys if key.deleted_at is not None and not key.erased],
        "can_edit": edits_schema(actor),
        "can_delete": actor.is_organisation_admin,
        "indexed_types": INDEXED_TYPES,
        "form": form,
    }
    return render(request, "folders/schema.html", context, status=status)
