"""Folders, items and imports."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from console.admin.base import ReadOnlyAdmin, as_uuid
from console.links import row_link, rows_link
from console.site import console
from core.models import Job
from folders.models import Folder, Import, Item


@admin.register(Folder, site=console)
class FolderAdmin(ReadOnlyAdmin):
    """Folders, those included that a job is removing."""

    list_display = ["name", "organisation", "parent", "created_at", "deleted_at", "links"]
    list_select_related = ["organisation", "parent"]
    # By its id, its root's or its organisation's.
    search_fields = ["=name"]
    search_help_text = "Id of a folder, root or organisation; or the whole name"
    id_fields = ("pk", "root_id", "organisation_id")
    linked_by = ("organisation__id__exact", "root__id__exact")
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Folder]":
        """All of them."""
        return Folder.everything.all().order_by(*self.ordering)

    @admin.display(description="Contents")
    def links(self, row: Folder) -> str:
        """What is in it."""
        return format_html(
            "{} · {}",
            rows_link("folders_item", "Items", folder__id__exact=row.pk),
            rows_link("core_job", "Jobs", folder_id=row.root_id),
        )


@admin.register(Item, site=console)
class ItemAdmin(ReadOnlyAdmin):
    """Items of all folders."""

    list_display = ["name", "kind", "state", "folder_link", "size", "created_at"]
    list_filter = ["state", "kind"]
    # The folder is fetched by its id for each page; names are looked for within a folder.
    list_select_related = ["folder"]
    search_fields = ["^name"]
    search_help_text = "Id of an item or folder; within a folder also the beginning of a name"
    id_fields = ("pk", "folder_id")
    linked_by = ("folder__id__exact",)
    ordering = ["-pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """Names have an index within their folder only: elsewhere every row would be looked at."""
        in_folder = "folder__id__exact" in request.GET
        if search_term and not in_folder and as_uuid(search_term) is None:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="folder")
    def folder_link(self, row: Item) -> str:
        """The folder that it lies in."""
        return row_link("folders_folder", row.folder_id, row.folder.name)


@admin.register(Import, site=console)
class ImportAdmin(ReadOnlyAdmin):
    """Bulk imports."""

    list_display = ["file_name", "kind", "state", "organisation", "error_count", "created_at"]
    list_filter = ["state"]
    list_select_related = ["organisation"]
    search_fields = ["=file_name"]
    id_fields = ("pk", "folder_id", "job_id")
    linked_by = ("organisation__id__exact", "folder__id__exact")
    ordering = ["-pk"]
    left_out = ("checkpoint", "errors")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the way to its job."""
        # Django's own list has it at its end.
        columns = [name for name in super().get_fields(request, obj) if name != "job_link"]
        return ["job_link", *columns]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The link is made, not stored."""
        return ["job_link"]

    @admin.display(description="job")
    def job_link(self, row: Import) -> str:
        """The job that carries it out."""
        job: Job | None = row.job
        return row_link("core_job", job.pk, str(job)) if job else "–"
