"""Objects of a bucket of AWS S3, MinIO, Ceph, Cloudflare R2 and their like."""

import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import unquote

from django.utils.http import content_disposition_header

from core.errors import FieldError
from integrations.errors import ObjectUnavailable, Stage
from integrations.fetching.objects import ObjectRequest
from integrations.guard import FetchPolicy, RefusedAddress, check_url, read_url
from integrations.providers.base import Field, WebProvider, blocked_as_mixed
from integrations.providers.signing import Bucket

DEFAULT_REGION = "us-east-1"
# For requests of our own: each is signed as it is sent.
_OWN_SECONDS = 900
_BUCKET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_REGION = re.compile(r"[a-z0-9-]{1,40}")


class S3Provider(WebProvider):
    """One bucket, by s3://bucket/key or by the https address of its objects."""

    fields: ClassVar[tuple[Field, ...]] = (
        Field("bucket", "Bucket", required=True, placeholder="field-cameras"),
        Field(
            "endpoint",
            "Endpoint",
            hint="Address of the service; leave empty for AWS.",
            placeholder="https://minio.example.org:9000",
        ),
        Field("region", "Region", placeholder=DEFAULT_REGION),
        Field(
            "access_key",
            "Access key",
            hint="Leave both keys empty for a public bucket.",
        ),
        Field("secret_key", "Secret key", kind="secret", goes_with="access_key"),
        Field(
            "prefix",
            "Only keys that begin with",
            placeholder="cameras/2026/",
            advanced=True,
        ),
        Field(
            "addressing",
            "Bucket in the address",
            kind="choice",
            choices=(
                ("auto", "As the service usually has it"),
                ("path", "In the path"),
                ("host", "In the host name"),
            ),
            default="auto",
            advanced=True,
        ),
        Field(
            "browser_endpoint",
            "Endpoint for browsers",
            hint="If browsers reach the service by another address than this server does.",
            placeholder="https://storage.example.org",
            advanced=True,
        ),
        Field(
            "through_us",
            "Send originals through this server",
            kind="flag",
            hint="Else browsers get them from the bucket, by an address signed for an hour.",
            advanced=True,
        ),
    )
    guards_secret: ClassVar[tuple[str, ...]] = ("endpoint", "access_key")
    needs_test_url: ClassVar[bool] = False
    example: ClassVar[str] = "s3://bucket/folder/owl.jpg"

    @classmethod
    def problems(
        cls, settings: Mapping[str, str], secret: Mapping[str, str], policy: FetchPolicy
    ) -> list[FieldError]:
        """Names are well-formed, endpoints allowed, keys both there or both not."""
        errors = []
        if not _BUCKET_NAME.fullmatch(settings.get("bucket", "")):
            errors.append(FieldError("bucket", "This is no name of a bucket."))
        if settings.get("region") and not _REGION.fullmatch(settings["region"]):
            errors.append(FieldError("region", "This is no name of a region."))
        for name in ("endpoint", "browser_endpoint"):
            message = _endpoint_problem(settings.get(name, ""), policy)
            # Browsers have a network of their own, which is not the guard's to judge.
            if message and (name == "endpoint" or message == _NO_ENDPOINT):
                errors.append(FieldError(name, message))
        access, secret_key = settings.get("access_key", ""), secret.get("secret_key", "")
        if access and not secret_key:
            errors.append(FieldError("secret_key", "Give the secret key, too.", "required"))
        if secret_key and not access:
            errors.append(FieldError("access_key", "Give the access key, too.", "required"))
        return errors

    def request(self, url: str) -> ObjectRequest:
        """A request signed for a quarter of an hour."""
        return ObjectRequest(self._bucket().sign(self._key(url), seconds=_OWN_SECONDS))

    def check_address(self, url: str) -> None:
        """The bucket and the key; nothing is signed."""
        self._key(url)

    def browser_url(
        self, url: str, *, seconds: int, content_type: str = "", save_as: str = ""
    ) -> str | None:
        """A signed address, unless originals are to pass through us."""
        bucket = self._bucket(for_browsers=True)
        signed = bool(bucket.access_key)
        if not self.origins() or (save_as and not signed):
            return None
        query = {}
        if signed and content_type:
            # The type that was sniffed: uploads to buckets often carry none.
            query["response-content-type"] = content_type
        if signed and save_as:
            query["response-content-disposition"] = content_disposition_header(
                as_attachment=True, filename=save_as
            )
        return bucket.sign(self._key(url), seconds=seconds, query=query)

    def origins(self) -> list[str]:
        """The bucket's, as browsers reach it."""
        origin = self._bucket(for_browsers=True).origin
        if self.settings.get("through_us") or blocked_as_mixed(origin):
            return []
        return [origin]

    def test(self, url: str) -> str:
        """Read the object; without one list the bucket's first."""
        if url:
            return super().test(url)
        query = {"list-type": "2", "max-keys": "1", "prefix": self.settings.get("prefix", "")}
        address = self._bucket().sign("", seconds=_OWN_SECONDS, query=query)
        from integrations.fetching.answers import fetching

        with fetching(ObjectRequest(address), self.policy) as answer:
            body = b"".join(answer.iter_raw())
        found = re.search(rb"<Key>([^<]{1,1024})</Key>", body)
        if b"<ListBucketResult" not in body:
            raise ObjectUnavailable("The server does not answer as an object store does.")
        if not found:
            return "The bucket can be listed; there is nothing in it yet."
        return f"The bucket can be listed; its first key is {found[1].decode('utf-8', 'replace')}."

    def is_encrypted(self, url: str) -> bool:
        """Decided by the endpoint."""
        return self._bucket().endpoint.startswith("https:")

    def stages(self, url: str) -> list[tuple[Stage, str]]:
        """As for any address; the last one depends on what is asked for."""
        last = "Reading the object" if url else "Listing the bucket"
        return [*super().stages(url)[:-1], (Stage.READING, last)]

    def _bucket(self, *, for_browsers: bool = False) -> Bucket:
        values = self.settings
        region = values.get("region") or DEFAULT_REGION
        endpoint = (for_browsers and values.get("browser_endpoint")) or values.get("endpoint")
        addressing = values.get("addressing") or "auto"
        # A certificate for *.s3.… does not cover names with a dot in front of it.
        in_host = addressing == "host" or (
            addressing == "auto" and not endpoint and "." not in values["bucket"]
        )
        return Bucket(
            endpoint=(endpoint or f"https://s3.{region}.amazonaws.com").rstrip("/"),
            name=values["bucket"],
            region=region,
            in_host=in_host,
            access_key=values.get("access_key", ""),
            secret_key=self.secret.get("secret_key", ""),
        )

    def _key(self, url: str) -> str:
        """The key of the object at an address.

        Raises:
            ObjectUnavailable: the address is none of this bucket's, or outside of the prefix.
        """
        name = self.settings["bucket"]
        if url.startswith("s3://"):
            bucket, _, key = url.removeprefix("s3://").partition("/")
            if bucket != name:
                reason = f"The address is of the bucket {bucket}; this integration reads {name}."
                raise ObjectUnavailable(reason, stage=Stage.LOCATION)
        else:
            key = self._key_of_web_address(url)
        if not key or any(part in (".", "..") for part in key.split("/")):
            raise ObjectUnavailable("The address names no object.", stage=Stage.LOCATION)
        if not key.startswith(self.settings.get("prefix", "")):
            reason = f"The key does not begin with {self.settings['prefix']}"
            raise ObjectUnavailable(reason, stage=Stage.LOCATION)
        return key

    def _key_of_web_address(self, url: str) -> str:
        """The key within an https address of the bucket, in either form; its query is dropped."""
        plain = url.partition("#")[0].partition("?")[0]
        for base in self._bases():
            if plain.startswith(base):
                return unquote(plain.removeprefix(base))
        reason = f"The address is not in the bucket {self.settings['bucket']}."
        raise ObjectUnavailable(reason, stage=Stage.LOCATION)

    def _bases(self) -> list[str]:
        """What web addresses of the bucket's objects begin with."""
        buckets = [self._bucket(), self._bucket(for_browsers=True)]
        hosts = [bucket.endpoint.partition("://") for bucket in buckets]
        name = self.settings["bucket"]
        bases = [f"{scheme}://{host}/{name}/" for scheme, _, host in hosts]
        bases += [f"{scheme}://{name}.{host}/" for scheme, _, host in hosts]
        if not self.settings.get("endpoint"):
            bases += [f"https://{name}.s3.amazonaws.com/", f"https://s3.amazonaws.com/{name}/"]
        return bases


_NO_ENDPOINT = "This is no address of a service, as https://host:port."


def _endpoint_problem(endpoint: str, policy: FetchPolicy) -> str:
    """Why an endpoint will not do; "" when it will."""
    if not endpoint:
        return ""
    try:
        url = read_url(endpoint)
    except RefusedAddress:
        return _NO_ENDPOINT
    if url.scheme not in ("http", "https") or not url.host or url.path not in ("", "/"):
        return _NO_ENDPOINT
    if url.query or url.fragment or url.userinfo:
        return _NO_ENDPOINT
    try:
        check_url(endpoint, policy)
    except RefusedAddress as error:
        return str(error)
    return ""
