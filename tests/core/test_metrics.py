"""Figures for Prometheus, and counts for plots over time."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.test import Client

from accounts.models import Organisation, User
from core import tallies
from core.models import Job, Tally
from core.services.jobs import enqueue_job
from folders.models import Folder
from tests.jobs import job_kinds, run_jobs

TOKEN = {"Authorization": "Bearer scrape"}


@pytest.fixture
def _token(settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "scrape"


def _figures(client: Client) -> dict[str, float]:
    lines = client.get("/metrics", headers=TOKEN).content.decode().splitlines()
    pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in pairs}


def test_metrics__are_not_there_without_a_token_of_their_own(
    client: Client, settings: LazySettings, db: None
) -> None:
    assert client.get("/metrics", headers=TOKEN).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = "another"
    assert client.get("/metrics", headers=TOKEN).status_code == 404


@pytest.mark.usefixtures("_token")
def test_metrics__count_requests_by_route_not_by_address(client: Client, birds: Folder) -> None:
    name = 'kindred_http_requests_total{method="GET",route="folder",status="302"}'
    before = _figures(client).get(name, 0)

    client.get(f"/files/{birds.pk}/")
    client.get(f"/files/{birds.pk}/")

    figures = _figures(client)
    assert figures[name] == before + 2
    assert not any(str(birds.pk) in name for name in figures)


@pytest.mark.usefixtures("_token")
def test_metrics__tell_of_jobs_and_of_who_is_away(
    client: Client, organisation: Organisation, member: User
) -> None:
    def enqueue() -> Job:
        return enqueue_job(
            organisation_id=organisation.pk,
            user_id=member.pk,
            kind=job_kinds.COUNT,
            title="Count",
            payload={"to": 1},
        )

    ended = f'kindred_jobs_ended_total{{kind="{job_kinds.COUNT}",outcome="finished"}}'
    before = _figures(client).get(ended, 0)
    enqueue()
    run_jobs()
    enqueue()

    figures = _figures(client)

    assert figures[ended] == before + 1
    assert figures['kindred_jobs{queue="default",state="queued"}'] == 1
    assert figures['kindred_alive{name="beat"}'] == 0, "Redis is away in tests"
    assert figures["kindred_database_bytes"] > 1_000_000


def test_searches__are_tallied_by_the_hour(
    client: Client, viewer: User, birds: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "WRITE_SECONDS", 0.0)
    client.force_login(viewer)

    client.get(f"/explorer/{birds.pk}/")
    assert not Tally.objects.exists(), "no search"
    assert client.get(f"/explorer/{birds.pk}/?similar=nonsense").status_code == 400
    assert not Tally.objects.exists(), "no answer"
    for _ in range(3):
        tallies.count("searches")

    (row,) = Tally.objects.all()
    assert (row.name, row.count) == ("searches", 3)
    assert (row.hour.minute, row.hour.second) == (0, 0)


def test_tallies__of_some_seconds_are_written_together(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies.tallies, "written", float("-inf"))
    tallies.count("searches")
    for _ in range(5):
        tallies.count("searches")
    assert Tally.objects.get().count == 1

    monkeypatch.setattr(tallies.tallies, "written", float("-inf"))
    tallies.count("searches")

    assert Tally.objects.get().count == 7


def test_metrics__of_several_processes_are_added(tmp_path: Path) -> None:
    """As a web process answers for its siblings and the workers of the host."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "KINDRED_METRICS_DIR": str(tmp_path),
        "KINDRED_SECRET_KEY": "test",
        "PYTHONPATH": str(Path(settings.BASE_DIR) / "platform"),
    }
    add = "from core.metrics import SEARCHES; SEARCHES.inc({})"
    total = (
        "from core.metrics import SEARCHES\n"
        "from prometheus_client import CollectorRegistry, generate_latest, multiprocess\n"
        "registry = CollectorRegistry()\n"
        "multiprocess.MultiProcessCollector(registry)\n"
        "print(generate_latest(registry).decode())"
    )

    def run(code: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )

    run(add.format(2))
    run(add.format(3))
    ran = run(total)

    assert "kindred_searches_total 5.0" in ran.stdout
    files = list(tmp_path.glob("counter_*.db"))
    assert len(files) == 3, "each process has its own"
    assert all(socket.gethostname().replace("_", "-") in file.name for file in files)
    for file in files:
        os.utime(file, (0, 0))
    ran = run(total)
    assert "kindred_searches_total 0.0" in ran.stdout, "processes that are long gone are forgotten"
