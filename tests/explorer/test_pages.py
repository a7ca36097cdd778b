"""The Explorer page, its fragments and its REST."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from collections_app.models import Collection
from embeddings.choices import ReductionState
from embeddings.models import Reduction, ReductionPoint
from explorer.state import ExplorerState
from folders.models import Folder
from tests.explorer.conftest import World
from tests.factories import UnitFactory

HTMX = {"HX-Request": "true"}
LABEL_A: dict[str, Any] = {
    "all": [{"field": "metadata.label", "op": "in", "value": ["a"]}],
}


def address(world: World, name: str = "explorer", **parts: Any) -> str:
    """The address of a state."""
    query = ExplorerState(**parts).query()
    return f"{reverse(name, args=[world.root.pk])}?{query}"


def shown(response: HttpResponseBase) -> list[int]:
    """Ids of the units of a page or fragment, in order."""
    html = response.content.decode()  # type: ignore[attr-defined]
    return [int(unit) for unit in re.findall(r'class="tile[^"]*" data-unit="(\d+)"', html)]


def text(response: HttpResponseBase) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("name", ["explorer", "explorer-results", "explorer-rail"])
def test_page__is_for_who_sees_some_of_the_root(
    name: str, world: World, client: Client, member: User, outsider: User, night_viewer: User
) -> None:
    assert client.get(address(world, name)).status_code == 302
    for user in (member, outsider):
        client.force_login(user)
        assert client.get(address(world, name)).status_code == 404

    client.force_login(night_viewer)
    assert client.get(address(world, name)).status_code == 200


def test_page__works_before_any_script(world: World, page: Client) -> None:
    response = page.get(address(world, order="name"))

    assert shown(response) == world.ids
    html = text(response)
    assert '<form class="rail-form"' in html
    assert "12 units" in html
    assert "Select custom embeddings" in html
    assert re.search(r"<style|\sstyle=|<script(?![^>]*src=)|\son[a-z]+=", html) is None


def test_page__of_a_part_shows_that_part(world: World, client: Client, night_viewer: User) -> None:
    client.force_login(night_viewer)

    response = client.get(address(world, order="name"))

    assert shown(response) == world.ids[8:]
    assert "4 units" in text(response)


def test_form__leads_to_the_address_of_the_state(world: World, page: Client) -> None:
    asked = {
        "rail": ["metadata.label", "name"],
        "is:metadata.label": ["a"],
        "like:name": "bird",
        "order": "name",
    }

    response = page.get(address(world), asked)

    assert response.status_code == 302
    query = parse_qs(urlsplit(response["Location"]).query)
    assert set(query) == {"filter", "order"}
    assert shown(page.get(response["Location"])) == world.ids[::3]


def test_fragment__names_the_address_of_its_state(world: World, page: Client) -> None:
    target = reverse("explorer", args=[world.root.pk])
    asked = {"rail": "metadata.label", "is:metadata.label": "a", "order": "name"}

    response = page.get(target, asked, headers=HTMX)

    assert shown(response) == world.ids[::3]
    assert response["HX-Push-Url"] == address(world, filter=LABEL_A, order="name")
    assert "<html" not in text(response)
    assert 'id="explorer-count" data-count="4" hx-swap-oob="true"' in text(response)


def test_fragment__of_the_slider_leaves_no_trail_and_no_new_slider(
    world: World, page: Client
) -> None:
    target = address(world, embedding="clip", similar=world.ids[0], distance=0.05)

    response = page.get(target, headers={**HTMX, "HX-Trigger-Name": "distance"})

    assert response["HX-Replace-Url"] == target
    assert "HX-Push-Url" not in response
    assert 'id="strip-count"' in text(response)
    assert 'id="explorer-strip"' not in text(response)


def test_pages__follow_each_other_by_their_links(world: World, page: Client, birds: Folder) -> None:
    more = [UnitFactory.create(item__folder=birds, item__name=f"x{i:03}").pk for i in range(130)]
    response = page.get(address(world, order="name"))
    ids = shown(response)
    while found := re.search(r'class="tiles-ahead" hx-get="([^"]+)"', text(response)):
        response = page.get(found[1].replace("&amp;", "&"))
        ids += shown(response)

    assert ids == world.ids + more


def test_page__has_a_plain_link_to_the_next(world: World, page: Client, birds: Folder) -> None:
    for i in range(60):
        UnitFactory.create(item__folder=birds, item__name=f"x{i:03}")
    first = page.get(address(world, order="name"))

    found = re.search(r'<a class="button" href="([^"]+)" hx-boost="false">More units', text(first))
    assert found is not None
    second = page.get(found[1].replace("&amp;", "&"))

    assert len(shown(first)) == 60
    assert len(shown(second)) == 12
    assert not set(shown(first)) & set(shown(second))


def test_search__shows_strip_slider_and_badge(world: World, page: Client) -> None:
    response = page.get(address(world, embedding="clip", similar=world.ids[0]))

    assert shown(response) == world.ids[:10]
    html = text(response)
    assert "exact · 10 searched" in html
    assert 'id="distance-slider"' in html
    assert "10 units" in html


def test_search__without_a_vector_says_so(world: World, page: Client) -> None:
    response = page.get(address(world, embedding="clip", similar=world.ids[11]))

    assert response.status_code == 200
    assert "has no vector" in text(response)
    assert "Clear search" in text(response)


def test_page__of_a_filter_that_names_what_is_gone(
    world: World, page: Client, editor: User
) -> None:
    gone = Collection.objects.create(root=world.root, name="Gone", created_by=editor)
    tree = {"all": [{"field": "collection", "op": "in", "value": [str(gone.pk)]}]}
    assert "No unit matches" in text(page.get(address(world, filter=tree)))
    gone.delete()

    response = page.get(address(world, filter=tree))

    assert response.status_code == 200
    assert "There is no such collection" in text(response)
    assert page.get(address(world, "explorer-rail", filter=tree)).status_code == 200


def test_page__refuses_an_address_that_it_cannot_read(world: World, page: Client) -> None:
    target = reverse("explorer", args=[world.root.pk])

    assert page.get(f"{target}?filter=nonsense").status_code == 400


def test_rail__counts_come_with_it(world: World, page: Client) -> None:
    response = page.get(address(world, "explorer-rail", filter=LABEL_A))

    html = text(response)
    assert "4 of 4" in html
    assert 'class="rail-histogram"' in html
    assert re.search(r'value="a" checked', html)


def test_empty_folder__says_what_to_do(page: Client, birds: Folder) -> None:
    response = page.get(reverse("explorer", args=[birds.pk]))

    assert "No units in Birds yet" in text(response)


def test_home__goes_to_a_root_or_says_why_not(
    world: World, client: Client, night_viewer: User, member: User
) -> None:
    client.force_login(member)
    assert "No folder to explore yet" in text(client.get(reverse("explorer-home")))

    client.force_login(night_viewer)
    assert client.get(reverse("explorer-home"))["Location"] == reverse(
        "explorer", args=[world.root.pk]
    )


def test_page__asks_as_often_for_few_units_as_for_many(
    world: World, page: Client, birds: Folder
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page.get(address(world, "explorer-results", order="name"))
        return len(captured)

    queries()
    few = queries()
    for i in range(40):
        UnitFactory.create(item__folder=birds, item__name=f"x{i:03}")

    assert queries() == few


def test_mask__shows_filter_and_threshold(
    world: World, client: Client, viewer: User, night_viewer: User, outsider: User
) -> None:
    reduction = Reduction.objects.create(
        root=world.root, key=world.clip, version=1, method="pca", state=ReductionState.READY
    )
    ReductionPoint.objects.bulk_create(
        ReductionPoint(reduction=reduction, unit=unit, x=i, y=-i, ordinal=i)
        for i, unit in enumerate(world.units[:10])
    )
    target = reverse("explorer-mask", args=[world.root.pk, reduction.pk])
    state = ExplorerState(filter=LABEL_A, embedding="clip", similar=world.ids[9], distance=0.2)
    client.force_login(outsider)
    assert client.get(target).status_code == 404

    client.force_login(viewer)
    response = client.get(f"{target}?{state.query()}")
    near = {8, 9, 7, 6, 5}
    assert rows(response, 10) == {6, 9} & near
    assert response["X-Kindred-Count"] == "2"

    client.force_login(night_viewer)
    # He sees units 8 and 9 alone: rows 0 and 1 of his map.
    assert rows(client.get(f"{target}?{state.query()}"), 2) == {1}


def rows(response: HttpResponseBase, count: int) -> set[int]:
    """Rows that a mask has set."""
    content = response.content  # type: ignore[attr-defined]
    bits = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little")[:count]
    return {int(row) for row in np.flatnonzero(bits)}


def test_collect__asks_then_adds(world: World, client: Client, viewer: User, editor: User) -> None:
    target = reverse("explorer-collect", args=[world.root.pk])
    asked: dict[str, Any] = {"units": ",".join(map(str, world.ids[:3]))}
    client.force_login(viewer)
    assert client.post(target, asked | {"name": "Mine"}).status_code == 403

    client.force_login(editor)
    dialog = client.post(target, asked | {"ask": "1"})
    assert "3 units of Birds" in text(dialog)
    done = client.post(target, asked | {"name": "Mine"}, headers=HTMX)

    assert "Added 3 units to Mine." in text(done)
    assert "explorer:collected" in done["HX-Trigger"]
    assert Collection.objects.get().members.count() == 3


def test_collect__enter_in_the_field_makes_a_new_one(
    world: World, client: Client, editor: User
) -> None:
    Collection.objects.create(root=world.root, name="Old", created_by=editor)
    client.force_login(editor)
    target = reverse("explorer-collect", args=[world.root.pk])

    html = text(client.post(target, {"units": str(world.ids[0]), "ask": "1"}))

    # Browsers press a form's first submit button for Enter.
    submits = re.findall(r'<button[^>]*type="submit"[^>]*>', html)
    assert 'name="collection"' not in submits[0]
    assert 'name="collection"' in submits[1]


def test_collect__says_what_is_wrong_with_a_name(
    world: World, client: Client, editor: User
) -> None:
    client.force_login(editor)
    target = reverse("explorer-collect", args=[world.root.pk])

    response = client.post(target, {"units": str(world.ids[0]), "name": " "})

    assert response.status_code == 422
    assert "Give a name" in text(response)


def test_collect__everything_that_matches_within_a_region(
    world: World, client: Client, editor: User
) -> None:
    client.force_login(editor)
    target = reverse("explorer-collect", args=[world.root.pk])
    part = json.dumps({"field": "name", "op": "contains", "value": "bird-0"})

    client.post(
        target, {"matching": ExplorerState(filter=LABEL_A).query(), "part": part, "name": "All a"}
    )

    collection = Collection.objects.get(name="All a")
    assert set(collection.members.values_list("unit", flat=True)) == set(world.ids[::3])
    assert collection.recipe[0]["filter"]["all"][1]["value"] == "bird-0"


def test_uncollect__takes_units_out(
    world: World, client: Client, viewer: User, editor: User
) -> None:
    client.force_login(editor)
    collect = reverse("explorer-collect", args=[world.root.pk])
    client.post(collect, {"units": ",".join(map(str, world.ids[:3])), "name": "Mine"})
    target = reverse("explorer-uncollect", args=[Collection.objects.get().pk])
    client.force_login(viewer)
    assert client.post(target, {"units": str(world.ids[0])}).status_code == 403

    client.force_login(editor)
    response = client.post(target, {"units": str(world.ids[0])}, headers=HTMX)

    assert "Removed 1 unit from Mine." in text(response)
    assert Collection.objects.get().members.count() == 2


def test_units_api__pages_and_searches(
    world: World, client: Client, member: User, viewer: User
) -> None:
    target = reverse("api-folder-units", args=[world.root.pk])
    client.force_login(member)
    assert client.get(target).status_code == 404

    client.force_login(viewer)
    asked: dict[str, Any] = {"order": "name", "limit": 5}
    first = client.get(target, asked).json()
    second = client.get(target, asked | {"cursor": first["next_cursor"]}).json()
    asked = {"filter": json.dumps(LABEL_A), "embedding": "clip", "similar_to": world.ids[0]}
    near = client.get(target, asked | {"max_distance": 2}).json()

    assert [unit["id"] for unit in first["results"] + second["results"]] == world.ids[:10]
    assert first["results"][0]["metadata"]["label"] == "a"
    assert first["search"] is None
    assert [unit["id"] for unit in near["results"]] == [world.ids[i] for i in (0, 3, 6, 9)]
    assert near["search"]["how"] == "exact"
    assert near["next_cursor"] is None


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": "{nonsense"},
        {"filter": '{"field":"nonsense","op":"eq","value":1}'},
        {"limit": 0},
        {"limit": 501},
        {"order": "nonsense"},
        {"similar_to": "x"},
        {"cursor": "x"},
    ],
)
def test_units_api__refuses_what_it_cannot_read(
    asked: dict[str, Any], world: World, page: Client
) -> None:
    response = page.get(reverse("api-folder-units", args=[world.root.pk]), asked)

    assert response.status_code == 400
    assert response.json()["errors"]


def test_facets_api__gives_the_named_fields(world: World, page: Client) -> None:
    target = reverse("api-folder-facets", args=[world.root.pk])

    found = page.get(target, {"fields": "metadata.label,metadata.ink"}).json()["facets"]

    assert [facet["field"] for facet in found] == ["metadata.label", "metadata.ink"]
    assert found[0]["counts"] == {"a": 4, "b": 4, "c": 4}
    assert sum(found[1]["histogram"]["counts"]) == 11
    assert page.get(target, {"fields": "nonsense"}).status_code == 400
    assert len(page.get(target).json()["facets"]) > 4


def test_fragment__for_a_step_through_the_history_makes_no_step(world: World, page: Client) -> None:
    target = address(world, filter=LABEL_A, order="name")

    response = page.get(target, headers={**HTMX, "HX-History-Restore-Request": "true"})

    assert shown(response) == world.ids[::3]
    assert "HX-Push-Url" not in response
    assert "HX-Replace-Url" not in response


def test_page__shows_the_version_of_the_map_that_a_link_names(world: World, page: Client) -> None:
    first, second = (
        Reduction.objects.create(
            root=world.root,
            key=world.clip,
            version=version,
            state=ReductionState.READY,
            method="pca",
        )
        for version in (1, 2)
    )
    ReductionPoint.objects.create(reduction=first, unit=world.units[0], x=0, y=0, ordinal=0)
    old, new = (str(one.pk)[:8] for one in (first, second))

    assert f'data-map="{new}"' in text(page.get(address(world)))
    linked = text(page.get(address(world, map=old)))

    assert f'data-map="{old}"' in linked
    assert "1 of 2" in linked
    assert f'data-unit="{world.ids[0]}"' in linked
    assert 'data-ordinal="0"' in linked
    named_newest = text(page.get(address(world, map=new)))
    assert "chip-map" not in named_newest
    gone = text(page.get(address(world, map="00000000")))
    assert f'data-map="{new}"' in gone
    assert "of the link is gone" in gone
    assert page.get(address(world), {"map": "no id"}).status_code == 400


def test_fragment__of_the_state_that_is_shown_makes_no_step(world: World, page: Client) -> None:
    target = address(world, filter=LABEL_A, order="name")
    here = {"HX-Current-URL": f"http://testserver{target}#units=1"}

    assert "HX-Push-Url" not in page.get(target, headers={**HTMX, **here})
    other = page.get(address(world), headers={**HTMX, **here})
    assert other["HX-Push-Url"] == reverse("explorer", args=[world.root.pk])
