"""The page of the schema, its dialogs, and the same over REST."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from core.models import Job
from folders.choices import KeyType
from folders.models import Folder, MetadataKey
from folders.services import text_vectors
from folders.services.schema import add_key, delete_key
from tests.embeddings.worlds import put
from tests.factories import UnitFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
SignedIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def signed_in() -> SignedIn:
    """A browser of a person."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def label(birds: Folder, admin: User, actor_for: ActorFor) -> MetadataKey:
    """An enum of which one value is in use."""
    UnitFactory.create(item__folder=birds, item__client_metadata={"label": "owl"})
    key = add_key(actor=actor_for(admin), name="label", type="enum", values=["owl", "tit"])
    run_jobs()
    return key


def test_page__offers_each_what_they_may_do(
    label: MetadataKey, viewer: User, editor: User, admin: User, signed_in: SignedIn
) -> None:
    pages = {
        name: signed_in(user).get(reverse("schema")).content.decode()
        for name, user in {"viewer": viewer, "editor": editor, "admin": admin}.items()
    }

    edit, delete = f"/schema/keys/{label.pk}/", f"/schema/keys/{label.pk}/delete/"
    assert f'href="{edit}"' not in pages["viewer"]
    assert f'href="{edit}"' in pages["editor"]
    assert f'action="{delete}"' not in pages["editor"]
    assert f'action="{delete}"' in pages["admin"]


def test_page__shows_open_sizes_and_keys_that_are_being_indexed(
    birds: Folder, admin: User, actor_for: ActorFor, signed_in: SignedIn
) -> None:
    add_key(actor=actor_for(admin), name="clip", type="embedding")
    add_key(actor=actor_for(admin), name="score", type="number")

    before = signed_in(admin).get(reverse("schema")).content.decode()
    run_jobs()
    after = signed_in(admin).get(reverse("schema")).content.decode()

    assert "set by the first vector" in before
    assert ">indexing<" in before
    assert ">indexing<" not in after


def test_edit__saves_and_names_what_is_wrong(
    label: MetadataKey, viewer: User, editor: User, admin: User, signed_in: SignedIn
) -> None:
    address = reverse("schema-key-edit", args=[label.pk])
    assert signed_in(viewer).get(address).status_code == 403
    assert signed_in(editor).get(address, headers=HTMX).status_code == 200

    grown = signed_in(editor).post(address, {"values": "owl\ntit\n jay \n\n"})
    assert grown["Location"] == reverse("schema")
    label.refresh_from_db()
    assert label.values == ["owl", "tit", "jay"]

    refused = signed_in(admin).post(address, {"values": "tit\njay"}, headers=HTMX)
    assert refused.status_code == 422
    assert "1 unit has “owl”" in refused.content.decode()
    done = signed_in(admin).post(address, {"values": "owl\njay"}, headers=HTMX)
    assert (done.status_code, done["HX-Redirect"]) == (204, reverse("schema"))
    label.refresh_from_db()
    assert label.values == ["owl", "jay"]


def test_edit__metric_of_a_key_with_vectors_cannot_be_touched(
    birds: Folder, admin: User, actor_for: ActorFor, signed_in: SignedIn
) -> None:
    key = add_key(actor=actor_for(admin), name="clip", type=KeyType.EMBEDDING, dimensions=2)
    address = reverse("schema-key-edit", args=[key.pk])
    select = re.compile(r'<select [^>]*id="edit_metric"[^>]*>')
    before = select.search(signed_in(admin).get(address).content.decode())
    assert before is not None
    assert "disabled" not in before[0]
    put(key, {UnitFactory.create(item__folder=birds).pk: [1, 2]})

    page = signed_in(admin).get(address).content.decode()

    after = select.search(page)
    assert after is not None
    assert "disabled" in after[0]
    assert "The metric of a key with vectors stays." in page
    # Sent all the same, it is refused with the reason.
    refused = signed_in(admin).post(address, {"metric": "l2"}, headers=HTMX)
    assert refused.status_code == 422
    assert "has vectors already: its metric stays cosine" in refused.content.decode()


@pytest.mark.parametrize(
    ("given", "posted", "found"),
    [
        ({"type": "number"}, {"type": "datetime"}, {"type": "datetime"}),
        ({"type": "embedding"}, {"dimensions": "7", "metric": "l2"}, {"dimensions": 7}),
        ({"type": "embedding"}, {"dimensions": "", "metric": "l2"}, {"dimensions": None}),
        ({"type": "embedding", "dimensions": 3}, {"dimensions": "3"}, {"dimensions": 3}),
        ({"type": "geospatial"}, {}, {"type": "geospatial"}),
    ],
)
def test_edit__of_each_type(
    birds: Folder,
    admin: User,
    actor_for: ActorFor,
    signed_in: SignedIn,
    given: dict[str, Any],
    posted: dict[str, str],
    found: dict[str, Any],
) -> None:
    key = add_key(actor=actor_for(admin), name="x", **given)
    address = reverse("schema-key-edit", args=[key.pk])
    assert signed_in(admin).get(address).status_code == 200

    assert signed_in(admin).post(address, posted).status_code == 303

    key.refresh_from_db()
    assert {name: getattr(key, name) for name in found} == found


def test_usage__counts_what_the_person_sees(
    birds: Folder,
    boats: Folder,
    label: MetadataKey,
    admin: User,
    viewer: User,
    member: User,
    signed_in: SignedIn,
) -> None:
    UnitFactory.create(item__folder=boats, item__client_metadata={"label": "owl"})
    address = reverse("api-schema-key-usage", args=[label.pk])

    seen = [signed_in(user).get(address).json()["units"] for user in (admin, viewer, member)]

    assert seen == [2, 1, 0]


def test_usage__of_vectors_and_texts(
    birds: Folder,
    boats: Folder,
    editor: User,
    admin: User,
    actor_for: ActorFor,
    signed_in: SignedIn,
) -> None:
    key = add_key(actor=actor_for(admin), name="clip", type=KeyType.EMBEDDING, dimensions=2)
    for folder in (birds, boats):
        put(key, {UnitFactory.create(item__folder=folder).pk: [1.0, 2.0]})
        UnitFactory.create(item__folder=folder, item__client_metadata={"clip": "[1, 2]"})
    address = reverse("api-schema-key-usage", args=[key.pk])

    assert signed_in(admin).get(address).json() == {"units": 2, "texts": 2}
    assert signed_in(editor).get(address).json() == {"units": 1, "texts": 1}
    fragment = signed_in(editor).get(reverse("schema-key-usage", args=[key.pk])).content.decode()
    assert "1 vector" in fragment
    assert "Turn 1 value into vectors" in fragment


def test_convert__by_page_and_rest_is_one_job(
    birds: Folder, viewer: User, editor: User, admin: User, actor_for: ActorFor, signed_in: SignedIn
) -> None:
    key = add_key(actor=actor_for(admin), name="clip", type=KeyType.EMBEDDING)
    UnitFactory.create(item__folder=birds, item__client_metadata={"clip": "[1, 2]"})
    page = reverse("schema-key-convert", args=[key.pk])
    rest = reverse("api-schema-key-convert", args=[key.pk])
    assert signed_in(viewer).post(page).status_code == 403
    assert signed_in(viewer).post(rest).status_code == 403

    assert signed_in(editor).post(page).status_code == 303
    answer = signed_in(editor).post(rest)

    assert answer.status_code == 202
    assert answer.json()["id"] == str(Job.objects.get(kind=text_vectors.JOB_KIND).pk)
    run_jobs()
    assert Job.objects.get(kind=text_vectors.JOB_KIND).result["converted"] == 1


def test_delete__for_ever_is_for_administrators(
    label: MetadataKey, editor: User, admin: User, actor_for: ActorFor, signed_in: SignedIn
) -> None:
    delete_key(actor=actor_for(admin), key=label)
    address = reverse("schema-key-delete", args=[label.pk])
    assert signed_in(editor).post(address, {"hard": "1"}).status_code == 403

    signed_in(admin).post(address, {"hard": "1"})

    page = signed_in(admin).get(reverse("schema"))
    assert page.context["deleted"] == []
    restore = reverse("api-schema-key-restore", args=[label.pk])
    assert signed_in(admin).post(restore).status_code == 409


def test_rest__patch_changes_what_is_given(
    label: MetadataKey, editor: User, admin: User, signed_in: SignedIn
) -> None:
    address = reverse("api-schema-key", args=[label.pk])

    def patch(user: User, body: dict[str, Any]) -> Any:
        return signed_in(user).patch(address, body, content_type="application/json")

    assert patch(editor, {"remove_values": ["tit"]}).status_code == 403
    answer = patch(admin, {"remove_values": ["owl"]})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["found"] == "1"
    changed = patch(admin, {"remove_values": ["tit"], "add_values": ["jay"]}).json()
    assert (changed["values"], changed["misfits"]) == (["owl", "jay"], 0)
    assert patch(admin, {"type": "number"}).json()["errors"][0]["code"] == "type_is_fixed"
    assert signed_in(admin).delete(address + "?hard=true").status_code == 204
    label.refresh_from_db()
    assert label.erased
