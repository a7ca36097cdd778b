"""Maps that are watched while they form, and stopped."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotAllowed
from core.models import Job, JobState
from core.services.jobs import request_cancel
from embeddings import forming, jobs
from embeddings.checkpoints import Checkpoints
from embeddings.forming import Publisher, hold_snapshot, latest_snapshot, snapshot_of
from embeddings.matrix import read_matrix
from embeddings.models import MapSelection, Reduction, ReductionPoint
from embeddings.reductions import Phase, Progress
from embeddings.services import reductions
from embeddings.services.reductions import stop_reduction
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from folders import filters
from folders.choices import KeyType
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.mapping import read_frame
from tests.embeddings.worlds import make_key, make_units, put
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture(autouse=True)
def _cache_and_pace(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    monkeypatch.setattr(forming, "INTERVAL_SECONDS", 0)
    monkeypatch.setattr("core.jobs.run.SAVE_INTERVAL_SECONDS", 0)


@pytest.fixture
def reduction(birds: Folder, night: Folder, editor: User, actor_for: ActorFor) -> Reduction:
    """A map still to be computed, of four units in Birds and four in Night."""
    units = make_units(birds, 4) + make_units(night, 4)
    key = make_key(birds)
    put(key, {unit: (1, n, 7 - n) for n, unit in enumerate(sorted(units))})
    MetadataKey.objects.create(
        organisation=birds.organisation, name="label", type=KeyType.ENUM, values=["owl", "gull"]
    )
    for unit in units:
        Unit.objects.filter(pk=unit).update(metadata={"label": ("owl", "gull")[unit % 2]})
    save_upgrade(actor=actor_for(editor), root=birds, keys=[UpgradeChoice(key=key, reduce=True)])
    return Reduction.objects.select_related("job", "root").get()


def watched(monkeypatch: pytest.MonkeyPatch, look: Callable[[Progress], None]) -> None:
    """Call `look` at every report of the run, after which the run goes on."""
    real = jobs.thousandths

    def spy(progress: Progress) -> int:
        look(progress)
        return real(progress)

    monkeypatch.setattr(jobs, "thousandths", spy)


def address(name: str, reduction: Reduction, *rest: Any) -> str:
    return reverse(name, args=[reduction.pk, *rest])


def test_forming__shows_the_points_before_the_map_is_there(
    reduction: Reduction, client: Client, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(viewer)
    frames: dict[Phase, tuple[dict[str, Any], dict[str, Any]]] = {}
    steps: dict[Phase, str] = {}

    def look(progress: Progress) -> None:
        response = client.get(address("map-forming", reduction))
        assert response["X-Kindred-State"] == "running"
        if response.status_code == 200:
            magic, header, columns = read_frame(response.content)
            assert magic == "KMAP"
            frames[progress.phase] = (header, columns)
            steps[progress.phase] = unquote(response["X-Kindred-Step"])
            known = response["X-Kindred-Number"]
            again = client.get(address("map-forming", reduction), {"after": known})
            assert again.status_code == 204

    assert client.get(address("map-forming", reduction)).status_code == 204
    watched(monkeypatch, look)
    run_jobs()

    # The principal components are there before any neighbour is known.
    assert set(frames) == {Phase.COMPONENTS, Phase.NEIGHBOURS, Phase.EXAGGERATION, Phase.LAYOUT}
    header, columns = frames[Phase.LAYOUT]
    assert header["count"] == 8
    assert steps[Phase.LAYOUT].startswith("Laying out, ")
    assert steps[Phase.LAYOUT].endswith(" left")
    stored = ReductionPoint.objects.order_by("ordinal")
    assert columns["ordinal"].tolist() == list(stored.values_list("ordinal", flat=True))
    assert not (columns["x"] == frames[Phase.COMPONENTS][1]["x"]).any()
    ended = client.get(address("map-forming", reduction))
    assert (ended.status_code, ended["X-Kindred-State"]) == (204, "ready")
    assert latest_snapshot(reduction.pk) is None


def test_forming__is_cut_by_what_the_person_sees(
    reduction: Reduction,
    client: Client,
    outsider: User,
    night_viewer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[int, int, int]] = []

    def look(progress: Progress) -> None:
        if progress.phase is not Phase.LAYOUT or seen:
            return
        client.force_login(outsider)
        assert client.get(address("map-forming", reduction)).status_code == 404
        assert client.get(address("map-point", reduction, 0)).status_code == 404
        client.force_login(night_viewer)
        _, header, columns = read_frame(client.get(address("map-forming", reduction)).content)
        assert columns["ordinal"].tolist() == [4, 5, 6, 7]
        card = client.get(address("map-point", reduction, 5))
        assert card.json()["values"][0]["name"] == "label"
        hidden = client.get(address("map-point", reduction, 1))
        beyond = client.get(address("map-point", reduction, 8))
        seen.append((card.status_code, hidden.status_code, beyond.status_code))
        colours = client.get(
            address("map-colours", reduction),
            {"field": "metadata.label", "mark": header["mark"]},
        )
        _, legend, column = read_frame(colours.content)
        assert (legend["counts"], len(column["code"])) == ([2, 2], 4)
        kinds = client.get(address("map-mask", reduction), {"mark": header["mark"]})
        assert kinds["X-Kindred-Count"] == "4"

    watched(monkeypatch, look)
    run_jobs()

    assert seen == [(200, 404, 404)]


def test_selection__of_a_forming_map_keeps_its_units_while_the_layout_goes_on(
    reduction: Reduction,
    client: Client,
    outsider: User,
    viewer: User,
    night_viewer: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: dict[str, Any] = {}

    def look(progress: Progress) -> None:
        if progress.phase is not Phase.LAYOUT:
            return
        if not drawn:
            client.force_login(viewer)
            _, header, columns = read_frame(client.get(address("map-forming", reduction)).content)
            middle = float(np.median(columns["x"]))
            left = columns["ordinal"][columns["x"] <= middle]
            held = client.get(address("map-forming", reduction), {"hold": header["snapshot"]})
            assert held.status_code == 204
            drawn.update(number=header["snapshot"], edge=middle, left=left.tolist())
        elif progress.done == progress.total:
            # Its time is over, but for those who hold it.
            cache.delete(forming._key(reduction.pk, drawn["number"]))

    watched(monkeypatch, look)
    run_jobs()
    shape = {"mode": "replace", "rectangle": [-1e6, -1e6, drawn["edge"], 1e6]}
    body = {"parts": [shape], "snapshot": drawn["number"]}
    path = address("map-selections", reduction)

    client.force_login(outsider)
    assert client.post(path, body, content_type="application/json").status_code == 404
    client.force_login(viewer)
    kept = client.post(path, body, content_type="application/json")

    assert kept.status_code == 201, kept.content
    units = list(ReductionPoint.objects.order_by("ordinal").values_list("unit", flat=True))
    expected = [units[ordinal] for ordinal in drawn["left"]]
    assert 0 < len(expected) < len(units)
    assert kept.json()["units"] == len(expected)
    node = filters.parse(kept.json()["filter"])
    root = reduction.root
    found = filters.units(actor_for(viewer), root, node).order_by("pk")
    assert list(found.values_list("pk", flat=True)) == expected
    of_night = filters.units(actor_for(night_viewer), root, node).order_by("pk")
    assert list(of_night.values_list("pk", flat=True)) == [u for u in expected if u in units[4:]]
    # The map goes, and what was selected on it stays.
    Reduction.objects.all().delete()
    assert filters.units(actor_for(viewer), root, node).count() == len(expected)


def test_selection__on_points_that_are_gone_says_to_draw_again(
    reduction: Reduction, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    path = address("map-selections", reduction)
    shape = {"rectangle": [0, 0, 1, 1]}

    early = client.post(path, {"parts": [shape]}, content_type="application/json")
    gone = client.post(path, {"parts": [shape], "snapshot": 3}, content_type="application/json")
    broken = {"parts": [shape, {"mode": "both", "rectangle": [0, 0, 1, 1]}, {"polygon": [1]}]}
    wrong = client.post(path, broken, content_type="application/json")

    assert (early.status_code, early.json()["code"]) == (409, "map_not_ready")
    assert (gone.status_code, gone.json()["code"]) == (409, "snapshot_gone")
    assert wrong.status_code == 400
    assert [error["path"] for error in wrong.json()["errors"]] == [
        "parts.1.mode",
        "parts.2.polygon",
    ]
    assert MapSelection.objects.count() == 0


def test_snapshots__that_nobody_holds_go_and_those_of_a_new_run_have_new_numbers(
    reduction: Reduction, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = np.arange(3, dtype=np.int64)
    monkeypatch.setattr(forming, "_RECENT_SECONDS", 0.05)
    monkeypatch.setattr(forming, "_POINTS_PER_SECOND", float("inf"))
    first = Publisher(reduction.pk, ids)
    for place in range(3):
        assert first.show(np.full((3, 2), place))
        if place == 0:
            assert hold_snapshot(reduction.pk, 1)
    # A worker that took over from one that died.
    Publisher(reduction.pk, ids).show(np.full((3, 2), 9))
    time.sleep(0.1)

    held, newest = snapshot_of(reduction.pk, 1), latest_snapshot(reduction.pk)
    assert held is not None
    assert newest is not None
    assert (held.points == 0).all()
    assert snapshot_of(reduction.pk, 2) is None
    assert (newest.number, newest.points[0, 0]) == (4, 9)
    assert not hold_snapshot(reduction.pk, 2)


def test_stop__keeps_the_map_as_it_is(
    reduction: Reduction,
    client: Client,
    viewer: User,
    editor: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[Progress] = []

    def look(progress: Progress) -> None:
        heard.append(progress)
        if progress.phase is Phase.LAYOUT and progress.done == 100:
            client.force_login(viewer)
            assert client.post(address("map-stop", reduction)).status_code == 403
            client.force_login(editor)
            assert client.post(address("map-stop", reduction)).json()["stop_requested"]

    watched(monkeypatch, look)
    run_jobs()

    reduction.refresh_from_db()
    assert reduction.is_ready
    assert heard[-1].done == reduction.used["stopped_at"] == 100
    assert reduction.points.count() == 8
    assert Job.objects.get().state == JobState.FINISHED


def test_stop__is_for_editors(reduction: Reduction, viewer: User, actor_for: ActorFor) -> None:
    with pytest.raises(NotAllowed):
        stop_reduction(actor=actor_for(viewer), reduction=reduction)
    reduction.refresh_from_db()
    assert not reduction.stop_requested


def test_cancel__leaves_neither_snapshot_nor_checkpoint(
    reduction: Reduction, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(progress: Progress) -> None:
        if progress.phase is Phase.LAYOUT:
            assert latest_snapshot(reduction.pk) is not None
            assert Checkpoints(reduction.pk).load("affinities") is not None
            request_cancel(job=Job.objects.get())

    watched(monkeypatch, look)
    run_jobs()

    assert latest_snapshot(reduction.pk) is None
    assert Checkpoints(reduction.pk).load("affinities") is None


def test_forming__goes_on_without_a_cache(reduction: Reduction, settings: LazySettings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    run_jobs()

    reduction.refresh_from_db()
    assert reduction.is_ready


def test_checkpoints__of_other_units_are_forgotten(reduction: Reduction) -> None:
    first = Checkpoints(reduction.pk)
    ids = np.arange(5, dtype=np.int64)
    assert first.begin(ids, revision=3) == 3
    first.save("affinities", {"data": ids})

    assert Checkpoints(reduction.pk).begin(ids, revision=9) == 3
    assert first.load("affinities") is not None
    assert Checkpoints(reduction.pk).begin(ids + 1, revision=9) == 9
    assert first.load("affinities") is None
    first.forget()


def test_checkpoints__that_were_cut_off_are_not_there(reduction: Reduction) -> None:
    memory = Checkpoints(reduction.pk)
    memory.save("layout", {"points": np.zeros((50, 2))})
    file = memory._folder / "layout.npz"
    file.write_bytes(file.read_bytes()[:100])

    assert memory.load("layout") is None
    memory.forget()


def test_forming__without_a_matrix_file_some_units_are_shown_while_all_are_read(
    reduction: Reduction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reductions, "SAMPLED", 5)
    monkeypatch.setattr(reductions, "has_matrix_file", lambda **_: False)
    shown: list[tuple[int, list[int]]] = []
    real = read_matrix

    def look(**options: Any) -> Any:
        snapshot = latest_snapshot(reduction.pk)
        assert snapshot is not None
        shown.append((snapshot.number, snapshot.unit_ids.tolist()))
        return real(**options)

    monkeypatch.setattr(reductions, "read_matrix", look)
    run_jobs()

    ((number, units),) = shown
    placed = list(ReductionPoint.objects.order_by("unit").values_list("unit", flat=True))
    assert (number, len(units)) == (1, 5)
    assert units == sorted(set(units) & set(placed))
    assert len(placed) == 8
