"""What check, write and undo of a registration share: the file, its options, its records."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput, NotFound
from folders.imports.registration.csv_file import CsvRegistration
from folders.imports.registration.raw import JsonRegistration
from folders.imports.registration.records import RecordMaker
from folders.imports.run import ImportRun
from folders.models import Folder
from folders.services.imports import live_keys
from folders.services.object_uploads import sent_objects
from integrations.errors import ObjectUnavailable
from integrations.models import Integration
from integrations.permissions import get_integration
from integrations.services.integrations import default_integration
from integrations.services.objects import address_checker

Registration = JsonRegistration | CsvRegistration
SWITCHES = ("skip_duplicate_urls", "upsert_metadata")


def clean_options(actor: Actor, folder: Folder, options: Mapping[str, Any]) -> dict[str, Any]:
    """`integration` (an id; the organisation's plain one unless given), `skip_duplicate_urls` and
    `upsert_metadata`, which go before what the file says.

    Raises:
        InvalidInput: naming all that is wrong.
    """
    errors = [
        FieldError(f"options.{name}", "There is no such option.", "unknown")
        for name in sorted(options.keys() - {"integration", *SWITCHES})
    ]
    cleaned: dict[str, Any] = {}
    for name in SWITCHES:
        if isinstance(options.get(name), bool):
            cleaned[name] = options[name]
        elif options.get(name) is not None:
            errors.append(FieldError(f"options.{name}", "This is not true or false.", "type"))
    try:
        cleaned["integration"] = str(_integration(actor, options.get("integration")).pk)
    except (ValueError, AttributeError, TypeError, NotFound):
        message = "There is no such integration."
        errors.append(FieldError("options.integration", message, "not_found"))
    if errors:
        raise InvalidInput(errors[0].message, errors=errors)
    return cleaned


@contextmanager
def opened(run: ImportRun) -> Iterator[Registration]:
    """The file as a stream of raw entries."""
    with run.open() as file:
        if run.row.file_name.lower().endswith((".csv", ".tsv", ".txt")):
            yield CsvRegistration(file, live_keys(run.actor))
        else:
            yield JsonRegistration(file)


def record_maker(run: ImportRun, *, checks_addresses: bool) -> RecordMaker:
    """What makes records of the import's entries.

    Raises:
        InvalidInput: the integration is gone, or cannot be used.
    """
    try:
        integration = _integration(run.actor, run.options.get("integration"))
        problem_of: Callable[[str], str] = _nothing
        if checks_addresses:
            problem_of = address_checker(integration)
    except NotFound as error:
        raise InvalidInput("The integration was deleted meanwhile.", code="integration") from error
    except ObjectUnavailable as error:
        raise InvalidInput(str(error), code="integration") from error
    return RecordMaker(
        run.row.pk, integration, problem_of, partial(sent_objects, run.actor, run.folder)
    )


def switch(run: ImportRun, name: str) -> bool:
    """An option of the import, or else what the check has found in the file."""
    return bool(run.options.get(name, run.report.details.get(name)))


def _integration(actor: Actor, given: Any) -> Integration:
    if given is None or given == "":
        return default_integration(actor.organisation)
    return get_integration(actor, UUID(given))


def _nothing(url: str) -> str:
    return ""
