"""The embedded PostgreSQL, started for real."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from stack import postgres as postgres_module
from stack import postgres_conf
from stack.errors import StackError
from stack.postgres import EmbeddedPostgres, binary_folders, major_version, newest_binaries
from tests.stack.running import NOBODY, ROOT, as_ordinary_user, clean_environment, processes_around


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a prepared server: making a cluster takes longer than copying it."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("template") / "postgres", fast=True)
    server.prepare()
    return server.data


@pytest.fixture
def postgres(private_folder: Path, template: Path) -> Iterator[EmbeddedPostgres]:
    subprocess.run(["cp", "-a", str(template), str(private_folder / "postgres")], check=True)
    server = EmbeddedPostgres(private_folder / "postgres", fast=True)
    yield server
    server.stop()


def test_start__in_a_private_folder_and_again(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    assert postgres.is_ready()
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE EXTENSION vector")
        connection.execute("CREATE TABLE kept AS SELECT '[1,2]'::vector AS value")
        lower = connection.execute("SELECT lower('ÄÖ')").fetchone()
    assert lower == ("äö",)

    postgres.stop()
    assert not postgres.is_ready()
    assert processes_around(postgres.data) == []

    postgres.start()
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT value::text FROM kept").fetchone() == ("[1,2]",)


def test_start__asks_for_the_password(postgres: EmbeddedPostgres) -> None:
    postgres.start()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url.replace(postgres.password(), "guess"))
    assert postgres.password_file.stat().st_mode & 0o777 == 0o600


def test_start__listens_on_loopback_only(postgres: EmbeddedPostgres) -> None:
    postgres.start()

    with psycopg.connect(postgres.url) as connection:
        query = (
            "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories')"
        )
        assert connection.execute(query).fetchone() == ("127.0.0.1", "")


def test_start__passes_over_a_pid_file_whose_number_is_another_program(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.prepare()
    stale = [str(os.getpid()), str(postgres.cluster), "1", "5432", "", "127.0.0.1", "", "ready"]
    (postgres.cluster / "postmaster.pid").write_text("\n".join(stale) + "\n")

    postgres.start()

    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_start__ends_a_server_that_nobody_holds(postgres: EmbeddedPostgres) -> None:
    postgres.start()

    second = EmbeddedPostgres(postgres.data, fast=True)
    second.start()
    with psycopg.connect(second.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.url)

    second.stop()


def test_start__refuses_a_cluster_of_another_version(postgres: EmbeddedPostgres) -> None:
    postgres.prepare()
    (postgres.cluster / "PG_VERSION").write_text("12\n")

    with pytest.raises(StackError, match=r"was made by PostgreSQL 12; installed here: .*18"):
        postgres.start()


def test_start__says_why_it_failed(postgres: EmbeddedPostgres) -> None:
    postgres.prepare()
    (postgres.cluster / "global" / "pg_control").unlink()

    with pytest.raises(StackError, match="pg_control"):
        postgres.start()


def test_prepare__after_a_first_start_that_was_cut_off(private_folder: Path) -> None:
    half = private_folder / "cluster.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    EmbeddedPostgres(private_folder, fast=True).prepare()

    assert (private_folder / "cluster" / "global" / "pg_control").exists()
    assert not half.exists()


def test_prepare__with_the_programs_in_a_private_folder_too(
    private_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever is not root cannot pass this folder to the programs, be they behind a link.
    programs = private_folder / "bin"
    programs.symlink_to(newest_binaries())
    monkeypatch.setattr(postgres_module, "newest_binaries", lambda: programs)
    assert private_folder.stat().st_mode & 0o777 == 0o700

    EmbeddedPostgres(private_folder / "postgres", fast=True).prepare()

    assert (private_folder / "postgres" / "cluster" / "PG_VERSION").exists()


def test_start__as_an_ordinary_user(private_folder: Path) -> None:
    if os.geteuid() == 0:
        os.chown(private_folder, NOBODY, NOBODY)
    script = (
        "import sys; from pathlib import Path; from stack.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1]), fast=True); server.start()\n"
        "print(server.is_ready()); server.stop()"
    )

    done = subprocess.run(
        as_ordinary_user([sys.executable, "-c", script, str(private_folder / "postgres")]),
        env=clean_environment(PYTHONPATH=str(ROOT / "platform")),
        cwd=private_folder if os.geteuid() else "/",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("True\n", "")
    assert processes_around(private_folder) == []


def test_binaries__the_newest_is_18_or_newer() -> None:
    assert major_version(newest_binaries()) >= 18
    assert newest_binaries() in binary_folders()


def test_settings__small_shared_memory_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_conf, "SHARED_MEMORY_NEEDED", 1 << 60)

    assert postgres_conf.settings_for(5432)["dynamic_shared_memory_type"] == "mmap"


def test_settings__fit_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_conf, "memory_limit", lambda: 512 * postgres_conf.MEGABYTE)
    assert postgres_conf.settings_for(5432)["shared_buffers"] == "128MB"

    monkeypatch.setattr(postgres_conf, "memory_limit", lambda: 64 * 1024 * postgres_conf.MEGABYTE)
    assert postgres_conf.settings_for(5432)["shared_buffers"] == "1024MB"
