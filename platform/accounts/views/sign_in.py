"""Signing in and out."""

from allauth.account.utils import perform_login
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import SignInForm
from accounts.services.actors import session_actor
from accounts.services.sign_ins import check_credentials
from core.errors import DomainError


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail address and password, then go on to `next`."""
    target = _target(request)
    if request.user.is_authenticated and request.method != "POST":
        if session_actor(request) is not None:
            return redirect(target)
        return render(request, "accounts/no_organisation.html", status=403)
    form = SignInForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = check_credentials(request=request, **form.cleaned_data)
            except DomainError as error:
                form.take_error(error)
                form.focus_password()
                status = error.status
            else:
                # By way of allauth's stages: a second factor would be asked for here.
                answer: HttpResponse = perform_login(request, user, redirect_url=target)
                return answer
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("sign-in")


def _target(request: HttpRequest) -> str:
    """Where to go on: `next` if it lies on this host and is no way back here."""
    target = request.POST.get("next") or request.GET.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if not allowed or target.startswith(resolve_url("sign-in")):
        return resolve_url("home")
    return target
