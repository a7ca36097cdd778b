"""Embedding keys, their vector sets, and reductions."""

from django.contrib import admin

from console.admin.base import ReadOnlyAdmin
from console.links import rows_link
from console.site import console
from embeddings.models import Reduction, VectorSet
from folders.choices import KeyType
from folders.models import MetadataKey


@admin.register(MetadataKey, site=console)
class KeyAdmin(ReadOnlyAdmin):
    """Keys of all schemas; those of vectors first."""

    list_display = ["name", "type", "dimensions", "metric", "organisation", "indexed_at", "sets"]
    list_filter = ["type"]
    list_select_related = ["organisation"]
    search_fields = ["^name"]
    id_fields = ("organisation_id",)
    linked_by = ("organisation__id__exact",)
    ordering = ["-pk"]

    @admin.display(description="vectors")
    def sets(self, row: MetadataKey) -> str:
        """The folders that have vectors of it."""
        if row.type != KeyType.EMBEDDING:
            return "–"
        return rows_link("embeddings_vectorset", "Sets", key__id__exact=row.pk)


@admin.register(VectorSet, site=console)
class VectorSetAdmin(ReadOnlyAdmin):
    """Vectors of one key in one root folder, with the revision that searches and maps follow."""

    list_display = ["root", "key", "organisation", "revision"]
    list_select_related = ["root__organisation", "key"]
    search_fields = ["^key__name"]
    id_fields = ("root_id",)
    linked_by = ("key__id__exact", "root__id__exact")
    ordering = ["-pk"]

    @admin.display
    def organisation(self, row: VectorSet) -> str:
        """Whose it is."""
        return str(row.root.organisation)


@admin.register(Reduction, site=console)
class ReductionAdmin(ReadOnlyAdmin):
    """Maps, old versions included."""

    list_display = ["root", "key", "version", "method", "state", "points", "took"]
    list_filter = ["state", "method"]
    list_select_related = ["root", "key"]
    search_fields = ["^key__name"]
    id_fields = ("pk", "root_id", "job_id")
    linked_by = ("root__id__exact",)
    ordering = ["-pk"]
    left_out = ("segments",)

    @admin.display(ordering="point_count")
    def points(self, row: Reduction) -> str:
        """How many it has."""
        return f"{row.point_count:,}"

    @admin.display(ordering="seconds")
    def took(self, row: Reduction) -> str:
        """How long it was computed."""
        return "–" if row.seconds is None else f"{row.seconds:.1f} s"
