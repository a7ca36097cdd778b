"""Pages and fragments of the Explorer."""

from explorer.views.collect import collect_units, uncollect
from explorer.views.export import export_units
from explorer.views.home import explorer_home
from explorer.views.mask import explorer_mask
from explorer.views.page import explorer, explorer_rail, explorer_results
from explorer.views.sequence import explorer_sequence, explorer_tiles

__all__ = [
    "collect_units",
    "explorer",
    "explorer_home",
    "explorer_mask",
    "explorer_rail",
    "explorer_results",
    "explorer_sequence",
    "explorer_tiles",
    "export_units",
    "uncollect",
]
