"""Ids for things that are made by calls which the SDK repeats.

After an error of the server the SDK sends a POST again: the same bytes, with the same signature and
the same trace id. A thing whose id follows from these is made once, however often it is asked for;
the same call made anew has another trace id.
"""

from uuid import UUID, uuid4, uuid5

from django.http import HttpRequest

from accounts.actor import Actor
from encord_api.bodies import body_of

_NAMESPACE = UUID("6f0d2c1e-5b0a-4c57-9a53-6f9d3a4f2b10")


def id_of_call(request: HttpRequest, actor: Actor) -> UUID:
    """The id that is the same for a call and its repetitions, and for no other."""
    headers = request.headers
    told = [headers.get("Signature", ""), headers.get("X-Cloud-Trace-Context", "")]
    if not any(told):
        return uuid4()
    parts = [
        str(actor.organisation_id),
        str(actor.user.pk),
        request.get_full_path(),
        body_of(request).digest.hex(),
        *told,
    ]
    return uuid5(_NAMESPACE, "\n".join(parts))
