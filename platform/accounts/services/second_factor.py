"""A second factor: an app that shows codes, and codes on paper for when it is lost.

django-allauth keeps both and asks at each sign-in. Secrets are sealed (accounts.adapter). Programs
sign in by tokens and keys of their own, which are not asked.
"""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, validate_totp_code
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts.actor import Actor
from accounts.models import Membership, User
from accounts.services.sign_ins import WrongCredentials, check_credentials
from core.errors import Conflict, FieldError, InvalidInput, NotAllowed
from core.services.audit import record, record_of_server


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What protects an account besides the password."""

    is_on: bool
    codes_left: int


def second_factor_of(user: User) -> SecondFactor:
    """Whether a person is asked for a code, and how many on paper are unused."""
    found = {one.type: one for one in Authenticator.objects.filter(user=user)}
    codes = found.get(Authenticator.Type.RECOVERY_CODES)
    left = len(codes.wrap().get_unused_codes()) if codes else 0
    return SecondFactor(Authenticator.Type.TOTP in found, left)


def turn_on(
    *, actor: Actor, request: HttpRequest, password: str, secret: str, code: str
) -> list[str]:
    """Have the person asked for codes of the app that holds the secret.

    Returns:
        The codes for paper; they are not shown again.

    Raises:
        NotAllowed: this server does not offer it.
        InvalidInput: the password is wrong, or the code is none of the app's at present.
        Conflict: it is on already.
        TooManyAttempts: the password was guessed too often.
    """
    if not settings.SECOND_FACTOR_OFFERED:
        raise NotAllowed("This server offers no second factor.")
    require_password(actor=actor, request=request, password=password)
    if not validate_totp_code(secret, code):
        message = "This is not what the app shows now. If it is, your device's clock is wrong."
        raise InvalidInput(errors=[FieldError("code", message, code="wrong_code")])
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.user.pk)
        if second_factor_of(user).is_on:
            raise Conflict("Your account asks for codes already.", code="second_factor_is_on")
        TOTP.activate(user, secret)
        _note(user, user, "person.second_factor_on")
        return _draw_codes(user)


def turn_off(*, actor: Actor, request: HttpRequest, password: str) -> None:
    """Ask for the password alone again.

    Raises:
        InvalidInput: the password is wrong.
        TooManyAttempts: it was guessed too often.
    """
    require_password(actor=actor, request=request, password=password)
    with transaction.atomic():
        if Authenticator.objects.filter(user=actor.user).delete()[0]:
            _note(actor.user, actor.user, "person.second_factor_off")


def renew_codes(*, actor: Actor, request: HttpRequest, password: str) -> list[str]:
    """Draw other codes for paper; the earlier ones open nothing.

    Raises:
        InvalidInput: the password is wrong.
        Conflict: the account asks for no codes.
        TooManyAttempts: the password was guessed too often.
    """
    require_password(actor=actor, request=request, password=password)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.user.pk)
        if not second_factor_of(user).is_on:
            raise Conflict("Your account asks for no codes.", code="second_factor_is_off")
        _note(user, user, "person.recovery_codes_drawn")
        return _draw_codes(user)


@transaction.atomic
def remove_second_factor(*, operator: User | None, user: User) -> bool:
    """Let in by the password alone who has lost app and paper; False when he has no second factor.

    Args:
        operator: who does it; None at the server's own command line.
        user: whose it is.

    Raises:
        NotAllowed: the caller is no operator.
    """
    if operator is not None and not (operator.is_active and operator.is_superuser):
        raise NotAllowed("Only the operators of this server may do this.")
    if not Authenticator.objects.filter(user=user).delete()[0]:
        return False
    _note(operator or user, user, "person.second_factor_removed")
    return True


def require_password(*, actor: Actor, request: HttpRequest, password: str) -> None:
    """Make sure that it is he who sits there.

    Call it outside of transactions: a failure is counted, which a rollback would undo.

    Raises:
        InvalidInput: the password is wrong.
        TooManyAttempts: it was guessed too often.
    """
    try:
        check_credentials(request=request, email=actor.user.email, password=password)
    except WrongCredentials as error:
        wrong = FieldError("password", "This is not your password.", code="wrong_password")
        raise InvalidInput(errors=[wrong]) from error


def _draw_codes(user: User) -> list[str]:
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def _note(actor: User, user: User, action: str) -> None:
    """On the record of each organisation of the person, else on the server's."""
    memberships = list(Membership.objects.filter(user=user).select_related("organisation"))
    for membership in memberships:
        acting = Actor(user=actor, organisation=membership.organisation)
        record(actor=acting, action=action, target=user)
    if not memberships:
        record_of_server(operator=actor, action=action, target=user)
