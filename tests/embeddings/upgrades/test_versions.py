"""Maps that are computed anew, compared with what they were, kept or discarded."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotAllowed
from core.models import Job, JobState
from embeddings.maps.access import current_map
from embeddings.maps.drift import drift_report
from embeddings.models import Reduction, ReductionPoint
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from embeddings.services.vectors import write_vectors
from embeddings.services.versions import discard_version, keep_version, recompute_map
from folders.models import Folder, MetadataKey
from tests.embeddings.worlds import make_key, make_units, put
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds)


@pytest.fixture
def first(
    birds: Folder, night: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> Reduction:
    """A finished map of forty units in Birds and twenty in Night, in three groups."""
    units = make_units(birds, 40) + make_units(night, 20)
    vectors = np.repeat(9 * np.eye(3), 20, axis=0) + np.random.default_rng(3).normal(size=(60, 3))
    write_vectors(
        key=key, unit_ids=np.array(units, dtype=np.int64), values=vectors.astype(np.float32)
    )
    save_upgrade(actor=actor_for(editor), root=birds, keys=[UpgradeChoice(key=key, reduce=True)])
    run_jobs()
    return Reduction.objects.select_related("root", "key").get()


@pytest.fixture
def second(first: Reduction, editor: User, actor_for: ActorFor) -> Reduction:
    """The same, computed anew."""
    started = recompute_map(actor=actor_for(editor), reduction=first)
    run_jobs()
    return Reduction.objects.select_related("root", "key").get(pk=started.pk)


def places(reduction: Reduction) -> dict[int, tuple[float, float]]:
    rows = ReductionPoint.objects.filter(reduction=reduction).values_list("unit", "x", "y")
    return {unit: (x, y) for unit, x, y in rows}


def address(name: str, reduction: Reduction) -> str:
    return reverse(name, args=[reduction.pk])


def test_recompute__begins_at_the_old_places_and_stays_near_them(
    first: Reduction, second: Reduction, editor: User, actor_for: ActorFor
) -> None:
    assert (second.version, second.based_on) == (2, first)
    assert second.is_ready
    assert second.used["early_exaggeration"] is None
    report = drift_report(actor_for(editor), second)
    assert (report.version, report.before, report.common) == (2, 1, 60)
    assert report.neighbours_kept is not None
    assert report.neighbours_kept > 0.7
    assert report.median_shift is not None
    assert report.median_shift < 0.15
    assert len(report.most_moved) == 50
    shifts = [moved.shift for moved in report.most_moved]
    assert shifts == sorted(shifts, reverse=True)
    before, after = places(first), places(second)
    farthest = report.most_moved[0]
    width = np.ptp(np.array(list(before.values())), axis=0).max()
    apart = np.subtract(after[farthest.unit], before[farthest.unit])
    assert np.linalg.norm(apart) / width == pytest.approx(farthest.shift, rel=1e-4)


def test_recompute__takes_in_what_came_later(
    first: Reduction, birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    (late,) = make_units(birds, 1)
    put(key, {late: (9, 0, 0)})

    recompute_map(actor=actor_for(editor), reduction=first)
    run_jobs()

    assert late in places(Reduction.objects.get(version=2))
    assert late not in places(first)


def test_recompute__asked_for_twice_is_one_run(
    first: Reduction, editor: User, viewer: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        recompute_map(actor=actor_for(viewer), reduction=first)

    one = recompute_map(actor=actor_for(editor), reduction=first)
    two = recompute_map(actor=actor_for(editor), reduction=first)

    assert one == two
    assert Job.objects.filter(state=JobState.QUEUED).count() == 1


def test_drift__is_cut_by_what_the_person_sees(
    second: Reduction, client: Client, outsider: User, night_viewer: User
) -> None:
    client.force_login(outsider)
    assert client.get(address("map-drift", second)).status_code == 404
    client.force_login(night_viewer)

    report = client.get(address("map-drift", second)).json()

    assert report["common"] == 20
    assert {moved["ordinal"] for moved in report["most_moved"]} == set(range(40, 60))


def test_drift__of_a_first_version_compares_nothing(
    first: Reduction, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    report = client.get(address("map-drift", first)).json()

    assert (report["before"], report["neighbours_kept"], report["most_moved"]) == (None, None, [])


def test_discard__shows_the_old_version_again_and_lets_it_catch_up(
    first: Reduction,
    second: Reduction,
    birds: Folder,
    key: MetadataKey,
    editor: User,
    viewer: User,
    actor_for: ActorFor,
    django_capture_on_commit_callbacks: Any,
) -> None:
    before = places(first)
    (late,) = make_units(birds, 1)
    with django_capture_on_commit_callbacks(execute=True):
        put(key, {late: (9, 0, 0)})
    run_jobs()
    assert late in places(second)
    with pytest.raises(NotAllowed):
        discard_version(actor=actor_for(viewer), reduction=second)

    with django_capture_on_commit_callbacks(execute=True):
        discard_version(actor=actor_for(editor), reduction=second)
    run_jobs()

    assert current_map(birds, key) == first
    now = places(first)
    assert {unit: now[unit] for unit in before} == before
    assert late in now
    assert not ReductionPoint.objects.exclude(reduction=first).exists()


def test_keep__deletes_what_came_before(
    first: Reduction, second: Reduction, editor: User, viewer: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        keep_version(actor=actor_for(viewer), reduction=second)

    assert keep_version(actor=actor_for(editor), reduction=second) == 1

    assert list(Reduction.objects.all()) == [second]
    assert ReductionPoint.objects.count() == 60


def test_versions__over_rest(first: Reduction, client: Client, editor: User) -> None:
    client.force_login(editor)

    answer = client.post(address("map-recompute", first))
    assert (answer.status_code, answer.json()["version"]) == (202, 2)
    run_jobs()
    new = Reduction.objects.get(version=2)
    assert client.get(address("map-drift", new)).json()["before"] == 1
    assert client.post(address("map-keep", new)).json() == {"deleted": 1}
    assert client.delete(address("map", new)).status_code == 204
    assert not Reduction.objects.exists()


def test_versions__in_the_dialog(
    second: Reduction, birds: Folder, client: Client, editor: User, viewer: User
) -> None:
    page = reverse("folder-upgrade", args=[birds.pk])
    verb = reverse("map-version", args=[birds.pk, second.pk])
    client.force_login(viewer)
    shown = client.get(page).content.decode()
    assert "Version 2" in shown
    assert "Version 1" in shown
    assert "% of neighbours kept" in shown
    assert re.search(r"made in [\d.]+ s, first points after [\d.]+ s", shown)
    assert "Discard" not in shown
    assert client.post(verb, {"verb": "discard"}).status_code == 403
    client.force_login(editor)
    assert client.post(verb, {"verb": "burn"}).status_code == 400

    after = client.post(verb, {"verb": "discard"}, headers={"HX-Request": "true"})

    assert "Version 1" in after.content.decode()
    assert "Version 2" not in after.content.decode()
