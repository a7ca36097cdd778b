"""Jobs, mails that wait, and the audit trail."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from console.admin.base import ReadOnlyAdmin, operator_of, try_each
from console.site import console
from core.models import AuditEvent, Job, JobRetry, OutgoingMail
from core.services.audit import record
from core.services.jobs import request_cancel
from core.services.retries import retry_job

# Lines of a job's log on its page; the last ones tell why it ended.
LOG_LINES = 200
RETRIES = 50
# What an export holds at most: about 200 MB.
EXPORT_ROWS = 1_000_000


@admin.register(Job, site=console)
class JobAdmin(ReadOnlyAdmin):
    """Background work of all organisations."""

    list_display = [
        *("title", "kind", "state", "progress", "organisation"),
        *("created_at", "ended_at"),
    ]
    list_filter = ["state", "queue"]
    list_select_related = ["organisation"]
    search_fields = ["=kind"]
    search_help_text = "Id of a job, organisation or root folder; or a whole kind"
    id_fields = ("pk", "folder_id", "organisation_id")
    linked_by = ("organisation__id__exact", "folder_id", "kind", "kind__exact")
    ordering = ["-created_at"]
    actions = ["cancel", "retry"]
    left_out = ("run_token",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What follows the columns: put together, not stored with the row."""
        return ["earlier_tries", "log"]

    @admin.display
    def progress(self, row: Job) -> str:
        """How far it is."""
        if row.percent is not None and row.is_active:
            return f"{row.percent} %"
        return f"{row.done:,}" if row.done else ""

    @admin.display
    def earlier_tries(self, row: Job) -> str:
        """How each ended, the latest first."""
        retries = row.retries.select_related("actor").order_by("-created_at")[:RETRIES]
        if not retries:
            return "None."
        return format_html_join("", "<p>{}</p>", ((_told(retry),) for retry in retries))

    @admin.display
    def log(self, row: Job) -> str:
        """What it wrote, the last lines last."""
        lines = list(row.log.order_by("-pk")[:LOG_LINES])[::-1]
        if not lines:
            return "It wrote nothing."
        text = format_html_join(
            "\n",
            "{} {} {}",
            ((f"{line.at:%Y-%m-%d %H:%M:%S}", line.level, line.text) for line in lines),
        )
        return format_html('<pre class="console-log">{}</pre>', text)

    @admin.action(description="Cancel", permissions=["view"])
    def cancel(self, request: HttpRequest, rows: "QuerySet[Job]") -> None:
        """Ask each to stop."""

        def act(job: Job) -> None:
            request_cancel(job=job)
            actor = operator_of(request, job.organisation)
            record(actor=actor, action="job.cancel_requested", target=job)

        try_each(self, request, rows, act, "asked to stop")

    @admin.action(description="Try again", permissions=["view"])
    def retry(self, request: HttpRequest, rows: "QuerySet[Job]") -> None:
        """Queue each anew."""

        def act(job: Job) -> None:
            retry_job(actor=operator_of(request, job.organisation), job=job)

        try_each(self, request, rows, act, "queued again")


def _told(retry: JobRetry) -> str:
    """A try in one line."""
    began = f"{retry.started_at:%Y-%m-%d %H:%M:%S} – " if retry.started_at else ""
    reason = f": {retry.error_code}: {retry.error_message}" if retry.error_code else ""
    who = retry.actor.email if retry.actor else "somebody who is gone"
    return (
        f"{began}{retry.ended_at:%Y-%m-%d %H:%M:%S} {retry.state} at {retry.done:,}{reason} "
        f"(tried again by {who}, {retry.created_at:%Y-%m-%d %H:%M:%S})"
    )


@admin.register(OutgoingMail, site=console)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """Mails that no mail server has taken yet."""

    list_display = [
        *("recipient", "subject", "created_at", "attempts", "next_at", "error", "given_up_at"),
    ]
    search_fields = ["=recipient"]
    search_help_text = "Address of a person"
    id_fields = ("pk",)
    ordering = ["-created_at"]
    # What it says lets in whoever reads it.
    left_out = ("content",)


class _Line:
    """What the CSV writer writes to: it gives each line back."""

    def write(self, text: str) -> str:
        return text


@admin.register(AuditEvent, site=console)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what, when."""

    list_display = ["at", "action", "actor", "target_type", "target_id", "organisation"]
    list_select_related = ["actor", "organisation"]
    search_fields = ["=actor__email", "^action"]
    search_help_text = "Id of whatever it was done to; address of a person; or an action"
    id_fields = ("target_id", "organisation_id", "actor_id")
    linked_by = ("organisation__id__exact", "actor__id__exact", "action", "at__gte", "at__lt")
    ordering = ["-at"]
    change_list_template = "console/audit_list.html"

    def get_urls(self) -> list[Any]:
        """The export beside the list."""
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="core_auditevent_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the link that exports what is searched for."""
        address = f"{reverse('admin:core_auditevent_export')}?{request.GET.urlencode()}"
        return super().changelist_view(request, {"export_url": address, **(extra_context or {})})

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """What the list shows, all pages of it, as a CSV file."""
        found = self.get_changelist_instance(request).get_queryset(request)
        response = StreamingHttpResponse(_as_csv(found), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="kindred-audit.csv"'
        return response


def _as_csv(events: "QuerySet[AuditEvent]") -> Iterator[str]:
    writer = csv.writer(_Line())
    names = ["at", "organisation", "actor", "action", "target_type", "target_id", "data"]
    yield writer.writerow(names)
    for event in events[:EXPORT_ROWS].iterator(chunk_size=2000):
        actor = event.actor.email if event.actor else ""
        organisation = event.organisation.name if event.organisation else ""
        row = [event.at.isoformat(), organisation, actor, event.action]
        row += [event.target_type, event.target_id, json.dumps(event.data, ensure_ascii=False)]
        yield writer.writerow([_inert(value) for value in row])


def _inert(value: str) -> str:
    """A name that begins like a formula must not be one where the file is opened."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
