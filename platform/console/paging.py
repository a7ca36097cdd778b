"""Pages of tables that may have millions of rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils.functional import cached_property

# Further back, one searches or filters. Skipping so many rows of an index takes milliseconds.
COUNTED = 10_000
# A condition that few rows meet makes even a bounded count look at all of them.
COUNT_MILLISECONDS = 500


@contextmanager
def time_limit(milliseconds: int) -> Iterator[None]:
    """Let no statement take longer than that.

    Raises:
        OperationalError: one did; what was done within is rolled back.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
        yield
        # The setting would last to the end of the outermost transaction.
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator


class BoundedPaginator(_Paginator):
    """Counts no further than pages are shown, and gives up counting after half a second."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, COUNTED at most."""
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        bounded = rows.order_by()[:COUNTED]
        try:
            with time_limit(COUNT_MILLISECONDS):
                return int(bounded.count())
        except OperationalError:
            return COUNTED

    @property
    def is_bounded(self) -> bool:
        """Whether there may be more rows than were counted."""
        return self.count >= COUNTED
