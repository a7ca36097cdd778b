"""Kinds of jobs that only tests know."""

import time
from typing import Any

from core.errors import FieldError, InvalidInput
from core.jobs import JobRun, handler

COUNT = "tests.count"


@handler(COUNT, max_attempts=3)
def count(run: JobRun) -> dict[str, Any]:
    """Count to payload["to"], with a rest of payload["rest"] seconds, from the checkpoint on.

    The result names the numbers at which a run began, so that a test sees whether it resumed.
    """
    first = int(run.checkpoint.get("next", 0))
    begun = [*run.checkpoint.get("begun", []), first]
    for number in range(first, int(run.payload["to"])):
        time.sleep(float(run.payload.get("rest", 0)))
        run.progress(
            number + 1,
            int(run.payload["to"]),
            "Counting",
            checkpoint={"next": number + 1, "begun": begun},
        )
    return {"counted": int(run.payload["to"]), "begun": begun}


@handler("tests.refuse")
def refuse(run: JobRun) -> None:
    """Fail as the domain fails."""
    raise InvalidInput("The file is no image.", errors=[FieldError("items.3", "Not an image.")])


@handler("tests.break")
def break_down(run: JobRun) -> None:
    """Fail as a programming error fails."""
    raise ZeroDivisionError("a secret detail")


@handler("tests.interrupted", max_attempts=2)
def interrupted(run: JobRun) -> None:
    """Fail because something around the job is away."""
    raise ConnectionError("storage")


@handler("tests.hold", max_attempts=1)
def hold(run: JobRun) -> dict[str, Any]:
    """Say nothing for payload["seconds"], as a long call into C does."""
    time.sleep(float(run.payload["seconds"]))
    run.check()
    return {"held": True}
