"""Jobs: the page, the drawer, the indicator, cancelling and trying again."""

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import actor_of
from core.errors import InvalidInput, NotFound
from core.models import Job
from core.permissions import require_cancel, require_retry
from core.services.jobs import request_cancel
from core.services.retries import retry_job
from portal.shell import summarise_jobs
from portal.views.home import next_address

PAGE = 50
DRAWER = 8


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """All jobs that the person sees, newest first."""
    actor = actor_of(request)
    visible = Job.objects.visible_to(actor).prefetch_related("retries")
    rows = list(_before(visible, request)[: PAGE + 1])
    older = _cursor(rows[PAGE - 1]) if len(rows) > PAGE else ""
    context = {
        "jobs": rows[:PAGE],
        "has_active": any(job.is_active for job in rows[:PAGE]),
        "older": older,
        "before": request.GET.get("before", ""),
    }
    template = "portal/job_list.html" if request.headers.get("HX-Request") else "portal/jobs.html"
    return render(request, template, context)


@require_GET
def jobs_indicator(request: HttpRequest) -> HttpResponse:
    """How many jobs are active; asks for itself again while any is."""
    summary = summarise_jobs(actor_of(request))
    return render(request, "portal/jobs_indicator.html", {"summary": summary})


@require_GET
def jobs_drawer(request: HttpRequest) -> HttpResponse:
    """The latest jobs, active ones first."""
    visible = Job.objects.visible_to(actor_of(request)).prefetch_related("retries")
    active = list(visible.active().order_by("-created_at", "-pk")[:DRAWER])
    ended = visible.exclude(pk__in=[job.pk for job in active]).order_by("-created_at", "-pk")
    rows = active + list(ended[: DRAWER - len(active)])
    return render(request, "portal/jobs_drawer.html", {"jobs": rows, "has_active": bool(active)})


@require_POST
def job_cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Ask a job to stop: whoever started it, and administrators of the organisation, may."""
    job = _visible_job(request, job_id)
    require_cancel(actor_of(request), job)
    return _changed(request, request_cancel(job=job))


@require_POST
def job_retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Have a job that failed tried again: whoever may cancel it may."""
    job, actor = _visible_job(request, job_id), actor_of(request)
    require_retry(actor, job)
    response = _changed(request, retry_job(actor=actor, job=job))
    # The indicator, and a list that had come to rest, look again.
    response["HX-Trigger"] = "jobs-changed"
    return response


def _visible_job(request: HttpRequest, job_id: UUID) -> Job:
    job = Job.objects.visible_to(actor_of(request)).filter(pk=job_id).first()
    if job is None:
        raise NotFound
    return job


def _changed(request: HttpRequest, job: Job) -> HttpResponse:
    if request.headers.get("HX-Request"):
        context = {"job": job, "well": bool(request.POST.get("well"))}
        return render(request, "partials/progress_row.html", context)
    return redirect(next_address(request, fallback=reverse("jobs")))


def _before(visible: QuerySet[Job], request: HttpRequest) -> QuerySet[Job]:
    """Jobs older than the cursor in ?before=, newest first."""
    ordered = visible.order_by("-created_at", "-pk")
    cursor = request.GET.get("before", "")
    if not cursor:
        return ordered
    moment, _, job_id = cursor.partition("_")
    try:
        created_at, pk = datetime.fromisoformat(moment).astimezone(UTC), UUID(job_id)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            "This address of older jobs is not valid. Begin at the first page."
        ) from error
    return ordered.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))


def _cursor(job: Job) -> str:
    return f"{job.created_at.isoformat()}_{job.pk}"
