"""The configuration of folder upgrades."""

from django.db import models

from core.models import TimestampedModel
from embeddings.choices import ReductionMethod


class UpgradeKey(TimestampedModel):
    """One embedding key that a root folder is upgraded with, and how its map is to be made."""

    root = models.ForeignKey(
        "folders.Folder", on_delete=models.CASCADE, related_name="upgrade_keys"
    )
    key = models.ForeignKey("folders.MetadataKey", on_delete=models.CASCADE, related_name="+")
    reduce = models.BooleanField(default=False)
    method = models.CharField(max_length=10, choices=ReductionMethod, default=ReductionMethod.TSNE)
    # Checked by embeddings.reductions.parameters: perplexity, exaggeration, seed.
    parameters = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["root", "key"], name="upgrade_key_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.root}"
