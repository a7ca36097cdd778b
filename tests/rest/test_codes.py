"""The codes that errors carry are all documented."""

import ast
from collections.abc import Iterator
from pathlib import Path

from core.api.codes import CODES, NAMES

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ("platform", "folders", "embeddings", "collections_app")
# Of pages, of commands, and of the SDK's own addresses.
ELSEWHERE = {
    "error",
    "yourself",
    "second_factor_is_on",
    "second_factor_is_off",
    "address_expired",
    "required",
    "too_many_attempts",
    "wrong_credentials",
    "not_supported",
    "payload_too_large",
    "original_unavailable",
}


def test_codes__every_one_that_is_raised_is_documented() -> None:
    documented = {code for codes in CODES.values() for code in codes}
    raised = {code: path for path in _sources() for code in _codes(path)}

    assert len(raised) > 60
    missing = {code: str(path) for code, path in raised.items() if code not in documented}
    assert missing.keys() <= ELSEWHERE, missing


def test_codes__every_status_has_a_name_and_a_code_one_status() -> None:
    assert CODES.keys() == NAMES.keys()
    codes = [code for by_status in CODES.values() for code in by_status]
    assert len(codes) == len(set(codes))


def _sources() -> Iterator[Path]:
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts and "encord_api" not in path.parts:
                yield path


def _codes(path: Path) -> Iterator[str]:
    """Codes of errors as a whole: those of single fields stand beside a path of their own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") != "FieldError":
            for keyword in node.keywords:
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)
        names = [getattr(target, "id", "") for target in getattr(node, "targets", ())]
        if isinstance(node, ast.Assign) and names == ["default_code"]:
            yield str(ast.literal_eval(node.value))
