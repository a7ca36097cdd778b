"""The embedded Valkey, started for real."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from stack.errors import StackError
from stack.valkey import EmbeddedValkey, server_binary
from tests.stack.running import processes_around


@pytest.fixture
def valkey(private_folder: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(private_folder / "redis")
    yield server
    server.stop()


def test_start__answers_whoever_knows_the_password(valkey: EmbeddedValkey) -> None:
    assert not valkey.is_ready()
    valkey.start()

    with (
        redis.Redis(port=valkey.port) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
    with redis.Redis.from_url(valkey.url) as client:
        assert client.set("one", 1)
        assert client.config_get("save")["save"] == ""
    assert (valkey.data / "valkey.conf").stat().st_mode & 0o777 == 0o600


def test_start__ends_a_server_that_nobody_holds(private_folder: Path) -> None:
    first = EmbeddedValkey(private_folder / "redis")
    first.start()
    second = EmbeddedValkey(private_folder / "redis")
    second.start()

    assert not first.is_ready()
    assert second.is_ready()

    second.stop()
    first.stop()
    assert processes_around(private_folder) == []


def test_binary__falls_back_to_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="set REDIS_URL"):
        server_binary()

    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert server_binary() == program
