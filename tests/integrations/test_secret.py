"""Credentials at rest."""

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from accounts.models import Organisation
from integrations.models import Integration
from integrations.secret import SecretLost, decrypt, encrypt, reencrypt

VALUES = {"secret_key": "geheim ✓"}


def test_encrypt__hides_and_gives_back() -> None:
    text = encrypt(VALUES)

    assert "geheim" not in text
    assert encrypt(VALUES) != text
    assert decrypt(text) == VALUES
    assert encrypt({}) == ""
    assert decrypt("") == {}


def test_decrypt__altered_or_under_another_key(settings: LazySettings) -> None:
    text = encrypt(VALUES)

    with pytest.raises(SecretLost):
        decrypt(text[:-4] + "AAA=")
    settings.SECRET_KEY = "another"
    with pytest.raises(SecretLost):
        decrypt(text)


def test_rotation__old_keys_open_until_all_is_under_the_new_one(settings: LazySettings) -> None:
    text = encrypt(VALUES)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"

    assert decrypt(text) == VALUES
    renewed = reencrypt(text)
    settings.SECRET_KEY_FALLBACKS = []

    assert decrypt(renewed) == VALUES
    with pytest.raises(SecretLost):
        decrypt(text)


def test_reencrypt_integrations__names_those_that_are_lost(
    organisation: Organisation, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "long gone"
    _integration(organisation, "Lost")
    settings.SECRET_KEY = old
    kept = _integration(organisation, "Kept")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the next one", [old]

    call_command("reencrypt_integrations")

    said = capsys.readouterr()
    assert "present key: 1." in said.out
    assert "“Lost” of Lighthouse Lab" in said.err
    settings.SECRET_KEY_FALLBACKS = []
    kept.refresh_from_db()
    assert decrypt(kept.secret) == VALUES


def _integration(organisation: Organisation, name: str) -> Integration:
    return Integration.objects.create(
        organisation=organisation, name=name, provider="s3", secret=encrypt(VALUES)
    )
