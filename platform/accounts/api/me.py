"""The caller himself."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.api.organisation import OrganisationSerializer
from accounts.api.people import NameSerializer, PersonSerializer
from accounts.choices import OrganisationRole, TokenScope
from accounts.middleware import actor_of
from accounts.models import Membership
from accounts.services.people import rename_person
from core.api.views import APIView


class OwnMembershipSerializer(serializers.ModelSerializer[Membership]):
    """One of the organisations that the caller belongs to."""

    organisation = OrganisationSerializer(read_only=True)

    class Meta:
        model = Membership
        fields = ["organisation", "role"]
        read_only_fields = fields


class MeSerializer(serializers.Serializer[Actor]):
    """Who calls, for which organisation, with which rights."""

    user = PersonSerializer()
    organisation = OrganisationSerializer()
    role = serializers.ChoiceField(choices=OrganisationRole.choices)
    scope = serializers.ChoiceField(
        choices=TokenScope.choices, help_text="What the token covers; write for sessions."
    )
    memberships = serializers.SerializerMethodField()

    @extend_schema_field(OwnMembershipSerializer(many=True))
    def get_memberships(self, actor: Actor) -> Any:
        """All organisations of the person."""
        own = Membership.objects.filter(user=actor.user).select_related("organisation")
        return OwnMembershipSerializer(own.order_by("created_at"), many=True).data


class MeView(APIView):
    """The caller."""

    @extend_schema(operation_id="me_get", tags=["Me"], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Tell who you are here."""
        return Response(MeSerializer(actor_of(request)).data)

    @extend_schema(
        operation_id="me_update",
        tags=["Me"],
        request=NameSerializer,
        responses=MeSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change the name by which others see you."""
        given = NameSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        rename_person(actor=actor, name=given.validated_data["name"])
        return Response(MeSerializer(actor).data)
