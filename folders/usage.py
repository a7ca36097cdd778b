"""How much is stored under a key, as far as somebody may see it."""

from dataclasses import dataclass

from accounts.actor import Actor
from folders import hooks
from folders.choices import KeyType
from folders.filters.indexed import is_indexed
from folders.filters.metadata import present
from folders.models import IndexedValue, MetadataKey, Unit
from folders.services.text_vectors import texts_of


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """Units that have a value or a vector, and lists kept as text that could become vectors.

    `units` counts what the actor sees, `texts` what he may edit.
    """

    units: int
    texts: int = 0


def key_usage(actor: Actor, key: MetadataKey) -> KeyUsage:
    """Count what is stored under a key; quick for indexed keys and vectors, else it reads JSON."""
    if key.type == KeyType.EMBEDDING:
        holders = hooks.vector_holders.function
        # Whoever administers the organisation sees all of it: the key's own count will do.
        seen = None if actor.is_organisation_admin else Unit.objects.visible_to(actor)
        vectors = holders.count(key=key, units=seen) if holders is not None else 0
        return KeyUsage(units=vectors, texts=texts_of(actor, key).count())
    if actor.is_organisation_admin and is_indexed(key):
        return KeyUsage(units=IndexedValue.objects.filter(key_id=key.pk).count())
    return KeyUsage(units=Unit.objects.visible_to(actor).filter(present(key.name)).count())
