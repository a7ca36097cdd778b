"""Folder upgrades over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.api.accepted import AcceptedSerializer, accepted_jobs
from core.api.jobs import JobSerializer
from core.api.views import APIView
from core.errors import FieldError, InvalidInput
from embeddings.choices import ReductionMethod
from embeddings.services.upgrades import UpgradeChoice, get_upgrade, save_upgrade
from embeddings.upgrade_status import Upgrade, UpgradeRow, get_upgradable
from folders.models import Folder, MetadataKey


class UpgradeKeyInputSerializer(serializers.Serializer[Any]):
    """What is asked for one embedding key."""

    key = serializers.CharField(max_length=150, help_text="Name of the embedding key.")
    reduce = serializers.BooleanField(default=False, help_text="Whether a map is made.")
    method = serializers.ChoiceField(
        choices=ReductionMethod.choices, default=ReductionMethod.TSNE.value
    )
    parameters = serializers.DictField(
        default=dict,
        help_text="Of t-SNE: perplexity (2 to 200), exaggeration (1 to 12), seed; of PCA: seed.",
    )


class UpgradeInputSerializer(serializers.Serializer[Any]):
    """The whole upgrade of a root folder."""

    keys = UpgradeKeyInputSerializer(many=True)
    delete_maps = serializers.ListField(
        child=serializers.CharField(max_length=150),
        default=list,
        help_text="Names of keys whose maps are deleted, unless their reduction is asked for. "
        "Keys that leave the upgrade and have a map must be named here.",
    )


class UpgradeKeySerializer(serializers.Serializer[Any]):
    """One embedding key of an upgrade, and where its map stands."""

    key = serializers.CharField(source="key.name")
    reduce = serializers.BooleanField()
    method = serializers.CharField()
    parameters = serializers.DictField(source="choice.parameters")
    state = serializers.ChoiceField(
        choices=["off", "empty", "waiting", "processing", "ready", "failed", "cancelled"]
    )
    failure = serializers.CharField(help_text="Why the newest run failed; empty if it did not.")
    units = serializers.IntegerField(help_text="Units of the root folder that the caller sees.")
    with_vector = serializers.IntegerField()
    zero = serializers.IntegerField(help_text="Of those with a vector: zero vectors.")
    estimate = serializers.FloatField(
        allow_null=True, help_text="Seconds that a run will take, by the last one."
    )
    map = serializers.SerializerMethodField(help_text="Id of the map that is shown.")
    job = JobSerializer(allow_null=True, help_text="The work of the newest run.")

    def get_map(self, row: UpgradeRow) -> UUID | None:
        """The map's id."""
        return row.map.pk if row.map else None


class UpgradeSerializer(serializers.Serializer[Any]):
    """The upgrade of a root folder."""

    folder = serializers.UUIDField(source="root.pk")
    units = serializers.IntegerField(source="unit_count")
    processing = serializers.BooleanField(source="is_processing")
    keys = UpgradeKeySerializer(source="rows", many=True)


class SavedUpgradeSerializer(UpgradeSerializer, AcceptedSerializer):
    """An upgrade after it was saved, while there is work to do."""

    jobs = JobSerializer(many=True, help_text="Runs that were begun, or found going on.")


class FolderUpgradeView(APIView):
    """The upgrade of a root folder."""

    @extend_schema(operation_id="folder_upgrade_get", tags=["Maps"], responses=UpgradeSerializer)
    def get(self, request: Request, folder_id: UUID) -> Response:
        """Show which embedding keys a root folder is upgraded with, and how far the work is."""
        actor = actor_of(request)
        upgrade = get_upgrade(actor, get_upgradable(actor, folder_id))
        return Response(UpgradeSerializer(upgrade).data)

    @extend_schema(
        operation_id="folder_upgrade_save",
        tags=["Maps"],
        request=UpgradeInputSerializer,
        responses={200: UpgradeSerializer, 202: SavedUpgradeSerializer},
    )
    def put(self, request: Request, folder_id: UUID) -> Response:
        """Replace the upgrade and start what it lacks. Saving the same twice starts one run.

        A map is computed where there is none, or none made in this way. Vectors that came later
        are placed; to compute a map anew of all of them, ask for that (`map_recompute`).

        `job_url` lists the runs that are still to end. Status 200 says that there is nothing to do.
        """
        actor = actor_of(request)
        root = get_upgradable(actor, folder_id)
        asked = UpgradeInputSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        upgrade, jobs = _save(actor, root, asked.validated_data)
        body = UpgradeSerializer(upgrade).data
        if not jobs:
            return Response(body)
        begun = JobSerializer(jobs, many=True).data
        return accepted_jobs(request, root.pk, {**body, "jobs": begun})


def _save(actor: Actor, root: Folder, asked: dict[str, Any]) -> tuple[Upgrade, list[Any]]:
    keys = _keys_by_name(actor)
    errors = [
        FieldError(f"keys.{place}.key", "There is no such embedding key.", "unknown_key")
        for place, entry in enumerate(asked["keys"])
        if entry["key"] not in keys
    ]
    if errors:
        raise InvalidInput(errors=errors)
    jobs = save_upgrade(
        actor=actor,
        root=root,
        keys=[
            UpgradeChoice(
                key=keys[entry["key"]],
                reduce=entry["reduce"],
                method=entry["method"],
                parameters=entry["parameters"],
            )
            for entry in asked["keys"]
        ],
        delete_maps_of=[keys[name].pk for name in asked["delete_maps"] if name in keys],
    )
    return get_upgrade(actor, root), jobs


def _keys_by_name(actor: Actor) -> dict[str, MetadataKey]:
    return {key.name: key for key in MetadataKey.objects.visible_to(actor).live().embeddings()}
