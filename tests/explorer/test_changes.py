"""Actions on a selection that change things: asked first, refused to viewers."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from collections_app.models import Collection
from explorer.state import ExplorerState
from folders.choices import FolderRole
from folders.models import Folder, Item
from tests.explorer.conftest import World
from tests.factories import FolderFactory, FolderGrantFactory

HTMX = {"HX-Request": "true"}
LABEL_A: dict[str, Any] = {"all": [{"field": "metadata.label", "op": "in", "value": ["a"]}]}


def said(client: Client, world: World, action: str, **form: Any) -> tuple[int, str]:
    """What the server answers to an action."""
    target = reverse(f"explorer-{action}", args=[world.root.pk])
    answer = client.post(target, form, headers=HTMX)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("action", ["edit", "move", "delete", "remove"])
def test_action__is_hidden_from_outsiders_and_refused_to_viewers(
    world: World, client: Client, outsider: User, viewer: User, editor: User, action: str
) -> None:
    units = ",".join(map(str, world.ids[:3]))
    client.force_login(outsider)
    assert said(client, world, action, units=units, ask="1")[0] == 404
    client.force_login(viewer)
    status, text = said(client, world, action, units=units, ask="1")
    assert (status, "This takes the role “Editor”" in text) == (403, True)

    client.force_login(editor)
    assert said(client, world, action, units=units, ask="1")[0] == 200


@pytest.mark.parametrize("action", ["edit", "move", "delete"])
def test_action__tells_an_editor_of_a_part_how_many_are_not_his(
    world: World, client: Client, viewer: User, action: str
) -> None:
    FolderGrantFactory.create(folder=world.night, user=viewer, role=FolderRole.EDITOR)
    client.force_login(viewer)

    status, text = said(client, world, action, matching="", ask="1")

    assert status == 403
    assert "8 of the selected units lie in folders that you may only look at" in text
    night = ",".join(map(str, world.ids[8:]))
    assert said(client, world, action, units=night, ask="1")[0] == 200


def test_edit__sets_and_clears_what_is_marked(world: World, client: Client, editor: User) -> None:
    client.force_login(editor)
    state = ExplorerState(filter=LABEL_A).query()

    _, dialog = said(client, world, "edit", matching=state, ask="1")
    form = {"do-note": "clear", "value-note": "", "do-ink": "set", "value-ink": "7"}
    status, text = said(client, world, "edit", matching=state, **form, **{"value-label": "b"})

    assert "Edit metadata of 4 units" in dialog
    assert (status, "4 units were changed." in text) == (200, True)
    for place, unit in enumerate(world.units):
        unit.refresh_from_db()
        matched = place % 3 == 0
        assert (unit.metadata.get("note") is None) == matched
        assert (unit.metadata.get("ink") == 7) == matched
        # What was not marked stays.
        assert unit.metadata["label"] == "abc"[place % 3]


def test_edit__says_at_its_field_what_is_wrong(world: World, client: Client, editor: User) -> None:
    client.force_login(editor)
    units = str(world.ids[0])

    many = {"do-ink": "set", "value-ink": "much"}
    status, text = said(client, world, "edit", units=units, **many)
    nothing, words = said(client, world, "edit", units=units)

    assert (status, "This is no number." in text) == (422, True)
    assert (nothing, "Choose a key to set or to clear." in words) == (422, True)
    world.units[0].refresh_from_db()
    assert world.units[0].metadata["ink"] == 0


def test_move__asks_for_a_folder_and_moves(world: World, client: Client, editor: User) -> None:
    dusk: Folder = FolderFactory.create(parent=world.root, name="Dusk")
    client.force_login(editor)
    units = ",".join(map(str, world.ids[6:10]))

    _, dialog = said(client, world, "move", units=units, ask="1")
    wrong = said(client, world, "move", units=units)
    status, text = said(client, world, "move", units=units, parent=dusk.pk)

    assert "Move 4 items to…" in dialog
    assert (wrong[0], "Choose a folder." in wrong[1]) == (422, True)
    assert (status, "4 items were moved to “Dusk”." in text) == (200, True)
    # From two folders.
    assert Item.objects.filter(folder=dusk).count() == 4


def test_delete__asks_by_number_and_kind_then_deletes(
    world: World, client: Client, editor: User, viewer: User
) -> None:
    client.force_login(editor)
    state = ExplorerState(filter=LABEL_A).query()

    _, dialog = said(client, world, "delete", matching=state, ask="1")
    target = reverse("explorer-delete", args=[world.root.pk])
    answer = client.post(target, {"matching": state}, headers=HTMX)
    events = json.loads(answer["HX-Trigger"])
    client.force_login(viewer)
    page = client.get(reverse("explorer", args=[world.root.pk])).content.decode()

    assert "Delete 4 items?" in dialog
    assert "4 images" in dialog
    assert "For a minute you can undo this." in dialog
    assert "8 units" in page
    assert {"explorer:changed", "dialog-close", "explorer:deleted"} <= set(events)
    undo = events["explorer:deleted"]
    assert undo["words"] == "4 items were deleted."
    assert said(client, world, "restore", aside=undo["aside"])[0] == 403
    client.force_login(editor)
    assert said(client, world, "restore", aside="x")[0] == 400
    status, text = said(client, world, "restore", aside=undo["aside"])
    assert (status, "4 items are back." in text) == (200, True)
    page = client.get(reverse("explorer", args=[world.root.pk])).content.decode()
    assert "12 units" in page
    assert said(client, world, "restore", aside=undo["aside"])[0] == 409


def test_remove__offers_collections_that_hold_some_of_them(
    world: World, client: Client, editor: User
) -> None:
    client.force_login(editor)
    for name, ids in (("Owls", world.ids[:3]), ("Tits", world.ids[5:6]), ("Gulls", [])):
        form = {"units": ",".join(map(str, ids)), "name": name}
        client.post(reverse("explorer-collect", args=[world.root.pk]), form)
    owls = Collection.objects.get(name="Owls")
    units = ",".join(map(str, world.ids[1:6]))

    _, dialog = said(client, world, "remove", units=units, ask="1")
    _, text = said(client, world, "remove", units=units, collection=owls.pk)

    assert dialog.index("Owls") < dialog.index("2 units") < dialog.index("Tits")
    assert "Gulls" not in dialog
    assert "Removed 2 units from Owls." in text
    assert set(owls.members.values_list("unit", flat=True)) == {world.ids[0]}
    assert said(client, world, "remove", units=units, collection="x")[0] == 404


def test_remove__all_that_match(world: World, client: Client, editor: User) -> None:
    client.force_login(editor)
    form = {"matching": "", "name": "All"}
    client.post(reverse("explorer-collect", args=[world.root.pk]), form)
    everything = Collection.objects.get()

    state = ExplorerState(filter=LABEL_A).query()
    said(client, world, "remove", matching=state, collection=everything.pk)

    assert everything.members.count() == 8
    everything.refresh_from_db()
    # The recipe tells by what they left.
    assert everything.recipe[-1]["filter"] == LABEL_A


def test_bar__offers_viewers_nothing_that_would_be_refused(
    world: World, client: Client, viewer: User, editor: User
) -> None:
    target = reverse("explorer", args=[world.root.pk])
    changes = ("Edit metadata…", "Move…", "Delete…", "Add to collection", "Remove from collection…")
    for user, offered in ((viewer, False), (editor, True)):
        client.force_login(user)
        page = client.get(target).content.decode()
        bar = page[page.index('id="selection-bar"') : page.index('id="explorer-map-pane"')]
        assert [change in bar for change in changes] == [offered] * len(changes)
        assert "Find similar to these" in bar
        assert "Export…" in bar
