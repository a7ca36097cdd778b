"""Units that a bulk job is to work through, as they were when it was asked for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class SelectedUnits(models.Model):
    """One batch of a selection, in the order of ids; as SelectedItems, but of units."""

    # Of all batches of one selection; stands in the payload of the job.
    selection = models.UUIDField()
    number = models.PositiveIntegerField()
    units = ArrayField(models.BigIntegerField())
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["selection", "number"], name="selected_units_have_one_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{len(self.units)} units of {self.selection}"
