"""Searches from several examples, from the far end, rolled up; rankings that are kept."""

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotFound
from embeddings.search import (
    Blend,
    Example,
    SearchPage,
    UnitExample,
    VectorExample,
    search,
    service,
)
from embeddings.search import rankings as rankings_module
from embeddings.search.distance import distances
from embeddings.search.gaps import natural_gaps
from embeddings.search.ranking import Order
from embeddings.services.vectors import delete_vectors
from embeddings.vector_text import VectorTextError, decode_vector, encode_vector
from folders.choices import Metric, UnitKind
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, make_units, put, stored

METRICS = list(Metric)
Ask = Callable[..., SearchPage]


@pytest.fixture(autouse=True)
def _memory_cache(settings: LazySettings) -> Iterator[None]:
    """Keep rankings in this process: no test here is about the cache's server."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    yield
    cache.clear()


@pytest.fixture(params=METRICS)
def key(request: pytest.FixtureRequest, birds: Folder) -> MetadataKey:
    """A key of three dimensions for each metric, with vectors of forty units."""
    key = make_key(birds, metric=request.param)
    random = np.random.default_rng(5)
    units = make_units(birds, 40)
    put(key, {unit: random.normal(size=3).tolist() for unit in units})
    return key


@pytest.fixture
def actor(viewer: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Who asks."""
    return actor_for(viewer)


@pytest.fixture
def ask(actor: Actor, birds: Folder, key: MetadataKey) -> Ask:
    """A search of the key."""

    def ask(query: Example, **asked: Any) -> SearchPage:
        return search(actor=actor, root=birds, key=key, query=query, **asked)

    return ask


def by_hand(key: MetadataKey, vector: np.ndarray) -> dict[int, float]:
    """Distances of all units."""
    units = stored(key)
    found = distances(vector, np.stack(list(units.values())), Metric(key.metric))
    return dict(zip(units, found.tolist(), strict=True))


def pages(ask: Ask, query: Example, **asked: Any) -> Iterator[SearchPage]:
    """All pages."""
    page = ask(query, **asked)
    yield page
    while page.next_cursor:
        page = ask(query, cursor=page.next_cursor, **asked)
        yield page


def blended(key: MetadataKey, plus: list[int], minus: list[int]) -> np.ndarray:
    """The query of examples, by the definition."""
    units = stored(key)

    def mean(ids: list[int]) -> Any:
        rows = np.stack([units[one] for one in ids]).astype(np.float64)
        if key.metric == Metric.COSINE:
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return rows.mean(axis=0)

    query = mean(plus) - (mean(minus) if minus else 0.0)
    blend: np.ndarray = np.asarray(query).astype(np.float32)
    return blend


def test_blend__is_the_mean_of_plus_less_that_of_minus(ask: Ask, key: MetadataKey) -> None:
    ids = sorted(stored(key))
    plus, minus = ids[:3], ids[3:5]

    page = ask(Blend(tuple(map(UnitExample, plus)), tuple(map(UnitExample, minus))), limit=40)

    expected = by_hand(key, blended(key, plus, minus))
    assert [hit.unit_id for hit in page.hits] == sorted(ids, key=lambda one: (expected[one], one))
    assert [hit.distance for hit in page.hits] == sorted(expected.values())


def test_blend__says_which_example_a_hit_is_nearest_to(ask: Ask, key: MetadataKey) -> None:
    ids = sorted(stored(key))
    units = stored(key)

    page = ask(Blend((UnitExample(ids[0]), UnitExample(ids[1]))), limit=40)

    each = [by_hand(key, units[one]) for one in ids[:2]]
    for hit, like in zip(page.hits, page.like, strict=True):
        assert like == int(each[1][hit.unit_id] < each[0][hit.unit_id])


def test_blend__of_one_is_that_one(ask: Ask, key: MetadataKey) -> None:
    unit = min(stored(key))

    blend, alone = ask(Blend((UnitExample(unit),))), ask(UnitExample(unit))

    assert blend.hits == alone.hits
    assert blend.like == ()


def test_blend__mixes_units_and_vectors(ask: Ask, key: MetadataKey) -> None:
    unit, units = min(stored(key)), stored(key)

    mixed = ask(Blend((UnitExample(unit), VectorExample([1.0, 2.0, 3.0]))))

    other = VectorExample(units[unit].tolist())
    assert mixed.hits == ask(Blend((other, VectorExample([1.0, 2.0, 3.0])))).hits


def test_blend__without_plus_or_with_too_many_is_refused(ask: Ask, key: MetadataKey) -> None:
    unit = UnitExample(min(stored(key)))

    with pytest.raises(InvalidInput, match="at least one"):
        ask(Blend((), (unit,)))
    with pytest.raises(InvalidInput, match="up to 100"):
        ask(Blend((unit,) * 101))


def test_blend__that_cancels_out_has_no_cosine(
    actor: Actor, birds: Folder, organisation: object
) -> None:
    key = make_key(birds, metric=Metric.COSINE)
    (unit,) = make_units(birds, 1)
    put(key, {unit: [1, 2, 3]})
    same = UnitExample(unit)

    with pytest.raises(InvalidInput, match="cancel each other"):
        search(actor=actor, root=birds, key=key, query=Blend((same,), (same,)))


def test_blend__refuses_units_that_are_not_there_for_the_actor(
    ask: Ask, key: MetadataKey, boats: Folder
) -> None:
    (foreign,) = make_units(boats, 1)
    put(key, {foreign: [1, 1, 1]})

    with pytest.raises(NotFound):
        ask(Blend((UnitExample(min(stored(key))), UnitExample(foreign))))


@pytest.mark.parametrize("limit", [7, 40])
def test_farthest__is_the_order_from_the_other_end(ask: Ask, key: MetadataKey, limit: int) -> None:
    unit = min(stored(key))
    expected = by_hand(key, stored(key)[unit])

    found = [
        hit
        for page in pages(ask, UnitExample(unit), order=Order.FARTHEST, limit=limit)
        for hit in page.hits
    ]

    assert [hit.unit_id for hit in found] == sorted(expected, key=lambda one: (-expected[one], one))
    assert [hit.distance for hit in found] == sorted(expected.values(), reverse=True)


def test_farthest__keeps_to_the_threshold(ask: Ask, key: MetadataKey) -> None:
    unit = min(stored(key))
    expected = by_hand(key, stored(key)[unit])
    threshold = sorted(expected.values())[20]

    page = ask(UnitExample(unit), order=Order.FARTHEST, max_distance=threshold, limit=100)

    assert [hit.distance for hit in page.hits] == sorted(
        (one for one in expected.values() if one <= threshold), reverse=True
    )


def test_farthest__with_ties_goes_by_unit(actor: Actor, birds: Folder) -> None:
    key = make_key(birds, metric=Metric.L2)
    units = make_units(birds, 6)
    put(key, {unit: [0.0, 0.0, float(place // 3)] for place, unit in enumerate(units)})

    page = search(
        actor=actor,
        root=birds,
        key=key,
        query=VectorExample([0.0, 0.0, 0.0]),
        order=Order.FARTHEST,
        limit=10,
    )

    assert [hit.unit_id for hit in page.hits] == units[3:] + units[:3]


def test_pages__come_from_the_ranking_that_was_kept(ask: Ask, key: MetadataKey) -> None:
    query = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    near, before = VectorExample(query.tolist()), by_hand(key, query)
    ranked = sorted(before, key=lambda one: (before[one], one))
    first = ask(near, limit=10)
    # The next ones would be first now, and the first ones last.
    put(key, {unit: [10.0, 20.0, 30.0] for unit in ranked[10:15]})
    put(key, {unit: [-9.0, -9.0, -9.0] for unit in ranked[1:5]})

    second = ask(near, limit=10, cursor=first.next_cursor)

    assert (first.ranking, second.ranking) == ("new", "kept")
    assert [hit.unit_id for hit in second.hits] == ranked[10:20]


def test_pages__go_on_from_the_cursor_when_the_ranking_has_expired(
    ask: Ask, key: MetadataKey
) -> None:
    unit = min(stored(key))
    first = ask(UnitExample(unit), limit=15)
    cache.clear()

    second = ask(UnitExample(unit), limit=15, cursor=first.next_cursor)
    third = ask(UnitExample(unit), limit=15, cursor=second.next_cursor)

    assert (second.ranking, third.ranking) == ("expired", "kept")
    found = [hit.unit_id for page in (first, second, third) for hit in page.hits]
    expected = by_hand(key, stored(key)[unit])
    assert found == sorted(expected, key=lambda one: (expected[one], one))
    assert third.next_cursor is None


@pytest.mark.parametrize("window", [3, 8, 17])
def test_pages__go_through_any_number_of_rankings(
    ask: Ask, key: MetadataKey, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr(service, "WINDOW", window)
    monkeypatch.setattr(rankings_module, "WINDOW", window)
    unit = min(stored(key))

    found = [hit for page in pages(ask, UnitExample(unit), limit=7) for hit in page.hits]

    expected = by_hand(key, stored(key)[unit])
    assert [hit.unit_id for hit in found] == sorted(expected, key=lambda one: (expected[one], one))


def test_pages__do_not_need_the_cache(
    ask: Ask, key: MetadataKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rankings_module, "cache", RedisCache("redis://127.0.0.1:1/0", {}))
    unit = min(stored(key))

    found = [hit.unit_id for page in pages(ask, UnitExample(unit), limit=15) for hit in page.hits]

    assert sorted(found) == sorted(stored(key))


def test_cursor__belongs_to_its_order(ask: Ask, key: MetadataKey) -> None:
    unit = UnitExample(min(stored(key)))
    first = ask(unit, limit=5)

    with pytest.raises(InvalidInput, match="has changed"):
        ask(unit, limit=5, cursor=first.next_cursor, order=Order.FARTHEST)


@pytest.mark.parametrize("order", list(Order))
def test_roll_up__shows_each_video_by_its_best_frame(
    actor: Actor, birds: Folder, order: Order
) -> None:
    key = make_key(birds, metric=Metric.L2)
    images = make_units(birds, 4)
    frames = [
        Unit.objects.create(
            item=Unit.objects.get(pk=images[0]).item,
            kind=UnitKind.FRAME,
            frame=number,
            folder=birds,
            root=birds,
        ).pk
        for number in range(5)
    ]
    far = {frame: [float(3 + 2 * place), 0.0, 0.0] for place, frame in enumerate(frames)}
    near = {unit: [float(2 * place), 0.0, 0.0] for place, unit in enumerate(images[1:])}
    put(key, far | near)
    asked = {
        "actor": actor,
        "root": birds,
        "key": key,
        "query": VectorExample([0.0, 0.0, 0.0]),
        "order": order,
        "roll_up": True,
    }

    whole = search(**asked, limit=10)  # type: ignore[arg-type]
    first = search(**asked, limit=2)  # type: ignore[arg-type]
    second = search(**asked, limit=2, cursor=first.next_cursor)  # type: ignore[arg-type]

    # Frames lie at 3, 5, 7, 9, 11; images at 0, 2, 4.
    best = frames[0] if order == Order.NEAREST else frames[-1]
    expected = [images[1], images[2], best, images[3]]
    if order == Order.FARTHEST:
        expected = [best, images[3], images[2], images[1]]
    assert [hit.unit_id for hit in whole.hits] == expected
    assert [hit.unit_id for hit in (*first.hits, *second.hits)] == expected


def test_gaps__are_the_wide_steps() -> None:
    found = natural_gaps(np.array([0.0, 0.10, 0.11, 0.12, 0.50, 0.51, 0.52, 0.90]))

    assert [(gap.low, gap.high, gap.below) for gap in found] == [(0.12, 0.5, 4), (0.52, 0.9, 7)]


def test_gaps__are_none_in_an_even_row_or_of_few() -> None:
    assert natural_gaps(np.linspace(0, 1, 200)) == []
    assert natural_gaps(np.array([0.0, 1.0])) == []
    assert natural_gaps(np.zeros(50)) == []


def test_vector_text__comes_back_bit_for_bit() -> None:
    vector = np.array([0.1, -1.1754944e-38, 3.4e38, 0.0], dtype=np.float32)

    found = decode_vector(encode_vector(vector))

    assert np.array(found, dtype=np.float32).tobytes() == vector.tobytes()


def test_vector_text__takes_files_and_padding() -> None:
    file = io.BytesIO()
    np.save(file, np.array([[0.5, 0.25]], dtype=np.float64))

    assert decode_vector(base64.b64encode(file.getvalue()).decode()) == [0.5, 0.25]


@pytest.mark.parametrize("text", ["", "?", "AAA", "AAAAAAA=", "k05VTVBZ", "A" * 70_000])
def test_vector_text__refuses_what_is_no_vector(text: str) -> None:
    with pytest.raises(VectorTextError):
        decode_vector(text)


def test_rest__takes_several_examples(
    client: Client, viewer: User, outsider: User, birds: Folder, key: MetadataKey
) -> None:
    ids = sorted(stored(key))
    text = encode_vector(stored(key)[ids[2]])
    asked = {
        "key": key.name,
        "plus": [{"unit": ids[0]}, {"vector": text}],
        "minus": [{"unit": ids[1]}],
        "order": "farthest",
        "engine": "postgres",
        "limit": 5,
    }
    address = f"/api/v1/folders/{birds.pk}/search/"
    client.force_login(outsider)
    assert client.post(address, asked, content_type="application/json").status_code == 404
    client.force_login(viewer)

    answer = client.post(address, asked, content_type="application/json").json()

    expected = by_hand(key, blended(key, [ids[0], ids[2]], [ids[1]]))
    assert [hit["unit"] for hit in answer["hits"]] == sorted(
        ids, key=lambda one: (-expected[one], one)
    )[:5]
    assert {hit["like"] for hit in answer["hits"]} <= {0, 1}
    assert (answer["engine"], answer["ranking"]) == ("postgres", "new")


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"plus": [{"vector": "no vector!"}]}, "plus.0.vector"),
        ({"plus": [{}]}, "plus.0.non_field_errors"),
        ({"minus": [{"unit": 1}]}, "non_field_errors"),
        ({"unit": 1, "plus": [{"unit": 1}]}, "non_field_errors"),
    ],
)
def test_rest__names_what_is_wrong(
    client: Client,
    viewer: User,
    birds: Folder,
    key: MetadataKey,
    asked: dict[str, Any],
    path: str,
) -> None:
    client.force_login(viewer)

    answer = client.post(
        f"/api/v1/folders/{birds.pk}/search/",
        {"key": key.name, **asked},
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert path in [error["path"] for error in answer.json()["errors"]]


def test_search__leaves_out_what_was_deleted_since(
    client: Client, viewer: User, birds: Folder, key: MetadataKey, ask: Ask
) -> None:
    client.force_login(viewer)
    address, unit = f"/api/v1/folders/{birds.pk}/search/", min(stored(key))
    asked = {"key": key.name, "unit": unit, "limit": 10}
    first = client.post(address, asked, content_type="application/json").json()
    rest = ask(UnitExample(unit), limit=20).hits[10:]
    Unit.objects.filter(pk=rest[0].unit_id).delete()
    delete_vectors(key=key, unit_ids=[rest[1].unit_id])

    second = client.post(
        address, asked | {"cursor": first["next_cursor"]}, content_type="application/json"
    ).json()

    assert [hit["unit"] for hit in second["hits"]] == [hit.unit_id for hit in rest[1:]]
