"""What is known of an object without reading it."""

from integrations.errors import ObjectUnavailable
from integrations.fetching.answers import fetching
from integrations.fetching.files import version_of
from integrations.fetching.objects import ObjectInfo, ObjectRequest
from integrations.guard import FetchPolicy


def inspect_remote(request: ObjectRequest, policy: FetchPolicy) -> ObjectInfo:
    """Ask for one byte: servers and signatures that allow GET need not allow HEAD.

    Raises:
        ObjectUnavailable: the object cannot be had.
        ObjectUnreachable: it cannot be had just now.
    """
    with fetching(request, policy, headers={"Range": "bytes=0-0"}) as answer:
        whole = answer.headers.get("Content-Range", "").rpartition("/")[2]
        said = whole if answer.status_code in (206, 416) else answer.headers.get("Content-Length")
        size = int(said) if said and said.isdecimal() else None
        if answer.status_code == 416 and size != 0:
            raise ObjectUnavailable("The server refuses the range that was asked for.")
        mime = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return ObjectInfo(size=size, mime=mime, version=version_of(answer))
