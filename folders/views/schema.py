"""The page of the metadata schema."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import Conflict, InvalidInput
from folders.choices import KeyType, Metric
from folders.forms import SchemaKeyForm
from folders.models import MetadataKey
from folders.permissions import edits_schema, get_key, require_schema_editor
from folders.services.schema import add_key, delete_key, restore_key
from folders.views.pages import see_other


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


@require_POST
def schema_key_delete(request: HttpRequest, key_id: int) -> HttpResponse:
    """Turn a key into a tombstone."""
    actor = actor_of(request)
    key = delete_key(actor=actor, key=get_key(actor, key_id))
    messages.success(request, f"The key “{key.name}” was deleted. It can be restored.")
    return see_other("schema")


@require_POST
def schema_key_restore(request: HttpRequest, key_id: int) -> HttpResponse:
    """Make a tombstone a live key again."""
    actor = actor_of(request)
    key = restore_key(actor=actor, key=get_key(actor, key_id))
    messages.success(request, f"The key “{key.name}” was restored.")
    return see_other("schema")


def _page(
    request: HttpRequest, actor: Actor, form: SchemaKeyForm, status: int = 200
) -> HttpResponse:
    keys = MetadataKey.objects.visible_to(actor).order_by("name")
    context = {
        "keys": [key for key in keys if key.deleted_at is None],
        "deleted": [key for key in keys if key.deleted_at is not None],
        "types": KeyType.choices,
        "metrics": Metric.choices,
        "can_edit": edits_schema(actor),
        "can_delete": actor.is_organisation_admin,
        "form": form,
    }
    return render(request, "folders/schema.html", context, status=status)
