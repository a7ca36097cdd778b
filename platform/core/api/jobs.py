"""Jobs over REST: list, look, cancel, try again."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import request_actor
from core.api.accepted import AcceptedSerializer, accepted
from core.api.fields import ObjectField
from core.api.views import APIView, ListAPIView
from core.errors import NotFound
from core.models import Job, JobRetry, JobState
from core.permissions import require_cancel, require_retry
from core.services.jobs import request_cancel
from core.services.retries import retry_job


class JobErrorSerializer(serializers.Serializer[Any]):
    """Why a job failed."""

    code = serializers.CharField(help_text="Stable, for programs.")
    message = serializers.CharField(help_text="For people.")


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as the API shows it."""

    folder = serializers.UUIDField(
        source="folder_id", allow_null=True, read_only=True, help_text="What the job works on."
    )
    percent = serializers.IntegerField(
        allow_null=True, read_only=True, help_text="0 to 100, null while the total is unknown."
    )
    error = serializers.SerializerMethodField(help_text="Only of a failed job.")
    result = ObjectField(read_only=True, help_text="What a finished job has to tell; by kind.")

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "title",
            "state",
            "step",
            "done",
            "total",
            "percent",
            "error",
            "result",
            "folder",
            "cancel_requested",
            "created_at",
            "started_at",
            "ended_at",
        ]
        read_only_fields = fields

    @extend_schema_field(JobErrorSerializer(allow_null=True))
    def get_error(self, job: Job) -> dict[str, str] | None:
        """Code and message, None unless the job failed."""
        if job.state != JobState.FAILED:
            return None
        return {"code": job.error_code, "message": job.error_message}


class JobRetrySerializer(serializers.ModelSerializer[JobRetry]):
    """How a job had ended before it was tried again."""

    error = serializers.SerializerMethodField(help_text="Only where it had failed.")
    retried_at = serializers.DateTimeField(source="created_at", read_only=True)
    retried_by = serializers.UUIDField(
        source="actor_id",
        read_only=True,
        allow_null=True,
        help_text="Null when the person is gone.",
    )

    class Meta:
        model = JobRetry
        fields = [
            "id",
            "state",
            "step",
            "done",
            "total",
            "error",
            "started_at",
            "ended_at",
            "retried_at",
            "retried_by",
        ]
        read_only_fields = fields

    @extend_schema_field(JobErrorSerializer(allow_null=True))
    def get_error(self, retry: JobRetry) -> dict[str, str] | None:
        """Code and message, None unless it had failed."""
        if retry.state != JobState.FAILED:
            return None
        return {"code": retry.error_code, "message": retry.error_message}


class AcceptedJobSerializer(JobSerializer, AcceptedSerializer):
    """A job that was begun, or found going on."""

    class Meta(JobSerializer.Meta):
        fields = [*JobSerializer.Meta.fields, "job_url"]
        read_only_fields = fields


def accepted_job(request: Request, job: Job) -> Response:
    """The answer 202 that is the job itself."""
    return accepted(request, job.pk, JobSerializer(job).data)


class JobFilterSerializer(serializers.Serializer[Any]):
    """What the list may be narrowed to."""

    state = serializers.ChoiceField(choices=[*JobState.values, "active"], required=False)
    kind = serializers.CharField(required=False, max_length=60)
    folder = serializers.UUIDField(required=False)


class JobListView(ListAPIView[Job]):
    """Jobs that the caller sees, newest first."""

    serializer_class = JobSerializer

    @extend_schema(
        operation_id="jobs_list",
        tags=["Jobs"],
        parameters=[
            OpenApiParameter(
                "state",
                enum=[*JobState.values, "active"],
                description="`active`: still to end.",
            ),
            OpenApiParameter("kind", description="For example embeddings.reduce."),
            OpenApiParameter("folder", UUID, description="What the job works on."),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List jobs: those you started, and those on folders that you see."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Job]:
        """Visible jobs, narrowed by the query's parameters."""
        given = JobFilterSerializer(data=self.request.query_params)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        jobs = Job.objects.visible_to(request_actor(self.request))
        if wanted.get("state") == "active":
            jobs = jobs.active()
        elif "state" in wanted:
            jobs = jobs.filter(state=wanted["state"])
        if "kind" in wanted:
            jobs = jobs.filter(kind=wanted["kind"])
        if "folder" in wanted:
            jobs = jobs.filter(folder_id=wanted["folder"])
        return jobs


class JobView(APIView):
    """One job."""

    @extend_schema(operation_id="jobs_get", tags=["Jobs"], responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """Look at a job; poll it every second or two while it is active."""
        return Response(JobSerializer(_visible_job(request, job_id)).data)


class JobCancelView(APIView):
    """The end of one job."""

    @extend_schema(operation_id="jobs_cancel", tags=["Jobs"], request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Cancel a job: a queued one ends at once, a running one within some seconds."""
        job = _visible_job(request, job_id)
        require_cancel(request_actor(request), job)
        return Response(JobSerializer(request_cancel(job=job)).data)


class JobRetryView(APIView):
    """Another try of one job."""

    @extend_schema(
        operation_id="jobs_retry",
        tags=["Jobs"],
        request=None,
        responses={202: AcceptedJobSerializer},
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Have a failed or cancelled job tried again; it goes on from where it stopped."""
        job = _visible_job(request, job_id)
        actor = request_actor(request)
        require_retry(actor, job)
        return accepted_job(request, retry_job(actor=actor, job=job))


class JobRetryListView(ListAPIView[JobRetry]):
    """What is on record of the tries before the present one."""

    serializer_class = JobRetrySerializer

    @extend_schema(operation_id="jobs_retries", tags=["Jobs"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List how a job had ended each time that it was tried again, newest first."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[JobRetry]:
        """Of one visible job."""
        return JobRetry.objects.filter(job=_visible_job(self.request, self.kwargs["job_id"]))


def _visible_job(request: Request, job_id: UUID) -> Job:
    job = Job.objects.visible_to(request_actor(request)).filter(pk=job_id).first()
    if job is None:
        raise NotFound("There is no such job, or you have no access to it.")
    return job
