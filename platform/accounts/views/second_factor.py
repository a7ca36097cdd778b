"""The second factor of the signed-in person, and the page that asks for it at sign-in.

second-factor            GET   /account/second-factor/        accounts/second_factor.html
second-factor-on         GET, POST  …/on/                     accounts/second_factor_on.html
second-factor-off        POST  …/off/
second-factor-codes      POST  …/codes/
mfa_authenticate         GET, POST  /sign-in/code/            accounts/second_factor_code.html

Codes for paper stand in the answer that draws them and nowhere else.
"""

import base64
from io import BytesIO
from typing import Any

import qrcode
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from qrcode.image.svg import SvgPathFillImage

from accounts.actor import Actor
from accounts.forms import CodeForm, OwnPasswordForm, TurnOnForm
from accounts.middleware import actor_of
from accounts.services.second_factor import renew_codes, second_factor_of, turn_off, turn_on
from core.errors import DomainError, NotFound

_SECRET = "second_factor_secret"  # noqa: S105 - where the session keeps one
_METHODS = ["GET", "HEAD", "POST"]


@never_cache
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Whether it is on, and what may be done about it."""
    actor = actor_of(request)
    if not second_factor_of(actor.user).is_on:
        _require_offer()
    return _page(request, actor)


@never_cache
@sensitive_post_parameters()
@require_http_methods(_METHODS)
def second_factor_on(request: HttpRequest) -> HttpResponse:
    """Show the secret to the app, then take a code of it."""
    actor = actor_of(request)
    if second_factor_of(actor.user).is_on:
        return redirect("second-factor")
    _require_offer()
    form = TurnOnForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or _SECRET not in request.session:
        request.session[_SECRET] = generate_totp_secret()
    secret = request.session[_SECRET]
    if form.is_valid():
        try:
            codes = turn_on(actor=actor, request=request, secret=secret, **form.cleaned_data)
        except DomainError as error:
            form.take_error(error)
        else:
            del request.session[_SECRET]
            return _page(request, actor, codes=codes)
    address = get_adapter().build_totp_url(actor.user, secret)
    context = {"form": form, "secret": secret, "picture": _picture(address)}
    status = 422 if form.errors else 200
    return render(request, "accounts/second_factor_on.html", context, status=status)


@never_cache
@sensitive_post_parameters()
@require_POST
def second_factor_off(request: HttpRequest) -> HttpResponse:
    """Turn it off."""
    actor = actor_of(request)
    form = OwnPasswordForm(request.POST)
    if form.is_valid():
        try:
            turn_off(actor=actor, request=request, **form.cleaned_data)
        except DomainError as error:
            form.take_error(error)
        else:
            messages.success(request, "You sign in with your password alone now.")
            return redirect("second-factor")
    return _page(request, actor, off_form=form)


@never_cache
@sensitive_post_parameters()
@require_POST
def second_factor_codes(request: HttpRequest) -> HttpResponse:
    """Draw other codes for paper."""
    actor = actor_of(request)
    form = OwnPasswordForm(request.POST)
    if form.is_valid():
        try:
            codes = renew_codes(actor=actor, request=request, **form.cleaned_data)
        except DomainError as error:
            form.take_error(error)
        else:
            return _page(request, actor, codes=codes)
    return _page(request, actor, codes_form=form)


@method_decorator([never_cache, require_http_methods(_METHODS)], name="dispatch")
class CodeView(AuthenticateView):  # type: ignore[misc]  # allauth carries no types
    """Ask for a code, between the password and the session."""

    template_name = "accounts/second_factor_code.html"

    def _build_forms(self) -> CodeForm:
        data = self.request.POST if self.request.method == "POST" else None
        self.webauthn_form = None
        self.auth_form = CodeForm(data, user=self.stage.login.user)
        return self.auth_form

    def form_invalid(self, form: CodeForm) -> HttpResponseBase:
        """Say what is wrong with the code."""
        context: dict[str, Any] = self.get_context_data()
        answer: HttpResponseBase = self.render_to_response(context, status=422)
        return answer


def _require_offer() -> None:
    if not settings.SECOND_FACTOR_OFFERED:
        raise NotFound("This server offers no second factor.")


def _page(
    request: HttpRequest,
    actor: Actor,
    *,
    codes: list[str] | None = None,
    off_form: OwnPasswordForm | None = None,
    codes_form: OwnPasswordForm | None = None,
) -> HttpResponse:
    context = {
        "factor": second_factor_of(actor.user),
        "codes": codes,
        "off_form": off_form or OwnPasswordForm(prefix_id="off"),
        "codes_form": codes_form or OwnPasswordForm(prefix_id="codes"),
    }
    wrong = (off_form and off_form.errors) or (codes_form and codes_form.errors)
    return render(request, "accounts/second_factor.html", context, status=422 if wrong else 200)


def _picture(address: str) -> str:
    """The address as a QR code, on white whatever the theme: cameras need it."""
    image = BytesIO()
    qrcode.make(address, image_factory=SvgPathFillImage).save(image)
    return f"data:image/svg+xml;base64,{base64.b64encode(image.getvalue()).decode()}"
