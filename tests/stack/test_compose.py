"""The compose file hangs together; tests.stack.test_deploy runs its services."""

import re
from typing import Any

import pytest
import yaml

from tests.stack import compose, nginx
from tests.stack.running import ROOT

DEPLOY = ROOT / "deploy"
VARIABLES = compose.example() | {"POSTGRES_PASSWORD": "secret", "KINDRED_SECRET_KEY": "secret"}
# What the Compose specification knows of a service, as far as the file uses it.
_KEYS = {
    *("image", "build", "restart", "env_file", "environment", "volumes", "depends_on", "command"),
    *("healthcheck", "stop_grace_period", "shm_size", "ports"),
}
_CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


class _Strict(yaml.SafeLoader):
    """Refuses a key that comes twice, of which YAML keeps the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if key.value != "<<"]
        assert len(names) == len(set(names)), names
        return super().construct_mapping(node, deep)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The file as it stands."""
    found: dict[str, Any] = yaml.load(compose.FILE.read_text(), _Strict)  # noqa: S506 - safe
    return found


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """Its services, filled in."""
    return compose.read_services(VARIABLES)


def test_file__has_what_the_specification_knows(document: dict[str, Any]) -> None:
    parts = {name for name in document if not name.startswith("x-")}

    assert parts == {"name", "services", "volumes"}
    for name, service in document["services"].items():
        assert service.keys() <= _KEYS, name
        assert "image" in service, name


def test_services__wait_for_what_tells_when_it_is_ready(
    services: dict[str, dict[str, Any]],
) -> None:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] in _CONDITIONS
            if how["condition"] == "service_healthy":
                assert services[other]["healthcheck"]["test"], f"{name} waits for {other}"
            if how["condition"] == "service_completed_successfully":
                assert services[other]["restart"] == "no"
    # Whatever stays is watched, but what others watch by its answers.
    lasting = {name for name, service in services.items() if service["restart"] != "no"}
    assert {name for name in lasting if "healthcheck" not in services[name]} == {"nginx"}


def test_services__health_checks_are_commands(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        check = service.get("healthcheck", {"test": ["CMD"]})
        assert check["test"][0] in ("CMD", "CMD-SHELL")
        for name in ("interval", "timeout", "start_period"):
            assert re.fullmatch(r"\d+s", check.get(name, "1s"))


def test_services__use_volumes_and_files_that_there_are(
    document: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    used = set()
    for service in services.values():
        for volume in service.get("volumes", []):
            source, target = volume.split(":")[:2]
            assert target.startswith("/")
            if source.startswith("./"):
                # The certificates are the operator's.
                assert source == VARIABLES["KINDRED_CERTIFICATES"] or (DEPLOY / source).is_file()
            else:
                used.add(source)
    assert used == document["volumes"].keys()


def test_services__are_called_by_their_names(services: dict[str, dict[str, Any]]) -> None:
    environment = services["web"]["environment"]
    proxied = re.findall(r"proxy_pass http://([^:]+):(\d+);", nginx.TEMPLATE.read_text())

    assert re.search(r"@(\w+):5432/", environment["DATABASE_URL"])[1] in services  # type: ignore[index]
    assert re.match(r"redis://(\w+):6379/", environment["REDIS_URL"])[1] in services  # type: ignore[index]
    command = services["web"]["command"]
    assert proxied == [("web", command[command.index("--port") + 1])]
    # Containers are reached from outside by nginx alone.
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]


def test_image__is_built_from_files_that_there_are(services: dict[str, dict[str, Any]]) -> None:
    build = services["web"]["build"]
    context = (DEPLOY / build["context"]).resolve()
    lines = (context / build["dockerfile"]).read_text().splitlines()

    copied = [line.split()[1:] for line in lines if line.startswith("COPY ")]
    assert context == ROOT
    assert copied
    for words in copied:
        if not words[0].startswith("--from="):
            for source in words[:-1]:
                assert (context / source).exists(), source
    # Nobody runs as root.
    assert "USER kindred" in lines
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {"deploy/kindred.env", "deploy/certificates", ".git"} <= set(ignored)
