"""Presets as Encord writes them, and what they mean here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from collections_app.models import Preset
from collections_app.services.presets import create_preset
from core.errors import InvalidInput
from encord_api.preset_definitions import NOWHERE, checked_definition, compile_definition
from folders.models import Folder

ROOT = UUID("5b0d8f7e-3a64-4d1f-9c27-6e1a2b3c4d5e")
LARGE: dict[str, Any] = {"field": "width", "op": "gte", "value": 100}
WIDTH: dict[str, Any] = {"type": "metric", "metric": "metric_width", "values": [1, None]}


def everywhere(*filters: Any) -> dict[str, Any]:
    """A definition of filters that hold everywhere."""
    return {"global_filters": {"filters": list(filters)}}


def within(folder: object, *filters: Any) -> dict[str, Any]:
    """A definition of filters of one folder."""
    return {"local_filters": {str(folder): {"filters": list(filters)}}}


def test_metrics__become_ranges_of_whole_items() -> None:
    tree = compile_definition(everywhere(WIDTH), ROOT)

    assert tree == {
        "all": [
            {
                "all": [
                    {"field": "kind", "op": "ne", "value": "frame"},
                    {
                        "all": [
                            {"field": "width", "op": "exists", "value": True},
                            {"field": "width", "op": "gte", "value": 1},
                        ]
                    },
                ]
            }
        ]
    }


def test_definitions__of_this_folder_and_of_none_hold() -> None:
    ours = {"type": "kindred", "filter": LARGE}

    for folder in (ROOT, NOWHERE, str(ROOT).upper()):
        assert compile_definition(within(folder, ours), ROOT) == {"all": [LARGE]}
    assert compile_definition(within(uuid4()), ROOT) == {"all": []}


@pytest.mark.parametrize(
    ("definition", "path"),
    [
        (everywhere({"type": "colour"}), "global_filters.0"),
        (everywhere({}), "global_filters.0"),
        (everywhere(WIDTH, WIDTH | {"metric": "metric_blue"}), "global_filters.1.metric"),
        (everywhere(WIDTH | {"metric": ["metric_width"]}), "global_filters.0.metric"),
        (everywhere(WIDTH | {"domain": "label"}), "global_filters.0.domain"),
        (everywhere(WIDTH | {"values": [1]}), "global_filters.0.values"),
        (everywhere(WIDTH | {"values": ["a", 2]}), "global_filters.0.values.0"),
        (everywhere(WIDTH | {"include": "no"}), "global_filters.0.include"),
        (everywhere({"type": "kindred", "filter": {"field": 1}}), "global_filters.0"),
        (within(ROOT, {"type": "colour"}), f"local_filters.{ROOT}.0"),
        (within("elsewhere", WIDTH), "local_filters.elsewhere"),
    ],
)
def test_definitions__that_are_not_known_are_named(definition: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        compile_definition(checked_definition(definition), ROOT)

    assert [error.path for error in refused.value.errors] == [path]


@pytest.mark.parametrize(
    "given",
    [
        [],
        None,
        {"global_filters": []},
        {"global_filters": {"filters": [1]}},
        {"local_filters": [], "global_filters": {"filters": []}},
        {"local_filters": {"a": {"filters": {}}}},
    ],
)
def test_definitions__have_a_shape(given: Any) -> None:
    with pytest.raises(InvalidInput):
        checked_definition(given)


def test_presets__of_pages_are_read_changed_and_copied(
    client: Client, birds: Folder, editor: User, actor_for: Callable[[User], Actor]
) -> None:
    actor = actor_for(editor)
    preset = create_preset(actor=actor, root=birds, name="Large", filter_tree=LARGE)
    _, token = create_token(actor=actor, name="t", scope=TokenScope.WRITE)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    address = f"/v2/public/index/presets/{preset.pk}"

    listed = client.get("/v2/public/index/presets", {"topLevelFolderUuid": str(birds.pk)}).json()
    definition = client.get(address).json()

    assert [one["name"] for one in listed["results"]] == ["Large"]
    assert listed["nextPageToken"] is None
    assert compile_definition(definition, birds.pk) == {"all": [LARGE]}
    copied = client.post(
        "/v2/public/index/presets",
        {"name": "Copy", "filterPresetJson": definition, "description": ""},
        content_type="application/json",
    )
    assert Preset.objects.get(pk=copied.json()).definition == definition
    changed = client.patch(
        address, {"filterPreset": everywhere(WIDTH)}, content_type="application/json"
    )
    assert changed.status_code == 200
    preset.refresh_from_db()
    assert preset.filter == compile_definition(everywhere(WIDTH), birds.pk)
    refused = client.patch(
        address, {"filterPreset": everywhere({"type": "x"})}, content_type="application/json"
    )
    assert refused.status_code == 400
    assert "“x”" in refused.json()["message"]
