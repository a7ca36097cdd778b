"""Items that a bulk job is to work through, as they were when it was asked for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class SelectedItems(models.Model):
    """One batch of a selection, in the order of time.

    What is named here was chosen by somebody; what comes into the folder later, by an import or by
    a move, or matches the search only later, was not, whatever its age. Rows go when the job has
    ended; see folders.services.selected_items.
    """

    # Of all batches of one selection; stands in the payload of the job.
    selection = models.UUIDField()
    number = models.PositiveIntegerField()
    items = ArrayField(models.UUIDField())
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["selection", "number"], name="selected_items_have_one_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{len(self.items)} items of {self.selection}"
