"""What administrators see of matrix files, and the button that has one made anew."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotAllowed, NotFound
from core.models import AuditEvent
from embeddings.matrix_files.background import BUILDER, Wish
from embeddings.matrix_files.folders import locked, set_folder
from embeddings.matrix_files.status import matrix_statuses
from embeddings.models import VectorSet
from embeddings.services.matrix_files import rebuild_matrix_file
from embeddings.services.vectors import delete_vectors
from folders.models import Folder, MetadataKey
from tests.embeddings.matrix_files.sets import make_file
from tests.embeddings.worlds import make_key, make_units, put

ActorFor = Callable[[User], Actor]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    """A key with three vectors in Birds."""
    key = make_key(birds, dimensions=2)
    put(key, {unit: [1, 2] for unit in make_units(birds, 3)})
    return key


@pytest.fixture
def wishes(monkeypatch: pytest.MonkeyPatch) -> list[Wish]:
    """What the background is asked for."""
    asked: list[Wish] = []
    monkeypatch.setattr(BUILDER, "ask", asked.append)
    return asked


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_statuses__are_for_administrators(
    key: MetadataKey, folder_admin: User, admin: User, outsider: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        matrix_statuses(actor_for(folder_admin))
    for name in ("matrix-files", "api-matrix-files"):
        assert browser(folder_admin).get(reverse(name)).status_code == 403
    # He administers another organisation.
    assert matrix_statuses(actor_for(outsider)) == []
    assert [one.key for one in matrix_statuses(actor_for(admin))] == [key]


def test_status__without_a_file_with_one_and_behind_it(
    birds: Folder, key: MetadataKey, admin: User, actor_for: ActorFor
) -> None:
    (before,) = matrix_statuses(actor_for(admin))
    assert (before.rows, before.bytes, before.manifest, before.used_at) == (3, 0, None, None)

    make_file(birds, key)
    (made,) = matrix_statuses(actor_for(admin))
    assert (made.rows, made.lag, made.file_revision, made.busy) == (3, 0, 1, False)
    assert made.bytes > 4096
    assert made.built_at is not None
    assert made.used_at is not None
    assert made.appended_at is None

    some = list(VectorSet.objects.get(key=key).changes.values_list("unit_id", flat=True))
    put(key, {some[0]: [3, 3]})
    delete_vectors(key=key, unit_ids=some[:2])
    with locked(set_folder(birds.pk, key.pk), wait=False):
        (behind,) = matrix_statuses(actor_for(admin))
    assert (behind.rows, behind.lag, behind.file_revision, behind.busy) == (1, 2, 1, True)


def test_rest__lists_what_the_page_shows(birds: Folder, key: MetadataKey, admin: User) -> None:
    make_file(birds, key)

    (row,) = browser(admin).get(reverse("api-matrix-files")).json()["results"]
    page = browser(admin).get(reverse("matrix-files")).content.decode()

    assert row["folder"] == str(birds.pk)
    assert (row["key"], row["vectors"], row["dimensions"]) == (key.name, 3, 2)
    assert (row["revision"], row["file_revision"], row["lag"]) == (1, 1, 0)
    assert key.name in page
    assert "Up to date" in page


def test_rebuild__is_asked_for_once_committed(
    key: MetadataKey,
    wishes: list[Wish],
    folder_admin: User,
    outsider: User,
    admin: User,
    actor_for: ActorFor,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    vector_set = VectorSet.objects.get(key=key)
    with pytest.raises(NotAllowed):
        rebuild_matrix_file(actor=actor_for(folder_admin), set_id=vector_set.pk)
    with pytest.raises(NotFound):
        rebuild_matrix_file(actor=actor_for(admin), set_id=vector_set.pk + 1)
    assert wishes == []

    address = reverse("matrix-file-rebuild", args=[vector_set.pk])
    assert browser(folder_admin).post(address).status_code == 403
    assert browser(outsider).post(address).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        answer = browser(admin).post(address, follow=True)

    assert "being made anew" in answer.content.decode()
    assert wishes == [Wish(vector_set.root_id, key.pk, 2, anew=True)]
    assert AuditEvent.objects.filter(action="matrix_file.rebuilt").count() == 1
    again = reverse("api-matrix-file-rebuild", args=[vector_set.pk])
    assert browser(outsider).post(again).status_code == 404
    assert browser(admin).post(again).status_code == 204
