"""Pages of members and invitations, and handing over what somebody holds."""

import re
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Invitation, Membership, Organisation, User
from accounts.services.organisations import hand_over, remove_member
from collections_app.models import Collection, Preset
from core.errors import InvalidInput, NotAllowed
from core.models import AuditEvent, OutgoingMail
from core.services.mails import send_waiting_mails
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant
from tests.factories import FolderGrantFactory, MembershipFactory, TeamFactory, UserFactory

ActorFor = Callable[[User], Actor]


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _membership(user: User) -> Membership:
    return Membership.objects.select_related("user", "organisation").get(user=user)


def test_members__shows_colleagues_and_no_one_else(
    member: User, viewer: User, outsider: User, organisation: Organisation
) -> None:
    TeamFactory.create(organisation=organisation, name="Owls").members.add(viewer)
    foreign = TeamFactory.create(name="Strangers")
    foreign.members.add(viewer)

    page = _client(member).get("/members/").content.decode()

    assert viewer.email in page
    assert "Owls" in page
    assert outsider.email not in page
    assert "Strangers" not in page, "a team of another organisation that he belongs to"
    assert "invite-dialog" not in page


def test_members__are_found_by_name_and_address(member: User, viewer: User) -> None:
    page = _client(member).get("/members/?q=VIEWER@").content.decode()

    assert viewer.email in page
    assert f"/members/{member.pk}/" not in page
    assert _client(member).get("/members/?page=0").status_code == 400


def test_members__come_in_pages(member: User, organisation: Organisation) -> None:
    for number in range(101):
        user = UserFactory.create(name=f"Aa {number:03}")
        MembershipFactory.create(organisation=organisation, user=user)

    first = _client(member).get("/members/").content.decode()
    second = _client(member).get("/members/?page=2").content.decode()

    assert "Aa 099" in first
    assert "?page=2" in first
    assert "Aa 100" in second
    assert "Aa 099" not in second


def test_invite__mails_the_link_where_a_server_is_set(
    admin: User, settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.MAIL_IS_DELIVERED = True

    answer = _client(admin).post(
        "/members/invitations/", {"email": "guest@example.org", "role": "member"}
    )

    assert answer.status_code == 302
    (mail,) = mailoutbox
    assert mail.to == ["guest@example.org"]
    assert "Admin invites you to Lighthouse Lab" in mail.subject
    link = re.search(r"http://testserver(/invitations/\S+)", str(mail.body))
    assert link is not None
    page = _client(admin).get("/members/").content.decode()
    assert link[1] not in page
    assert "guest@example.org" in page
    assert Client().get(link[1]).status_code == 200


def test_invite__shows_the_link_once_where_no_mail_is_sent(admin: User) -> None:
    client = _client(admin)

    page = client.post("/members/invitations/", {"email": "guest@example.org", "role": "admin"})

    link = re.search(r"http://testserver(/invitations/[^\"]+)", page.content.decode())
    assert link is not None
    assert "no-store" in page["Cache-Control"]
    assert link[1] not in client.get("/members/").content.decode()
    assert "as an administrator" in Client().get(link[1]).content.decode()


def test_invite__says_where_the_mail_server_did_not_take_the_mail(
    admin: User, settings: LazySettings
) -> None:
    settings.MAIL_IS_DELIVERED = True
    settings.EMAIL_BACKEND = "core.mail.OutboxBackend"
    settings.MAIL_SERVER_BACKEND = "tests.core.mail_servers.Refusing"
    client = _client(admin)

    client.post("/members/invitations/", {"email": "guest@example.org", "role": "member"})

    page = client.get("/members/").content.decode()
    assert "guest@example.org is invited." in page
    assert "Mail not sent yet" not in page
    send_waiting_mails()
    assert "Mail not sent yet" in client.get("/members/").content.decode()
    assert Invitation.objects.open().count() == 1
    settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    OutgoingMail.objects.update(next_at=timezone.now())
    send_waiting_mails()
    assert "Mail not sent yet" not in client.get("/members/").content.decode()


@pytest.mark.parametrize("body", [{"email": "nobody", "role": "member"}, {"email": "a@b.org"}])
def test_invite__refuses_what_is_incomplete(admin: User, body: dict[str, str]) -> None:
    answer = _client(admin).post("/members/invitations/", body)

    assert answer.status_code == 422
    assert "data-open" in answer.content.decode(), "the dialog is open again"
    assert not Invitation.objects.exists()


def test_invitation__is_renewed_and_revoked_on_the_page(admin: User, outsider: User) -> None:
    client = _client(admin)
    client.post("/members/invitations/", {"email": "guest@example.org", "role": "member"})
    row = Invitation.objects.get()
    assert _client(outsider).post(f"/members/invitations/{row.pk}/revoke/").status_code == 404

    assert client.post(f"/members/invitations/{row.pk}/renew/").status_code == 200
    assert client.post(f"/members/invitations/{row.pk}/revoke/").status_code == 302

    renewed = Invitation.objects.get()
    assert renewed.digest != row.digest
    assert renewed.revoked_at is not None
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["invitation.sent", "invitation.sent_again", "invitation.revoked"]


def test_role__the_last_administrator_stays_one(admin: User, member: User) -> None:
    assert _client(member).post(f"/members/{admin.pk}/role/", {"role": "member"}).status_code == 403

    answer = _client(admin).post(f"/members/{admin.pk}/role/", {"role": "member"})

    assert answer.status_code == 422
    assert "needs an administrator" in answer.content.decode()
    assert _client(admin).post(f"/members/{member.pk}/role/", {"role": "admin"}).status_code == 302
    assert _membership(member).role == OrganisationRole.ADMIN


def test_hand_over__refuses_members_strangers_and_oneself(
    actor_for: ActorFor, admin: User, member: User, viewer: User, outsider: User
) -> None:
    with pytest.raises(NotAllowed):
        hand_over(actor=actor_for(member), membership=_membership(viewer), heir=_membership(member))
    for heir in (viewer, outsider):
        with pytest.raises(InvalidInput):
            hand_over(
                actor=actor_for(admin), membership=_membership(viewer), heir=_membership(heir)
            )

    assert FolderGrant.objects.filter(user=viewer).count() == 1


def test_hand_over__gives_shares_collections_and_presets(
    actor_for: ActorFor,
    admin: User,
    editor: User,
    viewer: User,
    birds: Folder,
    boats: Folder,
) -> None:
    FolderGrantFactory.create(folder=boats, user=editor, role=FolderRole.VIEWER)
    FolderGrantFactory.create(folder=boats, user=viewer, role=FolderRole.ADMIN)
    Collection.objects.create(root=birds, name="Owls", created_by=editor)
    Preset.objects.create(root=birds, name="Big", filter={}, created_by=editor)
    others = Collection.objects.create(root=birds, name="Gulls", created_by=admin)

    counts = hand_over(
        actor=actor_for(admin), membership=_membership(editor), heir=_membership(viewer)
    )

    assert counts == {"shared folder": 2, "collection": 1, "preset": 1}
    roles = dict(FolderGrant.objects.filter(user=viewer).values_list("folder__name", "role"))
    assert roles == {"Birds": "editor", "Boats": "admin"}, "the stronger role each time"
    assert not FolderGrant.objects.filter(user=editor).exists()
    assert Collection.objects.get(name="Owls").created_by == viewer
    assert Preset.objects.get(name="Big").created_by == viewer
    others.refresh_from_db()
    assert others.created_by == admin
    event = AuditEvent.objects.get(action="member.belongings_handed_over")
    assert event.data == {"to": str(viewer.pk), **counts}


def test_remove__on_the_page_names_an_heir(
    admin: User, editor: User, viewer: User, birds: Folder
) -> None:
    client, address = _client(admin), f"/members/{editor.pk}/remove/"
    assert "1 shared folder" in client.get(f"/members/{editor.pk}/").content.decode()
    wrong = client.post(address, {"heir": "nobody@example.org"})
    assert wrong.status_code == 422
    assert Membership.objects.filter(user=editor).exists()

    assert client.post(address, {"heir": viewer.email.upper()}).status_code == 302

    assert not Membership.objects.filter(user=editor).exists()
    assert FolderGrant.objects.get(user=viewer, folder=birds).role == FolderRole.EDITOR


def test_remove__members_leave_by_themselves(member: User, viewer: User) -> None:
    assert _client(member).post(f"/members/{viewer.pk}/remove/").status_code == 403

    assert _client(member).post(f"/members/{member.pk}/remove/")["Location"] == "/sign-in/"

    assert not Membership.objects.filter(user=member).exists()


def test_remove__takes_the_shares_of_this_organisation_only(
    actor_for: ActorFor, admin: User, viewer: User, other_organisation: Organisation
) -> None:
    MembershipFactory.create(organisation=other_organisation, user=viewer)
    elsewhere = FolderGrantFactory.create(folder__organisation=other_organisation, user=viewer)
    membership = Membership.objects.select_related("user", "organisation").get(
        user=viewer, organisation=actor_for(admin).organisation
    )

    remove_member(actor=actor_for(admin), membership=membership)

    assert list(FolderGrant.objects.filter(user=viewer)) == [elsewhere]


def test_organisation__is_renamed_by_administrators(
    admin: User, member: User, organisation: Organisation
) -> None:
    assert _client(member).post("/organisation/", {"name": "Mine"}).status_code == 403
    assert _client(admin).post("/organisation/", {"name": " "}).status_code == 422

    assert _client(admin).post("/organisation/", {"name": "Ours"}).status_code == 302

    organisation.refresh_from_db()
    assert organisation.name == "Ours"
