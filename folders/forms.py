"""Forms of the folders app."""

from typing import Any

from django import forms

from accounts.forms import PageForm
from core.errors import DomainError
from folders.choices import FolderRole, KeyType, Metric
from folders.models import MetadataKey


class ServiceForm(forms.Form):
    """A form that only reads; the service does the checking."""

    def take(self, error: DomainError) -> None:
        """Show what the service found wrong at the fields it belongs to."""
        if not error.errors:
            self.add_error(None, error.message)
        for wrong in error.errors:
            field = wrong.path.partition(".")[0]
            self.add_error(field if field in self.fields else None, wrong.message)


class SchemaKeyForm(ServiceForm):
    """A new key of the metadata schema."""

    name = forms.CharField()
    type = forms.ChoiceField(choices=KeyType.choices, initial=KeyType.EMBEDDING)
    values = forms.CharField(required=False, widget=forms.Textarea)
    dimensions = forms.IntegerField(required=False)
    metric = forms.ChoiceField(choices=Metric.choices, required=False, initial=Metric.COSINE)

    def key(self) -> dict[str, Any]:
        """The arguments of folders.services.schema.add_key; parts of other types are left out."""
        given = self.cleaned_data
        is_enum = given["type"] == KeyType.ENUM
        is_embedding = given["type"] == KeyType.EMBEDDING
        return {
            "name": given["name"],
            "type": given["type"],
            "values": _lines(given["values"]) if is_enum else None,
            "dimensions": given["dimensions"] if is_embedding else None,
            "metric": given["metric"] or None if is_embedding else None,
        }


class KeyChangeForm(ServiceForm):
    """A change of a key: what it has now, edited."""

    type = forms.ChoiceField(choices=KeyType.choices, required=False)
    values = forms.CharField(required=False, widget=forms.Textarea)
    dimensions = forms.IntegerField(required=False)
    metric = forms.ChoiceField(choices=Metric.choices, required=False)

    @staticmethod
    def initial_of(key: MetadataKey) -> dict[str, Any]:
        """What the form shows at first."""
        return {
            "type": key.type,
            "values": "\n".join(key.values),
            "dimensions": key.dimensions,
            "metric": key.metric,
        }

    def change_of(self, key: MetadataKey) -> dict[str, Any]:
        """The arguments of folders.services.schema.edit_key."""
        given = self.cleaned_data
        values = _lines(given["values"]) if key.type == KeyType.ENUM else []
        before = key.values if key.type == KeyType.ENUM else []
        return {
            "type": given["type"] or None,
            "add_values": [value for value in values if value not in before],
            "remove_values": [value for value in before if value not in values],
            "dimensions": given["dimensions"],
            "metric": given["metric"] or None,
        }


def _lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line]


class ShareForm(PageForm):
    """Whom to give which role."""

    who = forms.CharField(
        label="Person or team",
        max_length=254,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "list": "people",
                "placeholder": "name@example.org, or a team",
                "spellcheck": "false",
            }
        ),
    )
    role = forms.ChoiceField(choices=FolderRole.choices)
