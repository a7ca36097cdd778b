"""Integrations: made, changed, deleted; administrators of the organisation keep them."""

from collections.abc import Mapping
from typing import Final

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.models import Organisation
from accounts.services.validation import clean_name
from core.errors import Conflict, FieldError, InvalidInput
from core.services.audit import record
from integrations import hooks
from integrations.choices import Provider
from integrations.models import Integration
from integrations.policy import fetch_policy
from integrations.providers import PROVIDERS
from integrations.secret import SecretLost, decrypt, encrypt
from integrations.values import clean_values

DEFAULT_NAME: Final = "Web addresses"


@transaction.atomic
def create_integration(
    *,
    actor: Actor,
    name: str,
    provider: str,
    settings: Mapping[str, object] | None = None,
    secret: Mapping[str, object] | None = None,
) -> Integration:
    """Give the organisation access to a place where objects lie; nothing is connected to yet.

    Args:
        actor: an administrator of the organisation.
        name: unique in the organisation.
        provider: one of integrations.choices.Provider.
        settings: texts by the names of the provider's fields.
        secret: credentials, likewise; stored encrypted.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        InvalidInput: naming all that is wrong.
        Conflict: there is an integration of that name.
    """
    actor.require_organisation_admin()
    if provider not in PROVIDERS:
        expected = ", ".join(PROVIDERS)
        problem = FieldError("provider", "There is no such kind.", "choice", expected, provider)
        raise InvalidInput(errors=[problem])
    name = clean_name(name)
    shown, hidden = clean_values(PROVIDERS[provider], settings or {}, secret or {})
    _require_sound(provider, shown, hidden)
    integration = Integration(
        organisation=actor.organisation,
        name=name,
        provider=provider,
        settings=shown,
        secret=encrypt(hidden),
        created_by=actor.user,
    )
    _save(integration)
    record(
        actor=actor,
        action="integration.created",
        target=integration,
        data={"name": name, "provider": provider},
    )
    return integration


@transaction.atomic
def update_integration(
    *,
    actor: Actor,
    integration: Integration,
    name: str | None = None,
    settings: Mapping[str, object] | None = None,
    secret: Mapping[str, object] | None = None,
) -> Integration:
    """Change an integration; what is None stays, and so do credentials that are not given.

    Whoever changes where credentials go has to know them: they must be given again.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        InvalidInput: naming all that is wrong.
        Conflict: it is the built-in one, or there is another of that name.
    """
    actor.require_organisation_admin()
    integration = _locked(actor, integration)
    _require_not_default(integration)
    if name is not None:
        integration.name = clean_name(name)
    if settings is not None or secret is not None:
        _change_values(integration, settings, secret or {})
    _save(integration)
    record(
        actor=actor,
        action="integration.updated",
        target=integration,
        data={"name": integration.name, "credentials": bool(secret)},
    )
    return integration


@transaction.atomic
def delete_integration(*, actor: Actor, integration: Integration) -> None:
    """Delete an integration that nothing is read through any more.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        Conflict: it is the built-in one, or items need it; the message says how many.
    """
    actor.require_organisation_admin()
    integration = _locked(actor, integration)
    _require_not_default(integration)
    count = count_uses(integration)
    if count:
        items = "1 item is" if count == 1 else f"{count:,} items are"
        raise Conflict(
            f"{items} read through “{integration.name}”. Delete them first.",
            code="integration_in_use",
            extra={"items": count},
        )
    record(
        actor=actor,
        action="integration.deleted",
        target=integration,
        data={"name": integration.name},
    )
    integration.delete()


def count_uses(integration: Integration) -> int:
    """How many things are read through the integration."""
    return sum(counter(integration) for counter in hooks.counters)


def default_integration(organisation: Organisation) -> Integration:
    """The organisation's integration for public web addresses; made if there is none."""
    found = Integration.objects.filter(organisation=organisation, is_default=True).first()
    if found is not None:
        return found
    taken = Integration.objects.filter(organisation=organisation, name=DEFAULT_NAME).exists()
    made, _ = Integration.objects.get_or_create(
        organisation=organisation,
        is_default=True,
        defaults={
            "name": f"{DEFAULT_NAME} (built in)" if taken else DEFAULT_NAME,
            "provider": Provider.HTTPS,
        },
    )
    return made


def _change_values(
    integration: Integration,
    settings: Mapping[str, object] | None,
    secret: Mapping[str, object],
) -> None:
    """Take on new settings and credentials; the stored ones stay where none are given."""
    kind = PROVIDERS[integration.provider]
    before = integration.settings
    shown, given = clean_values(kind, before if settings is None else settings, secret)
    try:
        stored = decrypt(integration.secret)
    except SecretLost:
        stored = {}
    companions = {field.name: field.goes_with for field in kind.fields if field.kind == "secret"}
    alone = {key for key, companion in companions.items() if companion and companion not in shown}
    kept = {key: value for key, value in stored.items() if key not in alone}
    moved = [key for key in kind.guards_secret if before.get(key, "") != shown.get(key, "")]
    if moved and kept.keys() - given.keys():
        raise InvalidInput(
            errors=[
                FieldError(key, "Enter it again, since it goes somewhere else now.", "required")
                for key in sorted(kept.keys() - given.keys())
            ]
        )
    hidden = kept | given
    _require_sound(integration.provider, shown, hidden)
    integration.settings, integration.secret = shown, encrypt(hidden)


def _require_sound(provider: str, settings: Mapping[str, str], secret: Mapping[str, str]) -> None:
    errors = PROVIDERS[provider].problems(settings, secret, fetch_policy())
    if errors:
        raise InvalidInput(errors[0].message if len(errors) == 1 else "", errors=errors)


def _require_not_default(integration: Integration) -> None:
    if integration.is_default:
        message = "The integration for web addresses is built in; it stays as it is."
        raise Conflict(message, code="built_in")


def _locked(actor: Actor, integration: Integration) -> Integration:
    rows = Integration.objects.select_for_update()
    return rows.get(pk=integration.pk, organisation=actor.organisation)


def _save(integration: Integration) -> None:
    """The unique constraint decides between two who give the same name at once."""
    try:
        with transaction.atomic():
            integration.save()
    except IntegrityError:
        raise Conflict(
            f"There is an integration “{integration.name}” already.", code="integration_exists"
        ) from None
