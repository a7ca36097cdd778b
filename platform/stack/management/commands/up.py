"""`manage.py up`: the whole platform in one command."""

import os
import socket
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from stack.database import check_database, migrate
from stack.envfile import write_environment
from stack.errors import StackError
from stack.journal import Journal
from stack.newcomer import make_administrator
from stack.options import add_up_arguments, up_options
from stack.orphans import end_processes, processes_of
from stack.plan import Plan, plan_for
from stack.ports import holder_of, listen
from stack.readiness import missing_parts
from stack.services import demo_service, embedded_services, first_services, more_services
from stack.staticfiles import collect_static_files
from stack.supervisor import StopRequested, Supervisor, ignore_signals, raise_on_signals

READY_SECONDS = 180.0


class Command(BaseCommand):
    """Starts database, broker, web server, workers and beat; ends them all with Ctrl-C."""

    help = "Start the whole platform and keep it running until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --port, --host, --workers, --no-demo and --data."""
        add_up_arguments(parser)

    def handle(self, *_args: str, **options: Any) -> None:
        """Run until a signal to end; a start that fails ends with words and status 1."""
        raise_on_signals()
        try:
            plan = plan_for(up_options(options))
            plan.folder.lock(f"process {os.getpid()}, {plan.address}")
        except StackError as error:
            raise CommandError(str(error)) from None
        except StopRequested:
            return
        journal = Journal(plan.folder.logs)
        supervisor = Supervisor(journal, plan.folder.path)
        try:
            _start(plan, supervisor, journal)
            supervisor.watch()
        except StopRequested:
            ignore_signals()
            journal.say("Stopping …")
        except StackError as error:
            raise CommandError(str(error)) from None
        finally:
            ignore_signals()
            supervisor.stop()
            journal.say("Stopped.")
            journal.close()
            plan.folder.unlock()


def _start(plan: Plan, supervisor: Supervisor, journal: Journal) -> None:
    """Start everything in order and tell the person when and where it is ready."""
    begin = time.monotonic()
    # Left behind by a supervisor that was killed; the lock says that it is gone.
    end_processes(processes_of(plan.folder.path))
    server = _listen(plan)
    write_environment(plan.folder.path, plan.kept_environment())
    journal.say(f"Starting Kindred on {plan.folder.path} …")
    supervisor.start(*embedded_services(plan))
    collect_static_files(journal)
    supervisor.wait_until_ready(plan.postgres.start_seconds if plan.postgres else 30.0)
    check_database()
    migrate(journal)
    sign_in = make_administrator(journal)
    connections.close_all()

    supervisor.start(*first_services(plan, server.fileno()))
    _wait_until_healthy(plan, supervisor, journal)
    journal.say(f"\nKindred is ready at {plan.address} (after {time.monotonic() - begin:.1f} s).")
    journal.say_once(sign_in or "Sign in with your account; `manage.py bootstrap` makes another.")
    journal.say("Ctrl-C stops everything.\n")
    # All processes at once would make each other late on a small machine.
    supervisor.add(*more_services(plan, server.fileno()))
    if sign_in and plan.options.demo:
        supervisor.add(demo_service(plan))


def _listen(plan: Plan) -> socket.socket:
    """Return the socket that the web processes share."""
    host, port = plan.options.host, plan.options.port
    try:
        return listen(host, port)
    except PermissionError:
        raise StackError(f"Port {port} needs root. Choose another with --port.") from None
    except OSError as error:
        holder = holder_of(port)
        raise StackError(
            f"Port {port} on {host} cannot be had ({error.strerror}"
            f"{f': {holder}' if holder else ''}). Choose another: "
            f'make run ARGS="--port {port + 1}"'
        ) from None


def _wait_until_healthy(plan: Plan, supervisor: Supervisor, journal: Journal) -> None:
    """Wait for the platform's own word that every part of it is there."""
    deadline = time.monotonic() + READY_SECONDS
    waiting_for: list[str] = []
    while missing := missing_parts(plan.options.host, plan.options.port):
        supervisor.look_after_starting()
        if missing != waiting_for:
            journal.say(f"Waiting for {', '.join(missing)} …")
            waiting_for = missing
        if time.monotonic() > deadline:
            raise StackError(f"Not ready after {READY_SECONDS:g} s: {', '.join(missing)}.")
        time.sleep(0.1)
