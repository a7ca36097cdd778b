"""One object asked for: redirects followed by hand, every failure put into our two errors."""

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Final

import httpcore
import httpx

from integrations.errors import ObjectUnavailable, ObjectUnreachable, Stage
from integrations.fetching.client import Client, client_for
from integrations.fetching.network import deadline
from integrations.fetching.objects import ObjectRequest
from integrations.guard import FetchPolicy, RefusedAddress, check_url

MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = {301, 302, 303, 307, 308}
_PASSING: Final = {408, 425, 429, 500, 502, 503, 504}
# Object stores name the reason within a little XML.
_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9._-]{1,80})</Code>")
_ERROR_BYTES: Final = 8192
# Their words for credentials that are wrong, in contrast to those that open something else.
_BAD_CREDENTIALS: Final = {
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError",
    "AuthFailure",
    "ExpiredToken",
    "InvalidToken",
    "RequestTimeTooSkewed",
}


@contextmanager
def fetching(
    request: ObjectRequest,
    policy: FetchPolicy,
    *,
    headers: Mapping[str, str] | None = None,
    client: Client | None = None,
) -> Iterator[httpx.Response]:
    """The answer to a request, its body to be read within the block and the policy's time.

    Statuses 200, 206 and 416 are for the caller to judge.

    Raises:
        ObjectUnavailable: refused by the guard or by the server, or not there.
        ObjectUnreachable: a timeout, a broken connection, a server that is busy.
    """
    with deadline(policy.seconds), _our_errors():
        answer = _follow(client or client_for(policy), request, policy, headers or {})
        with closing(answer):
            if answer.status_code not in (200, 206, 416):
                raise _refused(answer)
            yield answer


def _follow(
    client: Client, request: ObjectRequest, policy: FetchPolicy, headers: Mapping[str, str]
) -> httpx.Response:
    """The first answer that is no redirect."""
    url = first = _checked(request.address, policy)
    for _ in range(MAX_REDIRECTS + 1):
        own = request.headers if _origin(url) == _origin(first) else {}
        answer = client.get(url, {**headers, **own})
        target = answer.headers.get("Location", "")
        if answer.status_code not in _REDIRECTS or not target:
            return answer
        answer.close()
        try:
            joined = str(url.join(target))
        except httpx.InvalidURL:
            raise ObjectUnavailable("The server redirects to no valid address.") from None
        url = _checked(joined, policy, "The server redirects to an address that is refused. ")
    raise ObjectUnavailable(f"The server redirects more than {MAX_REDIRECTS} times.")


def _checked(address: str, policy: FetchPolicy, prefix: str = "") -> httpx.URL:
    try:
        return check_url(address, policy)
    except RefusedAddress as error:
        raise ObjectUnavailable(f"{prefix}{error}", stage=error.stage) from None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _refused(answer: httpx.Response) -> Exception:
    """The error for a status that brings no object."""
    status, code = answer.status_code, _error_code(answer)
    said = f"{status} {code}" if code else str(status)
    if status in _PASSING or code == "SlowDown":
        return ObjectUnreachable(f"The server has failed or is too busy ({said}).")
    if status == 401 or code in _BAD_CREDENTIALS:
        reason = f"The server does not accept the credentials ({said})."
        return ObjectUnavailable(reason, stage=Stage.AUTHENTICATION)
    if status == 403:
        # Of a server that tells no more: nothing says that the credentials are known.
        stage = Stage.READING if code else Stage.AUTHENTICATION
        return ObjectUnavailable(f"The server refuses access ({said}).", stage=stage)
    if status in (404, 410):
        return ObjectUnavailable(f"There is nothing at this address ({said}).")
    return ObjectUnavailable(f"The server answers with status {said}.")


def _error_code(answer: httpx.Response) -> str:
    """What an object store calls the error; "" for other servers."""
    body = b""
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) >= _ERROR_BYTES:
            break
    found = _CODE.search(body[:_ERROR_BYTES])
    return found[1].decode() if found else ""


@contextmanager
def _our_errors() -> Iterator[None]:
    """Put httpcore's errors into ours."""
    try:
        yield
    except httpcore.PoolTimeout as error:
        raise ObjectUnreachable("Too much is being fetched at once.") from error
    except httpcore.ConnectTimeout as error:
        reason = "The server did not take the connection in time."
        raise ObjectUnreachable(reason, stage=Stage.CONNECTION) from error
    except httpcore.ConnectError as error:
        raise _connection_error(error) from error
    except httpcore.TimeoutException as error:
        raise ObjectUnreachable("The server did not answer in time.") from error
    except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
        raise ObjectUnreachable("The connection broke while the object was read.") from error
    except httpcore.UnsupportedProtocol as error:
        raise ObjectUnavailable("An address begins with https://.") from error


def _connection_error(error: httpcore.ConnectError) -> Exception:
    """A refused connection, or one that TLS did not come about on."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = f"The server's certificate is not valid: {cause.verify_message}."
        return ObjectUnavailable(reason, stage=Stage.TLS)
    if isinstance(cause, ssl.SSLError):
        return ObjectUnreachable("An encrypted connection did not come about.", stage=Stage.TLS)
    return ObjectUnreachable("The server takes no connections.", stage=Stage.CONNECTION)
