"""Metadata in typed form, for filters, counts and histograms."""

from django.db import models


class IndexedValue(models.Model):
    """The value of one unit under one key of type number, datetime, boolean or enum.

    There is a row for each value that is not null; at most one of the three columns is set, none
    where the value does not fit the type of its key (values may be older than the key). Triggers on
    the units' table keep the rows, whoever writes, for all live keys; a job adds those of values
    that were there before their key, and takes away those of deleted keys. Filters read the rows of
    a key once it is marked as indexed.

    One index answers all: the columns that a key does not use are null in all its rows, so that a
    condition `number IS NULL` leads to the moments, and a second one to the words.

    Without foreign keys: each would cost a look-up per row, and the triggers know of deletions.
    """

    pk = models.CompositePrimaryKey("unit_id", "key_id")
    unit_id = models.BigIntegerField()
    key_id = models.BigIntegerField()
    root_id = models.UUIDField()
    number = models.FloatField(null=True)
    moment = models.DateTimeField(null=True)
    # The value of an enum, or "true" or "false".
    word = models.TextField(null=True)  # noqa: DJ001 - null leads to another column

    class Meta:
        indexes = [
            models.Index(
                fields=["key_id", "root_id", "number", "moment", "word", "unit_id"],
                name="indexed_value_by_key",
            ),
        ]

    def __str__(self) -> str:
        return f"value of unit {self.unit_id} under key {self.key_id}"
