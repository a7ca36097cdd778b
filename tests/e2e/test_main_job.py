"""The product's main job, done in a browser by a person and checked against numpy and REST."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import APIRequestContext, Page, expect

from folders import filters
from tests.e2e import rest
from tests.e2e.conftest import Site
from tests.e2e.pictures import Picture, Vector
from tests.e2e.steps import account, explorer, files, schema, upgrade
from tests.e2e.steps import map as embeddings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

KEY = "my-embedding"
BY_FILE = 120
BY_REST = 60
QUERY = 30


def test_main_job(page: Page, site: Site, api: APIRequestContext, pictures: list[Picture]) -> None:
    account.sign_in(page, site.email, site.password)
    folder = _upload(page, pictures)
    vectors = _import_vectors(page, api, folder, pictures)
    units = rest.units_by_name(api, folder)

    _filter(page, folder, units, vectors)
    _search(page, pictures[QUERY], units, vectors)
    upgrade.upgrade_folder(page, folder, KEY)
    inside = _use_map(page, api, folder, units)
    _collect(page, api, folder, inside)


def _upload(page: Page, pictures: list[Picture]) -> str:
    schema.add_embedding_key(page, KEY, len(pictures[0].vector))
    folder = files.create_root_folder(page, "Everyday things")
    files.drop_files(page, pictures)
    files.wait_for_thumbnails(page, len(pictures))
    return folder


def _import_vectors(
    page: Page, api: APIRequestContext, folder: str, pictures: list[Picture]
) -> dict[str, Vector]:
    """Give most units a vector, two thirds by the page, the others by REST."""
    vectors = {one.name: one.vector for one in pictures[: BY_FILE + BY_REST]}
    names = list(vectors)
    files.import_vectors_by_file(page, KEY, {name: vectors[name] for name in names[:BY_FILE]})
    sent = [
        {"name": name, "values": [float(value) for value in vectors[name]]}
        for name in names[BY_FILE:]
    ]
    rest.post(api, f"/folders/{folder}/vectors/", {"key": KEY, "vectors": sent})
    return vectors


def _filter(page: Page, folder: str, units: dict[str, int], vectors: dict[str, Vector]) -> None:
    """Only units with a vector are left."""
    explorer.open_explorer(page, folder)
    explorer.expect_count(page, len(units))
    explorer.select_embedding(page, KEY)
    explorer.filter_by_embedding(page, KEY)
    explorer.expect_count(page, len(vectors))
    shown = explorer.scroll_to_end(page, len(vectors))
    assert set(shown) == {units[name] for name in vectors}


def _search(page: Page, query: Picture, units: dict[str, int], vectors: dict[str, Vector]) -> None:
    """The grid has the order that numpy gives, and the slider cuts where numpy cuts."""
    explorer.search_like(page, query.name)
    explorer.expect_count(page, len(vectors))
    expected = sorted(
        (_cosine_distance(query.vector, vector), units[name]) for name, vector in vectors.items()
    )

    shown = explorer.scroll_to_end(page, len(vectors))

    assert shown[0] == units[query.name]
    assert shown == [unit for _, unit in expected]

    threshold = explorer.cut_at(page, 0.4)
    within = [unit for distance, unit in expected if distance <= threshold]
    assert 0 < len(within) < len(vectors)
    explorer.expect_count(page, len(within))
    assert explorer.scroll_to_end(page, len(within)) == within


def _use_map(page: Page, api: APIRequestContext, folder: str, units: dict[str, int]) -> set[int]:
    """A rectangle leaves exactly the units whose stored coordinates lie in it."""
    explorer.open_explorer(page, folder)
    explorer.select_embedding(page, KEY)
    area = embeddings.show_embeddings(page)
    expect(area).to_contain_text(f"{BY_FILE + BY_REST} of {len(units)} units")
    expect(area).to_contain_text(f"{len(units) - BY_FILE - BY_REST} without a vector")
    assert embeddings.hover_a_point(page) in units

    said = embeddings.draw_rectangle(page, right=0.6, bottom=0.6)
    embeddings.filter_to_selection(page)
    explorer.expect_count(page, said)
    shown = set(explorer.scroll_to_end(page, said))
    region = filters.decode(explorer.parameter(page, "filter")).to_json()
    assert shown == _units_inside(api, region)
    assert 0 < said < BY_FILE + BY_REST
    expect(area).to_contain_text(f"{said} match")
    return shown


def _collect(page: Page, api: APIRequestContext, folder: str, inside: set[int]) -> None:
    """What was selected becomes a collection that can be opened and filtered by."""
    explorer.collect_all(page, "Top left")
    (collection,) = rest.get(api, f"/folders/{folder}/collections/")["results"]
    assert collection["units"] == len(inside)

    page.get_by_role("link", name="Collections").first.click()
    page.get_by_role("link", name="Top left", exact=True).click()
    explorer.expect_count(page, len(inside))
    assert set(explorer.scroll_to_end(page, len(inside))) == inside

    explorer.clear_filters(page)
    explorer.filter_by_collection(page, "Top left")
    explorer.expect_count(page, len(inside))


def _cosine_distance(one: Vector, other: Vector) -> float:
    """As embeddings.search.distance defines it, in float64 from float32 values."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    cosine = (a * b).sum() / np.sqrt(np.square(a).sum() * np.square(b).sum())
    return float(np.clip(1 - cosine, 0, 2))


def _units_inside(api: APIRequestContext, region: Any) -> set[int]:
    """Units of the points that lie in the rectangle of a filter, by their coordinates."""
    (leaf,) = region.get("all", [region])
    reduction = leaf["value"]["reduction"]
    x0, y0, x1, y1 = leaf["value"]["rectangle"]
    places, ordinals = rest.map_points(api, reduction)
    x, y = places.astype(np.float64).T
    hits = ordinals[(x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)]
    return {rest.get(api, f"/maps/{reduction}/points/{ordinal}/")["unit"] for ordinal in hits}
