"""REST addresses of people, organisations and their keys."""

from django.urls import URLPattern, URLResolver, path

from accounts.api.me import MeView
from accounts.api.members import MemberListView, MemberView
from accounts.api.organisation import OrganisationView
from accounts.api.ssh_keys import SSHKeyListView, SSHKeyView
from accounts.api.teams import TeamListView, TeamMemberListView, TeamMemberView, TeamView
from accounts.api.tokens import TokenListView, TokenView

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/", MeView.as_view(), name="api-me"),
    path("organisation/", OrganisationView.as_view(), name="api-organisation"),
    path("members/", MemberListView.as_view(), name="api-members"),
    path("members/<uuid:user_id>/", MemberView.as_view(), name="api-member"),
    path("teams/", TeamListView.as_view(), name="api-teams"),
    path("teams/<uuid:team_id>/", TeamView.as_view(), name="api-team"),
    path("teams/<uuid:team_id>/members/", TeamMemberListView.as_view(), name="api-team-members"),
    path(
        "teams/<uuid:team_id>/members/<uuid:user_id>/",
        TeamMemberView.as_view(),
        name="api-team-member",
    ),
    path("tokens/", TokenListView.as_view(), name="api-tokens"),
    path("tokens/<uuid:token_id>/", TokenView.as_view(), name="api-token"),
    path("ssh-keys/", SSHKeyListView.as_view(), name="api-ssh-keys"),
    path("ssh-keys/<uuid:key_id>/", SSHKeyView.as_view(), name="api-ssh-key"),
]
