"""The page that an invitation's link opens."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.forms import JoinForm
from accounts.models import Invitation, User
from accounts.services.actors import switch_organisation
from accounts.services.invitations import (
    accept_as_new_person,
    accept_invitation,
    find_invitation,
    may_accept,
)
from core.errors import DomainError


@method_decorator([sensitive_post_parameters("password"), never_cache], name="dispatch")
class InvitationView(View):
    """Whoever is signed in as the invited person joins; everybody else is told how to."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Show who invites whom, and the next step."""
        return _page(request, find_invitation(secret))

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Join, with a new account where there is none of the address."""
        invitation = find_invitation(secret)
        user = request.user
        if isinstance(user, User):
            if user.email != invitation.email:
                return _page(request, invitation, status=403)
            accept_invitation(secret=secret, user=user)
        elif _has_account(invitation):
            return redirect(_sign_in(request))
        else:
            form = JoinForm(request.POST)
            if not form.is_valid():
                return _page(request, invitation, form=form, status=422)
            try:
                user = accept_as_new_person(secret=secret, **form.cleaned_data)
            except DomainError as error:
                form.take_error(error)
                return _page(request, invitation, form=form, status=422)
            perform_login(request, user)
        switch_organisation(request=request, organisation_id=str(invitation.organisation_id))
        messages.success(request, f"You belong to {invitation.organisation.name} now.")
        return redirect("home")


def _page(
    request: HttpRequest, invitation: Invitation, *, form: JoinForm | None = None, status: int = 200
) -> HttpResponse:
    user = request.user
    is_invited = isinstance(user, User) and user.email == invitation.email
    context = {
        "invitation": invitation,
        "is_invited": is_invited,
        "may_accept": isinstance(user, User) and is_invited and may_accept(invitation, user),
        "has_account": _has_account(invitation),
        "sign_in_url": _sign_in(request),
        "form": form or JoinForm(),
    }
    return render(request, "accounts/invitation.html", context, status=status)


def _has_account(invitation: Invitation) -> bool:
    return User.objects.filter(email=invitation.email).exists()


def _sign_in(request: HttpRequest) -> str:
    """The way back here leads through the sign-in page."""
    return f"{reverse('sign-in')}?next={request.path}"
