"""The audit record over REST, for administrators of the organisation."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import request_actor
from core.api.fields import ObjectField
from core.api.pagination import CreatedCursorPagination
from core.api.views import ListAPIView
from core.errors import NotAllowed
from core.models import AuditEvent


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    """Who did what, when."""

    # Serializers carry an attribute of this name; it is the wire's name all the same.
    data = ObjectField(  # type: ignore[assignment]
        read_only=True, help_text="What was written; by action."
    )
    actor_email = serializers.SerializerMethodField(help_text="Null when the person is gone.")

    class Meta:
        model = AuditEvent
        fields = ["id", "at", "action", "target_type", "target_id", "data", "actor", "actor_email"]
        read_only_fields = fields

    def get_actor_email(self, event: AuditEvent) -> str | None:
        """The address of whoever acted."""
        return event.actor.email if event.actor else None


class AuditPagination(CreatedCursorPagination):
    """Newest first."""

    ordering = ("-at", "-id")


class AuditEventListView(ListAPIView[AuditEvent]):
    """The organisation's record."""

    serializer_class = AuditEventSerializer
    pagination_class = AuditPagination

    @extend_schema(
        operation_id="audit_events_list",
        tags=["Organisation"],
        parameters=[
            OpenApiParameter("action", description="For example folder.created."),
            OpenApiParameter("target_id", description="Events of one thing."),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List who did what in your organisation, newest first (administrators only)."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[AuditEvent]:
        """Events of the organisation, narrowed by the query's parameters."""
        actor = request_actor(self.request)
        if not actor.is_organisation_admin:
            raise NotAllowed("Only an administrator of the organisation may read its record.")
        events = AuditEvent.objects.visible_to(actor).select_related("actor")
        for name in ("action", "target_id"):
            if name in self.request.query_params:
                events = events.filter(**{name: self.request.query_params[name]})
        return events
