"""The end of an embedding key that was deleted for ever: its maps and its vectors."""

from core.jobs import JobRun
from core.services.jobs import enqueue_job
from embeddings.models import DerivedVector, Reduction, UpgradeKey
from embeddings.services.partitions import drop_partition
from folders.choices import KeyType
from folders.models import MetadataKey

JOB_KIND = "embeddings.erase_key"


def erase_vectors_of_key(key: MetadataKey) -> None:
    """Have a worker remove what belongs to an erased key; registered as a hook."""
    if key.type == KeyType.EMBEDDING:
        enqueue_job(
            organisation_id=key.organisation_id,
            user_id=None,
            kind=JOB_KIND,
            title=f"Removing the vectors of {key.name}",
            payload={"key": key.pk},
            idempotency_key=str(key.pk),
        )


def carry_out_erasure(run: JobRun) -> None:
    """Remove maps, upgrades and vectors of the key; the job's handler."""
    key = MetadataKey.objects.filter(pk=run.payload["key"], erased=True).first()
    if key is None:
        return
    UpgradeKey.objects.filter(key=key).delete()
    Reduction.objects.filter(key=key).delete()
    DerivedVector.objects.filter(key=key).delete()
    drop_partition(key_id=key.pk)
