"""Gives back the space of vectors whose embedding key no longer exists."""

from typing import Any

from django.core.management.base import BaseCommand

from embeddings.services.partitions import abandoned_partitions, drop_partition


class Command(BaseCommand):
    """Drop the partitions that deleted organisations have left; works beside a running stack."""

    help = "Drop the storage of embedding keys that no longer exist."

    def handle(self, *args: Any, **options: Any) -> None:
        """Drop one after the other, each in a transaction of its own."""
        for key_id in abandoned_partitions():
            drop_partition(key_id=key_id)
            self.stdout.write(f"Dropped the vectors of key {key_id}.")
