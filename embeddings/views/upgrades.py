"""The Folder upgrades dialog and its live progress.

Contexts of the templates (all of them fragments, swapped in by htmx):

embeddings/upgrade_dialog.html    GET and POST of `folder-upgrade`
    upgrade     Upgrade: `root`, `unit_count`, `rows` (UpgradeRow), `available` (embedding keys
                that can still be added: id, name, dimensions, metric), `can_edit`,
                `is_processing`, `problems` (sentences that belong to no single row)
    methods     [{"value": "tsne", "label": "t-SNE"}, …] for the select under Advanced
    saved       True after a POST that was carried out: show the confirmation
    started     how many runs that POST started or found running
    leaving     LeavingMaps that a POST would delete and that were not confirmed: it saved nothing,
                and the form asks

embeddings/upgrade_key.html       GET of `upgrade-key`: one row, when Add picks a key
    upgrade, row, methods

embeddings/upgrade_progress.html  GET of `upgrade-progress`, polled every second
    upgrade     Progress, which counts no units; once no run is under way, Upgrade. Its `rows` with
                a `job` have something to show, `is_processing` tells whether to go on polling; the
                answer that ends it carries the header `HX-Trigger: upgrade-ended`
    polled      True, which it is not within the dialog: swap the rows' states out of band

UpgradeRow: `key`, `reduce`, `method`, `perplexity`, `exaggeration`, `seed` (as the form shows it),
`problems` (field -> sentence), `with_vector`, `zero`, `units`, `map` (the Reduction that is shown,
or None), `run` (the newest Reduction, or None), `job` (the newest run's core Job, or None), `state`
("off", "empty", "waiting", "processing", "ready", "failed", "cancelled"), `failure` (why),
`versions` (finished Reductions, newest first, each with `drift`: a DriftReport or None),
`estimate` (seconds that a run will take, or None while nothing like it has run).

Form fields of the POST: `key` once per row, in order (the key's id); `reduce-<id>` when ticked;
`method-<id>`, `perplexity-<id>`, `exaggeration-<id>`, `seed-<id>` (may be missing or empty: the
default); `delete-maps` (an id) once for each key that is not listed any more and whose maps may
go. A POST with wrong values answers 422 with the dialog and its `problems`; one that deletes maps
without that confirmation answers 422 with the question.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import Conflict, FieldError, InvalidInput, NotFound
from embeddings.choices import ReductionMethod
from embeddings.reductions.parameters import option_names
from embeddings.services.leaving_maps import UNCONFIRMED, leaving_maps
from embeddings.services.upgrades import UpgradeChoice, get_upgrade, save_upgrade
from embeddings.upgrade_status import (
    Progress,
    Upgrade,
    get_progress,
    get_upgradable,
    saved_choices,
    upgrade_row,
)
from folders.models import Folder, MetadataKey

DIALOG = "embeddings/upgrade_dialog.html"


@require_http_methods(["GET", "POST"])
def folder_upgrade(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """The dialog; a POST saves it and starts the work."""
    actor = actor_of(request)
    root = get_upgradable(actor, folder_id)
    if request.method == "POST":
        return _save(request, actor, root)
    context = {"upgrade": get_upgrade(actor, root), "saved": False, "started": 0}
    return render(request, DIALOG, context | method_choices())


@require_GET
def upgrade_key(request: HttpRequest, folder_id: UUID, key_id: int) -> HttpResponse:
    """One row for a key that is being added; nothing is saved."""
    actor = actor_of(request)
    root = get_upgradable(actor, folder_id)
    key = _keys(actor).get(key_id)
    if key is None:
        raise NotFound("There is no such embedding key.")
    choices = [*saved_choices(root), UpgradeChoice(key=key, reduce=True)]
    context = {
        "upgrade": get_upgrade(actor, root, choices=choices),
        "row": upgrade_row(actor, root, choices[-1]),
    }
    return render(request, "embeddings/upgrade_key.html", context | method_choices())


@require_GET
def upgrade_progress(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """How far the runs of a root folder are."""
    actor = actor_of(request)
    root = get_upgradable(actor, folder_id)
    upgrade: Progress | Upgrade = get_progress(actor, root)
    ended = not upgrade.is_processing
    if ended:
        upgrade = get_upgrade(actor, root)
    context = {"upgrade": upgrade, "polled": True}
    response = render(request, "embeddings/upgrade_progress.html", context)
    if ended:
        response["HX-Trigger"] = "upgrade-ended"
    return response


def _save(request: HttpRequest, actor: Actor, root: Folder) -> HttpResponse:
    choices = _choices(request.POST, _keys(actor))
    try:
        jobs = save_upgrade(
            actor=actor,
            root=root,
            keys=choices,
            delete_maps_of=_ids(request.POST.getlist("delete-maps")),
        )
    except InvalidInput as error:
        problems = _problems(choices, error.errors)
        upgrade = get_upgrade(actor, root, choices=choices, problems=problems)
        context: dict[str, Any] = {"upgrade": upgrade, "saved": False, "started": 0}
        return render(request, DIALOG, context | method_choices(), status=422)
    except Conflict as error:
        if error.code != UNCONFIRMED:
            raise
        context = {
            "upgrade": get_upgrade(actor, root, choices=choices),
            "leaving": leaving_maps(root, [choice.key.pk for choice in choices]),
        }
        return render(request, DIALOG, context | method_choices(), status=422)
    context = {"upgrade": get_upgrade(actor, root), "saved": True, "started": len(jobs)}
    return render(request, DIALOG, context | method_choices())


def _choices(form: QueryDict, keys: Mapping[int, MetadataKey]) -> list[UpgradeChoice]:
    """The rows of the form; keys that are not there (any more) are passed over."""
    ids = dict.fromkeys(_ids(form.getlist("key")))
    return [_choice(form, keys[pk]) for pk in ids if pk in keys]


def _ids(texts: list[str]) -> list[int]:
    """The ids among the texts, none of which has more digits than a bigint."""
    return [int(text) for text in texts if text.isdecimal() and len(text) < 20]


def _choice(form: QueryDict, key: MetadataKey) -> UpgradeChoice:
    method = form.get(f"method-{key.pk}") or ReductionMethod.TSNE.value
    options = {
        name: _number_or_text(text)
        for name in option_names(method)
        if (text := form.get(f"{name}-{key.pk}", "").strip())
    }
    return UpgradeChoice(
        key=key, reduce=f"reduce-{key.pk}" in form, method=method, parameters=options
    )


def _number_or_text(text: str) -> float | str:
    """A number if it is one; what is not is refused by name later, and shown again as typed."""
    try:
        return float(text)
    except ValueError:
        return text


def _problems(
    choices: list[UpgradeChoice], errors: tuple[FieldError, ...]
) -> dict[int | None, dict[str, str]]:
    """Sentences by key id and field: `keys.2.parameters.seed` is the seed of the third row."""
    problems: dict[int | None, dict[str, str]] = {}
    for error in errors:
        _, _, rest = error.path.partition(".")
        place, _, name = rest.partition(".")
        row = choices[int(place)].key.pk if place.isdecimal() else None
        problems.setdefault(row, {})[name.rpartition(".")[2]] = error.message
    return problems


def _keys(actor: Actor) -> dict[int, MetadataKey]:
    return {key.pk: key for key in MetadataKey.objects.visible_to(actor).live().embeddings()}


def method_choices() -> dict[str, Any]:
    """The context's `methods`."""
    return {"methods": [{"value": one.value, "label": str(one.label)} for one in ReductionMethod]}
