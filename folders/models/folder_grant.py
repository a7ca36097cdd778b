"""Who may do what in a folder and below it."""

from django.db import models
from django.db.models import Q

from core.models import TimestampedModel
from folders.choices import FolderRole


class FolderGrant(TimestampedModel):
    """A role for one person or one team; it holds for all descendants of the folder."""

    folder = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, null=True, related_name="folder_grants"
    )
    team = models.ForeignKey(
        "accounts.Team", on_delete=models.CASCADE, null=True, related_name="folder_grants"
    )
    role = models.CharField(max_length=10, choices=FolderRole)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, team=None) | Q(user=None, team__isnull=False),
                name="folder_grant_names_a_person_or_a_team",
            ),
            models.UniqueConstraint(
                fields=["folder", "user"],
                condition=Q(user__isnull=False),
                name="folder_grant_is_unique_per_person",
            ),
            models.UniqueConstraint(
                fields=["folder", "team"],
                condition=Q(team__isnull=False),
                name="folder_grant_is_unique_per_team",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.team}: {self.role} of {self.folder}"
