"""Invitations as administrators see them; what their links open is views/invitation.py."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.forms import InviteForm
from accounts.middleware import actor_of
from accounts.models import Invitation
from accounts.services.invitation_mails import mail_invitation
from accounts.services.invitations import invite, renew_invitation, revoke_invitation
from accounts.views.members import members_page
from core.errors import DomainError, NotFound


@never_cache
@require_POST
def invitation_create(request: HttpRequest) -> HttpResponse:
    """Invite an address."""
    actor = actor_of(request)
    actor.require_organisation_admin()
    form = InviteForm(request.POST)
    if not form.is_valid():
        return members_page(request, actor, form=form, status=422)
    role = OrganisationRole(form.cleaned_data["role"])
    try:
        invitation, secret = invite(actor=actor, email=form.cleaned_data["email"], role=role)
    except DomainError as error:
        form.take_error(error)
        return members_page(request, actor, form=form, status=422)
    return _deliver(request, actor, invitation, secret)


@never_cache
@require_POST
def invitation_renew(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Send an invitation anew, with another link."""
    actor = actor_of(request)
    actor.require_organisation_admin()
    invitation, secret = renew_invitation(
        actor=actor, invitation=_get_invitation(actor, invitation_id)
    )
    return _deliver(request, actor, invitation, secret)


@require_POST
def invitation_revoke(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Make an invitation useless."""
    actor = actor_of(request)
    actor.require_organisation_admin()
    invitation = _get_invitation(actor, invitation_id)
    revoke_invitation(actor=actor, invitation=invitation)
    messages.success(request, f"The invitation of {invitation.email} is revoked.")
    return redirect("members")


def _get_invitation(actor: Actor, invitation_id: UUID) -> Invitation:
    found = Invitation.objects.visible_to(actor).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound("There is no such invitation.")
    return found


def _deliver(
    request: HttpRequest, actor: Actor, invitation: Invitation, secret: str
) -> HttpResponse:
    """Mail the link; where no mail is sent, show it in this answer and never again."""
    link = request.build_absolute_uri(reverse("invitation", args=[secret]))
    mail_invitation(invitation=invitation, link=link)
    if not settings.MAIL_IS_DELIVERED:
        return members_page(request, actor, link=link)
    messages.success(request, f"{invitation.email} is invited.")
    return redirect("members")
