"""The metadata schema over REST."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.jobs import AcceptedJobSerializer, accepted_job
from core.api.views import APIView, ListAPIView
from folders.api.paging import KeysetPagination
from folders.choices import KeyType, Metric
from folders.models import MetadataKey
from folders.permissions import get_key
from folders.services.schema import add_key, delete_key, edit_key, restore_key
from folders.services.text_vectors import convert_texts
from folders.usage import key_usage


class KeySerializer(serializers.ModelSerializer[MetadataKey]):
    """A typed key. `metric` and `dimensions` are of embeddings (no dimensions: the first vector
    fixes them), `values` of enums. `indexed_at` is null while filters on the key are still slower;
    `misfits` counts stored values that do not fit the type, null until counted. An `erased` key
    was deleted for ever.
    """

    values = serializers.ListField(child=serializers.CharField(), read_only=True)
    metric = serializers.SerializerMethodField()

    class Meta:
        model = MetadataKey
        fields = [
            "id",
            "name",
            "type",
            "values",
            "dimensions",
            "metric",
            "indexed_at",
            "misfits",
            "created_at",
            "deleted_at",
            "erased",
        ]
        read_only_fields = fields

    def get_metric(self, key: MetadataKey) -> str | None:
        """How distances are measured; null unless an embedding."""
        return key.metric if key.type == KeyType.EMBEDDING else None


def _values(**options: Any) -> serializers.ListField:
    # Checked by the service, which names every wrong one.
    child = serializers.CharField(allow_blank=True, trim_whitespace=False)
    return serializers.ListField(child=child, **options)


class KeyInputSerializer(serializers.Serializer[Any]):
    """A new key. An embedding without dimensions takes those of its first vector."""

    name = serializers.CharField()
    type = serializers.ChoiceField(choices=KeyType.choices)
    values = _values(required=False)
    dimensions = serializers.IntegerField(required=False, allow_null=True)
    metric = serializers.ChoiceField(choices=Metric.choices, required=False, allow_null=True)


class KeyChangeSerializer(serializers.Serializer[Any]):
    """What is to change of a key; what is left out stays.

    `type`: for number, boolean, varchar, datetime, text and uuid, another one of these.
    `dimensions` of an embedding without, `metric` of one without vectors. Values can be removed
    from an enum when no unit has them.
    """

    type = serializers.ChoiceField(choices=KeyType.choices, required=False)
    add_values = _values(required=False)
    remove_values = _values(required=False)
    dimensions = serializers.IntegerField(required=False)
    metric = serializers.ChoiceField(choices=Metric.choices, required=False)


class KeyListView(ListAPIView[MetadataKey]):
    """All keys of the organisation."""

    serializer_class = KeySerializer
    pagination_class = KeysetPagination
    keyset_orders = ("name", "-name", "created_at", "-created_at")

    def get_queryset(self) -> QuerySet[MetadataKey]:
        """Live ones, or all."""
        keys = MetadataKey.objects.visible_to(actor_of(self.request))
        with_deleted = self.request.query_params.get("deleted", "").lower() in ("true", "1")
        return keys if with_deleted else keys.live()

    @extend_schema(
        operation_id="schema_keys_list",
        tags=["Schema"],
        parameters=[OpenApiParameter("deleted", bool, description="Deleted keys, too.")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the keys of the schema by name."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="schema_keys_create",
        tags=["Schema"],
        request=KeyInputSerializer,
        responses={201: KeySerializer},
    )
    def post(self, request: Request) -> Response:
        """Add a key; for those who edit a folder of the organisation."""
        given = KeyInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        key = add_key(actor=actor_of(request), **given.validated_data)
        return Response(KeySerializer(key).data, status=status.HTTP_201_CREATED)


class KeyView(APIView):
    """One key."""

    @extend_schema(operation_id="schema_keys_get", tags=["Schema"], responses=KeySerializer)
    def get(self, request: Request, key_id: int) -> Response:
        """Look at a key."""
        return Response(KeySerializer(get_key(actor_of(request), key_id)).data)

    @extend_schema(
        operation_id="schema_keys_update",
        tags=["Schema"],
        request=KeyChangeSerializer,
        responses=KeySerializer,
    )
    def patch(self, request: Request, key_id: int) -> Response:
        """Change a key; another type, and fewer values, are for administrators."""
        actor = actor_of(request)
        key = get_key(actor, key_id)
        given = KeyChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        key = edit_key(actor=actor, key=key, **given.validated_data)
        return Response(KeySerializer(key).data)

    @extend_schema(
        operation_id="schema_keys_delete",
        tags=["Schema"],
        parameters=[OpenApiParameter("hard", bool, description="For ever, with its vectors.")],
        responses={204: None},
    )
    def delete(self, request: Request, key_id: int) -> Response:
        """Delete a key (administrators only); its values come back when it is restored."""
        actor = actor_of(request)
        hard = request.query_params.get("hard", "").lower() in ("true", "1")
        delete_key(actor=actor, key=get_key(actor, key_id), hard=hard)
        return Response(status=status.HTTP_204_NO_CONTENT)


class KeyUsageSerializer(serializers.Serializer[Any]):
    """What is stored under a key, as far as you may see it."""

    units = serializers.IntegerField(help_text="Units that have a value, or a vector.")
    texts = serializers.IntegerField(
        help_text="Of an embedding: lists kept as text, in folders that you edit."
    )


class KeyUsageView(APIView):
    """How much a key is used."""

    @extend_schema(operation_id="schema_keys_usage", tags=["Schema"], responses=KeyUsageSerializer)
    def get(self, request: Request, key_id: int) -> Response:
        """Count what is stored under a key."""
        actor = actor_of(request)
        usage = key_usage(actor, get_key(actor, key_id))
        return Response({"units": usage.units, "texts": usage.texts})


class KeyConvertView(APIView):
    """From texts to vectors."""

    @extend_schema(
        operation_id="schema_keys_convert_texts",
        tags=["Schema"],
        request=None,
        responses={202: AcceptedJobSerializer},
    )
    def post(self, request: Request, key_id: int) -> Response:
        """Turn lists of numbers that were kept as text under an embedding key into vectors.

        They came before the key was in the schema. Answers with a job; its result counts those
        `converted`, `superseded` by a vector that was there already, and `left` because they do
        not fit, with the first `errors`. Asking again does no harm.
        """
        actor = actor_of(request)
        job = convert_texts(actor=actor, key=get_key(actor, key_id))
        return accepted_job(request, job)


class KeyRestoreView(APIView):
    """The way back of a key."""

    @extend_schema(
        operation_id="schema_keys_restore", tags=["Schema"], request=None, responses=KeySerializer
    )
    def post(self, request: Request, key_id: int) -> Response:
        """Restore a deleted key (administrators only)."""
        actor = actor_of(request)
        key = restore_key(actor=actor, key=get_key(actor, key_id))
        return Response(KeySerializer(key).data)
