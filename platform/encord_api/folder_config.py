"""The settings of a folder as one object, of which `embeddingConfig` is the folder's upgrade.

    {"metadataIngestion": {…}, "whatever": …,
     "embeddingConfig": {"clip": {"embeddingReductionEnabled": true,
                                  "advancedMetricsEnabled": false}}}

All of it is kept word for word; which keys belong to the upgrade, and which of them are reduced, is
asked of the upgrade itself, which pages and REST change, too.
"""

from typing import Any

from django.db import transaction

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from embeddings.upgrade_status import saved_choices
from folders.models import Folder, MetadataKey
from folders.services.folder_json import set_folder_config
from folders.services.locks import share_tree

KEYS = "embeddingConfig"
REDUCED = "embeddingReductionEnabled"
_DEFAULTS = {REDUCED: False, "advancedMetricsEnabled": False}


def read_config(folder: Folder) -> dict[str, Any]:
    """The settings, with the upgrade as it is now."""
    stored = dict(folder.sdk_config)
    earlier = stored.get(KEYS)
    earlier = earlier if isinstance(earlier, dict) else {}
    reduced = {choice.key.name: choice.reduce for choice in saved_choices(folder)}
    keys = {
        name: {**_DEFAULTS, **_object(earlier.get(name)), REDUCED: reduced.get(name, False)}
        for name in sorted({*earlier, *reduced})
    }
    if keys or folder.is_root:
        stored[KEYS] = keys
    return stored


@transaction.atomic
def save_config(*, actor: Actor, folder: Folder, config: Any) -> None:
    """Keep the settings; where `embeddingConfig` asks for another upgrade, save and start that.

    Keys that are in the upgrade keep the method and parameters of their maps.

    Raises:
        Conflict: another upgrade is asked for, and the folder is no root folder.
        InvalidInput: it is no such object, or names keys that are no embeddings.
        NotAllowed: the actor may not edit the folder.
    """
    # Before the folder's row is locked, as in all writes.
    share_tree(actor.organisation_id)
    set_folder_config(actor=actor, folder=folder, config=config)
    if config.get(KEYS) is None:
        return
    wanted = _wanted(config[KEYS])
    present = saved_choices(folder)
    if wanted == {choice.key.name: choice.reduce for choice in present}:
        return
    if not folder.is_root and not any(wanted.values()):
        # Written back as it was read: there is no upgrade to change.
        return
    keys = _keys(actor, wanted)
    known = {choice.key.pk: choice for choice in present}
    choices = []
    for name, reduce in wanted.items():
        choice = known.get(keys[name].pk, UpgradeChoice(key=keys[name]))
        choices.append(
            UpgradeChoice(
                key=keys[name], reduce=reduce, method=choice.method, parameters=choice.parameters
            )
        )
    save_upgrade(actor=actor, root=folder, keys=choices)


def _wanted(given: Any) -> dict[str, bool]:
    """Whether each key is to be reduced."""
    if not isinstance(given, dict):
        raise InvalidInput(errors=[FieldError(KEYS, "This is an object by key.", "type")])
    wanted: dict[str, bool] = {}
    errors = []
    for name, one in given.items():
        reduce = one.get(REDUCED, False) if isinstance(one, dict) else None
        if not isinstance(reduce, bool):
            errors.append(FieldError(f"{KEYS}.{name}.{REDUCED}", "This is true or false.", "type"))
            continue
        wanted[name] = reduce
    if errors:
        raise InvalidInput(errors=errors)
    return wanted


def _keys(actor: Actor, wanted: dict[str, bool]) -> dict[str, MetadataKey]:
    live = MetadataKey.objects.visible_to(actor).live().embeddings()
    keys = {key.name: key for key in live.filter(name__in=wanted)}
    errors = [
        FieldError(f"{KEYS}.{name}", "There is no such embedding key.", "unknown_key")
        for name in wanted
        if name not in keys
    ]
    if errors:
        raise InvalidInput(errors=errors)
    return keys


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
