"""What the first start makes: an administrator and an organisation."""

import io
import os
import secrets

from django.contrib.auth import get_user_model
from django.core.management import call_command

from stack.journal import Journal

DEFAULT_EMAIL = "admin@localhost"
DEFAULT_ORGANISATION = "Kindred"


def make_administrator(journal: Journal) -> str | None:
    """Make the administrator when nobody exists yet; return how to sign in, None otherwise.

    KINDRED_ADMIN_EMAIL and KINDRED_ADMIN_PASSWORD choose him; a password that is chosen here is
    stored nowhere but, hashed, with the person.
    """
    if get_user_model().objects.exists():
        return None
    email = os.environ.get("KINDRED_ADMIN_EMAIL") or DEFAULT_EMAIL
    given = os.environ.get("KINDRED_ADMIN_PASSWORD")
    password = given or secrets.token_urlsafe(12)
    journal.say("Making the administrator and an organisation …")
    # In one word with its name: a password that begins with a dash is no option.
    given_as = {"email": email, "password": password, "organisation": DEFAULT_ORGANISATION}
    arguments = [f"--{name}={value}" for name, value in given_as.items()]
    call_command("bootstrap", *arguments, "--no-token", stdout=io.StringIO())
    if given:
        return f"Sign in as {email} with the password of KINDRED_ADMIN_PASSWORD."
    return f"Sign in as {email} with the password {password}  (shown this once)."
