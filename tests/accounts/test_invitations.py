"""Invitations: sent, renewed, revoked, accepted, and whose account may accept."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.constants import INVITATION_LIFETIME
from accounts.models import Invitation, Membership, Organisation, User
from accounts.services.invitations import invite, renew_invitation, revoke_invitation
from accounts.services.trust import has_proven_mailbox, note_proven_mailbox
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.models import AuditEvent
from tests.factories import MembershipFactory, UserFactory

ActorFor = Callable[[User], Actor]
GUEST = "guest@example.org"
NEW = {"name": "Grace", "password": "a staple of clouds"}


@pytest.fixture(autouse=True)
def _by_mail(settings: LazySettings) -> None:
    settings.MAIL_IS_DELIVERED = True


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_invite__refuses_all_but_administrators(
    actor_for: ActorFor, admin: User, folder_admin: User, member: User
) -> None:
    for person in (member, folder_admin):
        with pytest.raises(NotAllowed):
            invite(actor=actor_for(person), email=GUEST)
    assert not Invitation.objects.exists()

    invitation, secret = invite(actor=actor_for(admin), email=f" {GUEST.upper()} ")

    assert invitation.email == GUEST
    assert secret not in invitation.digest
    assert AuditEvent.objects.get().data == {"email": GUEST, "role": "member"}


def test_invite__refuses_members_double_invitations_and_what_is_no_address(
    actor_for: ActorFor, admin: User, member: User
) -> None:
    with pytest.raises(Conflict, match="belongs"):
        invite(actor=actor_for(admin), email=member.email)
    with pytest.raises(InvalidInput):
        invite(actor=actor_for(admin), email="nobody")
    invite(actor=actor_for(admin), email=GUEST)

    with pytest.raises(Conflict, match="invited already"):
        invite(actor=actor_for(admin), email=GUEST)


def test_invitation__makes_an_account_and_lets_it_in(
    client: Client, actor_for: ActorFor, admin: User, organisation: Organisation
) -> None:
    _, secret = invite(actor=actor_for(admin), email=GUEST, role=OrganisationRole.ADMIN)
    address = f"/invitations/{secret}/"
    assert organisation.name in client.get(address).content.decode()
    assert client.post(address, {**NEW, "password": "short"}).status_code == 422
    assert not User.objects.filter(email=GUEST).exists()

    answer = client.post(address, NEW)

    assert answer["Location"] == "/"
    guest = User.objects.get(email=GUEST)
    assert (guest.name, has_proven_mailbox(guest)) == ("Grace", True)
    assert Membership.objects.get(user=guest).role == OrganisationRole.ADMIN
    assert client.get("/account/").status_code == 200, "and is signed in"
    assert AuditEvent.objects.filter(action="member.joined", actor=guest).count() == 1
    assert Client().get(address).status_code == 404, "a link is good once"


def test_invitation__lets_a_person_of_this_server_in_after_he_signed_in(
    client: Client, actor_for: ActorFor, admin: User, outsider: User, organisation: Organisation
) -> None:
    note_proven_mailbox(outsider)
    _, secret = invite(actor=actor_for(admin), email=outsider.email)
    address = f"/invitations/{secret}/"

    away = client.post(address, NEW)
    assert away["Location"] == f"/sign-in/?next={address}"
    assert Membership.objects.filter(user=outsider).count() == 1

    his = _client(outsider)
    assert his.post(address)["Location"] == "/"

    assert Membership.objects.filter(user=outsider, organisation=organisation).exists()
    assert organisation.name in his.get("/jobs/").content.decode(), "and works there now"


def test_invitation__does_not_let_an_account_in_that_others_may_have_the_password_of(
    actor_for: ActorFor, admin: User, outsider: User, organisation: Organisation
) -> None:
    _, secret = invite(actor=actor_for(admin), email=outsider.email)
    his = _client(outsider)

    page = his.get(f"/invitations/{secret}/")
    answer = his.post(f"/invitations/{secret}/")

    assert "set a new password by e-mail" in page.content.decode()
    assert answer.status_code == 409
    assert not Membership.objects.filter(user=outsider, organisation=organisation).exists()


def test_invitation__lets_whoever_left_in_again_without_further_proof(
    actor_for: ActorFor, admin: User, organisation: Organisation
) -> None:
    back = UserFactory.create(email="back@example.org")
    MembershipFactory.create(organisation=organisation, user=back)
    his = _client(back)
    his.delete(f"/api/v1/members/{back.pk}/", headers={"X-CSRFToken": "x"})
    assert not Membership.objects.filter(user=back).exists()
    _, secret = invite(actor=actor_for(admin), email=back.email)

    assert his.post(f"/invitations/{secret}/").status_code == 302

    assert Membership.objects.filter(user=back, organisation=organisation).exists()


def test_invitation__is_for_nobody_else(
    actor_for: ActorFor, admin: User, member: User, outsider: User
) -> None:
    note_proven_mailbox(outsider)
    _, secret = invite(actor=actor_for(admin), email=GUEST)

    answer = _client(outsider).post(f"/invitations/{secret}/")

    assert answer.status_code == 403
    assert "signed in as outsider@example.org" in answer.content.decode()
    assert Membership.objects.filter(user=outsider).count() == 1


def test_invitation__a_revoked_renewed_or_old_one_opens_nothing(
    client: Client, actor_for: ActorFor, admin: User, member: User
) -> None:
    first, secret = invite(actor=actor_for(admin), email=GUEST)
    with pytest.raises(NotAllowed):
        renew_invitation(actor=actor_for(member), invitation=first)
    _, again = renew_invitation(actor=actor_for(admin), invitation=first)
    assert client.get(f"/invitations/{secret}/").status_code == 404
    assert client.get(f"/invitations/{again}/").status_code == 200

    with time_machine.travel(timezone.now() + INVITATION_LIFETIME + timedelta(seconds=1)):
        assert client.get(f"/invitations/{again}/").status_code == 404

    with pytest.raises(NotAllowed):
        revoke_invitation(actor=actor_for(member), invitation=first)
    revoke_invitation(actor=actor_for(admin), invitation=first)
    assert client.post(f"/invitations/{again}/", NEW).status_code == 404
    with pytest.raises(NotFound):
        renew_invitation(actor=actor_for(admin), invitation=first)
    assert not User.objects.filter(email=GUEST).exists()


def test_invitation__of_another_organisation_is_out_of_reach(
    actor_for: ActorFor, admin: User, outsider: User
) -> None:
    invitation, _ = invite(actor=actor_for(admin), email=GUEST)

    revoke_invitation(actor=actor_for(outsider), invitation=invitation)
    with pytest.raises(NotFound):
        renew_invitation(actor=actor_for(outsider), invitation=invitation)

    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_invitation__whose_link_was_handed_over_proves_no_mailbox(
    client: Client, actor_for: ActorFor, admin: User, settings: LazySettings
) -> None:
    settings.MAIL_IS_DELIVERED = False
    _, secret = invite(actor=actor_for(admin), email=GUEST)

    client.post(f"/invitations/{secret}/", NEW)

    assert not has_proven_mailbox(User.objects.get(email=GUEST))
