"""The management command `register`."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from folders.choices import ImportState
from folders.models import Folder, Import, Item
from tests.folders.imports.files import image


def register(tmp_path: Path, folder: Folder, user: User, *images: Any, **options: Any) -> str:
    """Call the command with a file of these images; what it says."""
    path = tmp_path / "registration.json"
    path.write_text(json.dumps({"images": images}))
    output = StringIO()
    call_command(
        "register",
        str(path),
        folder=folder.pk,
        user=user.email,
        stdout=output,
        stderr=output,
        **options,
    )
    return output.getvalue()


def test_register__needs_an_editor(tmp_path: Path, birds: Folder, viewer: User) -> None:
    with pytest.raises(CommandError):
        register(tmp_path, birds, viewer, image("a.png"))

    assert not Item.objects.exists()


def test_register__knows_nobody_from_elsewhere(
    tmp_path: Path, birds: Folder, outsider: User
) -> None:
    with pytest.raises(CommandError, match="does not belong"):
        register(tmp_path, birds, outsider, image("a.png"))


@pytest.mark.django_db(transaction=True)
def test_register__makes_the_items(tmp_path: Path, birds: Folder, editor: User) -> None:
    said = register(tmp_path, birds, editor, image("a.png"), image("b.png"))

    assert "Found: 2 image." in said
    assert "Created 2, updated 0, skipped 0" in said
    assert set(Item.objects.values_list("name", flat=True)) == {"/a.png", "/b.png"}


@pytest.mark.django_db(transaction=True)
def test_register__only_checks_in_a_dry_run(tmp_path: Path, birds: Folder, editor: User) -> None:
    register(tmp_path, birds, editor, image("a.png"), dry_run=True)

    assert Import.objects.get().state == ImportState.CHECKED
    assert not Item.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_register__says_what_is_wrong(tmp_path: Path, birds: Folder, editor: User) -> None:
    wrong = {"objectUrl": "ftp://example.org/a.png"}
    with pytest.raises(CommandError, match="1 value is not valid"):
        register(tmp_path, birds, editor, image("a.png"), wrong)
    assert not Item.objects.exists()

    said = register(tmp_path, birds, editor, image("a.png"), wrong, ignore_errors=True)

    assert "images.1.objectUrl" in said
    assert "Created 1" in said
