"""The compose file's services as processes, and a backup of the running system restored."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import psycopg
import pytest
import requests
from django.conf import settings
from PIL import Image

from stack.ports import free_port
from stack.postgres import newest_binaries
from tests.folders.media_files import png
from tests.jobs import broker
from tests.stack import compose
from tests.stack.nginx import Front, running_nginx
from tests.stack.running import ROOT

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

OURS = ("web", "worker", "reductions", "beat")
# What the example says where these do not: empty values, too, have to do.
VARIABLES = compose.example() | {
    "POSTGRES_PASSWORD": "secret",
    "KINDRED_SECRET_KEY": "a long enough secret key of the deployment's test",
    "KINDRED_HOST": "kindred.example.org",
    "KINDRED_METRICS_TOKEN": "scrape",
    "KINDRED_WORKERS": "1",
}
EMAIL, PASSWORD = "ada@example.org", "a long enough password"
NAMES = ["owl-0.png", "owl-1.png", "owl-2.png"]
SECONDS = 180.0
# So many vectors that searches want a file of them.
MANY_MORE = """
from folders.models import Folder, MetadataKey
from tests.embeddings.worlds import make_units, put

folder, key = Folder.objects.get(name="Birds"), MetadataKey.objects.get(name="clip")
put(key, {unit: [-1, 1 + place] for place, unit in enumerate(make_units(folder, 2000))})
"""


@pytest.fixture(autouse=True)
def _own_storage() -> None:
    """Undo the project's fixture of this name: these tests keep away from Django."""


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return compose.read_services(VARIABLES)


@contextmanager
def _database(name: str) -> Iterator[str]:
    """An empty database beside that of the tests."""
    parts = urlsplit(os.environ["KINDRED_TEST_DATABASE_URL"])
    with psycopg.connect(urlunsplit(parts), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(parts._replace(path=f"/{name}"))
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def _running(
    services: Mapping[str, Any], names: tuple[str, ...], here: Mapping[str, str], logs: Path
) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """`prepare` to its end, then the named services until the end of the block."""
    logs.mkdir(exist_ok=True)
    prepare = compose.start(services["prepare"], here, logs / "prepare.log")
    assert prepare.wait(SECONDS) == 0, (logs / "prepare.log").read_text()[-3000:]
    running = {}
    try:
        for name in names:
            running[name] = compose.start(services[name], here, logs / f"{name}.log")
        yield running
    finally:
        for process in running.values():
            os.killpg(process.pid, signal.SIGTERM)
        for process in running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _here(database: str, redis: str, data: Path) -> dict[str, str]:
    data.mkdir(exist_ok=True)
    return {
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "KINDRED_DATA": str(data),
        "PORT": str(free_port()),
    }


def _wait(check: Callable[[], bool], what: str, logs: Path) -> None:
    end = time.monotonic() + SECONDS
    while not check():
        if time.monotonic() > end:
            texts = [f"{log.name}: {log.read_text()[-1500:]}" for log in sorted(logs.iterdir())]
            pytest.fail("\n".join([what, *texts]))
        time.sleep(0.5)


def _get(here: Mapping[str, str], path: str, **headers: str) -> tuple[int, str]:
    """Status and text; 0 while nobody listens."""
    try:
        answer = requests.get(_url(here, path), headers=headers, timeout=10)
    except requests.RequestException:
        return 0, ""
    return answer.status_code, answer.text


def _url(here: Mapping[str, str], path: str) -> str:
    return f"http://127.0.0.1:{here['PORT']}{path}"


def _manage(here: Mapping[str, str], services: Mapping[str, Any], *arguments: str) -> str:
    service = {**services["web"], "command": ["python", "manage.py", *arguments]}
    ran = subprocess.run(
        compose.command_of(service, here),
        cwd=ROOT,
        env=compose.environment_of(service, here),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def _api(here: Mapping[str, str], token: str, path: str, **sent: Any) -> Any:
    """The answer of the REST API: to a GET, or to a POST of what is sent."""
    headers = {"Authorization": f"Bearer {token}"}
    call = requests.post if sent else requests.get
    answer = call(_url(here, f"/api/v1{path}"), headers=headers, timeout=30, **sent)
    assert answer.ok, answer.text
    return answer.json()


def test_compose__asks_for_what_has_no_default() -> None:
    for name in ("POSTGRES_PASSWORD", "KINDRED_SECRET_KEY", "KINDRED_HOST"):
        with pytest.raises(compose.Unset, match=name):
            compose.read_services({**VARIABLES, name: ""})


def test_compose__passes_on_what_stands_in_the_file_of_variables() -> None:
    services = compose.read_services({**VARIABLES, "KINDRED_UPLOAD_MAX_MB": "7"})

    for name in ("prepare", *OURS):
        assert services[name]["environment"]["KINDRED_UPLOAD_MAX_MB"] == "7"
    # Which is not theirs to say.
    own = compose.read_services({**VARIABLES, "KINDRED_DATA": "/elsewhere"})
    assert own["web"]["environment"]["KINDRED_DATA"] == "/data"


def test_compose__workers_serve_every_queue(services: dict[str, dict[str, Any]]) -> None:
    queues = re.findall(r"--queues=([\w,]+)", str(services))
    assert sorted(",".join(queues).split(",")) == sorted(settings.QUEUES)


def test_services__run_are_healthy_and_survive_a_restore(
    services: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    with broker(free_port()) as redis, _database("deploy_one") as one:
        here = _here(one, redis, tmp_path / "one")
        logs = tmp_path / "logs-one"
        with _running(services, OURS, here, logs) as running:
            _wait(lambda: _get(here, "/readyz")[0] == 200, "not ready", logs)
            for name in OURS:
                assert compose.check_health(services[name], here) == 0, name
            assert "kindred_alive" in _get(here, "/metrics", Authorization="Bearer scrape")[1]
            token = _use(here, services)
            with running_nginx(VARIABLES, int(here["PORT"]), tmp_path / "nginx") as front:
                (folder,) = _api(here, token, "/folders/")["results"]
                _come_by_nginx(front, token, folder["id"])
                assert _guessed_from(one) == [("127.0.0.1",)]
            _wait(lambda: all(_thumbnails(here, token)), "not read", logs)
            # In the order of the guide, while it runs; of the media what cannot be made again.
            dump = _dump(one, tmp_path)
            media = _copy_originals(tmp_path / "one", tmp_path / "backup")
            for name in ("web", "worker"):
                lines = (logs / f"{name}.log").read_text().splitlines()
                assert all("message" in json.loads(line) for line in lines), f"{name} logs JSON"
            running["worker"].terminate()
            _wait(
                lambda: compose.check_health(services["worker"], here) != 0, "still healthy", logs
            )

    with broker(free_port()) as redis, _database("deploy_two") as two:
        _restore(dump, two)
        here = _here(two, redis, tmp_path / "two")
        shutil.copytree(media, tmp_path / "two" / "media")
        logs = tmp_path / "logs-two"
        with _running(services, OURS, here, logs):
            _wait(lambda: _get(here, "/readyz")[0] == 200, "not ready", logs)
            _find_all_again(here, token)
            _see_all_again(here, token, tmp_path / "two" / "media")
            # The searches before have asked for the file; nobody else does anything.
            _wait(lambda: _search(here, token)["engine"] == "scan", "no matrix file", logs)
            assert list((tmp_path / "two" / "matrices").glob("*/manifest.json"))
            _find_all_again(here, token)
            _sign_in(here)


def _use(here: Mapping[str, str], services: Mapping[str, Any]) -> str:
    """Make a person, a folder, items with vectors, and search; return the person's token."""
    who = ("--email", EMAIL, "--password", PASSWORD, "--organisation", "Lab")
    token = _manage(here, services, "bootstrap", *who)
    folder = _api(here, token, "/folders/", json={"name": "Birds"})["id"]
    key = {"name": "clip", "type": "embedding", "dimensions": 2}
    _api(here, token, "/schema/keys/", json=key)
    for name in NAMES:
        file = (name, png(), "image/png")
        _api(here, token, f"/folders/{folder}/items/", files={"file": file})
    vectors = [{"name": name, "values": [1, place]} for place, name in enumerate(NAMES)]
    body = {"key": "clip", "vectors": vectors}
    _api(here, token, f"/folders/{folder}/vectors/", json=body)
    _manage(here, services, "shell", "-c", MANY_MORE)
    assert _nearest(here, token) == NAMES
    return token


def _search(here: Mapping[str, str], token: str) -> Any:
    (folder,) = _api(here, token, "/folders/")["results"]
    body = {"key": "clip", "vector": [1, 0], "limit": len(NAMES)}
    return _api(here, token, f"/folders/{folder['id']}/search/", json=body)


def _nearest(here: Mapping[str, str], token: str) -> list[str]:
    return [hit["name"] for hit in _search(here, token)["hits"]]


def _items(here: Mapping[str, str], token: str) -> list[Any]:
    """Those with files, by name."""
    (folder,) = _api(here, token, "/folders/")["results"]
    found = _api(here, token, f"/folders/{folder['id']}/items/?search=owl")["results"]
    return sorted(found, key=lambda item: str(item["name"]))


def _thumbnails(here: Mapping[str, str], token: str) -> list[str]:
    """Addresses of pictures, empty while an item is being read."""
    return [item["thumbnail"] for item in _items(here, token)]


def _find_all_again(here: Mapping[str, str], token: str) -> None:
    """Tokens, folders, items and the order of a search are what they were."""
    assert _api(here, token, "/me/")["user"]["email"] == EMAIL
    assert _nearest(here, token) == NAMES


def _see_all_again(here: Mapping[str, str], token: str, media: Path) -> None:
    """Originals are there; thumbnails are made again when somebody looks, and kept."""
    assert not (media / "derived").exists()
    headers = {"Authorization": f"Bearer {token}"}
    for item in _items(here, token):
        original = _url(here, f"/media/items/{item['id']}/original/")
        assert requests.get(original, headers=headers, timeout=30).content == png()
        address = urljoin(_url(here, "/"), item["thumbnail"])
        picture = requests.get(address, headers=headers, timeout=60)
        assert picture.headers["Content-Type"] == "image/webp"
        assert Image.open(io.BytesIO(picture.content)).size == (40, 30)
    assert len(list((media / "derived").rglob("small.webp"))) == len(NAMES)


def _come_by_nginx(front: Front, token: str, folder: str) -> None:
    """As everybody does: by TLS, with what nginx says of the caller instead of what he says."""
    moved, _ = front.ask("/files/?a=b", tls=False)
    assert moved.status == 301
    assert moved.headers["Location"] == f"https://{front.host}/files/?a=b"
    assert front.protocol() == "h2"
    page, text = front.ask("/sign-in/", headers={"X-Request-Id": "mine"})
    assert page.status == 200
    assert b"csrfmiddlewaretoken" in text
    assert page.headers["Strict-Transport-Security"]
    assert "Secure" in page.headers["Set-Cookie"]
    assert re.fullmatch(r"[0-9a-f]{32}", page.headers["X-Request-Id"])
    # Not from outside, whoever asks.
    scraped, _ = front.ask("/metrics", headers={"Authorization": "Bearer scrape"})
    assert scraped.status == 404
    # Larger than what nginx takes unless told.
    signed = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    address = f"/api/v1/folders/{folder}/search/"
    body = json.dumps({"key": "clip", "vector": [1, 0]}).encode() + b" " * 3_000_000
    found, answered = front.ask(address, method="POST", body=body, headers=signed)
    assert found.status == 200, answered
    assert [hit["name"] for hit in json.loads(answered)["hits"]][:3] == NAMES
    _fail_to_sign_in(front)


def _fail_to_sign_in(front: Front) -> None:
    """The brake on guessing counts the caller's own address."""
    page, text = front.ask("/sign-in/")
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert found is not None
    form = {"csrfmiddlewaretoken": found[1].decode(), "email": EMAIL, "password": "wrong"}
    headers = {
        "Cookie": page.headers["Set-Cookie"].partition(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"https://{front.host}",
        "X-Forwarded-For": "203.0.113.7",
    }
    refused, _ = front.ask(
        "/sign-in/", method="POST", body=urlencode(form).encode(), headers=headers
    )
    assert refused.status == 400


def _guessed_from(database: str) -> list[Any]:
    """Addresses that failed to sign in."""
    with psycopg.connect(database) as connection:
        return connection.execute("SELECT host(client) FROM accounts_signinattempt").fetchall()


def _sign_in(here: Mapping[str, str]) -> None:
    """By the password, as nginx passes it on from TLS."""
    passed_on = {"Host": VARIABLES["KINDRED_HOST"], "X-Forwarded-Proto": "https"}
    page = requests.get(_url(here, "/sign-in/"), headers=passed_on, timeout=30)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None
    # The cookie is for TLS only, which this test goes without.
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    passed_on |= {"Cookie": cookie, "Origin": f"https://{VARIABLES['KINDRED_HOST']}"}
    answer = requests.post(
        _url(here, "/sign-in/"),
        data={"csrfmiddlewaretoken": token[1], "email": EMAIL, "password": PASSWORD},
        headers=passed_on,
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 302, answer.text
    assert "kindred_session=" in answer.headers["Set-Cookie"]
    assert "Secure" in answer.headers["Set-Cookie"]


def _dump(database: str, folder: Path) -> Path:
    """As the guide says, with the program that belongs to the server."""
    file = folder / "kindred.dump"
    command = [str(newest_binaries() / "pg_dump"), "--format", "custom", "--file", str(file)]
    subprocess.run([*command, "--dbname", database], check=True, timeout=120)
    return file


def _copy_originals(data: Path, folder: Path) -> Path:
    """The folder of media without `derived`."""
    without = shutil.ignore_patterns("derived")
    return Path(shutil.copytree(data / "media", folder / "media", ignore=without))


def _restore(dump: Path, database: str) -> None:
    command = [str(newest_binaries() / "pg_restore"), "--no-owner", "--exit-on-error"]
    subprocess.run([*command, "--dbname", database, str(dump)], check=True, timeout=120)
