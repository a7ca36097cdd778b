"""Addresses of the accounts pages."""

from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls.converters import StringConverter

from accounts.views.account import account, password_change, switch_organisation
from accounts.views.invitation import InvitationView
from accounts.views.invitations import (
    invitation_create,
    invitation_renew,
    invitation_revoke,
)
from accounts.views.keys import api_keys, ssh_key_add, ssh_key_revoke, token_create, token_revoke
from accounts.views.members import member, member_remove, member_role, members
from accounts.views.organisation import organisation
from accounts.views.recovery import AskPasswordView, NewPasswordView, password_asked
from accounts.views.second_factor import (
    CodeView,
    second_factor,
    second_factor_codes,
    second_factor_off,
    second_factor_on,
)
from accounts.views.sessions import session_end, sessions, sessions_end_others
from accounts.views.sign_in import sign_in, sign_out
from accounts.views.teams import (
    team,
    team_create,
    team_delete,
    team_member_add,
    team_member_remove,
    team_update,
    teams,
)


class Base36Converter(StringConverter):
    """How allauth writes ids of people into links."""

    regex = "[0-9A-Za-z]+"


register_converter(Base36Converter, "base36")

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in, name="sign-in"),
    # The name by which allauth's flows lead there.
    path("sign-in/", sign_in, name="account_login"),
    # allauth's own name: it leads there after the password.
    path("sign-in/code/", CodeView.as_view(), name="mfa_authenticate"),
    path("sign-out/", sign_out, name="sign-out"),
    path("password/", AskPasswordView.as_view(), name="account_reset_password"),
    path("password/asked/", password_asked, name="account_reset_password_done"),
    # allauth's own name: it builds the mail's link by it.
    path(
        "password/new/<base36:uidb36>-<str:key>/",
        NewPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path("invitations/<str:secret>/", InvitationView.as_view(), name="invitation"),
    path("organisation/", organisation, name="organisation"),
    path("members/", members, name="members"),
    path("members/invitations/", invitation_create, name="invitation-create"),
    path(
        "members/invitations/<uuid:invitation_id>/renew/",
        invitation_renew,
        name="invitation-renew",
    ),
    path(
        "members/invitations/<uuid:invitation_id>/revoke/",
        invitation_revoke,
        name="invitation-revoke",
    ),
    path("members/<uuid:user_id>/", member, name="member"),
    path("members/<uuid:user_id>/role/", member_role, name="member-role"),
    path("members/<uuid:user_id>/remove/", member_remove, name="member-remove"),
    path("teams/", teams, name="teams"),
    path("teams/new/", team_create, name="team-create"),
    path("teams/<uuid:team_id>/", team, name="team"),
    path("teams/<uuid:team_id>/update/", team_update, name="team-update"),
    path("teams/<uuid:team_id>/delete/", team_delete, name="team-delete"),
    path("teams/<uuid:team_id>/members/", team_member_add, name="team-member-add"),
    path(
        "teams/<uuid:team_id>/members/<uuid:user_id>/remove/",
        team_member_remove,
        name="team-member-remove",
    ),
    path("account/", account, name="account"),
    path("account/password/", password_change, name="password-change"),
    path("account/second-factor/", second_factor, name="second-factor"),
    path("account/second-factor/on/", second_factor_on, name="second-factor-on"),
    path("account/second-factor/off/", second_factor_off, name="second-factor-off"),
    path("account/second-factor/codes/", second_factor_codes, name="second-factor-codes"),
    path("account/organisation/", switch_organisation, name="switch-organisation"),
    path("account/sessions/", sessions, name="sessions"),
    path("account/sessions/others/", sessions_end_others, name="sessions-end-others"),
    path("account/sessions/<int:session_id>/", session_end, name="session-end"),
    path("account/keys/", api_keys, name="api-keys"),
    path("account/keys/ssh/", ssh_key_add, name="ssh-key-add"),
    path("account/keys/ssh/<uuid:key_id>/revoke/", ssh_key_revoke, name="ssh-key-revoke"),
    path("account/keys/tokens/", token_create, name="token-create"),
    path("account/keys/tokens/<uuid:token_id>/revoke/", token_revoke, name="token-revoke"),
]
