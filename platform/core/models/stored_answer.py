"""Answers that are given again when a request comes again."""

from django.db import models


class StoredAnswer(models.Model):
    """What a POST with an Idempotency-Key was answered, for whoever sends it again.

    Written in the transaction of the request's own writes: the row is there if and only if they
    are.
    """

    # HMAC of person, organisation and key, by which the row is found.
    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    # SHA-256 of method, address and body.
    fingerprint = models.CharField(max_length=64)
    # Encrypted: an answer may hold a token that is shown this once and stored nowhere.
    answer = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"answer of {self.created_at:%Y-%m-%d %H:%M}"
