"""How often something happened in each hour."""

from django.db import models


class Tally(models.Model):
    """A count for one hour, for plots over time; core.tallies writes it."""

    pk = models.CompositePrimaryKey("name", "hour")
    name = models.CharField(max_length=40)
    hour = models.DateTimeField()
    count = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.hour}: {self.count}"
