"""The card beside a point."""

from django.test import Client

from accounts.models import User
from folders.models import Item, Unit
from tests.embeddings.maps.conftest import SmallMap


def test_point__is_refused_to_who_does_not_see_its_unit(
    small_map: SmallMap, client: Client, night_viewer: User
) -> None:
    client.force_login(night_viewer)

    assert client.get(f"{small_map.address}points/0/").status_code == 404
    assert client.get(f"{small_map.address}points/4/").status_code == 200
    assert client.get(f"{small_map.address}points/6/").status_code == 404


def test_point__says_what_the_card_shows(small_map: SmallMap, client: Client, viewer: User) -> None:
    client.force_login(viewer)
    unit = Unit.objects.select_related("item").get(pk=small_map.units[0])

    card = client.get(f"{small_map.address}points/0/").json()
    # It has no file yet, and so no picture.
    assert card["thumbnail"] == ""
    Item.objects.filter(pk=unit.item_id).update(storage_key="items/a/original")
    card = client.get(f"{small_map.address}points/0/").json()

    assert (card["ordinal"], card["x"], card["y"]) == (0, -2, 1)
    assert (card["unit"], card["item"], card["name"]) == (
        *(unit.pk, str(unit.item_id), unit.item.name),
    )
    assert card["thumbnail"] == f"/media/units/{unit.pk}/thumbnail/small/?v=0"
    assert card["url"] == f"/items/{unit.item_id}/"
    values = {entry["name"]: entry["value"] for entry in card["values"]}
    assert list(values) == ["label", "ink", "rare", "3", "note"]
    assert (values["label"], values["ink"], values["rare"]) == ("gull", "1.5", "True")
    assert len(values["note"]) == 80
    assert values["note"].endswith("…")


def test_point__of_a_unit_that_left_is_gone(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    Unit.objects.filter(pk=small_map.units[0]).delete()

    assert client.get(f"{small_map.address}points/0/").status_code == 404
