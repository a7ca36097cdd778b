"""Pages and fragments of the Explorer."""

from explorer.views.badges import explorer_badges
from explorer.views.changes import delete_units, edit_units, move_units, restore_units
from explorer.views.collect import collect_units
from explorer.views.export import export_units
from explorer.views.home import explorer_home
from explorer.views.mask import explorer_mask
from explorer.views.page import explorer, explorer_rail, explorer_results
from explorer.views.presets import (
    preset_delete,
    preset_edit,
    preset_filter,
    preset_new,
    presets,
)
from explorer.views.sequence import explorer_sequence, explorer_tiles
from explorer.views.states import exclude_units, find_similar
from explorer.views.uncollect import remove_from, uncollect

__all__ = [
    "collect_units",
    "delete_units",
    "edit_units",
    "exclude_units",
    "explorer",
    "explorer_badges",
    "explorer_home",
    "explorer_mask",
    "explorer_rail",
    "explorer_results",
    "explorer_sequence",
    "explorer_tiles",
    "export_units",
    "find_similar",
    "move_units",
    "preset_delete",
    "preset_edit",
    "preset_filter",
    "preset_new",
    "presets",
    "remove_from",
    "restore_units",
    "uncollect",
]
