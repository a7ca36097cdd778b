"""How many vectors of a folder are derived, by embedding key."""

from dataclasses import dataclass

from django.db.models import Count

from accounts.actor import Actor
from embeddings.choices import Derivation
from embeddings.models import DerivedVector, VectorSet
from folders.models import Folder, MetadataKey, Unit


@dataclass(frozen=True, slots=True)
class DerivedKey:
    """An embedding key, and how many wholes of a folder have a vector derived by each method."""

    key: MetadataKey
    mean: int = 0
    medoid: int = 0

    @property
    def derived(self) -> int:
        """By either."""
        return self.mean + self.medoid


def derived_keys(actor: Actor, folder: Folder) -> list[DerivedKey]:
    """The live keys of which the folder's root has vectors, with what the actor sees below it."""
    held = VectorSet.objects.filter(root=folder.root_id).values("key")
    keys = MetadataKey.objects.visible_to(actor).live().embeddings().filter(pk__in=held)
    below = Folder.objects.visible_to(actor).below(folder)
    marks = DerivedVector.objects.filter(
        key__in=keys, unit__in=Unit.objects.filter(folder__in=below)
    )
    rows = marks.order_by().values_list("key", "method").annotate(n=Count("unit"))
    counts = {(key, method): n for key, method, n in rows}
    return [
        DerivedKey(
            key,
            mean=counts.get((key.pk, Derivation.MEAN.value), 0),
            medoid=counts.get((key.pk, Derivation.MEDOID.value), 0),
        )
        for key in keys.order_by("name")
    ]
