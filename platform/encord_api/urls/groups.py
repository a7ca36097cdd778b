"""Addresses of groups."""

from django.urls import URLPattern, path

from encord_api.views.groups import (
    GroupListView,
    GroupsView,
    GroupUsersRemovalView,
    GroupUsersView,
    GroupView,
)

_GROUP = "organisation/groups/<uuid:team_id>"

urlpatterns: list[URLPattern] = [
    path("user/current-organisation/groups", GroupListView.as_view(), name="encord-group-list"),
    path("organisation/groups", GroupsView.as_view(), name="encord-groups"),
    path(_GROUP, GroupView.as_view(), name="encord-group"),
    path(f"{_GROUP}/users", GroupUsersView.as_view(), name="encord-group-users"),
    path(
        f"{_GROUP}/users/bulk-delete",
        GroupUsersRemovalView.as_view(),
        name="encord-group-users-removal",
    ),
]
