"""Makes exports, gives them to their makers, and removes them when they have expired."""

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Organisation
from collections_app.constants import EXPORT_LIFETIME_HOURS
from collections_app.exports import read_batches, writer_of
from collections_app.matching import Matching
from collections_app.models import Export
from collections_app.models.export import ExportFormat
from core import jobs
from core.errors import FieldError, InvalidInput, NotFound
from core.services import audit
from core.services.jobs import enqueue_job
from folders.choices import KeyType
from folders.models import Folder, MetadataKey, Unit
from folders.permissions import get_root
from folders.querysets import UnitQuerySet

KIND = "collections.export"
# Removed in one round; the next follows in some minutes.
_REMOVED_AT_ONCE = 200


@transaction.atomic
def start_export(
    *,
    actor: Actor,
    root: Folder,
    format: str,  # noqa: A002  (the word of the API)
    matching: Matching | None = None,
    units: Sequence[int] = (),
    keys: Sequence[str] = (),
) -> Export:
    """Have a file made of units that the actor sees, by a worker.

    Args:
        actor: who asks, and alone will get it.
        root: whose units.
        format: an ExportFormat.
        matching: all units that match, if they are not named.
        units: ids of units; those that he does not see are left out.
        keys: names of embedding keys whose vectors are wanted.

    Raises:
        InvalidInput: there is no such format or key, or the description is wrong.
    """
    if format not in ExportFormat.values:
        expected = ", ".join(ExportFormat.values)
        message = f"There is no format “{format}”."
        raise InvalidInput(message, errors=[FieldError("format", message, "choice", expected)])
    found = _keys(actor, keys)
    selection = matching.to_json() if matching is not None else {"units": list(units)}
    # Refused now, not by the worker.
    count = _units(actor, root, selection).count()
    export = Export.objects.create(
        root=root,
        created_by=actor.user,
        format=format,
        keys=[key.pk for key in found],
        selection=selection,
    )
    export.job = enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=KIND,
        title=f"Exporting {count:,} {'unit' if count == 1 else 'units'} of {root.name}",
        payload={"export": str(export.pk)},
    )
    export.save(update_fields=["job"])
    audit.record(
        actor=actor,
        action="folder.exported",
        target=root,
        data={"format": format, "units": count, "keys": [key.name for key in found]},
    )
    return export


def get_export(actor: Actor, export_id: UUID) -> Export:
    """An export of the actor's own that has not expired.

    Raises:
        NotFound: there is none.
    """
    mine = Export.objects.filter(created_by=actor.user, root__organisation=actor.organisation_id)
    export = mine.select_related("root", "job").filter(pk=export_id).first()
    if export is None:
        raise NotFound("There is no such export, or it has expired.")
    return export


@jobs.handler(KIND)
def run_export(job: jobs.JobRun) -> dict[str, Any]:
    """Write the file; a run that starts again begins it anew."""
    export = Export.objects.select_related("root").filter(pk=job.payload["export"]).first()
    if export is None or job.actor_user is None:
        return {}
    organisation = Organisation.objects.get(pk=job.organisation_id)
    actor = Actor(user=job.actor_user, organisation=organisation)
    # What he may see may have changed since he asked.
    root = get_root(actor, export.root_id)
    units = _units(actor, root, export.selection)
    total = units.count()
    with tempfile.TemporaryFile() as file:
        written = _write(job, export, units, file, total)
        size = file.tell()
        file.seek(0)
        key = default_storage.save(f"exports/{export.pk.hex}.{export.format}", File(file))
    with transaction.atomic():
        # Another run of the same job may have been quicker.
        done = Export.objects.filter(pk=export.pk, storage_key="").update(
            storage_key=key, units=written, size=size
        )
    if not done:
        default_storage.delete(key)
    return {"units": written, "url": reverse("export-file", args=[export.pk])}


def remove_expired_exports() -> int:
    """Remove old exports with their files; returns how many went."""
    before = timezone.now() - timedelta(hours=EXPORT_LIFETIME_HOURS)
    old = list(Export.objects.filter(created_at__lt=before)[:_REMOVED_AT_ONCE])
    for export in old:
        if export.storage_key:
            default_storage.delete(export.storage_key)
        export.delete()
    return len(old)


def _write(job: jobs.JobRun, export: Export, units: UnitQuerySet, file: Any, total: int) -> int:
    keys = list(MetadataKey.objects.live().filter(pk__in=export.keys, dimensions__isnull=False))
    schema = MetadataKey.objects.live().filter(organisation=export.root.organisation_id)
    columns = schema.exclude(type=KeyType.EMBEDDING).order_by("name").values_list("name", flat=True)
    writer = writer_of(
        ExportFormat(export.format),
        file,
        keys={key.name: key.dimensions or 1 for key in keys},
        metadata=list(columns),
    )
    written = 0
    with writer:
        for batch in read_batches(units, export.root, keys):
            writer.write(batch)
            written += len(batch.rows)
            job.progress(done=written, total=max(total, written), step="Writing units")
    return written


def _units(actor: Actor, root: Folder, selection: dict[str, Any]) -> UnitQuerySet:
    if "units" in selection:
        return Unit.objects.visible_to(actor).filter(root=root, pk__in=selection["units"])
    return Matching.from_json(selection).units(actor=actor, root=root)


def _keys(actor: Actor, names: Sequence[str]) -> list[MetadataKey]:
    known = MetadataKey.objects.visible_to(actor).live().embeddings().filter(name__in=names)
    found = {key.name: key for key in known}
    missing = [name for name in names if name not in found]
    if missing:
        errors = [
            FieldError("keys", f"There is no embedding key “{name}”.", "unknown_key", found=name)
            for name in missing
        ]
        raise InvalidInput(errors[0].message, errors=errors)
    return [found[name] for name in dict.fromkeys(names)]
