"""Models of the folders app."""

from folders.models.data_import import Import
from folders.models.folder import Folder
from folders.models.folder_grant import FolderGrant
from folders.models.indexed_value import IndexedValue
from folders.models.item import Item
from folders.models.metadata_key import MetadataKey
from folders.models.selected_items import SelectedItems
from folders.models.selected_units import SelectedUnits
from folders.models.unit import Unit
from folders.models.unit_count import UnitCount
from folders.models.upload import Upload, UploadPart

__all__ = [
    "Folder",
    "FolderGrant",
    "Import",
    "IndexedValue",
    "Item",
    "MetadataKey",
    "SelectedItems",
    "SelectedUnits",
    "Unit",
    "UnitCount",
    "Upload",
    "UploadPart",
]
