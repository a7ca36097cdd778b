"""Having matrix files made anew."""

from functools import partial

from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict, NotFound
from core.services.audit import record
from embeddings.matrix_files.background import BUILDER, Wish
from embeddings.models import VectorSet


@transaction.atomic
def rebuild_matrix_file(*, actor: Actor, set_id: int) -> VectorSet:
    """Have the file of a vector set made anew on this host, in the background.

    Searches go on with the present one.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        NotFound: his organisation has no such vector set.
        Conflict: the key has no size yet, so there are no vectors.
    """
    actor.require_organisation_admin()
    sets = VectorSet.objects.select_related("root", "key")
    found = sets.filter(pk=set_id, root__organisation=actor.organisation).first()
    if found is None:
        raise NotFound("There is no such vector set.")
    if found.key.dimensions is None:
        raise Conflict("There are no vectors of this key yet.", code="no_vectors")
    wish = Wish(found.root_id, found.key_id, found.key.dimensions, anew=True)
    record(actor=actor, action="matrix_file.rebuilt", target=found)
    transaction.on_commit(partial(BUILDER.ask, wish))
    return found
