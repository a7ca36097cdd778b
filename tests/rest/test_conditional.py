"""ETags: an answer that the caller holds is not sent again."""

from collections.abc import Callable

from accounts.models import User
from folders.models import Folder
from folders.services.folders import rename_folder
from tests.rest.conftest import Program

MakeProgram = Callable[[User], Program]


def test_etag__the_same_content_is_not_sent_again(
    viewer: User, editor: User, birds: Folder, program: MakeProgram
) -> None:
    caller = program(viewer)
    path = f"folders/{birds.pk}/"
    first = caller.get(path)

    again = caller.get(path, If_None_Match=first["ETag"])
    listed = caller.get(path, If_None_Match=f'"other", W/{first["ETag"]}')
    rename_folder(actor=program(editor).actor, folder=birds, name="Birds of prey")
    changed = caller.get(path, If_None_Match=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["X-Request-Id"]
    assert listed.status_code == 304
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_etag__answers_are_for_who_asks_alone(
    viewer: User, outsider: User, birds: Folder, program: MakeProgram
) -> None:
    path = f"folders/{birds.pk}/"
    answer = program(viewer).get(path)

    assert program(outsider).get(path, If_None_Match=answer["ETag"]).status_code == 404
    assert "private" in answer["Cache-Control"]
    assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))


def test_etag__writes_have_none(editor: User, program: MakeProgram) -> None:
    assert "ETag" not in program(editor).post("folders/", {"name": "Owls"})
