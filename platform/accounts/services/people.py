"""People: made, renamed, their passwords."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from accounts.services.validation import clean_name
from core.errors import Conflict, FieldError, InvalidInput
from core.services.audit import record


def create_person(*, email: str, password: str | None, name: str = "") -> User:
    """Save a new person; without a password nobody can sign in as him.

    Raises:
        InvalidInput: the address is no e-mail address, or the password too weak.
        Conflict: somebody has the address.
    """
    email = check_email(email)
    if User.objects.filter(email=email).exists():
        raise Conflict(f"Somebody uses the address {email} already.", code="email_in_use")
    person = User(email=email, name=clean_name(name) if name else "")
    if password is not None:
        check_password_strength(password, person)
    return User.objects.create_user(email, password, name=person.name)


@transaction.atomic
def rename_person(*, actor: Actor, name: str) -> User:
    """Change the name by which others see the actor.

    Raises:
        InvalidInput: the name is empty or too long.
    """
    actor.user.name = clean_name(name)
    actor.user.save(update_fields=["name"])
    record(actor=actor, action="person.renamed", target=actor.user)
    return actor.user


@transaction.atomic
def change_password(*, actor: Actor, old: str, new: str) -> User:
    """Set another password; the person's other sessions end with it.

    Raises:
        InvalidInput: the old password is wrong, or the new one too weak.
    """
    user = actor.user
    if not user.check_password(old):
        problem = FieldError("old_password", "This is not your password.", code="wrong_password")
        raise InvalidInput(errors=[problem])
    check_password_strength(new, user)
    user.set_password(new)
    user.save(update_fields=["password"])
    record(actor=actor, action="person.password_changed", target=user)
    return user


def check_email(email: str) -> str:
    """The address in the form in which it is kept.

    Raises:
        InvalidInput: it is no e-mail address.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        problem = FieldError("email", "This is no e-mail address.", found=email[:100])
        raise InvalidInput(errors=[problem]) from error
    return email


def check_password_strength(password: str, user: User) -> None:
    """Hold the password against the configured rules.

    Raises:
        InvalidInput: it breaks some; all are named.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems = [FieldError("new_password", text, code="too_weak") for text in error.messages]
        raise InvalidInput(errors=problems) from error
