"""Two versions of a map side by side: the page, and the points that it draws."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from embeddings.models import Reduction
from folders.models import Folder
from tests.embeddings.mapping import make_map, read_frame
from tests.embeddings.worlds import make_key, make_units


@pytest.fixture
def versions(birds: Folder, night: Folder) -> tuple[Reduction, Reduction]:
    """Three units of Birds and one of Night; the second version lacks one and has another."""
    key = make_key(birds)
    first, second, third = make_units(birds, 3)
    (owl,) = make_units(night, 1)
    (late,) = make_units(birds, 1)
    old = make_map(birds, key, [first, second, third, owl], [(0, 0), (10, 0), (5, 5), (2, 2)])
    new = make_map(
        birds, key, [owl, second, first, late], [(2, 2), (4, 8), (0, 1), (9, 9)], version=2
    )
    return old, new


def page(reduction: Reduction) -> str:
    return reverse("map-compare", args=[reduction.root_id, reduction.pk])


def points(reduction: Reduction) -> str:
    return reverse("map-drift-points", args=[reduction.pk])


def test_points__are_both_places_of_the_units_on_both(
    versions: tuple[Reduction, Reduction], client: Client, viewer: User
) -> None:
    old, new = versions
    client.force_login(viewer)

    magic, header, columns = read_frame(client.get(points(new)).content)

    assert (magic, header["count"]) == ("KTWO", 3)
    assert (header["before"], header["reduction"]) == (str(old.pk), str(new.pk))
    assert columns["ordinal"].tolist() == [0, 1, 2]
    places = np.column_stack([columns[name] for name in ("before_x", "before_y", "x", "y")])
    assert places.tolist() == [[2, 2, 2, 2], [10, 0, 4, 8], [0, 0, 0, 1]]


def test_points__are_cut_by_what_the_person_sees(
    versions: tuple[Reduction, Reduction], client: Client, outsider: User, night_viewer: User
) -> None:
    _, new = versions
    client.force_login(outsider)
    assert client.get(points(new)).status_code == 404
    assert client.get(page(new)).status_code == 404
    client.force_login(night_viewer)

    _, header, columns = read_frame(client.get(points(new)).content)
    shown = client.get(page(new)).content.decode()

    assert (header["count"], columns["ordinal"].tolist()) == (1, [0])
    assert "1 unit on both" in shown
    # How many the versions have in all is not for him.
    assert "on version 1" not in shown


def test_points__of_a_first_version_are_none(
    versions: tuple[Reduction, Reduction], client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    _, header, _ = read_frame(client.get(points(versions[0])).content)

    assert (header["count"], header["before"]) == (0, "")
    assert "Nothing to compare with" in client.get(page(versions[0])).content.decode()


def test_page__says_what_moved_and_lets_editors_choose(
    versions: tuple[Reduction, Reduction], client: Client, viewer: User, editor: User
) -> None:
    _, new = versions
    client.force_login(viewer)
    looked = client.get(page(new))
    assert "Keep version 2" not in looked.content.decode()
    client.force_login(editor)

    text = client.get(page(new)).content.decode()

    assert "version 2 beside version 1" in text
    assert "3 units on both · 4 on version 1, 4 on version 2" in text
    # Of three units each has the two others as neighbours, wherever they are.
    assert "<strong>100 %</strong>" in text
    assert [one.percent for one in looked.context["moved"]] == ["100", "10", "under 1"]
    assert 'data-ordinal="1"' in text
    assert "Keep version 2" in text


@pytest.mark.parametrize(("verb", "left"), [("keep", 2), ("discard", 1)])
def test_page__leads_to_the_map_after_the_choice(
    verb: str, left: int, versions: tuple[Reduction, Reduction], client: Client, editor: User
) -> None:
    _, new = versions
    client.force_login(editor)

    answer = client.post(
        reverse("map-version", args=[new.root_id, new.pk]), {"verb": verb}, follow=True
    )

    assert Reduction.objects.get().version == left
    assert answer.redirect_chain[0][0].startswith(reverse("explorer", args=[new.root_id]))
    assert f"{'Kept' if verb == 'keep' else 'Discarded'} version 2" in answer.content.decode()


def test_page__of_another_folder_or_an_unfinished_map(
    versions: tuple[Reduction, Reduction], client: Client, editor: User
) -> None:
    _, new = versions
    client.force_login(editor)
    Reduction.objects.filter(pk=new.pk).update(state="running")

    assert client.get(page(new), headers={"Accept": "application/json"}).status_code == 409
    assert client.get(points(new)).status_code == 409


def test_map__says_where_it_can_be_compared(
    versions: tuple[Reduction, Reduction], birds: Folder, client: Client, viewer: User
) -> None:
    old, new = versions
    client.force_login(viewer)
    explorer = f"{reverse('explorer', args=[birds.pk])}?view=split&embedding={new.key.name}"

    assert f'data-compare-url="{page(new)}"' in client.get(explorer).content.decode()
    old.delete()
    assert 'data-compare-url=""' in client.get(explorer).content.decode()
