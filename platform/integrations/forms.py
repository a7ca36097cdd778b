"""The form of an integration, made from the fields that its provider names."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField

from accounts.forms import PageForm
from core.errors import DomainError
from integrations.models import Integration
from integrations.providers import PROVIDERS, Field


class IntegrationForm(PageForm):
    """Name and values; the services check them."""

    name = forms.CharField(
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    def __init__(
        self,
        provider: str,
        *,
        data: Mapping[str, Any] | None = None,
        integration: Integration | None = None,
        stored: frozenset[str] = frozenset(),
    ) -> None:
        """Make the form.

        Args:
            provider: the kind of the integration.
            data: what was sent.
            integration: the one to be changed, None for a new one.
            stored: names of its credentials that are set; left empty, they stay.
        """
        self._fields = PROVIDERS[provider].fields
        initial = {"name": integration.name, **integration.settings} if integration else None
        super().__init__(data=data, initial=initial)
        for field in self._fields:
            self.fields[field.name] = _form_field(field, is_stored=field.name in stored)

    def sent_settings(self) -> dict[str, object]:
        """The settings as they were sent; after is_valid."""
        return {
            field.name: self.cleaned_data[field.name]
            for field in self._fields
            if field.kind != "secret"
        }

    def sent_secret(self) -> dict[str, object]:
        """The credentials that were filled in."""
        return {
            field.name: self.cleaned_data[field.name]
            for field in self._fields
            if field.kind == "secret" and self.cleaned_data[field.name]
        }

    def plain(self) -> list[BoundField]:
        """What everybody fills in."""
        return [self["name"], *(self[field.name] for field in self._fields if not field.advanced)]

    def advanced(self) -> list[BoundField]:
        """What few need."""
        return [self[field.name] for field in self._fields if field.advanced]

    def has_secret(self) -> bool:
        """Whether credentials are among the values."""
        return any(field.kind == "secret" for field in self._fields)

    def take_error(self, error: DomainError) -> None:
        """Show a service's error, and let the person type on at the first wrong value."""
        super().take_error(error)
        wrong = [name for name in self.fields if name in self.errors]
        if wrong:
            self.fields["name"].widget.attrs.pop("autofocus", None)
            self.fields[wrong[0]].widget.attrs["autofocus"] = True

    def opens_advanced(self) -> bool:
        """Whether something is set or wrong there."""
        return any(
            self[field.name].errors or self.initial.get(field.name)
            for field in self._fields
            if field.advanced
        )


def _form_field(field: Field, *, is_stored: bool) -> forms.Field:
    """A field in the product's look."""
    # Whether something is missing is the services' to say.
    common: dict[str, Any] = {
        "label": field.label,
        "required": False,
        "help_text": field.hint,
    }
    if field.kind == "flag":
        return forms.BooleanField(**common, widget=forms.CheckboxInput(attrs={"class": ""}))
    if field.kind == "choice":
        select = forms.Select(attrs={"class": "select"})
        return forms.ChoiceField(**common, choices=field.choices, widget=select)
    attributes = {
        "class": "input",
        "placeholder": "Set; leave empty to keep it" if is_stored else field.placeholder,
        "autocomplete": "off",
        "spellcheck": "false",
    }
    if field.kind == "secret":
        # Keeps browsers from offering the person's own password.
        attributes["autocomplete"] = "new-password"
        return forms.CharField(**common, widget=forms.PasswordInput(attrs=attributes))
    text = forms.TextInput(attrs=attributes)
    return forms.CharField(**common, widget=text)
