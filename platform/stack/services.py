"""The processes of the platform: web, workers, beat, and the embedded servers below them."""

import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from stack.constants import ROOT, STACK_MARK, WEB_PROCESSES
from stack.plan import Plan
from stack.service import Service

# One BLAS thread per product: many requests and imports share the cores.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
_WEB = {"KINDRED_DATABASE_POOL": "1", **_ONE_THREAD}
# The first ends a worker that is idle; the second gives up running tasks, whose jobs go on later.
_STOP_WORKER = ((signal.SIGTERM, 1.2), (signal.SIGQUIT, 1.0))
_STOP_POSTGRES = ((signal.SIGINT, 3.0), (signal.SIGQUIT, 0.5))
_STOP_VALKEY = ((signal.SIGTERM, 1.0),)


def embedded_services(plan: Plan) -> list[Service]:
    """Return PostgreSQL and Valkey, each only when it is ours."""
    services = []
    for name, server, stops in (
        ("postgres", plan.postgres, _STOP_POSTGRES),
        ("redis", plan.valkey, _STOP_VALKEY),
    ):
        if server is not None:
            services.append(
                Service(
                    name=name,
                    command=server.command,
                    cwd=server.folder,
                    environment=_environment(plan),
                    stops=stops,
                    prepare=server.prepare,
                    is_ready=server.is_ready,
                    # Their chatter is for the file; the supervisor says what matters.
                    quiet=True,
                )
            )
    return services


def first_services(plan: Plan, descriptor: int) -> list[Service]:
    """Return what the platform needs to be ready: one web process, workers and beat."""
    return [
        _web(plan, 1, descriptor),
        _worker(plan, "worker", "default,media", plan.options.workers),
        _worker(plan, "reductions", "reductions", 1, niceness=10),
        _service(plan, "beat", _celery("beat", f"--schedule={plan.folder.run / 'beat'}")),
    ]


def more_services(plan: Plan, descriptor: int) -> list[Service]:
    """Return the further web processes, on the same listening socket."""
    return [_web(plan, number, descriptor) for number in range(2, WEB_PROCESSES + 1)]


def demo_service(plan: Plan) -> Service:
    """Return the one-shot that makes the demo folder."""
    command = [sys.executable, "manage.py", "demo"]
    return replace(
        _service(plan, "demo", command),
        stops=((signal.SIGTERM, 1.0),),
        niceness=5,
        once=True,
    )


def _web(plan: Plan, number: int, descriptor: int) -> Service:
    command = [
        *(sys.executable, "-m", "uvicorn", "config.asgi:application", "--fd", str(descriptor)),
        *("--lifespan", "off", "--no-access-log", "--timeout-graceful-shutdown", "2"),
        "--no-server-header",
    ]
    web = _service(plan, f"web-{number}", command, _WEB)
    return replace(web, descriptors=(descriptor,))


def _worker(plan: Plan, name: str, queues: str, processes: int, *, niceness: int = 0) -> Service:
    command = _celery(
        "worker",
        f"--queues={queues}",
        f"--hostname={name}@%h",
        f"--concurrency={processes}",
        # Workers need not know of each other; the heartbeat stays, /readyz lives on it.
        "--without-gossip",
        "--without-mingle",
    )
    # Only a reduction may use every core for one product; it gives way to all others.
    threads = {} if name == "reductions" else _ONE_THREAD
    worker = _service(plan, name, command, threads)
    return replace(worker, stops=_STOP_WORKER, niceness=niceness)


def _service(
    plan: Plan, name: str, command: list[str], environment: Mapping[str, str] = MappingProxyType({})
) -> Service:
    """Return a Python process that runs in the root with the plan's environment."""
    return Service(
        name=name,
        command=lambda: command,
        cwd=ROOT,
        environment={**_environment(plan), **environment},
    )


def _celery(*arguments: str) -> list[str]:
    """Return a Celery command; its advice not to run as root does not apply to JSON messages."""
    return [
        *(sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet"),
        *("--app=config", *arguments, "--loglevel=INFO"),
    ]


def _environment(plan: Plan) -> dict[str, str]:
    """The environment of every process: the plan's, and the mark by which orphans are found."""
    return {
        **plan.environment,
        STACK_MARK: str(plan.folder.path),
        "PYTHONUNBUFFERED": "1",
        # Celery would import every view to check the addresses, which workers do not serve.
        "CELERY_SKIP_CHECKS": "1",
    }
