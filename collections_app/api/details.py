"""What several endpoints of collections share."""

from typing import Any
from uuid import UUID

from accounts.actor import Actor
from collections_app.api.serializers import CollectionDetailSerializer
from collections_app.models import Collection
from collections_app.permissions import get_collection
from collections_app.recipes import visible_steps
from collections_app.telling import tell


def valid(given: Any) -> dict[str, Any]:
    """What a serializer has read.

    Raises:
        rest_framework.exceptions.ValidationError: it is wrong.
    """
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def collection_detail(actor: Actor, collection_id: UUID) -> dict[str, Any]:
    """A collection with what the actor may read of its recipe.

    Raises:
        NotFound: there is no such collection, or the actor may not see it.
    """
    get_collection(actor, collection_id)
    seen = Collection.objects.visible_to(actor).select_related("root").with_unit_counts(actor)
    found = seen.get(pk=collection_id)
    steps = visible_steps(actor, found)
    words = tell(actor, found.root, steps)
    found.recipe = [
        {**step, "sentence": told.sentence} for step, told in zip(steps, words, strict=True)
    ]
    return dict(CollectionDetailSerializer(found).data)
