"""The administrator of the first start."""

from pathlib import Path

import pytest

from accounts.models import User
from stack import newcomer
from stack.journal import Journal


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["-a long enough one", "--password=mine", "as = others are"])
def test_administrator__has_any_password(
    password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are made up begin with a dash now and then."""
    monkeypatch.delenv("KINDRED_ADMIN_EMAIL", raising=False)
    monkeypatch.delenv("KINDRED_ADMIN_PASSWORD", raising=False)
    monkeypatch.setattr("stack.newcomer.secrets.token_urlsafe", lambda _: password)

    journal = Journal(tmp_path)

    said = newcomer.make_administrator(journal)

    assert said is not None
    assert password in said
    assert User.objects.get().check_password(password)
    assert newcomer.make_administrator(journal) is None
    journal.close()
