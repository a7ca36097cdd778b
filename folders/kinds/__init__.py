"""What each kind of item knows: the extension point for further ones.

A kind says which files it takes, how a decoder reads and shows them, and how pages present it.
Nothing outside of this package asks an item for its kind by name; it asks the kind:

    kind_of(item).has_frames            whether it has frames that may be units
    kind_of(item).has_parts             whether it is made of other items, and has no file itself
    kind_for_mime("video/mp4")          which kind a new file becomes

To add a kind: a value of ItemKind and UnitKind, the functions that read its files (in
folders.media, without Django), and one `register` in folders/kinds/builtin.py.
"""

from folders.kinds.base import Kind, Operation
from folders.kinds.registry import all_kinds, get_kind, kind_for_mime, kind_of, register

__all__ = [
    "Kind",
    "Operation",
    "all_kinds",
    "get_kind",
    "kind_for_mime",
    "kind_of",
    "register",
]
