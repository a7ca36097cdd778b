"""Keeps the answers of requests that carry an Idempotency-Key, and gives them again.

Works within the transaction of the request: whoever comes second with the same key, on whatever
server, meets either the first one's lock or what it left behind.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from core.actors import ActorLike
from core.errors import Conflict, KeyReused
from core.models import StoredAnswer

KEPT_FOR = timedelta(hours=24)
_PRUNED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What is given again."""

    status: int
    headers: dict[str, str]
    content: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry the request out, until the transaction ends."""

    actor: ActorLike
    digest: str
    secret: bytes
    fingerprint: str


def claim(*, actor: ActorLike, key: str, fingerprint: str) -> Claim | Answer:
    """The right to carry out a request, or its answer if that was done before.

    Args:
        actor: who asks; another person's or organisation's keys are others.
        key: as the sender chose it.
        fingerprint: of all that the request says.

    Raises:
        Conflict: a request with this key is being carried out right now.
        KeyReused: the key came with another request.
    """
    digest = _mac("row", actor, key).hex()
    if not _lock(digest):
        busy = Conflict(
            "A request with this Idempotency-Key is being carried out. Send it again shortly.",
            code="idempotency_key_in_use",
        )
        busy.retry_after = 1
        raise busy
    secret = base64.urlsafe_b64encode(_mac("answer", actor, key))
    row = StoredAnswer.objects.filter(pk=digest, created_at__gt=Now() - KEPT_FOR).first()
    if row is None:
        return Claim(actor, digest, secret, fingerprint)
    if row.fingerprint != fingerprint:
        raise KeyReused
    return Answer(**json.loads(Fernet(secret).decrypt(bytes(row.answer))))


def keep(claimed: Claim, answer: Answer) -> None:
    """Store the answer, in the transaction of what was written for it."""
    StoredAnswer.objects.filter(pk=claimed.digest).delete()
    StoredAnswer.objects.create(
        digest=claimed.digest,
        user=claimed.actor.user,
        organisation_id=claimed.actor.organisation_id,
        fingerprint=claimed.fingerprint,
        answer=Fernet(claimed.secret).encrypt(json.dumps(asdict(answer)).encode()),
    )


def prune_answers() -> int:
    """Remove answers that are no longer given; return how many."""
    old = StoredAnswer.objects.filter(created_at__lt=Now() - KEPT_FOR).values("pk")
    removed, _ = StoredAnswer.objects.filter(pk__in=old[:_PRUNED_AT_ONCE]).delete()
    return removed


def _lock(digest: str) -> bool:
    """Take the key's lock until the transaction ends; False when somebody else has it."""
    number = int.from_bytes(bytes.fromhex(digest[:16]), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def _mac(purpose: str, actor: ActorLike, key: str) -> bytes:
    """What nobody computes who has the table alone: neither the key nor the answer is in it."""
    text = f"idempotency {purpose}\n{actor.user.pk}\n{actor.organisation_id}\n{key}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest()
