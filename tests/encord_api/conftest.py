"""A live platform, and two people who drive it with the official SDK.

The insider administers Lighthouse Lab, the outsider Harbour Works; each signs with a key of his
own, which was registered as the profile page does it. One stack serves all tests of the module that
asks for it; mark such modules with `xdist_group("encord")` so that it starts once.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from encord.user_client import EncordUserClient

from tests.stack.running import RunningStack, manage

PASSWORD = "a long enough password"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an API token and an SSH key."""

    email: str
    token: str
    private_key: str
    url: str

    def client(self) -> EncordUserClient:
        """The SDK, signing with his key."""
        return EncordUserClient.create_with_ssh_private_key(self.private_key, domain=self.url)

    def rest(self, method: str, path: str, **arguments: object) -> requests.Response:
        """A call of the REST API with his token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(
            method,
            f"{self.url}/api/v1/{path}",
            headers=headers,
            timeout=60,
            **arguments,  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class Platform:
    """A running stack and the two people."""

    url: str
    data: Path
    insider: Person
    outsider: Person


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """A stack with a worker, without the demo."""
    folder = Path(tempfile.mkdtemp(prefix="kindred-encord-"))
    stack = RunningStack(folder / "data")
    try:
        stack.wait_until_ready()
        stack.wait_for("Ctrl-C stops everything")
        yield Platform(
            url=stack.url,
            data=folder / "data",
            insider=_person(stack, "ada@example.com", "Lighthouse Lab"),
            outsider=_person(stack, "eve@example.com", "Harbour Works"),
        )
    finally:
        stack.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def insider(platform: Platform) -> EncordUserClient:
    """The SDK as the insider uses it."""
    return platform.insider.client()


@pytest.fixture
def outsider(platform: Platform) -> EncordUserClient:
    """The SDK as the outsider uses it."""
    return platform.outsider.client()


def join(platform: Platform, folder_id: UUID, role: str) -> EncordUserClient:
    """The SDK of a new colleague of the insider, who holds the role on one folder."""
    email = f"{uuid4().hex}@example.com"
    made = platform.insider.rest("POST", "members/", json={"email": email}).json()
    private, public = new_key()
    _register(platform.url, email, public, made["initial_password"])
    grant = {"user": made["user"]["id"], "role": role}
    granted = platform.insider.rest("POST", f"folders/{folder_id}/grants/", json=grant)
    assert granted.ok, granted.text
    return EncordUserClient.create_with_ssh_private_key(private, domain=platform.url)


def new_key() -> tuple[str, str]:
    """A private key, and the line of its public half."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return private.decode(), public.decode()


def _person(stack: RunningStack, email: str, organisation: str) -> Person:
    wanted = {
        "email": email,
        "password": PASSWORD,
        "organisation": organisation,
        "data": str(stack.data),
    }
    arguments = [part for name, value in wanted.items() for part in (f"--{name}", value)]
    made = manage("bootstrap", *arguments)
    assert made.returncode == 0, made.stderr
    private, public = new_key()
    _register(stack.url, email, public)
    return Person(email, made.stdout.strip(), private, stack.url)


def _register(url: str, email: str, public_key: str, password: str = PASSWORD) -> None:
    """Sign in and add the key, as the profile page does."""
    with requests.Session() as session:
        session.get(f"{url}/sign-in/", timeout=30)
        form = {"email": email, "password": password}
        form["csrfmiddlewaretoken"] = str(session.cookies["kindred_csrf"])
        answer = session.post(f"{url}/sign-in/", data=form, timeout=30)
        assert answer.ok, answer.text
        headers = {"X-CSRFToken": str(session.cookies["kindred_csrf"]), "Referer": url}
        body = {"name": "desk", "public_key": public_key}
        answer = session.post(f"{url}/api/v1/ssh-keys/", json=body, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
