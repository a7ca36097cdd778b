"""What the Explorer's REST endpoints take and give."""

from typing import Any

from rest_framework import serializers

from explorer.constants import MAX_PAGE_SIZE, PAGE_SIZE


class StateSerializer(serializers.Serializer[Any]):
    """The parameters of an Explorer page's address, as far as they choose units."""

    filter = serializers.CharField(
        required=False,
        help_text="Filter: a JSON tree, or as the Explorer's addresses encode it.",
    )
    embedding = serializers.CharField(required=False, help_text="Name of an embedding key.")
    similar_to = serializers.CharField(
        required=False, help_text="Id of the unit that a similarity search starts from."
    )
    max_distance = serializers.CharField(
        required=False, help_text="Leave out what is farther than this."
    )
    order = serializers.CharField(
        required=False,
        help_text="`created_at`, `name` or `metadata.<key>`, with `-` before it to descend; "
        "ignored in a similarity search, which orders by distance.",
    )


class UnitsQuerySerializer(StateSerializer):
    """A page of units."""

    limit = serializers.IntegerField(
        required=False,
        default=PAGE_SIZE,
        min_value=1,
        max_value=MAX_PAGE_SIZE,
        help_text="Rows of a page.",
    )
    cursor = serializers.CharField(
        required=False, help_text="`next_cursor` of the page before, with the same parameters."
    )


class FacetsQuerySerializer(StateSerializer):
    """Which facets."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The state and `fields`, a name that a serializer's class cannot give to an attribute."""
        return super().get_fields() | {
            "fields": serializers.CharField(
                required=False,
                help_text="Names of fields with commas between them; all when absent.",
            )
        }


class ExplorerUnitSerializer(serializers.Serializer[Any]):
    """One unit; in a similarity search with `distance`, and with `percentile`: percent of all
    searched units that lie strictly nearer.
    """

    id = serializers.IntegerField()
    item = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    frame = serializers.IntegerField(allow_null=True)
    timestamp = serializers.FloatField(allow_null=True)
    folder = serializers.UUIDField()
    thumbnail = serializers.CharField()
    distance = serializers.FloatField(allow_null=True)
    percentile = serializers.FloatField(allow_null=True)
    metadata = serializers.DictField()


class UnitsLeftOutSerializer(serializers.Serializer[Any]):
    """Units that no distance was computed for."""

    no_vector = serializers.IntegerField()
    zero = serializers.IntegerField()


class FoundSerializer(serializers.Serializer[Any]):
    """How a similarity search found its units."""

    how = serializers.ChoiceField(choices=["exact", "approximate"])
    searched = serializers.IntegerField()
    left_out = UnitsLeftOutSerializer()
    milliseconds = serializers.FloatField()


class ExplorerPageSerializer(serializers.Serializer[Any]):
    """A page of units in order; `next_cursor` is null on the last."""

    results = ExplorerUnitSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)
    search = FoundSerializer(allow_null=True)
    gone = serializers.IntegerField(
        help_text="Hits of a search that were deleted since they were ranked: the page is so much "
        "shorter."
    )


class HistogramSerializer(serializers.Serializer[Any]):
    """Counts in bins of equal width; the last includes `high`."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    counts = serializers.ListField(child=serializers.IntegerField())


class FacetSerializer(serializers.Serializer[Any]):
    """Counts of one field, over what the state shows without the field's own conditions."""

    field = serializers.CharField()
    total = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    histogram = HistogramSerializer(allow_null=True)
    span = serializers.ListField(child=serializers.DateField(), allow_null=True)
    with_vector = serializers.IntegerField(allow_null=True)
    by_parts = serializers.IntegerField(
        help_text="How many of them have it through their frames or parts only."
    )


class FacetsSerializer(serializers.Serializer[Any]):
    """Facets of all fields that were asked for."""

    facets = FacetSerializer(many=True)
