"""The fields `collection` and `recipe` of the filter grammar.

{"field": "collection", "op": "in", "value": ["<id>"]}    what is in the collection
{"field": "recipe", "op": "eq", "value": "<id>"}          what replaying its recipe makes today
"""

from django.db.models import Exists, OuterRef, Q

from collections_app.models import Collection, CollectionUnit
from core.errors import DomainError
from folders.filters import FieldType, FilterContext, Leaf, register_field
from folders.filters.expressions import AnyOf
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
        wanted = [one.pk for one in _collections(leaf, context, path)]
        members = CollectionUnit.objects.filter(collection__in=wanted, unit=OuterRef("pk"))
        condition = Q(Exists(members))
        return ~condition if leaf.op in ("ne", "not_in") else condition


class RecipeField(FieldType):
    """What the recipe of a collection makes today; steps that name what is gone are left out."""

    def __init__(self) -> None:
        super().__init__({"eq": uuid, "ne": uuid})

    def compile(self, leaf: Leaf, context: FilterContext, path: str) -> Q:
        """The units that replaying leaves, or all others.

        Raises:
            InvalidInput: the collection is not there for the actor, belongs to another root, or has
                a recipe that he sees a part of only.
        """
        # Late: replaying compiles filters itself.
        from collections_app.replaying import replay

        (collection,) = _collections(leaf, context, path)
        try:
            units = replay(context.actor, collection).units
        except DomainError as error:
            raise wrong(f"{path}.value", error.message, found=leaf.value) from error
        made = Q(AnyOf(units.tolist()))
        return ~made if leaf.op == "ne" else made


def register() -> None:
    """Let the grammar know the fields."""
    register_field("collection", CollectionField())
    register_field("recipe", RecipeField())


def _collections(leaf: Leaf, context: FilterContext, path: str) -> list[Collection]:
    """The collections that a leaf names.

    Raises:
        InvalidInput: one is not there for the actor, or belongs to another root.
    """
    wanted = leaf.value if isinstance(leaf.value, list) else [leaf.value]
    seen = Collection.objects.visible_to(context.actor).filter(root=context.root)
    known = {str(one.pk): one for one in seen.filter(pk__in=wanted).select_related("root")}
    for place, collection in enumerate(wanted):
        if collection not in known:
            at = f"{path}.value.{place}" if isinstance(leaf.value, list) else f"{path}.value"
            message = "There is no such collection, or you have no access to it."
            raise wrong(at, message, found=collection)
    return [known[collection] for collection in wanted]
