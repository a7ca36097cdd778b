"""Presets over REST."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from collections_app.api.serializers import NeighboursSerializer, described
from collections_app.models import Preset
from collections_app.permissions import get_preset
from collections_app.services.presets import create_preset, delete_preset, update_preset
from core.api.fields import ObjectField
from core.api.views import APIView, ListAPIView
from core.errors import FieldError, InvalidInput
from folders.api.paging import KeysetPagination
from folders.constants import MAX_NAME_LENGTH
from folders.permissions import get_root


class PresetSerializer(serializers.Serializer[Any]):
    """A preset. A search is a condition of its `filter`, on the field `distance`."""

    id = serializers.UUIDField()
    root = serializers.UUIDField(  # type: ignore[assignment]  # a serializer's own root
        source="root_id", allow_null=True, help_text="Null for those of the whole organisation."
    )
    name = serializers.CharField()
    description = serializers.CharField()
    filter = ObjectField(
        allow_null=True,
        help_text="A tree of the filter grammar; null for those of the whole organisation, which "
        "the SDK made.",
    )
    shared = serializers.BooleanField(help_text="Whether all who see the folder see it.")
    created_by = serializers.SerializerMethodField(help_text="Who made it, by name.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_created_by(self, preset: Preset) -> str | None:
        """His name, else his address; nobody where the account is gone."""
        made_by = preset.created_by
        return (made_by.name or made_by.email) if made_by else None


class PresetPartsSerializer(serializers.Serializer[Any]):
    """What a preset describes: all units that match `filter` and `similar`."""

    description = serializers.CharField(required=False, allow_blank=True)
    filter = ObjectField(
        required=False, allow_null=True, help_text="A tree of the filter grammar; null is none."
    )
    similar = NeighboursSerializer(required=False)
    shared = serializers.BooleanField(
        required=False, help_text="Whether all who see the folder see it, or you alone."
    )


class NewPresetSerializer(PresetPartsSerializer):
    """A new preset."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH)


class ChangedPresetSerializer(PresetPartsSerializer):
    """What changes; `filter` and `similar` together take the place of what it described."""

    name = serializers.CharField(required=False, max_length=MAX_NAME_LENGTH)


class PresetsView(ListAPIView[Preset]):
    """Presets of a root folder."""

    serializer_class = PresetSerializer
    pagination_class = KeysetPagination
    keyset_orders = ("name", "-name", "created_at", "-created_at")

    def get_queryset(self) -> QuerySet[Preset]:
        """The caller's own, and those that are shared."""
        actor = actor_of(self.request)
        root = get_root(actor, self.kwargs["folder_id"])
        return Preset.objects.visible_to(actor).filter(root=root).select_related("created_by")

    @extend_schema(operation_id="presets_list", tags=["Collections"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the presets of a root folder by name: your own, and those that are shared."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="presets_create",
        tags=["Collections"],
        request=NewPresetSerializer,
        responses={201: PresetSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Save a filter and a search under a name; shared unless `shared` is false."""
        actor = actor_of(request)
        root = get_root(actor, folder_id)
        asked = _valid(NewPresetSerializer(data=request.data))
        tree = _tree(asked)
        if tree is None:
            message = "Give a filter, a search, or both; a filter of null is all units."
            raise InvalidInput(message, errors=[FieldError("filter", message)])
        preset = create_preset(
            actor=actor,
            root=root,
            name=asked["name"],
            description=asked.get("description", ""),
            filter_tree=tree,
            shared=asked.get("shared", True),
        )
        return Response(PresetSerializer(preset).data, status=status.HTTP_201_CREATED)


class PresetView(APIView):
    """One preset."""

    @extend_schema(operation_id="presets_read", tags=["Collections"], responses=PresetSerializer)
    def get(self, request: Request, preset_id: UUID) -> Response:
        """Read a preset; its `filter` goes wherever filters go."""
        return Response(PresetSerializer(get_preset(actor_of(request), preset_id)).data)

    @extend_schema(
        operation_id="presets_update",
        tags=["Collections"],
        request=ChangedPresetSerializer,
        responses=PresetSerializer,
    )
    def patch(self, request: Request, preset_id: UUID) -> Response:
        """Rename, describe, share or keep to yourself, or have it describe other units."""
        actor = actor_of(request)
        preset = get_preset(actor, preset_id)
        asked = _valid(ChangedPresetSerializer(data=request.data))
        changed = update_preset(
            actor=actor,
            preset=preset,
            name=asked.get("name"),
            description=asked.get("description"),
            filter_tree=_tree(asked),
            shared=asked.get("shared"),
        )
        return Response(PresetSerializer(changed).data)

    @extend_schema(operation_id="presets_delete", tags=["Collections"], responses={204: None})
    def delete(self, request: Request, preset_id: UUID) -> Response:
        """Delete a preset; collections that it filled stay."""
        actor = actor_of(request)
        delete_preset(actor=actor, preset=get_preset(actor, preset_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _valid(given: serializers.Serializer[Any]) -> dict[str, Any]:
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _tree(asked: dict[str, Any]) -> dict[str, Any] | None:
    """The tree of what is described; None when nothing is."""
    matching = described(asked)
    return matching.tree() if matching else None
