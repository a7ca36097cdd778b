"""The options of `manage.py up`, read before Django (for the environment) and by the command."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.constants import DEFAULT_PORT, DEFAULT_WORKERS, ROOT
from stack.ports import LOOPBACK


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What the operator asked for."""

    host: str
    port: int
    data: Path
    workers: int
    demo: bool


def add_up_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `up`."""
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="port of the web page (%(default)s)"
    )
    parser.add_argument(
        "--host", default=LOOPBACK, help="address to listen on (%(default)s); 0.0.0.0 for all"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=DEFAULT_WORKERS,
        help="processes that work on thumbnails, videos and imports (%(default)s)",
    )
    parser.add_argument("--no-demo", action="store_true", help="do not make the demo folder")
    add_data_argument(parser)


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """Declare --data, which names the folder of database, media and logs."""
    parser.add_argument(
        "--data", type=Path, default=None, help="data folder (KINDRED_DATA, else var/)"
    )


def up_options(values: Mapping[str, object]) -> UpOptions:
    """Return the options from parsed arguments."""
    data = values["data"]
    return UpOptions(
        host=str(values["host"]),
        port=int(str(values["port"])),
        data=resolve_data(data if isinstance(data, Path) else None),
        workers=max(1, int(str(values["workers"]))),
        demo=not values["no_demo"],
    )


def parse_up(argv: list[str]) -> UpOptions:
    """Read the options of `up` from the command line; what Django adds to them is passed over."""
    # Django's own parser reports mistakes later, with the command's help.
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    add_up_arguments(parser)
    known, _others = parser.parse_known_args(argv)
    return up_options(vars(known))


def parse_data(argv: list[str]) -> Path:
    """Return the data folder that a command line or the environment names."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    add_data_argument(parser)
    known, _others = parser.parse_known_args(argv)
    return resolve_data(known.data)


def resolve_data(data: Path | None) -> Path:
    """Return the absolute data folder: as given, else KINDRED_DATA, else var/ in the root."""
    given = data or Path(os.environ.get("KINDRED_DATA") or ROOT / "var")
    return given.expanduser().resolve()
