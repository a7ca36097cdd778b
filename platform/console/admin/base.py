"""What all pages of the console have in common: nothing is changed but by services, and nothing
that grows with the number of rows is asked for.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.actor import Actor
from accounts.models import Organisation, User
from console.paging import BoundedPaginator, time_limit
from core.errors import DomainError

# No page of the console keeps the database busy for longer than this by one statement.
PAGE_MILLISECONDS = 5000


if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(_ModelAdmin):
    """Rows to look at."""

    paginator = BoundedPaginator
    list_per_page = 50
    show_full_result_count = False
    # No page with all rows.
    list_max_show_all = 0
    show_facets = admin.ShowFacets.NEVER
    # Fields that the address may filter by, besides those of list_filter: links lead there.
    linked_by: tuple[str, ...] = ()
    view_on_site = False
    # Columns that hold a lot and are of no use to people.
    left_out: tuple[str, ...] = ()
    # What a search for an id is compared with; other words go to search_fields.
    id_fields: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is made here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted: services know what goes with it."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let links between the tables filter."""
        return lookup in self.linked_by or super().lookup_allowed(lookup, value, request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, or the list without conditions when they make it take too long."""
        plural = str(self.opts.verbose_name_plural)
        extra_context = {"title": plural[:1].upper() + plural[1:], **(extra_context or {})}
        if request.method != "GET":
            return super().changelist_view(request, extra_context)
        try:
            with time_limit(PAGE_MILLISECONDS):
                response = super().changelist_view(request, extra_context)
                if isinstance(response, TemplateResponse):
                    response.render()
                return response
        except OperationalError:
            if not request.GET:
                raise
            text = "That takes too long on so many rows. Search for an id, or filter more."
            self.message_user(request, text, messages.ERROR)
            return redirect(request.path)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All columns but those that are left out."""
        shown = super().get_fields(request, obj)
        return [name for name in shown if name not in self.left_out]

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """An id is looked up by the indexes; everything else as Django does."""
        found = as_uuid(search_term)
        if found is not None and self.id_fields:
            for name in self.id_fields:
                rows = queryset.filter(**{name: found})
                if rows.exists():
                    return rows, False
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)


def as_uuid(text: str) -> UUID | None:
    """The id that the text is, None for another text."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def operator_of(request: HttpRequest, organisation: Organisation) -> Actor:
    """The operator, acting for an organisation that need not be his."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the site lets nobody else in
    return Actor(user=user, organisation=organisation)


def try_each(
    admin_page: ReadOnlyAdmin, request: HttpRequest, rows: "QuerySet[Any]", act: Any, done: str
) -> None:
    """Do something with each chosen row, and say what was done and what was refused, why."""
    succeeded = 0
    for row in rows:
        try:
            act(row)
        except DomainError as error:
            admin_page.message_user(request, f"{row}: {error.message}", messages.ERROR)
        else:
            succeeded += 1
    if succeeded:
        admin_page.message_user(request, f"{succeeded} {done}.", messages.SUCCESS)
