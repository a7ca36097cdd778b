"""Turns lists of numbers that were stored as text into vectors, once their key exists.

A list under a key that the schema does not know is kept as a string. When an embedding key of that
name is there, a job converts what the person who asks may edit: in batches, each of which writes
the vectors and takes the texts out of the metadata in one transaction. A text that is no vector of
the key stays where it is and is reported. Where a unit has a vector already, that is the newer one
and has hidden the text ever since: the text goes.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from accounts.actor import Actor
from accounts.models import Organisation
from core.errors import Conflict, InvalidInput, Unavailable
from core.jobs import JobRun
from core.models import Job
from core.services import audit
from core.services.jobs import enqueue_job
from folders import hooks
from folders.choices import FolderRole, KeyType
from folders.filters.expressions import MetadataText, MetadataType
from folders.metadata.values import WrongValue, check_vector
from folders.models import Item, MetadataKey, Unit
from folders.permissions import get_key, require_schema_editor
from folders.querysets import UnitQuerySet

JOB_KIND = "folders.texts_to_vectors"

_UNITS_PER_BATCH = 500
_MAX_REPORTED = 50


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of one unit, and the vector that it spells out, or why it does not."""

    unit: Unit
    vector: list[float] | None = None
    problem: str = ""


def texts_of(actor: Actor, key: MetadataKey) -> UnitQuerySet:
    """Units that the actor may edit which have a list as text under an embedding key."""
    units = Unit.objects.visible_to(actor, FolderRole.EDITOR).filter(metadata__has_key=key.name)
    typed = units.alias(text_type=MetadataType(key.name), text_value=MetadataText(key.name))
    return typed.filter(text_type="string", text_value__startswith="[")


@transaction.atomic
def convert_texts(*, actor: Actor, key: MetadataKey) -> Job:
    """Have a worker turn the texts under the key into vectors; asking twice is one job.

    Raises:
        Conflict: the key is deleted.
        InvalidInput: it is no embedding key.
        NotAllowed: the actor edits no folder of the organisation.
    """
    require_schema_editor(actor)
    if key.type != KeyType.EMBEDDING:
        raise InvalidInput(f"“{key.name}” is no embedding key.", code="no_embedding")
    if key.deleted_at is not None:
        raise Conflict(f"“{key.name}” is deleted. Restore it first.", code="key_deleted")
    audit.record(actor=actor, action="schema.texts_converted", target=key, data={"name": key.name})
    return enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=JOB_KIND,
        title=f"Turning texts under {key.name} into vectors",
        payload={"key": key.pk},
        idempotency_key=f"{key.pk}:{actor.user.pk}",
    )


def run_conversion(run: JobRun) -> dict[str, Any]:
    """Convert batch by batch; the job's handler. A killed run goes on behind its last batch.

    Returns:
        How many texts were `converted`, `superseded` by a vector that was there, and `left`; the
        first `errors` say why.
    """
    if run.actor_user is None:
        return {"converted": 0}
    organisation = Organisation.objects.get(pk=run.organisation_id)
    actor = Actor(user=run.actor_user, organisation=organisation)
    counts = Counter(run.checkpoint.get("counts", {}))
    errors: list[dict[str, str]] = list(run.checkpoint.get("errors", []))
    last = run.checkpoint.get("unit", 0)
    total = sum(counts.values()) + _behind(actor, run, last).count()
    run.progress(done=sum(counts.values()), total=total)
    while batch := list(_behind(actor, run, last).values_list("pk", flat=True)[:_UNITS_PER_BATCH]):
        found, wrong = _convert_batch(actor, run.payload["key"], batch)
        counts += found
        errors = [*errors, *wrong][:_MAX_REPORTED]
        last = batch[-1]
        checkpoint = {"unit": last, "counts": dict(counts), "errors": errors}
        run.progress(done=sum(counts.values()), checkpoint=checkpoint)
    names = ("converted", "superseded", "left")
    return {**{name: counts[name] for name in names}, "errors": errors}


def _behind(actor: Actor, run: JobRun, last: int) -> UnitQuerySet:
    key = get_key(actor, run.payload["key"])
    return texts_of(actor, key).filter(pk__gt=last).order_by("pk")


@transaction.atomic
def _convert_batch(
    actor: Actor, key_id: int, unit_ids: list[int]
) -> tuple[Counter[str], list[dict[str, str]]]:
    key = get_key(actor, key_id)
    units = _locked(actor, key, unit_ids)
    holders = _holders(key, [unit.pk for unit in units])
    texts = [_read(key, unit) for unit in units if unit.pk not in holders]
    texts = _of_one_size(key, texts)
    good = [text for text in texts if text.vector is not None]
    if good:
        _write(key, good)
    _forget_texts(key.name, [text.unit for text in good])
    _forget_texts(key.name, [unit for unit in units if unit.pk in holders])
    left = [text for text in texts if text.vector is None]
    counts = Counter(converted=len(good), superseded=len(holders), left=len(left))
    return counts, [_error(text) for text in left[:_MAX_REPORTED]]


def _locked(actor: Actor, key: MetadataKey, unit_ids: list[int]) -> list[Unit]:
    """The units, with what they hold now; items first, each in the order of ids, as imports do."""
    items = Item.objects.filter(units__in=unit_ids).order_by("pk")
    list(items.select_for_update(of=("self",)).values_list("pk", flat=True))
    units = texts_of(actor, key).filter(pk__in=unit_ids).order_by("pk")
    return list(units.select_for_update(of=("self",)).select_related("item"))


def _read(key: MetadataKey, unit: Unit) -> _Text:
    try:
        value = json.loads(unit.metadata[key.name])
        check_vector(key, value)
    except (ValueError, RecursionError):
        return _Text(unit, problem="The text is no list of numbers.")
    except WrongValue as wrong:
        return _Text(unit, problem=wrong.message)
    return _Text(unit, value)


def _of_one_size(key: MetadataKey, texts: list[_Text]) -> list[_Text]:
    """Of vectors under a key without a size, those of the most frequent length."""
    lengths = Counter(len(text.vector) for text in texts if text.vector is not None)
    if key.dimensions is not None or len(lengths) < 2:
        return texts
    [(length, _)] = lengths.most_common(1)
    problem = f"Most texts hold {length} values, this one does not."
    return [
        text
        if text.vector is None or len(text.vector) == length
        else _Text(text.unit, problem=problem)
        for text in texts
    ]


def _write(key: MetadataKey, texts: list[_Text]) -> None:
    if hooks.vector_sink.function is None:
        raise Unavailable("No app that stores vectors is installed.")
    hooks.vector_sink.function(
        key=key,
        unit_ids=[text.unit.pk for text in texts],
        values=[text.vector for text in texts if text.vector is not None],
        paths=[f"unit {text.unit.pk}" for text in texts],
    )


def _holders(key: MetadataKey, unit_ids: list[int]) -> set[int]:
    holders = hooks.vector_holders.function
    return holders.among(key=key, unit_ids=unit_ids) if holders is not None else set()


def _forget_texts(name: str, units: list[Unit]) -> None:
    """Take the key out of the units' metadata, and out of that of items that are units."""
    if not units:
        return
    wholes = [unit.item_id for unit in units if unit.frame is None]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE folders_item SET client_metadata = client_metadata - %s, updated_at = now()"
            " WHERE id = ANY (%s)",
            [name, wholes],
        )
        cursor.execute(
            "UPDATE folders_unit SET metadata = metadata - %s WHERE id = ANY (%s)",
            [name, [unit.pk for unit in units]],
        )


def _error(text: _Text) -> dict[str, str]:
    item = text.unit.item
    frame = "" if text.unit.frame is None else f", frame {text.unit.frame}"
    return {"item": str(item.pk), "name": f"{item.name}{frame}", "message": text.problem}
