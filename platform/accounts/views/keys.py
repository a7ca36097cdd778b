"""SSH keys and API tokens of the signed-in person."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.forms import SSHKeyForm, TokenForm
from accounts.middleware import actor_of
from accounts.models import ApiToken, SSHKey
from accounts.services.ssh_keys import add_ssh_key, revoke_ssh_key
from accounts.services.tokens import create_token, revoke_token
from core.errors import DomainError, NotFound


@require_safe
def api_keys(request: HttpRequest) -> HttpResponse:
    """The keys and tokens in use, with a form for each."""
    return _page(request, actor_of(request))


@require_POST
def ssh_key_add(request: HttpRequest) -> HttpResponse:
    """Add a public key."""
    actor = actor_of(request)
    form = SSHKeyForm(request.POST, prefix="ssh")
    if form.is_valid():
        try:
            key = add_ssh_key(actor=actor, **form.cleaned_data)
        except DomainError as error:
            form.take_error(error)
        else:
            messages.success(request, f"The SSH key “{key.name}” is added.")
            return redirect("api-keys")
    return _page(request, actor, ssh_form=form)


@require_POST
def ssh_key_revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Revoke one of the person's keys."""
    actor = actor_of(request)
    key = SSHKey.objects.visible_to(actor).filter(pk=key_id).first()
    if key is None:
        raise NotFound("There is no such SSH key.")
    revoke_ssh_key(actor=actor, key=key)
    messages.success(request, f"The SSH key “{key.name}” is revoked.")
    return redirect("api-keys")


@never_cache
@require_POST
def token_create(request: HttpRequest) -> HttpResponse:
    """Make a token and show it: in this answer and never again, so there is no redirect."""
    actor = actor_of(request)
    form = TokenForm(request.POST, prefix="token")
    if not form.is_valid():
        return _page(request, actor, token_form=form)
    days = form.cleaned_data["lifetime"]
    try:
        token, plain = create_token(
            actor=actor,
            name=form.cleaned_data["name"],
            scope=TokenScope(form.cleaned_data["scope"]),
            expires_at=timezone.now() + timedelta(days=days) if days else None,
        )
    except DomainError as error:
        form.take_error(error)
        return _page(request, actor, token_form=form)
    return _page(request, actor, made=(token, plain))


@require_POST
def token_revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Revoke one of the person's tokens."""
    actor = actor_of(request)
    token = ApiToken.objects.visible_to(actor).filter(pk=token_id).first()
    if token is None:
        raise NotFound("There is no such API token.")
    revoke_token(actor=actor, token=token)
    messages.success(request, f"The API token “{token.name}” is revoked.")
    return redirect("api-keys")


def _page(
    request: HttpRequest,
    actor: Actor,
    *,
    ssh_form: SSHKeyForm | None = None,
    token_form: TokenForm | None = None,
    made: tuple[ApiToken, str] | None = None,
) -> HttpResponse:
    """The page, with what is wrong in a form (422) or the token that was just made."""
    keys = SSHKey.objects.visible_to(actor).filter(revoked_at=None).select_related("organisation")
    tokens = ApiToken.objects.visible_to(actor).filter(revoked_at=None)
    context = {
        "ssh_keys": keys.order_by("-created_at", "pk"),
        "tokens": tokens.order_by("-created_at", "pk"),
        "ssh_form": ssh_form or SSHKeyForm(prefix="ssh"),
        "token_form": token_form or TokenForm(prefix="token"),
        "made_token": made[0] if made else None,
        "plain_token": made[1] if made else "",
    }
    status = 422 if ssh_form or token_form else 200
    return render(request, "accounts/keys.html", context, status=status)
