"""API tokens: made, revoked, recognised."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.constants import LAST_USED_INTERVAL, TOKENS_PER_PERSON
from accounts.models import ApiToken
from accounts.services.key_tokens import key_token_actor
from accounts.services.validation import clean_name
from accounts.tokens import digests_match, new_token, parse_token, token_digest
from core.errors import Conflict, FieldError, InvalidInput
from core.services.audit import record


@transaction.atomic
def create_token(
    *, actor: Actor, name: str, scope: TokenScope, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token of the actor for his organisation.

    Returns:
        The row and the token itself, which cannot be had again.

    Raises:
        InvalidInput: the name is empty or too long, or the expiry lies in the past.
        Conflict: the person has too many tokens.
    """
    name = clean_name(name)
    if expires_at is not None and expires_at <= timezone.now():
        problem = FieldError("expires_at", "Choose a time in the future.", code="in_the_past")
        raise InvalidInput(errors=[problem])
    if ApiToken.objects.filter(user=actor.user, revoked_at=None).count() >= TOKENS_PER_PERSON:
        raise Conflict("You have too many API tokens. Revoke those that you no longer use.")
    parts = new_token()
    token = ApiToken.objects.create(
        user=actor.user,
        organisation=actor.organisation,
        name=name,
        key_id=parts.key_id,
        digest=token_digest(parts.secret, settings.API_TOKEN_PEPPER),
        scope=scope,
        expires_at=expires_at,
    )
    record(actor=actor, action="api_token.created", target=token, data={"scope": scope})
    return token, str(parts)


@transaction.atomic
def revoke_token(*, actor: Actor, token: ApiToken) -> ApiToken:
    """Make the token useless for ever; revoking twice is once."""
    revoked = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if revoked:
        record(actor=actor, action="api_token.revoked", target=token)
    token.refresh_from_db()
    return token


def token_actor(text: str) -> Actor | None:
    """Whom a token speaks for; None when it is unknown, revoked or expired, or its owner gone."""
    parts = parse_token(text)
    if parts is None:
        return key_token_actor(text)
    token = (
        ApiToken.objects.select_related("user", "organisation").filter(key_id=parts.key_id).first()
    )
    digest = token_digest(parts.secret, settings.API_TOKEN_PEPPER)
    if token is None or not digests_match(token.digest, digest):
        return None
    if not token.is_usable or not token.user.is_active:
        return None
    actor = Actor(user=token.user, organisation=token.organisation, scope=TokenScope(token.scope))
    if actor.role is None:
        return None
    _note_use(token)
    return actor


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    stale = now - LAST_USED_INTERVAL
    if token.last_used_at is None or token.last_used_at < stale:
        unused = Q(last_used_at=None) | Q(last_used_at__lt=stale)
        ApiToken.objects.filter(unused, pk=token.pk).update(last_used_at=now)
