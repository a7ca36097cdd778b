"""Routes that the SDK calls: presets. Here the address names one of the folder Birds."""

from tests.matrix.table import Call, Level, Route, Table

PRESET = {"preset_id": "preset"}
NEW = {"name": "Wide", "filterPresetJson": {"local_filters": {}, "global_filters": {"filters": []}}}

ENCORD_PRESETS: Table = {
    "encord-presets": Route([Call("GET", Level.MEMBER), Call("POST", Level.EDITOR, body=NEW)]),
    "encord-preset": Route(
        [
            Call("GET", Level.VIEWER),
            Call("PATCH", Level.EDITOR, body={"name": "Wide"}),
            Call("DELETE", Level.EDITOR),
        ],
        PRESET,
    ),
}
