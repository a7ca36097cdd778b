"""The SDK's ways in, against a live server."""

import pytest
from encord.exceptions import AuthenticationError, MethodNotAllowedError, SshKeyNotFound
from encord.user_client import EncordUserClient

from tests.encord_api.conftest import Platform, new_key

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("encord")]


def test_bearer_token__opens_what_the_key_opens(
    platform: Platform, insider: EncordUserClient
) -> None:
    token = insider.get_bearer_token()

    by_token = EncordUserClient.create_with_bearer_token(token, domain=platform.url)

    assert by_token.get_bearer_token() == token
    with pytest.raises(AuthenticationError):
        EncordUserClient.create_with_bearer_token(
            token[:-1], domain=platform.url
        ).get_bearer_token()


def test_key__that_nobody_registered_is_refused(platform: Platform) -> None:
    stranger = EncordUserClient.create_with_ssh_private_key(new_key()[0], domain=platform.url)

    with pytest.raises(AuthenticationError, match="not registered"):
        stranger.get_bearer_token()
    with pytest.raises(SshKeyNotFound):
        stranger.create_project("birds", [], "no")


def test_projects__are_refused_in_the_sdks_words(insider: EncordUserClient) -> None:
    with pytest.raises(MethodNotAllowedError):
        insider.create_project("birds", [], "no")
