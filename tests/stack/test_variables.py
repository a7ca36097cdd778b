"""Every variable that is read is described, and every one that is described is read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.stack import compose
from tests.stack.running import ROOT

_CODE = ("platform", "folders", "embeddings", "collections_app")
_OURS = re.compile(r"KINDRED_[A-Z0-9_]+")
_ANY = re.compile(r"[A-Z][A-Z0-9_]{5,}")
# In capitals and no variable: the file that tells the version of a cluster.
_OTHERS = {"KINDRED_", "PG_VERSION"}


def _named(path: Path) -> Iterator[str]:
    """Variables that a module reads, sets or hands on."""
    in_stack = path.parent.name == "stack"
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            # The stack names the variables of the processes that it starts.
            case ast.Constant(value=str(text)):
                if (_ANY if in_stack else _OURS).fullmatch(text):
                    yield text
            case ast.Call(
                func=ast.Attribute(value=source), args=[ast.Constant(value=str(text)), *_]
            ):
                if ast.unparse(source) in ("env", "os.environ"):
                    yield text
            case ast.Subscript(value=source, slice=ast.Constant(value=str(text))):
                if ast.unparse(source) == "os.environ":
                    yield text


def _read_by_code() -> set[str]:
    files = [ROOT / "manage.py", *(file for top in _CODE for file in (ROOT / top).rglob("*.py"))]
    return {name for file in files for name in _named(file)} - _OTHERS


def _described(heading: str) -> set[str]:
    """Names in the first column of the table below a heading."""
    text = (ROOT / "docs" / "operations.md").read_text()
    section = text.partition(f"# {heading}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}


def test_variables__that_code_reads_are_described_and_the_other_way_round() -> None:
    read = _read_by_code()
    described = _described("Settings") | _described("Set by the platform")

    assert {"KINDRED_STACK", "KINDRED_DATA", "DATABASE_URL", "KINDRED_S3_BUCKET"} <= read
    assert read - described == set(), "read and not described"
    assert described - read == set(), "described and not read"


def test_variables__stand_in_one_table_each() -> None:
    tables = [
        _described(heading)
        for heading in ("Settings", "Of the compose file alone", "Set by the platform")
    ]

    assert all(tables)
    assert len(set().union(*tables)) == sum(map(len, tables))


def test_variables__of_the_compose_file_are_described_and_the_other_way_round() -> None:
    text = compose.FILE.read_text()
    put_in = set(re.findall(r"\$\{(\w+)", text))
    set_here = set(re.findall(r"^ +([A-Z][A-Z0-9_]+):", text, re.MULTILINE))
    # Those of the images of others.
    set_here -= {"POSTGRES_USER", "POSTGRES_DB"}
    alone, settings = _described("Of the compose file alone"), _described("Settings")

    assert put_in - alone - settings == set(), "put in and not described"
    assert alone - put_in == set(), "described and not put in"
    assert set_here - settings - alone - _described("Set by the platform") == set()


def test_variables__of_the_example_are_described() -> None:
    named = set(compose.example())

    assert named - _described("Settings") - _described("Of the compose file alone") == set()
    required = set(re.findall(r"\$\{(\w+):\?", compose.FILE.read_text()))
    assert required <= named


def test_variables__of_the_nginx_template_are_given_to_it() -> None:
    template = (ROOT / "deploy" / "nginx.conf.template").read_text()
    service = compose.read_services(
        dict.fromkeys(("POSTGRES_PASSWORD", "KINDRED_SECRET_KEY"), "x")
        | {"KINDRED_HOST": "kindred.example.org"}
    )["nginx"]

    assert set(re.findall(r"\$\{(\w+)\}", template)) == set(service["environment"])
