"""REST addresses of the kernel."""

from django.urls import URLPattern, URLResolver, path

from core.api.audit_events import AuditEventListView
from core.api.jobs import (
    JobCancelView,
    JobListView,
    JobRetryListView,
    JobRetryView,
    JobView,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("jobs/", JobListView.as_view(), name="api-jobs"),
    path("jobs/<uuid:job_id>/", JobView.as_view(), name="api-job"),
    path("jobs/<uuid:job_id>/cancel/", JobCancelView.as_view(), name="api-job-cancel"),
    path("jobs/<uuid:job_id>/retry/", JobRetryView.as_view(), name="api-job-retry"),
    path("jobs/<uuid:job_id>/retries/", JobRetryListView.as_view(), name="api-job-retries"),
    path("audit-events/", AuditEventListView.as_view(), name="api-audit-events"),
]
