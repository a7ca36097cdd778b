"""Integrations, through which registered objects are read."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from encord_api.naming import WireSerializer
from encord_api.views.base import EncordView
from integrations.models import Integration


class IntegrationQuery(WireSerializer):
    """Which integrations are listed; all of them unless some are named."""

    filter_integration_uuids = serializers.ListField(child=serializers.UUIDField(), default=[])
    filter_integration_titles = serializers.ListField(child=serializers.CharField(), default=[])


class IntegrationsView(EncordView):
    """Integrations of the organisation."""

    def get(self, request: Request) -> Response:
        """List them by name, without their secrets."""
        query = self.query(IntegrationQuery)
        found = Integration.objects.visible_to(self.actor)
        if query["filter_integration_uuids"]:
            found = found.filter(pk__in=query["filter_integration_uuids"])
        if query["filter_integration_titles"]:
            found = found.filter(name__in=query["filter_integration_titles"])
        rows = found.order_by("name", "pk").values_list("pk", "name")
        # In the singular: so the SDK reads it.
        return Response({"result": [{"integrationUuid": pk, "title": name} for pk, name in rows]})
