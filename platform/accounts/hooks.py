"""Where apps above accounts take part in its writes; each registers in AppConfig.ready."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import Organisation, User

# Called in the transaction that ends a membership: what the person holds there goes with it.
on_member_removed: list[Callable[[Organisation, User], None]] = []
# Called in the transaction that makes an organisation: what it has from the start.
on_organisation_created: list[Callable[[Organisation], object]] = []


@dataclass(frozen=True, slots=True)
class Belongings:
    """Something that a person holds in an organisation and that can become somebody else's.

    Attributes:
        noun: what one of them is called, as "collection".
        count: how many of them he holds there.
        hand_over: makes them the other person's, in the caller's transaction.
    """

    noun: str
    count: Callable[[Organisation, User], int]
    hand_over: Callable[[Organisation, User, User], object]


belongings: list[Belongings] = []
