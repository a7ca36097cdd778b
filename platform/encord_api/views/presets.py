"""Presets: the organisation's, which the SDK makes, and those of root folders, made on pages."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from collections_app.models import Preset
from collections_app.permissions import get_preset
from collections_app.services.presets import delete_preset, keep_preset, update_preset
from encord_api.naming import WireSerializer
from encord_api.paging import PageQuery, page_of
from encord_api.preset_definitions import checked_definition, compile_definition, definition_of
from encord_api.views.base import EncordView


class PresetQuery(PageQuery):
    """Which presets are listed."""

    top_level_folder_uuid = serializers.UUIDField(default=None)
    uuids = serializers.ListField(child=serializers.UUIDField(), default=[])


class NewPreset(WireSerializer):
    """A preset to be kept."""

    name = serializers.CharField(trim_whitespace=False)
    description = serializers.CharField(default="", allow_blank=True, allow_null=True)
    filter_preset_json = serializers.JSONField()


class PresetPatch(WireSerializer):
    """What changes of a preset; absent parts stay."""

    name = serializers.CharField(required=False, trim_whitespace=False)
    description = serializers.CharField(required=False, allow_blank=True)
    filter_preset = serializers.JSONField(required=False)


class PresetsView(EncordView):
    """Presets that the caller sees."""

    def get(self, request: Request) -> Response:
        """List them; those of the organisation hold for every folder."""
        query = self.query(PresetQuery)
        found = Preset.objects.visible_to(self.actor)
        if query["top_level_folder_uuid"] is not None:
            found = found.filter(Q(root=query["top_level_folder_uuid"]) | Q(root=None))
        if query["uuids"]:
            found = found.filter(pk__in=query["uuids"])
        return Response(
            page_of(found, query, order="created_at", render=lambda rows: list(map(_dto, rows)))
        )

    def post(self, request: Request) -> Response:
        """Keep one for the organisation, as it came; the answer is its id."""
        given = self.payload(NewPreset)
        preset = keep_preset(
            actor=self.actor,
            name=given["name"],
            description=given["description"] or "",
            definition=checked_definition(given["filter_preset_json"]),
        )
        return Response(preset.pk)


class PresetView(EncordView):
    """One preset."""

    def get(self, request: Request, preset_id: UUID) -> Response:
        """Its definition, and nothing else."""
        return Response(definition_of(get_preset(self.actor, preset_id)))

    def patch(self, request: Request, preset_id: UUID) -> Response:
        """Change it; that of a root folder takes only filters that are known here."""
        preset = get_preset(self.actor, preset_id)
        given = self.payload(PresetPatch)
        changes: dict[str, Any] = {
            name: given[name] for name in ("name", "description") if name in given
        }
        if given.get("filter_preset") is not None:
            definition = checked_definition(given["filter_preset"])
            changes["definition"] = definition
            if preset.root_id is not None:
                changes["filter_tree"] = compile_definition(definition, preset.root_id)
        update_preset(actor=self.actor, preset=preset, **changes)
        return Response({})

    def delete(self, request: Request, preset_id: UUID) -> Response:
        """Delete it."""
        delete_preset(actor=self.actor, preset=get_preset(self.actor, preset_id))
        return Response({})


def _dto(preset: Preset) -> dict[str, Any]:
    return {
        "uuid": preset.pk,
        "name": preset.name,
        "description": preset.description,
        "createdAt": preset.created_at,
        "lastUpdatedAt": preset.updated_at,
    }
