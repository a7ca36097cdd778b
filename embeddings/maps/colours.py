"""One value for each row of a map, to colour its points by.

The answer is a frame (embeddings.maps.framing) with magic KCOL. Its header is one of

    {"type": "category", "labels": […], "values": […], "counts": […], "missing": n, "other": i|null}
        column `code`: index into labels, which come by falling count; uint8 with 255, or uint16
        with 65535, where there is no value. `values` are the labels as filters take them. `other`
        is the index of the label that stands for all rarer values, when there are too many.
    {"type": "number", "min": a, "max": b, "median": c, "missing": n}
        column `value`: float32, NaN where there is no value; min, max, median are null without any.

and says `field` and `mark` beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    Count,
    Expression,
    F,
    Func,
    IntegerField,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from embeddings.copying import read_queryset
from embeddings.maps.access import View
from embeddings.maps.framing import encode_frame
from folders.choices import KeyType, UnitKind
from folders.filters.expressions import MetadataNumber, MetadataText
from folders.models import Folder, MetadataKey

MAGIC = b"KCOL"
# A legend shows a dozen; this many can still be searched and toggled.
MAX_LABELS = 1000
OTHER_LABEL = "Other values"

_CATEGORIES = (KeyType.ENUM, KeyType.BOOLEAN, KeyType.VARCHAR, KeyType.UUID)
_PREFIX = "metadata."


@dataclass(frozen=True, slots=True)
class _Category:
    """Text of a unit, and how its values are shown and given to filters."""

    text: Expression | F
    label: Callable[[str], str] = str
    value: Callable[[str], Any] = str


def map_colours(view: View, actor: Actor, field: str) -> bytes:
    """The frame for a field: `kind`, `folder`, or `metadata.<key>` of a type that has colours.

    Raises:
        InvalidInput: the field is not known, or its type has no colours.
    """
    if field == "kind":
        return _categories(view, field, _Category(F(f"{view.unit}kind"), label=_kind_label))
    if field == "folder":
        names = _folder_names(actor, view.reduction.root)
        folder = Cast(f"{view.unit}folder", TextField())
        return _categories(view, field, _Category(folder, label=lambda pk: names.get(pk, pk)))
    key = _metadata_key(actor, field)
    text = MetadataText(key.name, column=f"{view.unit}metadata")
    if key.type == KeyType.NUMBER:
        return _numbers(view, field, key.name)
    if key.type == KeyType.BOOLEAN:
        return _categories(
            view, field, _Category(text, label=str.capitalize, value=lambda found: found == "true")
        )
    return _categories(view, field, _Category(text))


def _metadata_key(actor: Actor, field: str) -> MetadataKey:
    name = field.removeprefix(_PREFIX) if field.startswith(_PREFIX) else ""
    key = MetadataKey.objects.visible_to(actor).live().filter(name=name).first()
    if key is None or key.type not in (*_CATEGORIES, KeyType.NUMBER):
        expected = "kind, folder, or metadata.<key> of type enum, boolean, varchar, uuid or number"
        message = f"Points cannot be coloured by “{field}”."
        error = FieldError("field", message, "unknown_field", expected=expected, found=field)
        raise InvalidInput(message, errors=[error])
    return key


def _categories(view: View, field: str, category: _Category) -> bytes:
    points = view.rows.annotate(colour=category.text)
    counted = list(
        points.exclude(colour=None)
        .order_by()
        .values_list("colour")
        .annotate(units=Count("*"))
        .order_by("-units", "colour")
    )
    listed, rest = counted[:MAX_LABELS], counted[MAX_LABELS:]
    labels = [category.label(text) for text, _ in listed]
    values = [category.value(text) for text, _ in listed]
    counts = [units for _, units in listed]
    other = len(listed) if rest else None
    if rest:
        labels.append(OTHER_LABEL)
        values.append(None)
        counts.append(sum(units for _, units in rest))
    codes = _codes(view, category.text, [text for text, _ in listed])
    header = {
        "type": "category",
        "field": field,
        "mark": view.mark,
        "labels": labels,
        "values": values,
        "counts": counts,
        "missing": len(codes) - sum(counts),
        "other": other,
    }
    return encode_frame(MAGIC, header, {"code": codes})


def _codes(view: View, text: Expression | F, labels: list[str]) -> NDArray[Any]:
    """The place of each row's text among the labels; after them for a rarer one."""
    # The most frequent come first, so that the list is rarely walked far.
    place = Coalesce(
        Func(
            Value(labels, output_field=ArrayField(TextField())),
            "colour",
            function="array_position",
            output_field=IntegerField(),
        ),
        Value(len(labels) + 1),
    )
    code = Case(When(colour=None, then=Value(0)), default=place, output_field=IntegerField())
    rows = view.rows.annotate(colour=text).annotate(code=code).values_list("code")
    places = read_queryset(rows, [("code", "i4")])["code"].astype(np.int64)
    kind, missing = (np.uint8, 255) if len(labels) < 255 else (np.uint16, 65535)
    codes: NDArray[Any] = np.where(places == 0, missing, places - 1).astype(kind)
    return codes


def _numbers(view: View, field: str, name: str) -> bytes:
    number = Coalesce(MetadataNumber(name, column=f"{view.unit}metadata"), Value(float("nan")))
    rows = view.rows.annotate(colour=number).values_list("colour")
    exact = read_queryset(rows, [("colour", "f8")])["colour"]
    with np.errstate(over="ignore"):
        values = exact.astype(np.float32)
    return number_frame(view, field, values)


def number_frame(view: View, field: str, values: NDArray[np.float32]) -> bytes:
    """The frame of one number for each row; what is not finite counts as missing."""
    values = np.where(np.isfinite(values), values, np.float32(np.nan))
    known = values[np.isfinite(values)].astype(np.float64)
    header = {
        "type": "number",
        "field": field,
        "mark": view.mark,
        "min": float(known.min()) if len(known) else None,
        "max": float(known.max()) if len(known) else None,
        "median": float(np.median(known)) if len(known) else None,
        "missing": len(values) - len(known),
    }
    return encode_frame(MAGIC, header, {"value": values})


def _kind_label(kind: str) -> str:
    return str(UnitKind(kind).label)


def _folder_names(actor: Actor, root: Folder) -> dict[str, str]:
    """Names by id: the root's own, and below it the way down from there ("2026/Night").

    Folders on the way that the actor does not see are left out.
    """
    seen = Folder.objects.visible_to(actor).below(root)
    rows = list(seen.order_by("path").values_list("pk", "path", "name"))
    names = {pk.hex: name for pk, _, name in rows}
    return {
        str(pk): "/".join(names[part] for part in path.strip("/").split("/")[1:] if part in names)
        or root.name
        for pk, path, _ in rows
    }
