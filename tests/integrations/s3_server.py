"""An S3 server on loopback that checks every signature.

moto keeps buckets and objects. Its own check of signatures knows those in headers only, and not
those in addresses, so this gate stands in front of it. It is written from the description of
Signature Version 4, and shares no code with what signs.
"""

import datetime
import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote

import boto3
from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

ACCESS_KEY = "KINDREDTESTACCESSKEY"
SECRET_KEY = "a/secret+that=is for this test only"
REGION = "eu-test-1"
# Whoever has the keys may read everything but what lies here.
FORBIDDEN = "forbidden/"
# Everybody may read this bucket.
OPEN_BUCKET = "open-pictures"

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<credential>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass
class S3Server:
    """Its endpoint, a client with the right keys, and how each request was signed.

    That is by "header", by "address" or by "nobody".
    """

    endpoint: str = ""
    client: Any = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def put(self, bucket: str, key: str, content: bytes, mime: str = "image/png") -> str:
        """Store an object; return its s3:// address."""
        access = "public-read" if bucket == OPEN_BUCKET else "private"
        self.client.put_object(Bucket=bucket, Key=key, Body=content, ContentType=mime, ACL=access)
        return f"s3://{bucket}/{key}"

    def signed_by(self, method: str, path: str) -> list[str]:
        """How the requests for a path were signed."""
        return [how for asked, where, how in self.asked if (asked, where) == (method, path)]


@contextmanager
def s3_server(*buckets: str) -> Iterator[S3Server]:
    """Run a server with these buckets."""
    server = S3Server()
    storage: Any = DomainDispatcherApplication(create_backend_app)
    listening = make_server(
        "127.0.0.1", 0, _gate(storage, server), threaded=True, request_handler=_QuietHandler
    )
    server.endpoint = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    server.client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    try:
        for bucket in buckets:
            server.client.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        server.asked.clear()
        yield server
    finally:
        server.client.close()
        # moto keeps everything in this process: the next server begins with nothing.
        get_backend("s3").reset()
        listening.shutdown()
        listening.server_close()
        thread.join()


class _QuietHandler(WSGIRequestHandler):
    def log(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing."""


class _Refused(Exception):
    """The code that S3 answers with."""


def _gate(
    storage: Callable[..., Iterable[bytes]], server: S3Server
) -> Callable[..., Iterable[bytes]]:
    """The storage, for those who sign rightly."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path, _, query = environ["RAW_URI"].partition("?")
        try:
            how = _check(environ, path, query)
        except _Refused as refused:
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
            return [f"<Error><Code>{refused}</Code></Error>".encode()]
        server.asked.append((environ["REQUEST_METHOD"], path, how))
        return storage(environ, start_response)

    return answer


def _check(environ: dict[str, Any], path: str, query: str) -> str:
    """Say how a request is signed.

    Raises:
        _Refused: it is not, or not rightly.
    """
    values = dict(parse_qsl(query, keep_blank_values=True))
    by_header = _AUTHORIZATION.fullmatch(environ.get("HTTP_AUTHORIZATION", ""))
    if by_header:
        how, moment = "header", environ["HTTP_X_AMZ_DATE"]
        credential, signed, signature = by_header.groups()
        payload = environ["HTTP_X_AMZ_CONTENT_SHA256"]
    elif "X-Amz-Signature" in values:
        how, moment = "address", values["X-Amz-Date"]
        credential, signed = values["X-Amz-Credential"], values["X-Amz-SignedHeaders"]
        signature, payload = values["X-Amz-Signature"], "UNSIGNED-PAYLOAD"
        _require_valid_still(moment, int(values["X-Amz-Expires"]))
    elif path.startswith(f"/{OPEN_BUCKET}/") and environ["REQUEST_METHOD"] == "GET":
        return "nobody"
    else:
        raise _Refused("AccessDenied")
    key, scope = credential.split("/", 1)
    if key != ACCESS_KEY:
        raise _Refused("InvalidAccessKeyId")
    canonical = "\n".join(
        [
            environ["REQUEST_METHOD"],
            path,
            _canonical_query(query),
            *(f"{name}:{_header(environ, name)}" for name in signed.split(";")),
            "",
            signed,
            payload,
        ]
    )
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    if not hmac.compare_digest(_sign(scope, text), signature):
        raise _Refused("SignatureDoesNotMatch")
    if f"/{FORBIDDEN}" in path:
        raise _Refused("AccessDenied")
    return how


def _require_valid_still(moment: str, seconds: int) -> None:
    made = datetime.datetime.strptime(moment, "%Y%m%dT%H%M%S%z")
    if datetime.datetime.now(datetime.UTC) > made + datetime.timedelta(seconds=seconds):
        raise _Refused("AccessDenied")


def _canonical_query(query: str) -> str:
    pairs = [
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != "X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _header(environ: dict[str, Any], name: str) -> str:
    plain = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
    value = environ.get(plain.get(name, f"HTTP_{name.upper().replace('-', '_')}"), "")
    return " ".join(str(value).split())


def _sign(scope: str, text: str) -> str:
    secret = f"AWS4{SECRET_KEY}".encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
