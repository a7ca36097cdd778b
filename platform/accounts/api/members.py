"""Who belongs to the caller's organisation."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.people import PersonSerializer
from accounts.choices import OrganisationRole
from accounts.middleware import actor_of
from accounts.models import Membership
from accounts.services.organisations import add_member, change_member_role, remove_member
from core.api.views import APIView, ListAPIView
from core.errors import NotFound


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A member."""

    user = PersonSerializer(read_only=True)

    class Meta:
        model = Membership
        fields = ["user", "role", "created_at"]
        read_only_fields = fields


class NewMemberSerializer(serializers.Serializer[Any]):
    """Somebody to let in."""

    email = serializers.EmailField()
    name = serializers.CharField(max_length=150, required=False, default="")
    role = serializers.ChoiceField(
        choices=OrganisationRole.choices, default=OrganisationRole.MEMBER
    )


class AddedMemberSerializer(MemberSerializer):
    """A member who was just let in."""

    initial_password = serializers.CharField(
        allow_null=True,
        read_only=True,
        help_text="Shown this once, when the person is new here; null otherwise.",
    )

    class Meta(MemberSerializer.Meta):
        fields = [*MemberSerializer.Meta.fields, "initial_password"]
        read_only_fields = fields


class RoleSerializer(serializers.Serializer[Any]):
    """A role to give."""

    role = serializers.ChoiceField(choices=OrganisationRole.choices)


class MemberListView(ListAPIView[Membership]):
    """Members of the organisation."""

    serializer_class = MemberSerializer

    def get_queryset(self) -> QuerySet[Membership]:
        """Members of the caller's organisation."""
        return Membership.objects.visible_to(actor_of(self.request)).select_related("user")

    @extend_schema(operation_id="members_list", tags=["Organisation"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the members of your organisation."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="members_add",
        tags=["Organisation"],
        request=NewMemberSerializer,
        responses={201: AddedMemberSerializer},
    )
    def post(self, request: Request) -> Response:
        """Let somebody into your organisation (administrators only)."""
        actor = actor_of(request)
        actor.require_organisation_admin()
        given = NewMemberSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        membership, password = add_member(
            actor=actor,
            email=wanted["email"],
            name=wanted["name"],
            role=OrganisationRole(wanted["role"]),
        )
        body = {**MemberSerializer(membership).data, "initial_password": password or None}
        return Response(body, status=status.HTTP_201_CREATED)


class MemberView(APIView):
    """One member."""

    @extend_schema(operation_id="members_get", tags=["Organisation"], responses=MemberSerializer)
    def get(self, request: Request, user_id: UUID) -> Response:
        """Look at a member."""
        return Response(MemberSerializer(_visible_member(request, user_id)).data)

    @extend_schema(
        operation_id="members_update",
        tags=["Organisation"],
        request=RoleSerializer,
        responses=MemberSerializer,
    )
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Change a member's role (administrators only)."""
        actor = actor_of(request)
        membership = _visible_member(request, user_id)
        actor.require_organisation_admin()
        given = RoleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        role = OrganisationRole(given.validated_data["role"])
        change_member_role(actor=actor, membership=membership, role=role)
        return Response(MemberSerializer(membership).data)

    @extend_schema(operation_id="members_remove", tags=["Organisation"], responses={204: None})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Remove a member (administrators), or leave."""
        membership = _visible_member(request, user_id)
        remove_member(actor=actor_of(request), membership=membership)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _visible_member(request: Request, user_id: UUID) -> Membership:
    members = Membership.objects.visible_to(actor_of(request)).select_related(
        "user", "organisation"
    )
    member = members.filter(user_id=user_id).first()
    if member is None:
        raise NotFound("There is no such member.")
    return member
