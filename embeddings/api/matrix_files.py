"""Matrix files over REST, for administrators."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.accepted import AcceptedSerializer, accepted
from core.api.views import APIView, ListAPIView
from embeddings.matrix_files.status import matrix_statuses
from embeddings.models import VectorIndex, VectorSet
from embeddings.services.indexes import drop_index, start_index
from embeddings.services.matrix_files import rebuild_matrix_file
from folders.api.paging import KeysetPagination


class VectorIndexSerializer(serializers.ModelSerializer[VectorIndex]):
    """An HNSW index that searches may use."""

    class Meta:
        model = VectorIndex
        fields = [
            *("rows", "bytes", "revision", "recall", "measured_at", "ef_search", "is_good"),
            *("built_at", "build_seconds"),
        ]
        extra_kwargs = {
            "recall": {"help_text": "Share of the 50 nearest units that it finds."},
            "revision": {"help_text": "What has changed since is read beside it."},
            "ef_search": {"help_text": "Size of the list of candidates while the graph is walked."},
        }
        read_only_fields = fields

    is_good = serializers.BooleanField(help_text="Chosen where the file exceeds the memory.")


class MatrixFileSerializer(serializers.Serializer[Any]):
    """A vector set and its file on the host that answers."""

    id = serializers.IntegerField(source="vector_set.pk", help_text="Of the vector set.")
    folder = serializers.UUIDField(source="root.pk", help_text="The root folder.")
    folder_name = serializers.CharField(source="root.name")
    key = serializers.CharField(source="key.name")
    dimensions = serializers.IntegerField(source="key.dimensions", allow_null=True)
    vectors = serializers.IntegerField(source="rows")
    bytes = serializers.IntegerField(help_text="What the file takes up; 0 when there is none.")
    revision = serializers.IntegerField(source="vector_set.revision")
    file_revision = serializers.IntegerField(allow_null=True, help_text="What the file holds.")
    lag = serializers.IntegerField(
        help_text="Units that changed since; searches read them from PostgreSQL."
    )
    busy = serializers.BooleanField(help_text="The file is being made or brought up to date.")
    used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    built_at = serializers.DateTimeField(allow_null=True)
    build_seconds = serializers.FloatField(allow_null=True)
    appended_at = serializers.DateTimeField(allow_null=True)
    append_seconds = serializers.FloatField(allow_null=True)
    index = VectorIndexSerializer(allow_null=True, help_text="That serves `engine=hnsw`.")
    index_job = serializers.UUIDField(
        source="build.pk", default=None, allow_null=True, help_text="That builds an index now."
    )
    index_error = serializers.CharField(
        source="build_error", help_text="Why the last one was not built; empty."
    )


class MatrixFilesView(ListAPIView[VectorSet]):
    """All vector sets."""

    serializer_class = MatrixFileSerializer
    pagination_class = KeysetPagination
    keyset_orders = ("pk", "-pk")

    @extend_schema(operation_id="matrix_file_list", tags=["Embeddings"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the vector sets of the organisation, with their files on the host that answers."""
        found = {status.vector_set.pk: status for status in matrix_statuses(actor_of(request))}
        sets = self.paginate_queryset(VectorSet.objects.filter(pk__in=found)) or []
        listed = [found[one.pk] for one in sets]
        return self.get_paginated_response(MatrixFileSerializer(listed, many=True).data)


class MatrixFileRebuildView(APIView):
    """One file made anew."""

    @extend_schema(
        operation_id="matrix_file_rebuild", tags=["Embeddings"], request=None, responses={204: None}
    )
    def post(self, request: Request, set_id: int) -> Response:
        """Have a file made anew in the background; searches go on with the present one.

        Each host does it for itself, so there is no job: `busy` and `built_at` of the list tell.
        """
        rebuild_matrix_file(actor=actor_of(request), set_id=set_id)
        return Response(status=204)


class VectorIndexView(APIView):
    """The index of a vector set."""

    @extend_schema(
        operation_id="vector_index_build",
        tags=["Embeddings"],
        request=None,
        responses={202: AcceptedSerializer},
    )
    def post(self, request: Request, set_id: int) -> Response:
        """Have an index built by a worker; searches go on with the present one, if there is one.

        It is measured before it takes over: `recall` of the list tells what it finds.
        """
        job = start_index(actor=actor_of(request), set_id=set_id)
        return accepted(request, job.pk, {})

    @extend_schema(operation_id="vector_index_drop", tags=["Embeddings"], responses={204: None})
    def delete(self, request: Request, set_id: int) -> Response:
        """Drop the index and end its build; searches measure all vectors from now on."""
        drop_index(actor=actor_of(request), set_id=set_id)
        return Response(status=204)
