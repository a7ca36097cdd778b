"""The organisation that the caller works in."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.people import NameSerializer
from accounts.middleware import actor_of
from accounts.models import Organisation
from accounts.services.organisations import rename_organisation
from core.api.views import APIView


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    """An organisation."""

    class Meta:
        model = Organisation
        fields = ["id", "name", "created_at"]
        read_only_fields = fields


class OrganisationView(APIView):
    """The caller's organisation."""

    @extend_schema(
        operation_id="organisation_get", tags=["Organisation"], responses=OrganisationSerializer
    )
    def get(self, request: Request) -> Response:
        """Look at your organisation."""
        return Response(OrganisationSerializer(actor_of(request).organisation).data)

    @extend_schema(
        operation_id="organisation_update",
        tags=["Organisation"],
        request=NameSerializer,
        responses=OrganisationSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Rename your organisation (administrators only)."""
        given = NameSerializer(data=request.data)
        actor = actor_of(request)
        actor.require_organisation_admin()
        given.is_valid(raise_exception=True)
        organisation = rename_organisation(actor=actor, name=given.validated_data["name"])
        return Response(OrganisationSerializer(organisation).data)
