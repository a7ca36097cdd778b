"""The signed-in person's own page, his password, and the organisation that he works in."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import PasswordForm, ProfileForm
from accounts.middleware import actor_of
from accounts.models import Membership
from accounts.services.actors import switch_organisation as switch
from accounts.services.people import change_password, rename_person
from accounts.services.second_factor import second_factor_of
from core.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Name, address and organisations of the person; POST changes the name."""
    actor = actor_of(request)
    form = ProfileForm(
        request.POST if request.method == "POST" else None, initial={"name": actor.user.name}
    )
    if request.method == "POST" and form.is_valid():
        try:
            rename_person(actor=actor, name=form.cleaned_data["name"])
        except DomainError as error:
            form.take_error(error)
        else:
            messages.success(request, "Your name is saved.")
            return redirect("account")
    memberships = (
        Membership.objects.filter(user=actor.user)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )
    context = {
        "form": form,
        "actor": actor,
        "memberships": memberships,
        "second_factor": settings.SECOND_FACTOR_OFFERED or second_factor_of(actor.user).is_on,
    }
    return render(request, "accounts/account.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    """Change the password; the person stays signed in here and is signed out elsewhere."""
    actor = actor_of(request)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            user = change_password(
                actor=actor,
                old=form.cleaned_data["old_password"],
                new=form.cleaned_data["new_password"],
            )
        except DomainError as error:
            form.take_error(error)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, "Your password is changed. Other sessions are signed out.")
            return redirect("account")
    status = 422 if form.errors else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)


@require_POST
def switch_organisation(request: HttpRequest) -> HttpResponse:
    """Work in another of the person's organisations from now on, at `next` if it is named."""
    switch(request=request, organisation_id=request.POST.get("organisation", ""))
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if allowed else "home")
