"""The dialog, its fragments, and the same over REST."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from core.models import Job
from embeddings.choices import ReductionState
from embeddings.models import Reduction, UpgradeKey
from folders.models import Folder, MetadataKey
from tests.embeddings.worlds import make_key, make_units, put
from tests.jobs import run_jobs


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    """An embedding key with vectors on three units of Birds."""
    made = make_key(birds)
    put(made, {unit: (1.0, n, 0.0) for n, unit in enumerate(make_units(birds, 3))})
    return made


def dialog(folder: Folder) -> str:
    return reverse("folder-upgrade", args=[folder.pk])


def form(key: MetadataKey, **fields: str) -> dict[str, Any]:
    """What the browser posts for one ticked row."""
    filled = {"perplexity": "30.0", "exaggeration": "1.0", "seed": "42", "method": "tsne"} | fields
    return {
        "key": str(key.pk),
        f"reduce-{key.pk}": "1",
        **{f"{name}-{key.pk}": value for name, value in filled.items()},
    }


def test_dialog__is_hidden_from_who_does_not_see_the_root(
    birds: Folder, client: Client, member: User, outsider: User, viewer: User
) -> None:
    assert client.get(dialog(birds)).status_code == 302
    for user in (member, outsider):
        client.force_login(user)
        assert client.get(dialog(birds)).status_code == 404
        assert client.post(dialog(birds)).status_code == 404
        assert client.get(reverse("upgrade-progress", args=[birds.pk])).status_code == 404
    client.force_login(viewer)
    assert client.get(dialog(birds)).status_code == 200
    assert client.post(dialog(birds)).status_code == 403


def test_dialog__of_a_subfolder_names_its_root(night: Folder, client: Client, editor: User) -> None:
    client.force_login(editor)

    response = client.get(dialog(night), headers={"Accept": "application/json"})

    assert (response.status_code, response.json()["code"]) == (409, "not_a_root_folder")
    assert "“Birds”" in response.json()["detail"]


def test_dialog__saves_and_tells_what_it_started(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)

    first = client.post(dialog(birds), form(key, perplexity="12"), headers={"HX-Request": "true"})
    second = client.post(dialog(birds), form(key, perplexity="12"), headers={"HX-Request": "true"})

    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.context["saved"], first.context["started"]) == (True, 1)
    assert first.context["upgrade"].is_processing
    assert Job.objects.count() == 1
    row = UpgradeKey.objects.get()
    assert (row.reduce, row.parameters["perplexity"]) == (True, 12)


def test_dialog__shows_what_is_wrong_as_it_was_typed(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)

    response = client.post(dialog(birds), form(key, perplexity="many", seed="-1"))

    assert response.status_code == 422
    (row,) = response.context["upgrade"].rows
    assert (row.perplexity, row.reduce) == ("many", True)
    assert set(row.problems) == {"perplexity", "seed"}
    assert "Give a number from 2 to 200." in response.content.decode()
    assert not UpgradeKey.objects.exists()


def test_dialog__ignores_options_that_the_method_does_not_have(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)

    response = client.post(dialog(birds), form(key, method="pca", perplexity="many"))

    assert response.status_code == 200
    assert UpgradeKey.objects.get().parameters == {"seed": 42}


def test_dialog__refuses_a_method_that_there_is_not(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)

    response = client.post(dialog(birds), form(key, method="umap"))

    assert response.status_code == 422
    assert set(response.context["upgrade"].rows[0].problems) == {"method"}


def test_dialog__passes_over_keys_that_are_gone(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)

    response = client.post(dialog(birds), {"key": ["999999", "x", str(key.pk)]})

    assert response.status_code == 200
    assert UpgradeKey.objects.get().key == key


def test_dialog__asks_before_a_removed_key_takes_its_map_along(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)
    client.post(dialog(birds), form(key))
    run_jobs()

    asked = client.post(dialog(birds), {})
    text = asked.content.decode()

    assert asked.status_code == 422
    assert f"Remove {key.name} and delete its map?" in text
    assert "1 version of the map will be deleted" in text
    assert f'name="delete-maps" value="{key.pk}"' in text
    assert Reduction.objects.count() == UpgradeKey.objects.count() == 1

    answered = client.post(dialog(birds), {"delete-maps": [str(key.pk), "x"]})

    assert answered.status_code == 200
    assert not Reduction.objects.exists()
    assert not UpgradeKey.objects.exists()


def test_rest__removes_a_key_with_its_map_once_confirmed(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)
    client.put(api(birds), {"keys": [{"key": key.name, "reduce": True}]}, "application/json")
    run_jobs()

    refused = client.put(api(birds), {"keys": []}, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "maps_would_be_deleted")
    assert Reduction.objects.count() == 1

    body = {"keys": [], "delete_maps": [key.name]}
    assert client.put(api(birds), body, "application/json").status_code == 200
    assert not Reduction.objects.exists()


def test_upgrade_key__is_a_row_that_is_not_saved(
    birds: Folder, key: MetadataKey, client: Client, outsider: User, editor: User
) -> None:
    address = reverse("upgrade-key", args=[birds.pk, key.pk])
    client.force_login(outsider)
    assert client.get(address).status_code == 404
    client.force_login(editor)

    response = client.get(address)

    assert response.context["row"].key == key
    assert f'name="reduce-{key.pk}"' in response.content.decode()
    assert not UpgradeKey.objects.exists()
    assert client.get(reverse("upgrade-key", args=[birds.pk, 999999])).status_code == 404


def test_progress__polls_until_the_runs_have_ended(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)
    client.post(dialog(birds), form(key))
    address = reverse("upgrade-progress", args=[birds.pk])

    waiting = client.get(address)
    run_jobs()
    ended = client.get(address)

    assert waiting.context["polled"]
    assert "HX-Trigger" not in waiting
    assert address in waiting.content.decode()
    assert ended["HX-Trigger"] == "upgrade-ended"
    assert address not in ended.content.decode()
    assert "Map version 1" in ended.content.decode()


def test_progress__offers_to_keep_what_forms_until_it_is_cancelled(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)
    client.post(dialog(birds), form(key))
    address = reverse("upgrade-progress", args=[birds.pk])
    Reduction.objects.update(state=ReductionState.RUNNING)

    running = client.get(address).content.decode()
    Job.objects.update(cancel_requested=True)
    stopping = client.get(address).content.decode()

    assert "Stop here and keep" in running
    assert "Stop here and keep" not in stopping


def test_progress__counts_nothing_while_runs_go_on(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)
    client.post(dialog(birds), form(key))
    address = reverse("upgrade-progress", args=[birds.pk])

    with CaptureQueriesContext(connection) as polled:
        client.get(address)
    run_jobs()
    with CaptureQueriesContext(connection) as ended:
        client.get(address)

    counted = ('"embeddings_vector"', '"folders_unit"')
    assert not [q["sql"] for q in polled if any(table in q["sql"] for table in counted)]
    assert [q["sql"] for q in ended if any(table in q["sql"] for table in counted)]


def api(folder: Folder) -> str:
    return f"/api/v1/folders/{folder.pk}/upgrade/"


def test_rest__refuses_before_it_allows(
    birds: Folder,
    key: MetadataKey,
    client: Client,
    outsider: User,
    viewer: User,
    editor: User,
) -> None:
    body = {"keys": [{"key": key.name, "reduce": True}]}
    assert client.get(api(birds)).status_code == 401
    for user, read, write in ((outsider, 404, 404), (viewer, 200, 403), (editor, 200, 202)):
        client.force_login(user)
        assert client.get(api(birds)).status_code == read
        assert client.put(api(birds), body, "application/json").status_code == write


def test_rest__saves_and_shows_the_work(
    birds: Folder, key: MetadataKey, client: Client, editor: User
) -> None:
    client.force_login(editor)
    body = {"keys": [{"key": key.name, "reduce": True, "parameters": {"seed": 5}}]}

    saved = client.put(api(birds), body, "application/json").json()
    run_jobs()
    shown = client.get(api(birds)).json()

    assert saved["processing"]
    assert [job["state"] for job in saved["jobs"]] == ["queued"]
    assert saved["keys"][0]["state"] == "waiting"
    assert (shown["processing"], shown["units"]) == (False, 3)
    (entry,) = shown["keys"]
    assert (entry["key"], entry["state"], entry["parameters"]["seed"]) == (key.name, "ready", 5)
    assert entry["map"] == str(Reduction.objects.get().pk)
    assert entry["job"]["result"]["points"] == 3


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, ["keys"]),
        ({"keys": [{}]}, ["keys.0.key"]),
        ({"keys": [{"key": "nobody"}]}, ["keys.0.key"]),
        ({"keys": [{"key": "{key}", "method": "umap"}]}, ["keys.0.method"]),
        (
            {"keys": [{"key": "{key}", "parameters": {"perplexity": "x", "a": 1}}]},
            ["keys.0.parameters.a", "keys.0.parameters.perplexity"],
        ),
        ({"keys": [{"key": "{key}"}, {"key": "{key}"}]}, ["keys.1.key"]),
    ],
)
def test_rest__names_what_is_wrong(
    body: dict[str, Any],
    paths: list[str],
    birds: Folder,
    key: MetadataKey,
    client: Client,
    editor: User,
) -> None:
    client.force_login(editor)
    for entry in body.get("keys", []):
        if entry.get("key") == "{key}":
            entry["key"] = key.name

    response = client.put(api(birds), body, "application/json")

    assert response.status_code == 400
    assert sorted(error["path"] for error in response.json()["errors"]) == paths
