"""People of the organisation, and what they are in it."""

from typing import Any
from uuid import UUID, uuid5

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.choices import OrganisationRole
from accounts.first_passwords import mail_first_password
from accounts.models import Membership
from accounts.services.organisations import add_member, remove_member
from core.errors import FieldError, InvalidInput, NotFound
from encord_api.naming import WireSerializer
from encord_api.views.base import EncordView

# Roles are no rows here; the SDK wants an id for each all the same.
_ROLES = UUID("0b4f6a52-5f0e-4e0e-8a55-0d9a9b7f4c21")
_BY_NAME = {"ADMIN": OrganisationRole.ADMIN, "MEMBER": OrganisationRole.MEMBER}
_INTERNAL = "internal"


class NewUser(WireSerializer):
    """Who is to belong to the organisation, and as what."""

    email = serializers.CharField()
    role_mnemonic_name = serializers.CharField()
    member_type = serializers.CharField()


class UsersView(EncordView):
    """Members of the organisation."""

    def get(self, request: Request) -> Response:
        """List them by address."""
        found = Membership.objects.visible_to(self.actor).select_related("user")
        return Response({"results": [_dto(one) for one in found.order_by("user__email")]})

    def post(self, request: Request) -> Response:
        """Let somebody in at once, as the SDK promises; somebody new is mailed the way to a
        password, for which the answer has no place.
        """
        self.actor.require_organisation_admin()
        given = self.payload(NewUser)
        membership, password = add_member(actor=self.actor, email=given["email"], role=_role(given))
        if password:
            mail_first_password(request=request._request, email=membership.user.email)
        return Response({})


class UserView(EncordView):
    """One member."""

    def delete(self, request: Request, email: str) -> Response:
        """End the membership."""
        self.actor.require_organisation_admin()
        found = Membership.objects.visible_to(self.actor).select_related("user", "organisation")
        membership = found.filter(user__email=email.strip().lower()).first()
        if membership is None:
            raise NotFound("There is no such member.")
        remove_member(actor=self.actor, membership=membership)
        return Response({})


def _role(given: dict[str, Any]) -> OrganisationRole:
    name, kind = given["role_mnemonic_name"], given["member_type"]
    errors = []
    if name not in _BY_NAME:
        message = "There is no such role here."
        expected = " or ".join(_BY_NAME)
        errors.append(FieldError("roleMnemonicName", message, "unsupported", expected, name[:80]))
    if kind != _INTERNAL:
        message = "Guests of another company are not told apart here."
        errors.append(FieldError("memberType", message, "unsupported", _INTERNAL, kind[:80]))
    if errors:
        raise InvalidInput(errors=errors)
    return _BY_NAME[name]


def _dto(membership: Membership) -> dict[str, Any]:
    name = "ADMIN" if membership.role == OrganisationRole.ADMIN else "MEMBER"
    return {
        "email": membership.user.email,
        "roleMnemonicName": name,
        "roleUuid": uuid5(_ROLES, name),
        "memberType": _INTERNAL,
        "createdAt": membership.created_at,
        "lastEditedAt": membership.updated_at,
    }
