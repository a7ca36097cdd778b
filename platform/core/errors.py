"""The error that the domain raises: a stable code, a sentence for people, and where it is.

DomainError
├── InvalidInput       400  a value is wrong; `errors` lists every one that was found
├── NotSignedIn        401
├── NotAllowed         403  the actor sees the thing but may not do this
├── NotFound           404  it does not exist, or the actor may not know that it does
├── Conflict           409  the present state forbids it
├── BodyTooLarge       413  the body is longer than this server reads
├── KeyReused          422  an idempotency key came with another request
├── RateLimited        429  the token has asked too often
└── Unavailable        503  a part that the request needs is away
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: where it stands, what was expected there, what was found."""

    path: str
    message: str
    code: str = "invalid"
    expected: str = ""
    found: str = ""

    def as_dict(self) -> dict[str, str]:
        """The error as it is sent over the wire, empty parts left out."""
        return {name: value for name, value in asdict(self).items() if value}


class DomainError(Exception):
    """Base of all errors that a user can cause or mend."""

    status = 400
    default_code = "error"
    default_message = "The request cannot be carried out."
    # Seconds after which the same request may succeed, if that can be told.
    retry_after: int | None = None

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        errors: tuple[FieldError, ...] | list[FieldError] = (),
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.code = code or self.default_code
        self.errors = tuple(errors)
        self.extra = extra or {}
        super().__init__(self.message)


class InvalidInput(DomainError):
    """A value is missing or wrong."""

    status = 400
    default_code = "invalid_input"
    default_message = "Some values are not valid."


class NotSignedIn(DomainError):
    """Nobody is signed in, or the credentials are not valid."""

    status = 401
    default_code = "not_signed_in"
    default_message = "Sign in to go on."


class NotAllowed(DomainError):
    """The actor may see the thing, but not do this with it."""

    status = 403
    default_code = "not_allowed"
    default_message = "You may not do this."


class NotFound(DomainError):
    """No such thing, or none that the actor may know of."""

    status = 404
    default_code = "not_found"
    default_message = "There is no such thing, or you have no access to it."


class Conflict(DomainError):
    """The present state of the thing forbids it."""

    status = 409
    default_code = "conflict"
    default_message = "This is not possible in the present state."


class BodyTooLarge(DomainError):
    """The body is longer than the server reads of one request."""

    status = 413
    default_code = "body_too_large"
    default_message = "The body of the request is too large."


class KeyReused(DomainError):
    """An idempotency key came before, with another request."""

    status = 422
    default_code = "idempotency_key_reused"
    default_message = "This Idempotency-Key was sent with another request. Send a new one."


class RateLimited(DomainError):
    """Too many calls in too short a time."""

    status = 429
    default_code = "rate_limited"
    default_message = "This token calls too often. Wait as long as Retry-After says."


class Unavailable(DomainError):
    """A part of the platform that the request needs does not answer."""

    retry_after = 5
    status = 503
    default_code = "unavailable"
    default_message = "A part of the platform does not answer. Try again shortly."
