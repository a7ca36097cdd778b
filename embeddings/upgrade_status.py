"""What the Folder upgrades dialog shows: the configuration of a root folder and where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from core.errors import Conflict
from core.models import Job
from embeddings.choices import ReductionMethod, ReductionState
from embeddings.maps.access import current_map
from embeddings.maps.drift import DriftReport, drift_report
from embeddings.models import Reduction, UpgradeKey
from embeddings.reductions import TsneParameters
from embeddings.services.coverage import Coverage, coverage
from folders.choices import FolderRole
from folders.models import Folder, MetadataKey, Unit
from folders.permissions import get_root, has_role

# Runs on fewer points say more about the start of a worker than about the work.
_TELLING_POINTS = 100
_DEFAULTS = TsneParameters()


@dataclass(frozen=True, slots=True)
class UpgradeChoice:
    """What somebody asks for one embedding key.

    `parameters` are as embeddings.reductions.parse_parameters takes them.
    """

    key: MetadataKey
    reduce: bool = False
    method: str = ReductionMethod.TSNE.value
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRow:
    """One key of the upgrade and its newest run: what polling shows, without counting units."""

    choice: UpgradeChoice
    map: Reduction | None
    run: Reduction | None

    @property
    def key(self) -> MetadataKey:
        """The embedding key."""
        return self.choice.key

    @property
    def reduce(self) -> bool:
        """Whether Embedding reduction is ticked."""
        return self.choice.reduce

    @property
    def job(self) -> Job | None:
        """The work of the newest run."""
        return self.run.job if self.run else None

    @property
    def can_stop(self) -> bool:
        """Whether a layout is under way that could be kept as it is."""
        run, job = self.run, self.job
        if run is None or (job is not None and job.cancel_requested):
            return False
        return run.state == ReductionState.RUNNING and not run.stop_requested

    @property
    def state(self) -> str:
        """One of off, waiting, processing, ready, failed, cancelled."""
        if self.run is None or not self.reduce:
            return "off"
        return _WORDS[self.run.current_state]


@dataclass(frozen=True, slots=True)
class Version:
    """A finished version of a map, and how it differs from the one before it, if there is one."""

    reduction: Reduction
    drift: DriftReport | None
    is_shown: bool
    is_oldest: bool

    @property
    def timing(self) -> str:
        """How long it took, and how soon there was something to see; empty where nobody knows."""
        if self.reduction.seconds is None:
            return ""
        whole = f"made in {self.reduction.seconds:.3g} s"
        first = self.reduction.used.get("seconds", {}).get("first_points")
        return whole if first is None else f"{whole}, first points after {first:.2g} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeRow(ProgressRow):
    """One key of the upgrade; see embeddings.views.upgrades for how templates read it."""

    coverage: Coverage
    estimate: float | None
    problems: Mapping[str, str]
    versions: list["Version"]

    @property
    def method(self) -> str:
        """How the map is made."""
        return self.choice.method

    @property
    def perplexity(self) -> Any:
        """As asked for, else the default."""
        return self.choice.parameters.get("perplexity", _DEFAULTS.perplexity)

    @property
    def exaggeration(self) -> Any:
        """As asked for, else the default."""
        return self.choice.parameters.get("exaggeration", _DEFAULTS.exaggeration)

    @property
    def seed(self) -> Any:
        """As asked for, else the default."""
        return self.choice.parameters.get("seed", _DEFAULTS.seed)

    @property
    def units(self) -> int:
        """Units that the actor sees in the root folder."""
        return self.coverage.units

    @property
    def with_vector(self) -> int:
        """How many of them have a vector."""
        return self.coverage.with_vector

    @property
    def zero(self) -> int:
        """How many of those are zero."""
        return self.coverage.zero

    @property
    def state(self) -> str:
        """As of ProgressRow, and empty: nothing to reduce."""
        if self.run is None and self.reduce and not self.with_vector:
            return "empty"
        return super(UpgradeRow, self).state

    @property
    def failure(self) -> str:
        """Why the newest run failed; empty if it did not."""
        return self.run.reason if self.run else ""


_WORDS = {
    ReductionState.PENDING: "waiting",
    ReductionState.RUNNING: "processing",
    ReductionState.READY: "ready",
    ReductionState.FAILED: "failed",
    ReductionState.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The upgrade of a root folder, as one person sees it."""

    root: Folder
    unit_count: int
    rows: list[UpgradeRow]
    available: list[MetadataKey]
    can_edit: bool
    problems: list[str]

    @property
    def is_processing(self) -> bool:
        """Whether some run has not ended."""
        return any(row.run is not None and row.run.is_active for row in self.rows)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the runs of a root folder are; `rows` are the keys that have one."""

    root: Folder
    rows: list[ProgressRow]
    can_edit: bool

    @property
    def is_processing(self) -> bool:
        """Whether some run has not ended."""
        return any(row.run is not None and row.run.is_active for row in self.rows)


def get_progress(actor: Actor, root: Folder) -> Progress:
    """What the dialog asks for every second: rows of runs and jobs, however large the root is."""
    choices = saved_choices(root)
    runs = _newest_runs(actor, root, choices)
    return Progress(
        root=root,
        rows=[
            ProgressRow(choice=choice, map=current_map(root, choice.key), run=runs[choice.key.pk])
            for choice in choices
            if choice.key.pk in runs
        ],
        can_edit=has_role(actor, root, FolderRole.EDITOR),
    )


def get_upgrade(
    actor: Actor,
    root: Folder,
    *,
    choices: Sequence[UpgradeChoice] | None = None,
    problems: Mapping[int | None, Mapping[str, str]] | None = None,
) -> Upgrade:
    """The upgrade of a root folder that the actor sees at least a part of.

    Args:
        actor: who looks; counts are cut by what he may see.
        root: the root folder.
        choices: show these, which were not saved, instead of the saved ones.
        problems: what is wrong with them, by key id and field; None for the form as a whole.

    Raises:
        Conflict: the folder is no root folder.
    """
    require_root(root)
    found = problems or {}
    shown = saved_choices(root) if choices is None else list(choices)
    taken = [choice.key.pk for choice in shown]
    keys = MetadataKey.objects.visible_to(actor).live().embeddings()
    return Upgrade(
        root=root,
        unit_count=Unit.objects.filter(root=root).visible_to(actor).count(),
        rows=[upgrade_row(actor, root, one, found.get(one.key.pk, {})) for one in shown],
        available=list(keys.exclude(pk__in=taken).order_by("name")),
        can_edit=has_role(actor, root, FolderRole.EDITOR),
        problems=list(found.get(None, {}).values()),
    )


def upgrade_row(
    actor: Actor,
    root: Folder,
    choice: UpgradeChoice,
    problems: Mapping[str, str] | None = None,
) -> UpgradeRow:
    """One row: the choice, and where its map stands."""
    counted = coverage(actor, root, choice.key)
    return UpgradeRow(
        choice=choice,
        coverage=counted,
        map=current_map(root, choice.key),
        run=_newest_runs(actor, root, [choice]).get(choice.key.pk),
        estimate=estimate_seconds(root, choice.method, counted.with_vector),
        problems=problems or {},
        versions=_versions(actor, root, choice.key),
    )


def _versions(actor: Actor, root: Folder, key: MetadataKey) -> list[Version]:
    """Newest first; only the newest is compared, for that reads all points of both."""
    found = list(
        Reduction.objects.filter(root=root, key=key).ready().newest_first().select_related("root")
    )
    return [
        Version(
            reduction=one,
            drift=drift_report(actor, one) if place == 0 and len(found) > 1 else None,
            is_shown=place == 0,
            is_oldest=place == len(found) - 1,
        )
        for place, one in enumerate(found)
    ]


def _newest_runs(
    actor: Actor, root: Folder, choices: Sequence[UpgradeChoice]
) -> dict[int, Reduction]:
    """The newest run by key id, of the keys that have one."""
    runs = Reduction.objects.filter(root=root, key__in=[choice.key.pk for choice in choices])
    runs = runs.order_by("key_id", "-version").distinct("key_id")
    newest = {run.key_id: run for run in runs.select_related("job", "key", "root")}
    if any(run.job for run in newest.values()) and not has_role(actor, root, FolderRole.VIEWER):
        for run in newest.values():
            if run.job is not None:
                # It counts points of the whole root folder.
                run.job.result = {}
    return newest


def saved_choices(root: Folder) -> list[UpgradeChoice]:
    """The saved configuration, without keys that were deleted from the schema."""
    rows = UpgradeKey.objects.filter(root=root, key__deleted_at=None).select_related("key")
    return [
        UpgradeChoice(key=row.key, reduce=row.reduce, method=row.method, parameters=row.parameters)
        for row in rows
    ]


def estimate_seconds(root: Folder, method: str, points: int) -> float | None:
    """How long a run will take, by the last one of the same method in the organisation."""
    last = (
        Reduction.objects.filter(
            root__organisation=root.organisation_id,
            method=method,
            point_count__gte=_TELLING_POINTS,
            seconds__isnull=False,
        )
        .ready()
        .order_by("-finished_at")
        .first()
    )
    if last is None or last.seconds is None:
        return None
    return last.seconds * points / last.point_count


def get_upgradable(actor: Actor, folder_id: UUID) -> Folder:
    """A root folder of which the actor sees at least a part.

    Raises:
        NotFound: there is no such folder, or the actor sees nothing of it.
        Conflict: it is no root folder.
    """
    folder = Folder.objects.visible_to(actor).select_related("root").filter(pk=folder_id).first()
    if folder is not None:
        require_root(folder)
    return get_root(actor, folder_id)


def require_root(folder: Folder) -> None:
    """Raise Conflict unless the folder is a root folder."""
    if not folder.is_root:
        raise Conflict(
            "Only root folders are upgraded. The upgrade of "
            f"“{folder.root.name}” covers all the folders below it.",
            code="not_a_root_folder",
        )
