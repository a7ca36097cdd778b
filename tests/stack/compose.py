"""Reads the compose file as Docker would, and runs its commands as processes."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.stack.running import ROOT, clean_environment

FILE = ROOT / "deploy" / "compose.yaml"
EXAMPLE = ROOT / "deploy" / "kindred.env.example"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


class Unset(Exception):
    """A variable has no value and no default."""


def read_services(variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services, with the variables of deploy/kindred.env put in and passed on."""

    def fill(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        value = variables.get(name, "")
        if value or kind == "-":
            return value or rest
        if kind == "?":
            raise Unset(rest)
        return ""

    lines = FILE.read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    services: dict[str, dict[str, Any]] = yaml.safe_load(_VARIABLE.sub(fill, text))["services"]
    for service in services.values():
        if service.get("env_file") == "kindred.env":
            service["environment"] = {**variables, **service["environment"]}
    return services


def example() -> dict[str, str]:
    """The variables of the example of deploy/kindred.env."""
    lines = EXAMPLE.read_text().splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


def start(
    service: Mapping[str, Any], environment: Mapping[str, str], log: Path
) -> "subprocess.Popen[bytes]":
    """Start a service's command; the environment says where the containers' names are here."""
    with log.open("wb") as file:
        return subprocess.Popen(
            command_of(service, environment),
            cwd=ROOT,
            env=environment_of(service, environment),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def check_health(service: Mapping[str, Any], environment: Mapping[str, str]) -> int:
    """Run a service's health check as Docker does; 0 is healthy."""
    how, *test = service["healthcheck"]["test"]
    assert how == "CMD"
    ran = subprocess.run(
        command_of({"command": test}, environment),
        cwd=ROOT,
        env=environment_of(service, environment),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return ran.returncode


def command_of(service: Mapping[str, Any], here: Mapping[str, str]) -> list[str]:
    """The command with this Python, and the port and folders of this test."""
    replaced = {"python": sys.executable, "8000": here["PORT"]}
    command = []
    for part in service["command"]:
        text = replaced.get(part, part).replace(":8000/", f":{here['PORT']}/")
        text = text.replace("=/tmp/", f"={here['KINDRED_DATA']}/")
        if part.startswith("python "):
            text = text.replace("python ", f"{sys.executable} ")
        command.append(text)
    return command


def environment_of(service: Mapping[str, Any], here: Mapping[str, str]) -> dict[str, str]:
    """The service's own variables, those of this test over them, and nothing of this process."""
    variables = service.get("environment", {})
    # YAML reads an empty value as nothing; Docker puts variables in after it has read the file.
    own = {name: "" if value is None else str(value) for name, value in variables.items()}
    kept = {name: value for name, value in here.items() if name != "PORT"}
    # Containers run as an ordinary user; tests may run as root, of which Celery warns.
    return clean_environment(**own | kept, PYTHONWARNINGS="ignore") | {"PATH": os.environ["PATH"]}
