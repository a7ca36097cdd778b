"""Status 202: a worker does the rest, and this is where to ask for it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response


class AcceptedSerializer(serializers.Serializer[Any]):
    """What each answer of status 202 says."""

    job_url = serializers.URLField(
        read_only=True, help_text="Ask here how far the work is, as `Location` says, too."
    )


def accepted(request: Request, job_id: UUID, body: Mapping[str, Any]) -> Response:
    """The answer 202 with the job's address in its body and header."""
    return _accepted(request, reverse("api-job", args=[job_id]), body)


def accepted_jobs(request: Request, folder_id: UUID, body: Mapping[str, Any]) -> Response:
    """The same for several jobs on a folder: the address lists those that are still to end."""
    query = urlencode({"folder": str(folder_id), "state": "active"})
    return _accepted(request, f"{reverse('api-jobs')}?{query}", body)


def _accepted(request: Request, path: str, body: Mapping[str, Any]) -> Response:
    url = request.build_absolute_uri(path)
    return Response(
        {**body, "job_url": url}, status=status.HTTP_202_ACCEPTED, headers={"Location": url}
    )
