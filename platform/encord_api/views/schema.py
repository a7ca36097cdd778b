"""The metadata schema, in the SDK's two forms of it."""

from typing import Any

from django.db.models import Max
from rest_framework.request import Request
from rest_framework.response import Response

from encord_api.views.base import EncordView
from folders.models import MetadataKey
from folders.services.schema_map import read_legacy_map, read_map, save_legacy_map, save_map


class LegacySchemaView(EncordView):
    """The form without sizes and values of enums."""

    def get(self, request: Request) -> Response:
        """The live keys; an object even when there are none, for scripts put keys into it."""
        organisation = self.actor.organisation
        keys = MetadataKey.objects.visible_to(self.actor)
        changed = keys.aggregate(last=Max("updated_at"))["last"]
        body: dict[str, Any] = {
            "uuid": organisation.pk,
            "metadataSchema": read_legacy_map(actor=self.actor),
            # The SDK wants a number, and shows it to nobody.
            "organisationId": organisation.pk.int % 2**31,
            "createdAt": organisation.created_at,
            "updatedAt": changed or organisation.updated_at,
        }
        return Response(body)

    def post(self, request: Request) -> Response:
        """Save the bare map; live keys that it leaves out are deleted."""
        save_legacy_map(actor=self.actor, given=self.body.json())
        return Response({})


class SchemaView(EncordView):
    """The whole form, tombstones included."""

    def get(self, request: Request) -> Response:
        """Every key by name."""
        return Response(read_map(actor=self.actor))

    def post(self, request: Request) -> Response:
        """Save the whole map."""
        save_map(actor=self.actor, given=self.body.json())
        return Response({})
