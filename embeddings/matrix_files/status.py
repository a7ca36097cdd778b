"""How the matrix files of this host stand, for administrators."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Prefetch

from accounts.actor import Actor
from core.models import Job
from embeddings.choices import IndexState
from embeddings.constants import MAX_INDEXED_DIMENSIONS
from embeddings.matrix_files.errors import DamagedFile
from embeddings.matrix_files.folders import bytes_of, is_busy, last_use, set_folder
from embeddings.matrix_files.manifest import Manifest, read_manifest
from embeddings.matrix_files.source import count_changes, count_vectors
from embeddings.models import VectorIndex, VectorSet
from folders.models import Folder, MetadataKey


@dataclass(frozen=True, slots=True)
class MatrixStatus:
    """One vector set and its file on this host; `manifest` is None when there is none.

    Attributes:
        rows: vectors that the set holds.
        lag: units whose vectors have changed since the file was written.
        busy: somebody is making the file or bringing it up to date.
        index: that serves searches. Of a later one, `build` is the job that makes it, `build_error`
            says why there is none.
    """

    vector_set: VectorSet
    rows: int
    bytes: int
    lag: int
    busy: bool
    used_at: datetime | None
    manifest: Manifest | None
    index: VectorIndex | None = None
    build: Job | None = None
    build_error: str = ""

    @property
    def can_be_indexed(self) -> bool:
        """Whether vectors of this size have an index."""
        return 0 < (self.key.dimensions or 0) <= MAX_INDEXED_DIMENSIONS

    @property
    def root(self) -> Folder:
        """Where the vectors are."""
        return self.vector_set.root

    @property
    def key(self) -> MetadataKey:
        """Of which key they are."""
        return self.vector_set.key

    @property
    def file_revision(self) -> int | None:
        """What the file holds."""
        return self.manifest.revision if self.manifest else None

    @property
    def built_at(self) -> datetime | None:
        """When the file was made anew for the last time."""
        return _moment(self.manifest.built_at) if self.manifest else None

    @property
    def build_seconds(self) -> float | None:
        """How long that took."""
        return self.manifest.build_seconds if self.manifest else None

    @property
    def appended_at(self) -> datetime | None:
        """When changes were appended for the last time since then."""
        return _moment(self.manifest.appended_at) if self.manifest else None

    @property
    def append_seconds(self) -> float | None:
        """How long that took."""
        return self.manifest.append_seconds if self.manifest else None


def matrix_statuses(actor: Actor) -> list[MatrixStatus]:
    """Every vector set of the actor's organisation that there is a live root and key of.

    Raises:
        NotAllowed: the actor does not administer the organisation.
    """
    actor.require_organisation_admin()
    sets = VectorSet.objects.filter(
        root__in=Folder.objects.filter(organisation=actor.organisation, parent=None),
        key__deleted_at=None,
    )
    found = sets.select_related("root", "key").order_by("root__name", "key__name", "pk")
    found = found.prefetch_related(Prefetch("indexes", VectorIndex.objects.select_related("job")))
    return [_status(one) for one in found]


def _status(vector_set: VectorSet) -> MatrixStatus:
    root_id, key_id = vector_set.root_id, vector_set.key_id
    folder = set_folder(root_id, key_id)
    manifest: Manifest | None
    try:
        manifest = read_manifest(folder)
    except (DamagedFile, FileNotFoundError):
        manifest = None
    if manifest is not None and manifest.set_id != vector_set.pk:
        manifest = None
    lag = 0 if manifest is None else count_changes(vector_set.pk, after=manifest.revision)
    if manifest is not None and not lag:
        rows = int((~manifest.dead_rows()).sum())
    else:
        rows = count_vectors(root_id=root_id, key_id=key_id)
    return MatrixStatus(
        vector_set=vector_set,
        rows=rows,
        bytes=bytes_of(folder),
        lag=lag,
        busy=is_busy(folder),
        used_at=_moment(last_use(folder) or None),
        manifest=manifest,
        index=_first(vector_set, IndexState.READY),
        build=_build(vector_set),
        build_error=_build_error(vector_set),
    )


def _first(vector_set: VectorSet, state: IndexState) -> VectorIndex | None:
    return next((one for one in vector_set.indexes.all() if one.state == state), None)


def _build(vector_set: VectorSet) -> Job | None:
    building = _first(vector_set, IndexState.BUILDING)
    return building.job if building and building.job and building.job.is_active else None


def _build_error(vector_set: VectorSet) -> str:
    failed = _first(vector_set, IndexState.FAILED)
    return failed.error if failed else ""


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
