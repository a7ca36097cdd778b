"""Organisations and people."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.choices import OrganisationRole
from accounts.models import Invitation, Membership, Organisation, User
from accounts.services.operators import found_organisation, let_in, set_active
from accounts.services.second_factor import remove_second_factor
from console.admin.base import ReadOnlyAdmin, operator_of, try_each
from console.links import rows_link
from console.site import console
from core.errors import Conflict

if TYPE_CHECKING:
    _OrganisationForm = forms.ModelForm[Organisation]
else:
    _OrganisationForm = forms.ModelForm


class OrganisationForm(_OrganisationForm):
    """A new organisation and who administers it first."""

    administrator = forms.EmailField(
        help_text="Address of somebody who has an account. He administers the organisation."
    )

    class Meta:
        model = Organisation
        fields = ["name"]

    def clean_administrator(self) -> User:
        """The person of that address."""
        email = self.cleaned_data["administrator"].lower()
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None:
            raise forms.ValidationError("Nobody has this address.")
        return user


@admin.register(Organisation, site=console)
class OrganisationAdmin(ReadOnlyAdmin):
    """Tenants; new ones are made here."""

    list_display = ["name", "people", "created_at", "links"]
    search_fields = ["name"]
    id_fields = ("pk",)
    ordering = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Operators make organisations."""
        return True

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Making one asks for its first administrator, too."""
        if obj is None:
            return OrganisationForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the form of a new one asks for, else all there is."""
        return ["name", "administrator"] if obj is None else ["id", "name", "created_at"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Have the service make it: the row's id is the one that Django goes on with."""
        user = request.user
        assert isinstance(user, User)  # noqa: S101 - the site lets nobody else in
        made = found_organisation(
            operator=user, name=obj.name, administrator=form.cleaned_data["administrator"]
        )
        obj.pk = made.pk

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Organisation]":
        """With the number of its people: memberships are few beside what folders hold."""
        return Organisation.objects.annotate(member_count=Count("memberships"))

    @admin.display(description="members")
    def people(self, row: Any) -> int:
        """How many belong to it."""
        return int(row.member_count)

    @admin.display(description="Contents")
    def links(self, row: Organisation) -> str:
        """What belongs to it."""
        ways = [
            rows_link("accounts_membership", "Members", organisation__id__exact=row.pk),
            rows_link("folders_folder", "Folders", organisation__id__exact=row.pk),
            rows_link("core_job", "Jobs", organisation__id__exact=row.pk),
            rows_link("core_auditevent", "Audit", organisation__id__exact=row.pk),
        ]
        return format_html("{} · {} · {} · {}", *ways)


@admin.register(User, site=console)
class UserAdmin(ReadOnlyAdmin):
    """People of all organisations."""

    list_display = ["email", "name", "is_active", "is_superuser", "last_login", "created_at"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["^email", "name"]
    id_fields = ("pk",)
    ordering = ["email"]
    left_out = ("password", "user_permissions", "groups")
    actions = ["deactivate", "activate", "remove_second_factor"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """No digests of passwords, not even theirs."""
        return ["id", "email", "name", "is_active", "is_superuser", "last_login", "created_at"]

    @admin.action(description="Deactivate: sign them out and keep them out", permissions=["view"])
    def deactivate(self, request: HttpRequest, rows: "QuerySet[User]") -> None:
        """Keep people out, everywhere at once."""
        self._set_active(request, rows, active=False)

    @admin.action(description="Activate: let them sign in again", permissions=["view"])
    def activate(self, request: HttpRequest, rows: "QuerySet[User]") -> None:
        """Let people in again."""
        self._set_active(request, rows, active=True)

    @admin.action(description="Remove the second factor of who has lost it", permissions=["view"])
    def remove_second_factor(self, request: HttpRequest, rows: "QuerySet[User]") -> None:
        """Let people in by the password alone, until they turn it on again."""
        operator = request.user
        assert isinstance(operator, User)  # noqa: S101 - the site lets nobody else in

        def act(user: User) -> None:
            if not remove_second_factor(operator=operator, user=user):
                raise Conflict("There is no second factor.")

        try_each(self, request, rows, act, "let in by the password alone")

    def _set_active(self, request: HttpRequest, rows: "QuerySet[User]", *, active: bool) -> None:
        operator = request.user
        assert isinstance(operator, User)  # noqa: S101 - the site lets nobody else in

        def act(user: User) -> None:
            set_active(operator=operator, user=user, active=active)

        try_each(self, request, rows, act, "activated" if active else "deactivated")


@admin.register(Membership, site=console)
class MembershipAdmin(ReadOnlyAdmin):
    """Who belongs where; the operator lets people in whom nobody else may."""

    list_display = ["user", "organisation", "role", "created_at"]
    list_filter = ["role"]
    list_select_related = ["user", "organisation"]
    search_fields = ["^user__email"]
    id_fields = ("user_id", "organisation_id")
    linked_by = ("organisation__id__exact", "user__id__exact")
    raw_id_fields = ["user", "organisation"]
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Operators let people in."""
        return True

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who, where, as what."""
        return ["organisation", "user", "role"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Have the service do it."""
        made = let_in(
            actor=operator_of(request, obj.organisation),
            user=obj.user,
            role=OrganisationRole(obj.role),
        )
        obj.pk = made.pk


@admin.register(Invitation, site=console)
class InvitationAdmin(ReadOnlyAdmin):
    """Invitations of all organisations."""

    list_display = ["email", "organisation", "role", "sent_at", "accepted_at", "revoked_at"]
    list_select_related = ["organisation"]
    search_fields = ["^email"]
    id_fields = ("pk", "organisation_id")
    linked_by = ("organisation__id__exact",)
    ordering = ["-created_at"]
    left_out = ("digest",)
