"""Makes a person with an organisation and credentials, for first starts and scripts."""

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import OrganisationRole, TokenScope
from accounts.models import ApiToken, Membership, Organisation, SSHKey, User
from accounts.services.organisations import create_organisation
from accounts.services.people import check_password_strength, create_person
from accounts.services.ssh_keys import add_ssh_key
from accounts.services.tokens import create_token
from accounts.ssh_keys import parse_public_key
from core.services.audit import record

TOKEN_NAME = "bootstrap"  # noqa: S105 - a name, not a secret
# A script that runs every night must not run into the limit of tokens: the oldest go.
TOKENS_KEPT = 20


@transaction.atomic
def bootstrap(*, email: str, password: str, organisation: str, ssh_public_key: str = "") -> Actor:
    """Make sure that the person exists with this password, administers the organisation, and has
    the SSH key; doing it again changes nothing.

    Whoever calls this has the server's command line, so there is no actor to ask. The very first
    person becomes the operator of the server.

    Raises:
        InvalidInput: address, password, name or key is not acceptable.
    """
    person = _person(email, password)
    place = _organisation(person, organisation)
    actor = Actor(user=person, organisation=place)
    if ssh_public_key:
        key_id = parse_public_key(ssh_public_key).key_id
        if not SSHKey.objects.filter(user=person, key_id=key_id, revoked_at=None).exists():
            add_ssh_key(actor=actor, public_key=ssh_public_key)
    return actor


@transaction.atomic
def create_bootstrap_token(*, actor: Actor) -> str:
    """Make an API token that may write; revoke the oldest ones of this origin beyond a few."""
    _token, text = create_token(actor=actor, name=TOKEN_NAME, scope=TokenScope.WRITE)
    tokens = ApiToken.objects.filter(
        user=actor.user, organisation=actor.organisation, name=TOKEN_NAME, revoked_at=None
    )
    oldest = tokens.order_by("-created_at", "-pk").values("pk")[TOKENS_KEPT:]
    ApiToken.objects.filter(pk__in=oldest).update(revoked_at=timezone.now())
    return text


def _person(email: str, password: str) -> User:
    """Return the person of that address with that password, made if need be."""
    is_first = not User.objects.exists()
    person = User.objects.filter(email=email.strip().lower()).first()
    if person is None:
        person = create_person(email=email, password=password)
    elif not person.check_password(password):
        check_password_strength(password, person)
        person.set_password(password)
    person.is_active = True
    if is_first:
        person.is_staff = person.is_superuser = True
    person.save(update_fields=["password", "is_active", "is_staff", "is_superuser"])
    return person


def _organisation(person: User, name: str) -> Organisation:
    """Return the organisation of that name, made if need be; the person administers it."""
    own = Organisation.objects.filter(memberships__user=person)
    found = (
        own.filter(name=name.strip()).first()
        or Organisation.objects.filter(name=name.strip()).order_by("created_at", "pk").first()
    )
    if found is None:
        return create_organisation(user=person, name=name)
    membership, created = Membership.objects.get_or_create(
        organisation=found, user=person, defaults={"role": OrganisationRole.ADMIN}
    )
    if created or membership.role != OrganisationRole.ADMIN:
        membership.role = OrganisationRole.ADMIN
        membership.save(update_fields=["role", "updated_at"])
        actor = Actor(user=person, organisation=found)
        record(actor=actor, action="member.added", target=person, data={"role": membership.role})
    return found
