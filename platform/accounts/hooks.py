"""Where apps above accounts take part in its writes; each registers in AppConfig.ready."""

from collections.abc import Callable

from accounts.models import Organisation, User

# Called in the transaction that ends a membership: what the person holds there goes with it.
on_member_removed: list[Callable[[Organisation, User], None]] = []
# Called in the transaction that makes an organisation: what it has from the start.
on_organisation_created: list[Callable[[Organisation], object]] = []
