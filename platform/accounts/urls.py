"""Addresses of the accounts pages."""

from django.urls import URLPattern, URLResolver, path

from accounts.views.account import account, password_change, switch_organisation
from accounts.views.keys import api_keys, ssh_key_add, ssh_key_revoke, token_create, token_revoke
from accounts.views.sign_in import sign_in, sign_out

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", sign_out, name="sign-out"),
    path("account/", account, name="account"),
    path("account/password/", password_change, name="password-change"),
    path("account/organisation/", switch_organisation, name="switch-organisation"),
    path("account/keys/", api_keys, name="api-keys"),
    path("account/keys/ssh/", ssh_key_add, name="ssh-key-add"),
    path("account/keys/ssh/<uuid:key_id>/revoke/", ssh_key_revoke, name="ssh-key-revoke"),
    path("account/keys/tokens/", token_create, name="token-create"),
    path("account/keys/tokens/<uuid:token_id>/revoke/", token_revoke, name="token-revoke"),
]
