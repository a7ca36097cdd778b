"""How many units lie in each folder."""

from django.db import models


class UnitCount(models.Model):
    """A change of the number of units of one kind in one folder; the number is the sum of rows.

    Triggers on the units' table write one row for each statement, folder and kind, so that counts
    are exact whoever writes, and nobody waits for anybody: a row that all writers of a folder
    changed would make them queue. Now and then a writer adds up the rows of a folder into one.
    Without a constraint: the rows go by a trigger, too, after those of the units.
    """

    folder = models.ForeignKey(
        "folders.Folder",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="unit_counts",
    )
    kind = models.CharField(max_length=20)
    units = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.units:+} of kind {self.kind} in {self.folder_id}"
