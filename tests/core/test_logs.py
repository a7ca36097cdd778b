"""The log: ids on each line, JSON on demand, and what a job wrote kept with it."""

import json
import logging
import sys
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Organisation
from core import context
from core.logs import ContextFilter, JSONFormatter
from core.models import Job, JobLogLine, JobState
from core.services.job_logs import KEPT, drop_old_logs
from core.services.jobs import enqueue_job
from tests.jobs import job_kinds, run_jobs


def _record(message: str = "Hello %s") -> logging.LogRecord:
    return logging.LogRecord("app", logging.INFO, __file__, 1, message, ("Ann",), None)


def _job(organisation: Organisation, kind: str, **payload: object) -> Job:
    return enqueue_job(
        organisation_id=organisation.pk, user_id=None, kind=kind, title="Work", payload=payload
    )


def test_line__names_request_and_job() -> None:
    record = _record()
    tokens = context.request_id.set("r-1"), context.job_id.set("j-1")

    ContextFilter().filter(record)
    context.request_id.reset(tokens[0])
    context.job_id.reset(tokens[1])

    assert record.about == " [request=r-1 job=j-1]"  # type: ignore[attr-defined]
    entry = json.loads(JSONFormatter().format(record))
    assert entry["message"] == "Hello Ann"
    assert (entry["request_id"], entry["job_id"], entry["level"]) == ("r-1", "j-1", "INFO")
    assert entry["time"].endswith("+00:00")


def test_line__outside_of_both_names_neither() -> None:
    record = _record()

    ContextFilter().filter(record)

    assert record.about == ""  # type: ignore[attr-defined]
    assert "request_id" not in json.loads(JSONFormatter().format(record))


def test_json__holds_the_traceback() -> None:
    record = _record()
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record.exc_info = sys.exc_info()

    text = JSONFormatter().format(record)

    assert "\n" not in text, "one line an event"
    assert "ValueError: two\nlines" in json.loads(text)["error"]


def test_request__lines_carry_its_id(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(ContextFilter())

    client.get("/no-such-page/", headers={"X-Request-Id": "seen-before-1"})

    (record,) = [one for one in caplog.records if one.name == "django.request"]
    assert record.request_id == "seen-before-1"  # type: ignore[attr-defined]
    assert context.request_id.get() == ""


def test_job__keeps_its_traceback(organisation: Organisation) -> None:
    _job(organisation, "tests.break")
    (ended,) = run_jobs()
    assert ended.state == JobState.FAILED

    (line,) = JobLogLine.objects.filter(job=ended)

    assert (line.level, line.attempt) == ("ERROR", 1)
    assert "Traceback" in line.text
    assert context.job_id.get() == ""


def test_job__without_a_word_keeps_nothing(organisation: Organisation) -> None:
    _job(organisation, job_kinds.COUNT, to=1)
    run_jobs()

    assert not JobLogLine.objects.exists()


def test_job_logs__go_after_a_month(organisation: Organisation) -> None:
    _job(organisation, "tests.break")
    run_jobs()
    assert drop_old_logs() == 0

    with time_machine.travel(timezone.now() + KEPT + timedelta(days=1)):
        assert drop_old_logs() == 1
