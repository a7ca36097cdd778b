"""Commands beside a running stack take on its environment."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.constants import ROOT
from stack.envfile import read_environment, write_environment
from stack.environment import load_stack_environment
from stack.options import parse_up
from stack.plan import plan_for

VARIABLES = {"DATABASE_URL": "postgres://a:b c$'d\"@h/x", "KINDRED_SECRET_KEY": "k=1 # no comment"}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = dict(os.environ)
    for name in ("DATABASE_URL", "REDIS_URL", "KINDRED_DATA", "KINDRED_SECRET_KEY", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    yield
    os.environ.clear()
    os.environ.update(before)


def test_file__round_trip_for_the_owner_only(tmp_path: Path) -> None:
    write_environment(tmp_path, VARIABLES)

    assert read_environment(tmp_path) == VARIABLES
    assert (tmp_path / "stack.env").stat().st_mode & 0o777 == 0o600


def test_file__absent(tmp_path: Path) -> None:
    assert read_environment(tmp_path / "nowhere") == {}


def test_load__takes_on_what_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_environment(tmp_path, VARIABLES)
    monkeypatch.setenv("KINDRED_SECRET_KEY", "mine")

    load_stack_environment(["demo", f"--data={tmp_path}", "--reset"])

    assert os.environ["DATABASE_URL"] == VARIABLES["DATABASE_URL"]
    assert os.environ["KINDRED_SECRET_KEY"] == "mine"
    assert os.environ["KINDRED_DATA"] == str(tmp_path)


def test_load__the_option_wins_over_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_environment(tmp_path, VARIABLES)
    monkeypatch.setenv("KINDRED_DATA", "/elsewhere")

    load_stack_environment(["check"])
    assert "DATABASE_URL" not in os.environ
    assert os.environ["KINDRED_DATA"] == "/elsewhere"

    load_stack_environment(["bootstrap", "--data", str(tmp_path)])
    assert os.environ["KINDRED_DATA"] == str(tmp_path)


def test_load__default_is_var_in_the_root() -> None:
    load_stack_environment(["check"])

    assert os.environ["KINDRED_DATA"] == str(ROOT / "var")


def test_load__up_makes_the_environment(tmp_path: Path) -> None:
    load_stack_environment(["up", "--data", str(tmp_path / "new"), "--settings=whatever"])

    assert os.environ["KINDRED_SECRET_KEY"]
    assert os.environ["KINDRED_HTTPS"] == "0"
    assert os.environ["DATABASE_URL"].startswith("postgres://kindred:")
    assert os.environ["REDIS_URL"].startswith("redis://:")


def test_load__up_with_a_wrong_option_ends_in_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="argument --port: invalid int value: 'x'"):
        load_stack_environment(["up", "--port", "x", "--data", str(tmp_path)])


def test_plan__given_servers_replace_the_embedded_ones_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/db")

    plan = plan_for(parse_up(["--data", str(tmp_path / "given")]))

    assert plan.postgres is None
    assert plan.valkey is not None
    assert plan.environment["DATABASE_URL"] == "postgres://elsewhere/db"
    assert plan.environment["REDIS_URL"] == plan.valkey.url


def test_plan__the_secret_stays(tmp_path: Path) -> None:
    first = plan_for(parse_up(["--data", str(tmp_path)]))
    second = plan_for(parse_up(["--data", str(tmp_path), "--port", "8001"]))

    assert first.environment["KINDRED_SECRET_KEY"] == second.environment["KINDRED_SECRET_KEY"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_plan__keeps_no_administrator_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_ADMIN_PASSWORD", "hidden")
    monkeypatch.setenv("KINDRED_S3_BUCKET", "pictures")

    kept = plan_for(parse_up(["--data", str(tmp_path)])).kept_environment()

    assert "hidden" not in kept.values()
    assert kept["KINDRED_S3_BUCKET"] == "pictures"


@pytest.mark.parametrize(
    ("host", "address", "allowed"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/", "127.0.0.1"),
        ("0.0.0.0", "http://127.0.0.1:8000/", os.uname().nodename),  # noqa: S104
        ("::1", "http://[::1]:8000/", "[::1]"),
        ("kindred.test", "http://kindred.test:8000/", "kindred.test"),
    ],
)
def test_plan__address_and_allowed_hosts(
    tmp_path: Path, host: str, address: str, allowed: str
) -> None:
    plan = plan_for(parse_up(["--data", str(tmp_path), "--host", host]))

    assert plan.address == address
    assert allowed in plan.environment["KINDRED_ALLOWED_HOSTS"].split(",")
