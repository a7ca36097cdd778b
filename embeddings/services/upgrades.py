"""Saves the upgrade of a root folder and starts the work that follows from it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db import transaction

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from core.models import Job
from core.services import audit
from embeddings.choices import Placement, ReductionMethod
from embeddings.models import Reduction, UpgradeKey, Vector
from embeddings.reductions import Parameters, ParametersError, parse_parameters
from embeddings.reductions.parameters import as_json
from embeddings.services.leaving_maps import leaving_maps, require_confirmed
from embeddings.services.reductions import cancel_reduction, delete_maps, start_reduction
from embeddings.upgrade_status import UpgradeChoice, get_upgrade, require_root
from folders.choices import FolderRole, KeyType
from folders.models import Folder, MetadataKey
from folders.permissions import require_role
from folders.services.locks import share_tree

__all__ = ["UpgradeChoice", "get_upgrade", "save_upgrade"]


@transaction.atomic
def save_upgrade(
    *,
    actor: Actor,
    root: Folder,
    keys: Sequence[UpgradeChoice],
    delete_maps_of: Collection[int] = (),
) -> list[Job]:
    """Make `keys` the upgrade of a root folder, and start the runs that it lacks.

    An editor of the root folder may do this: it adds to the folder and takes nothing away that
    could not be computed again. A map is computed unless its newest version was made in the same
    way, or is being made; so that saving twice starts one run. Vectors that came later are placed
    and need none: a map is computed anew by `embeddings.services.versions.recompute_map`. A run
    that works in another way than now asked for is cancelled, and so is one that is not asked for
    any more.

    Args:
        actor: who asks.
        root: the root folder.
        keys: the keys in their order, each once.
        delete_maps_of: ids of keys whose maps are deleted, unless their reduction is asked for.
            Keys that leave the upgrade take their maps with them, and have to be named here.

    Returns:
        The jobs that make maps, begun here or before.

    Raises:
        Conflict: the folder is no root folder, or a key that leaves has a map and is not named.
        NotAllowed: the actor may not edit the root folder.
        InvalidInput: a key comes twice, is not a live embedding key, or its options are wrong; all
            errors together, under paths like `keys.0.parameters.perplexity`.
    """
    # Nobody turns the root into a subfolder meanwhile, and a second save waits for this one.
    share_tree(actor.organisation_id)
    root = Folder.objects.select_for_update(no_key=True).get(pk=root.pk)
    require_root(root)
    require_role(actor, root, FolderRole.EDITOR)
    parsed = _check(actor, keys)
    listed = [choice.key.pk for choice in keys]
    require_confirmed(leaving_maps(root, listed), delete_maps_of)
    _write_configuration(actor, root, keys, parsed)
    wanted = {choice.key.pk for choice in keys if choice.reduce}
    _drop_unwanted(root, wanted, delete_maps_of)
    jobs = [
        _ensure_map(actor, root, choice, parameters)
        for choice, parameters in zip(keys, parsed, strict=True)
        if choice.reduce
    ]
    audit.record(
        actor=actor,
        action="folder.upgraded",
        target=root,
        data={"keys": [{"key": choice.key.name, "reduce": choice.reduce} for choice in keys]},
    )
    return [job for job in jobs if job is not None]


def _check(actor: Actor, choices: Sequence[UpgradeChoice]) -> list[Parameters]:
    """The typed options of each choice.

    Raises:
        InvalidInput: with every error of every choice.
    """
    parsed: list[Parameters] = []
    errors: list[FieldError] = []
    seen: set[int] = set()
    for place, choice in enumerate(choices):
        errors += _key_errors(actor, choice.key, seen, f"keys.{place}.key")
        seen.add(choice.key.pk)
        try:
            parsed.append(parse_parameters(choice.method, choice.parameters))
        except ParametersError as error:
            for name, text in error.problems.items():
                part = "method" if name == "method" else f"parameters.{name}"
                errors.append(FieldError(f"keys.{place}.{part}", text))
    if errors:
        raise InvalidInput(errors=errors)
    return parsed


def _key_errors(actor: Actor, key: MetadataKey, seen: set[int], path: str) -> list[FieldError]:
    foreign = key.organisation_id != actor.organisation_id
    if foreign or key.type != KeyType.EMBEDDING or key.deleted_at is not None:
        return [FieldError(path, "There is no such embedding key.", "unknown_key")]
    if key.pk in seen:
        return [FieldError(path, f"“{key.name}” is listed twice.", "repeated")]
    return []


def _write_configuration(
    actor: Actor, root: Folder, choices: Sequence[UpgradeChoice], parsed: list[Parameters]
) -> None:
    kept = [choice.key.pk for choice in choices]
    # A deleted key keeps its row, so that restoring the key restores the configuration.
    UpgradeKey.objects.filter(root=root, key__deleted_at=None).exclude(key__in=kept).delete()
    for place, (choice, parameters) in enumerate(zip(choices, parsed, strict=True)):
        UpgradeKey.objects.update_or_create(
            root=root,
            key=choice.key,
            defaults={
                "reduce": choice.reduce,
                "method": choice.method,
                "parameters": as_json(parameters),
                "position": place,
            },
            create_defaults={
                "reduce": choice.reduce,
                "method": choice.method,
                "parameters": as_json(parameters),
                "position": place,
                "created_by": actor.user,
            },
        )


def _drop_unwanted(root: Folder, wanted: set[int], delete_maps_of: Collection[int]) -> None:
    """Cancel runs that nobody asks for any more; delete the maps that shall go."""
    runs = Reduction.objects.filter(root=root).exclude(key__in=wanted).select_related("job")
    for reduction in runs:
        cancel_reduction(reduction=reduction)
    for key in MetadataKey.objects.filter(pk__in=set(delete_maps_of) - wanted):
        delete_maps(root=root, key=key)


def _ensure_map(
    actor: Actor, root: Folder, choice: UpgradeChoice, parameters: Parameters
) -> Job | None:
    """The job of the run that is on or begun; None when there is nothing to compute."""
    asked = replace(choice, parameters=as_json(parameters))
    versions = Reduction.objects.filter(root=root, key=choice.key).select_related("job")
    for reduction in versions.newest_first():
        if not reduction.is_active:
            continue
        ends = reduction.job is not None and reduction.job.cancel_requested
        if _is_made_as(reduction, asked) and not ends:
            return reduction.job
        cancel_reduction(reduction=reduction)
    ready = versions.ready().newest_first().first()
    if ready is not None and _is_made_as(ready, asked) and _has_layout(ready):
        return None
    if not Vector.objects.filter(key_id=choice.key.pk, root_id=root.pk).exists():
        return None
    started = start_reduction(
        actor=actor,
        root=root,
        key=choice.key,
        method=ReductionMethod(choice.method),
        parameters=parameters,
    )
    return started.job


def _is_made_as(reduction: Reduction, choice: UpgradeChoice) -> bool:
    return reduction.method == choice.method and reduction.parameters == choice.parameters


def _has_layout(reduction: Reduction) -> bool:
    """Whether later vectors can be placed: a map whose first units are all gone gives no hold."""
    return reduction.points.filter(placement=Placement.LAYOUT).exists()
