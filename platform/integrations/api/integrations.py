"""Integrations over REST: members see names, administrators keep them; nobody sees a secret."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.api.views import APIView, ListAPIView
from integrations.choices import Provider
from integrations.models import Integration
from integrations.permissions import get_integration
from integrations.secret import SecretLost, decrypt
from integrations.services import integrations as services
from integrations.services.connections import test_integration

_TAGS = ["Integrations"]


class IntegrationSerializer(serializers.ModelSerializer[Integration]):
    """An integration; its settings are for administrators."""

    settings = serializers.SerializerMethodField()
    secret = serializers.SerializerMethodField()

    class Meta:
        model = Integration
        fields = ["id", "name", "provider", "is_default", "settings", "secret", "created_at"]
        read_only_fields = fields

    def get_settings(self, integration: Integration) -> dict[str, str] | None:
        """Endpoint, bucket and the like; null for members."""
        return dict(integration.settings) if self._for_admin() else None

    def get_secret(self, integration: Integration) -> dict[str, bool] | None:
        """Which credentials are set; null for members."""
        if not self._for_admin():
            return None
        try:
            return dict.fromkeys(decrypt(integration.secret), True)
        except SecretLost:
            return {}

    def _for_admin(self) -> bool:
        actor: Actor = self.context["actor"]
        return actor.is_organisation_admin


@extend_schema_field({"type": "object", "additionalProperties": True})
class ValuesField(serializers.DictField):
    """Values by the names of the provider's fields; a null empties one."""

    child = serializers.JSONField(allow_null=True)


class NewIntegrationSerializer(serializers.Serializer[Any]):
    """An integration to make."""

    name = serializers.CharField(max_length=150)
    provider = serializers.ChoiceField(choices=Provider.choices)
    settings = ValuesField(required=False)
    secret = ValuesField(required=False, help_text="Credentials; never shown again.")


class IntegrationChangeSerializer(serializers.Serializer[Any]):
    """What to change; settings are replaced as a whole, credentials that are not given stay."""

    name = serializers.CharField(max_length=150, required=False)
    settings = ValuesField(required=False)
    secret = ValuesField(required=False)


class TestSerializer(serializers.Serializer[Any]):
    """What to try the integration out with."""

    url = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=8192,
        help_text="Of an object to read; buckets and directories can be looked into without one.",
    )


class ConnectionStepSerializer(serializers.Serializer[Any]):
    """One step on the way to an object."""

    key = serializers.CharField()
    name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["passed", "failed", "skipped"])
    detail = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    """What a test found."""

    passed = serializers.BooleanField()
    steps = ConnectionStepSerializer(many=True)


class IntegrationListView(ListAPIView[Integration]):
    """Integrations of the organisation."""

    serializer_class = IntegrationSerializer

    def get_queryset(self) -> QuerySet[Integration]:
        """Those of the caller's organisation."""
        return Integration.objects.visible_to(actor_of(self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        """With the actor, who decides what is shown."""
        return {**super().get_serializer_context(), "actor": actor_of(self.request)}

    @extend_schema(operation_id="integrations_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the integrations of your organisation."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="integrations_create",
        tags=_TAGS,
        request=NewIntegrationSerializer,
        responses={201: IntegrationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add an integration (administrators only); nothing is connected to yet."""
        actor = actor_of(request)
        actor.require_organisation_admin()
        given = NewIntegrationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = services.create_integration(actor=actor, **given.validated_data)
        return Response(_shown(made, actor), status=status.HTTP_201_CREATED)


class IntegrationView(APIView):
    """One integration."""

    @extend_schema(operation_id="integrations_get", tags=_TAGS, responses=IntegrationSerializer)
    def get(self, request: Request, integration_id: UUID) -> Response:
        """Look at an integration."""
        actor = actor_of(request)
        return Response(_shown(get_integration(actor, integration_id), actor))

    @extend_schema(
        operation_id="integrations_update",
        tags=_TAGS,
        request=IntegrationChangeSerializer,
        responses=IntegrationSerializer,
    )
    def patch(self, request: Request, integration_id: UUID) -> Response:
        """Change an integration (administrators only)."""
        actor = actor_of(request)
        integration = get_integration(actor, integration_id)
        actor.require_organisation_admin()
        given = IntegrationChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        changed = services.update_integration(
            actor=actor, integration=integration, **given.validated_data
        )
        return Response(_shown(changed, actor))

    @extend_schema(operation_id="integrations_delete", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, integration_id: UUID) -> Response:
        """Delete an integration that no items are read through (administrators only)."""
        actor = actor_of(request)
        integration = get_integration(actor, integration_id)
        services.delete_integration(actor=actor, integration=integration)
        return Response(status=status.HTTP_204_NO_CONTENT)


class IntegrationTestView(APIView):
    """Whether an integration works."""

    @extend_schema(
        operation_id="integrations_test",
        tags=_TAGS,
        request=TestSerializer,
        responses=ReportSerializer,
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Try an integration out and say which step failed (administrators only)."""
        actor = actor_of(request)
        integration = get_integration(actor, integration_id)
        given = TestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        report = test_integration(
            actor=actor, integration=integration, url=given.validated_data["url"]
        )
        return Response(ReportSerializer(report).data)


def _shown(integration: Integration, actor: Actor) -> Any:
    return IntegrationSerializer(integration, context={"actor": actor}).data
