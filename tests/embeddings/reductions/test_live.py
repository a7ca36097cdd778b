"""Layouts that are watched, stopped, interrupted and taken up again."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from embeddings.reductions import (
    Arrays,
    FastTsneParameters,
    Layout,
    Live,
    Phase,
    Progress,
    TsneParameters,
    reduce_vectors,
    tsne,
)

PLAIN = TsneParameters()


class DictMemory:
    """Keeps copies; every time is time to save."""

    def __init__(self) -> None:
        self.kept: dict[str, Arrays] = {}

    def load(self, name: str) -> Arrays | None:
        return self.kept.get(name)

    def save(self, name: str, arrays: Arrays) -> None:
        self.kept[name] = {key: np.array(value) for key, value in arrays.items()}

    def is_due(self, name: str) -> bool:
        return True


class Killed(BaseException):
    """The end of a process."""


def digits(count: int = 300) -> np.ndarray:
    images: np.ndarray = load_digits().data[:count].astype(np.float32)
    return images


def lay_out(parameters: Any = PLAIN, count: int = 300, **options: Any) -> Layout:
    return reduce_vectors(
        digits(count), metric="cosine", parameters=parameters, threads=1, **options
    )


def killed_at(phase: Phase, done: int) -> Any:
    def listen(progress: Progress) -> None:
        if progress.phase is phase and progress.done >= done:
            raise Killed

    return listen


@pytest.mark.parametrize(
    ("phase", "done"),
    [(Phase.NEIGHBOURS, 300), (Phase.EXAGGERATION, 70), (Phase.LAYOUT, 10), (Phase.LAYOUT, 430)],
)
@pytest.mark.parametrize(
    "parameters",
    [TsneParameters(), TsneParameters(exaggeration=12), FastTsneParameters()],
    ids=["plain", "one that is halved", "fast"],
)
def test_memory__a_run_that_was_killed_goes_on_to_the_same_points(
    phase: Phase, done: int, parameters: Any
) -> None:
    if isinstance(parameters, FastTsneParameters):
        done = min(done, 200)
    memory = DictMemory()
    with pytest.raises(Killed):
        lay_out(parameters, live=Live(memory=memory), report=killed_at(phase, done))
    heard: list[Progress] = []

    layout = lay_out(parameters, live=Live(memory=memory), report=heard.append)

    assert (layout.points == lay_out(parameters).points).all()
    iterations = [one.done for one in heard if one.phase is phase and one.done]
    # What was done is not done again, but for the iterations after the last saving.
    assert iterations[0] >= min(done, 300 if phase is Phase.NEIGHBOURS else done)


def test_memory__neighbours_are_not_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = DictMemory()
    lay_out(live=Live(memory=memory))
    for name in ("affinities", "layout"):
        del memory.kept[name]
    monkeypatch.setattr(tsne, "find_neighbours", lambda *_, **__: 1 / 0)

    lay_out(live=Live(memory=memory))


# Points that are shown before the layout moves: of a sample's components, and where it begins.
BEFORE = 2


def test_show__begins_with_the_components_and_follows_the_layout() -> None:
    shown: list[np.ndarray] = []

    layout = lay_out(live=Live(show=lambda points: shown.append(np.array(points))))

    assert all(points.shape == (300, 2) for points in shown)
    assert len(shown) == BEFORE + (tsne.EARLY_ITERATIONS + tsne.ITERATIONS) // 10
    apart = [float(np.abs(points - layout.points).mean()) for points in shown[BEFORE:]]
    assert apart[-1] < 0.05 * np.ptp(layout.points)
    assert apart[-1] < apart[0]


def test_stops__keeps_the_points_as_they_are() -> None:
    shown: list[np.ndarray] = []
    live = Live(show=lambda points: shown.append(np.array(points)), stops=lambda: len(shown) > 30)

    layout = lay_out(live=live)

    assert layout.used["stopped_at"] == (31 - BEFORE) * 10 - tsne.EARLY_ITERATIONS
    assert (layout.points == shown[-1].astype(np.float32)).all()
    assert layout.kl is not None


def test_stops__in_the_first_stage_leaves_the_second_out() -> None:
    heard: list[Progress] = []

    layout = lay_out(live=Live(stops=lambda: True), report=heard.append)

    assert layout.used["stopped_at"] == 10
    assert not [one for one in heard if one.phase is Phase.LAYOUT]
    assert np.isfinite(layout.points).all()


def test_start__keeps_the_shape_of_the_map_that_it_begins_with() -> None:
    before = lay_out().points
    turned = before @ np.array([[0, 1], [-1, 0]], dtype=np.float32)
    start = turned.astype(np.float64)
    start[::10] = np.nan

    after = lay_out(start=start)

    moved = np.linalg.norm(after.points - turned, axis=1)
    assert np.median(moved) < 0.1 * np.ptp(before)
    assert after.used["early_exaggeration"] is None


def test_fast__says_that_its_neighbours_count_alike() -> None:
    layout = lay_out(FastTsneParameters())

    assert layout.used["perplexity"] is None
    assert layout.used["iterations"] == [tsne.FAST_EARLY_ITERATIONS, tsne.FAST_ITERATIONS]
    labels = load_digits().target[:300]
    apart = np.linalg.norm(layout.points[:, None] - layout.points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    nearest = labels[np.argsort(apart, axis=1)[:, :5]]
    assert (nearest == labels[:, None]).mean() > 0.85


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 10, 31])
def test_fast__any_number_of_points_gives_a_map(count: int) -> None:
    assert lay_out(FastTsneParameters(), count=count).points.shape == (count, 2)
