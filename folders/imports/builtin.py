"""The importers of this app."""

from folders.imports.metadata_document import METADATA
from folders.imports.registration.importer import REGISTRATION
from folders.imports.registry import register_importer


def register() -> None:
    """Make them known; called once, when Django is ready."""
    register_importer(REGISTRATION)
    register_importer(METADATA)
