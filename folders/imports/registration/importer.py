"""The importer of registrations."""

from folders.imports.registration.check import check
from folders.imports.registration.source import clean_options
from folders.imports.registration.write import undo, write
from folders.imports.registry import Importer

REGISTRATION = Importer(
    kind="registration",
    label="Cloud objects",
    suffixes=(".json", ".csv", ".tsv"),
    check=check,
    write=write,
    undo=undo,
    clean_options=clean_options,
)
