"""The filter grammar: one for pages, REST, presets, collections and exports.

A filter is a JSON tree, parsed into typed nodes, compiled to a condition on units, and carried in
addresses in letters. Fields: kind, name, folder (with subfolders), created_at, width, height, size,
duration, frame, item, unit, state, metadata.<key>; apps above register more.
"""

from folders.filters.codec import decode, encode
from folders.filters.compile import FilterContext, compile_filter, units
from folders.filters.counting import count_in_root, count_units, indexed_units
from folders.filters.fields import FieldType
from folders.filters.nodes import All, Any, Leaf, Node, Not, Tree
from folders.filters.parse import parse
from folders.filters.registry import register_field

__all__ = [
    "All",
    "Any",
    "FieldType",
    "FilterContext",
    "Leaf",
    "Node",
    "Not",
    "Tree",
    "compile_filter",
    "count_in_root",
    "count_units",
    "decode",
    "encode",
    "indexed_units",
    "parse",
    "register_field",
    "units",
]
