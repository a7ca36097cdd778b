"""Requests that are held until a registration ends, through the ASGI application itself."""

import asyncio
import io
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, cast

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connection

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from core.models import Job, JobState
from folders.choices import ImportState
from folders.models import Folder, Import
from folders.services.data_imports import start_import

pytestmark = pytest.mark.django_db(transaction=True)
HELD = 50


@pytest.fixture
def token(editor: User, actor_for: Callable[[User], Actor]) -> str:
    """The editor's."""
    _, text = create_token(actor=actor_for(editor), name="t", scope=TokenScope.WRITE)
    return text


@pytest.fixture
def row(birds: Folder, editor: User, actor_for: Callable[[User], Actor]) -> Import:
    """A registration that no worker is going to take."""
    return start_import(
        actor=actor_for(editor),
        folder=birds,
        kind="registration",
        file=io.BytesIO(b'{"images": []}'),
        file_name="a.json",
    )


async def ask(row: Import, token: str, seconds: int) -> Any:
    """One request of the SDK."""
    path = f"/v2/public/storage/folders/{row.folder_id}/data-upload-jobs/{row.pk}"
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app=cast("Any", ASGIHandler()))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        target = f"{path}?timeoutSeconds={seconds}"
        return await client.get(target, headers=headers, timeout=60)


def connections() -> int:
    """How many sessions the database has besides this one."""
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def end(row: Import) -> None:
    """Let it end as if a worker had found that it is wrong."""
    with closing(connection):
        Import.objects.filter(pk=row.pk).update(state=ImportState.FAILED, failure="No objects.")
        Job.objects.update(state=JobState.FAILED)


def test_request__of_no_patience_is_answered_at_once(row: Import, token: str) -> None:
    begun = time.monotonic()

    answer = asyncio.run(ask(row, token, 0))

    assert time.monotonic() - begun < 15
    assert answer.json()["status"] == "PENDING"
    assert answer.json()["unitsPendingCount"] == 1


def test_requests__that_are_held_hold_no_connection(row: Import, token: str) -> None:
    async def watch() -> list[int]:
        """Count sessions now and then while all requests are held; then let them go."""
        await asyncio.sleep(2.5)
        # A busy machine takes longer over the first looks of them all.
        settled = time.monotonic() + 20
        while await sync_to_async(connections)() > HELD / 10 and time.monotonic() < settled:
            await asyncio.sleep(0.2)
        counts = []
        for _ in range(20):
            counts.append(await sync_to_async(connections)())
            await asyncio.sleep(0.05)
        await sync_to_async(end)(row)
        return counts

    async def hold() -> tuple[list[Any], list[int], float]:
        asked = [asyncio.create_task(ask(row, token, 604_800)) for _ in range(HELD)]
        counts = await watch()
        ended = time.monotonic()
        return await asyncio.gather(*asked), counts, time.monotonic() - ended

    answers, counts, seconds = asyncio.run(hold())

    # Looks are short; connections that are held would be as many as the requests.
    assert sorted(counts)[len(counts) // 2] < HELD / 4, counts
    assert [answer.json()["status"] for answer in answers] == ["ERROR"] * HELD
    assert answers[0].json()["errors"] == ["No objects."]
    assert seconds < 15
