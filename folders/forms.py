"""Forms of the folders app."""

from typing import Any

from django import forms

from core.errors import DomainError
from folders.choices import KeyType, Metric


class SchemaKeyForm(forms.Form):
    """A new key of the metadata schema; the service does the checking."""

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
        lines = [line.strip() for line in given["values"].splitlines()]
        return {
            "name": given["name"],
            "type": given["type"],
            "values": [line for line in lines if line] if is_enum else None,
            "dimensions": given["dimensions"] if is_embedding else None,
            "metric": given["metric"] or None if is_embedding else None,
        }

    def take(self, error: DomainError) -> None:
        """Show what the service found wrong at the fields it belongs to."""
        if not error.errors:
            self.add_error(None, error.message)
        for wrong in error.errors:
            field = wrong.path.partition(".")[0]
            self.add_error(field if field in self.fields else None, wrong.message)
