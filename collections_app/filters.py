"""The field `collection` of the filter grammar."""

from django.db.models import Exists, OuterRef, Q

from collections_app.models import Collection, CollectionUnit
from folders.filters import FieldType, FilterContext, Leaf, register_field
from folders.filters.fields import comparisons
from folders.filters.values import uuid, wrong


class CollectionField(FieldType):
    """The collections that a unit belongs to; `ne` and `not_in` hold for units of none."""

    def __init__(self) -> None:
        super().__init__(comparisons(uuid))

    def compile(self, leaf: Leaf, context: FilterContext, path: str) -> Q:
        """The condition on membership.

        Raises:
            InvalidInput: a collection is not there for the actor, or belongs to another root.
        """
        wanted = leaf.value if isinstance(leaf.value, list) else [leaf.value]
        seen = Collection.objects.visible_to(context.actor).filter(root=context.root)
        known = {str(pk) for pk in seen.filter(pk__in=wanted).values_list("pk", flat=True)}
        for place, collection in enumerate(wanted):
            if collection not in known:
                at = f"{path}.value.{place}" if isinstance(leaf.value, list) else f"{path}.value"
                message = "There is no such collection, or you have no access to it."
                raise wrong(at, message, found=collection)
        members = CollectionUnit.objects.filter(collection__in=wanted, unit=OuterRef("pk"))
        condition = Q(Exists(members))
        return ~condition if leaf.op in ("ne", "not_in") else condition


def register() -> None:
    """Let the grammar know the field."""
    register_field("collection", CollectionField())
