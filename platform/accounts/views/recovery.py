"""A new password by e-mail: allauth's flow in our look."""

from typing import Any

from allauth.account.views import PasswordResetFromKeyView, PasswordResetView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.choices import AttemptKind
from accounts.forms import AskPasswordForm, NewPasswordForm, PageForm
from accounts.services.attempts import count_attempt
from core.errors import DomainError

_METHODS = ["GET", "HEAD", "POST"]


@method_decorator([never_cache, require_http_methods(_METHODS)], name="dispatch")
class AskPasswordView(PasswordResetView):  # type: ignore[misc]  # allauth carries no types
    """Ask for the address; the answer is the same whether anybody has it."""

    template_name = "accounts/password_ask.html"
    form_class = AskPasswordForm
    success_url = reverse_lazy("account_reset_password_done")

    def form_valid(self, form: AskPasswordForm) -> HttpResponse:
        """Send the mail unless it was asked for too often."""
        email = form.cleaned_data["email"]
        try:
            count_attempt(request=self.request, email=email, kind=AttemptKind.RESET)
        except DomainError as error:
            form.take_error(error)
            return _again(self, form, error.status)
        answer: HttpResponse = super().form_valid(form)
        return answer

    def form_invalid(self, form: AskPasswordForm) -> HttpResponse:
        """Say what is wrong with the address."""
        return _again(self, form, 422)


@require_safe
def password_asked(request: HttpRequest) -> HttpResponse:
    """Say that a mail is under way if there is such a person."""
    return render(request, "accounts/password_asked.html")


_SENSITIVE = sensitive_post_parameters("password1", "password2")


@method_decorator([_SENSITIVE, never_cache, require_http_methods(_METHODS)], name="dispatch")
class NewPasswordView(PasswordResetFromKeyView):  # type: ignore[misc]  # allauth carries no types
    """Set the new password by the link of the mail."""

    template_name = "accounts/password_new.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("sign-in")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A link that opens nothing is a page that says so, with its status."""
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if response.status_code == 200 and self.reset_user is None:
            response.status_code = 404
        return response

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        """Set it; the person signs in with it next."""
        try:
            answer: HttpResponse = super().form_valid(form)
        except DomainError as error:
            form.take_error(error)
            return self.form_invalid(form)
        messages.success(self.request, "Your password is set. Sign in with it.")
        return answer

    def form_invalid(self, form: NewPasswordForm) -> HttpResponse:
        """Say what is wrong with the password."""
        return _again(self, form, 422)


def _again(view: Any, form: PageForm, status: int) -> HttpResponse:
    """The page with what is wrong in its form."""
    answer: HttpResponse = view.render_to_response(view.get_context_data(form=form), status=status)
    return answer
