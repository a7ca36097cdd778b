"""The page of integrations and its dialogs.

integrations        GET /integrations/                     integrations/integrations.html
    integrations: rows of the table (Row), kinds: list[Kind] (what can be added), can_edit
integration-create  GET, POST /integrations/add/<provider>/     integrations/edit_dialog.html
integration-edit    GET, POST /integrations/<uuid>/edit/        integrations/edit_dialog.html
    form: IntegrationForm, kind: Kind, integration (None for a new one); wrong input comes back with
    status 422, otherwise the page is loaded anew with a message
integration-delete  GET, POST /integrations/<uuid>/delete/      integrations/delete_dialog.html
    integration, uses: how many items are read through it
integration-test    GET, POST /integrations/<uuid>/test/        integrations/test_dialog.html
    integration, kind, url, report: ConnectionReport or None, error: what is wrong with the address
"""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import Conflict, InvalidInput
from integrations.choices import Provider
from integrations.forms import IntegrationForm
from integrations.models import Integration
from integrations.permissions import get_integration
from integrations.providers import PROVIDERS
from integrations.secret import SecretLost, decrypt
from integrations.services import integrations as services
from integrations.services.connections import ConnectionReport, test_integration

_ICONS = {Provider.HTTPS: "globe", Provider.S3: "cloud", Provider.DIRECTORY: "hard-drive"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A provider as pages name it."""

    key: str
    label: str
    icon: str
    example: str
    needs_test_url: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An integration in the table, with where it reads from."""

    integration: Integration
    kind: Kind
    place: str


@require_safe
def integrations(request: HttpRequest) -> HttpResponse:
    """All integrations of the organisation."""
    actor = actor_of(request)
    services.default_integration(actor.organisation)
    found = Integration.objects.visible_to(actor).order_by("-is_default", "name")
    is_admin = actor.is_organisation_admin
    context = {
        "rows": [Row(row, _kind(row.provider), _place(row, is_admin)) for row in found],
        "kinds": [_kind(provider) for provider in PROVIDERS],
        "can_edit": is_admin,
    }
    return render(request, "integrations/integrations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def integration_create(request: HttpRequest, provider: str) -> HttpResponse:
    """Ask for the values of a new integration, and make it."""
    actor = actor_of(request)
    actor.require_organisation_admin()
    if provider not in PROVIDERS:
        raise Http404
    if request.method != "POST":
        return _dialog(request, IntegrationForm(provider), provider)
    form = IntegrationForm(provider, data=request.POST)
    if form.is_valid():
        try:
            made = services.create_integration(
                actor=actor,
                name=form.cleaned_data["name"],
                provider=provider,
                settings=form.sent_settings(),
                secret=form.sent_secret(),
            )
        except (InvalidInput, Conflict) as error:
            form.take_error(error)
        else:
            messages.success(request, f"The integration “{made.name}” was added. Test it next.")
            return _done(request)
    return _dialog(request, form, provider)


@require_http_methods(["GET", "HEAD", "POST"])
def integration_edit(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Show the values of an integration, and change them."""
    actor, integration = _kept(request, integration_id)
    provider = integration.provider
    stored = _stored(integration)
    if request.method != "POST":
        form = IntegrationForm(provider, integration=integration, stored=stored)
        return _dialog(request, form, provider, integration)
    form = IntegrationForm(provider, data=request.POST, integration=integration, stored=stored)
    if form.is_valid():
        try:
            services.update_integration(
                actor=actor,
                integration=integration,
                name=form.cleaned_data["name"],
                settings=form.sent_settings(),
                secret=form.sent_secret(),
            )
        except (InvalidInput, Conflict) as error:
            form.take_error(error)
        else:
            messages.success(request, "The integration was saved.")
            return _done(request)
    return _dialog(request, form, provider, integration)


@require_http_methods(["GET", "HEAD", "POST"])
def integration_delete(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Ask, and delete an integration that nothing is read through."""
    actor, integration = _kept(request, integration_id)
    if request.method == "POST":
        try:
            services.delete_integration(actor=actor, integration=integration)
        except Conflict as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"The integration “{integration.name}” was deleted.")
        return _done(request)
    context = {"integration": integration, "uses": services.count_uses(integration)}
    return render(request, "integrations/delete_dialog.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def integration_test(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Try an integration out, and show how far it came."""
    actor, integration = _kept(request, integration_id)
    report: ConnectionReport | None = None
    error = ""
    url = request.POST.get("url", "")
    if request.method == "POST":
        try:
            report = test_integration(actor=actor, integration=integration, url=url)
        except (InvalidInput, Conflict) as refused:
            error = refused.message
    context = {
        "integration": integration,
        "kind": _kind(integration.provider),
        "url": url,
        "report": report,
        "error": error,
    }
    status = 422 if error else 200
    return render(request, "integrations/test_dialog.html", context, status=status)


def _kept(request: HttpRequest, integration_id: UUID) -> tuple[Actor, Integration]:
    """The actor, who administers the organisation, and the integration."""
    actor = actor_of(request)
    integration = get_integration(actor, integration_id)
    actor.require_organisation_admin()
    return actor, integration


def _dialog(
    request: HttpRequest,
    form: IntegrationForm,
    provider: str,
    integration: Integration | None = None,
) -> HttpResponse:
    context = {"form": form, "kind": _kind(provider), "integration": integration}
    status = 422 if form.errors else 200
    return render(request, "integrations/edit_dialog.html", context, status=status)


def _done(request: HttpRequest) -> HttpResponse:
    """Load the page of integrations anew, from a dialog as from a page of its own."""
    target = reverse("integrations")
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response


def _kind(provider: str) -> Kind:
    kind = PROVIDERS[provider]
    return Kind(
        key=provider,
        label=Provider(provider).label,
        icon=_ICONS[Provider(provider)],
        example=kind.example,
        needs_test_url=kind.needs_test_url,
    )


def _place(integration: Integration, is_admin: bool) -> str:
    """Where it reads from, for those who may know."""
    if integration.is_default:
        return "Any public address"
    if not is_admin:
        return ""
    values = integration.settings
    place = values.get("bucket") or values.get("prefix") or values.get("directory", "")
    return f"{place} at {values['endpoint']}" if values.get("endpoint") else place


def _stored(integration: Integration) -> frozenset[str]:
    try:
        return frozenset(decrypt(integration.secret))
    except SecretLost:
        return frozenset()
