"""Addresses of S3 objects, signed for a while (AWS Signature Version 4 in the query).

botocore signs; its client is left out, which would look for credentials in the environment and at
the cloud's metadata service, and would fetch past the guard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

# Longer than the longest read by one address, and than a look at a page.
MAX_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is and how it is opened.

    Attributes:
        endpoint: scheme and host of the service, without a slash at the end.
        name: of the bucket.
        region: which the signature names.
        in_host: whether the bucket is a part of the host's name, else of the path.
        access_key, secret_key: empty for buckets that are open to everybody.
    """

    endpoint: str
    name: str
    region: str
    in_host: bool
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    @property
    def origin(self) -> str:
        """Scheme and host of the bucket's objects."""
        if not self.in_host:
            return self.endpoint
        scheme, _, host = self.endpoint.partition("://")
        return f"{scheme}://{self.name}.{host}"

    @property
    def base(self) -> str:
        """What addresses of its objects begin with."""
        return f"{self.origin}/" if self.in_host else f"{self.origin}/{quote(self.name)}/"

    def sign(self, key: str, *, seconds: int, query: Mapping[str, str] | None = None) -> str:
        """The address of an object, or with an empty key of the bucket, to GET it by.

        Args:
            key: of the object, not encoded.
            seconds: how long the address is valid.
            query: further parameters; only signed requests may have some for objects.
        """
        address = self.base + quote(key, safe="/-_.~")
        if query:
            address = f"{address}?{urlencode(query, quote_via=quote)}"
        if not self.access_key:
            return address
        # It takes a while to load, and few processes sign.
        from botocore.auth import S3SigV4QueryAuth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest(method="GET", url=address)
        keys = Credentials(self.access_key, self.secret_key)
        S3SigV4QueryAuth(keys, "s3", self.region, min(seconds, MAX_SECONDS)).add_auth(request)
        return str(request.url)
