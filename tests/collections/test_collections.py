"""Making, changing and deleting collections."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection
from collections_app.permissions import get_collection
from collections_app.services.collections import (
    create_collection,
    delete_collection,
    update_collection,
)
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.models import AuditEvent
from folders.choices import FolderRole
from folders.models import Folder
from tests.embeddings.connections import wait_for_a_lock, writers
from tests.factories import FolderGrantFactory

ActorFor = Callable[[User], Actor]


def test_create__takes_an_editor_of_some_part(
    birds: Folder,
    night: Folder,
    viewer: User,
    member: User,
    outsider: User,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    with pytest.raises(NotAllowed):
        create_collection(actor=actor_for(viewer), root=birds, name="Singers")
    for user in (member, outsider):
        with pytest.raises(NotFound):
            create_collection(actor=actor_for(user), root=birds, name="Singers")

    FolderGrantFactory.create(folder=night.parent, user=member, role=FolderRole.EDITOR)
    made = create_collection(
        actor=actor_for(member), root=birds, name="  Singers ", description=" At dawn "
    )

    assert (made.name, made.description, made.root) == ("Singers", "At dawn", birds)
    assert made.created_by == member
    assert AuditEvent.objects.filter(action="collection.created", target_id=made.pk).exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 301])
def test_create__refuses_a_name(
    name: str, birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_collection(actor=actor_for(editor), root=birds, name=name)

    assert refused.value.errors[0].path == "name"
    assert not Collection.objects.exists()


def test_create__name_is_unique_in_its_root_whatever_the_case(
    birds: Folder, boats: Folder, singers: Collection, admin: User, actor_for: ActorFor
) -> None:
    with pytest.raises(Conflict):
        create_collection(actor=actor_for(admin), root=birds, name="singers")

    create_collection(actor=actor_for(admin), root=boats, name="singers")


def test_update__takes_its_owner(
    singers: Collection,
    editor: User,
    night: Folder,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    FolderGrantFactory.create(folder=night, user=_promoted(night_viewer), role=FolderRole.EDITOR)
    with pytest.raises(NotAllowed):
        update_collection(actor=actor_for(night_viewer), collection=singers, name="Others")

    update_collection(actor=actor_for(editor), collection=singers, name="Songbirds")

    singers.refresh_from_db()
    assert (singers.name, singers.description) == ("Songbirds", "")


def test_update__keeps_its_own_name(singers: Collection, editor: User, actor_for: ActorFor) -> None:
    update_collection(
        actor=actor_for(editor), collection=singers, name="SINGERS", description="loud"
    )

    assert Collection.objects.get().name == "SINGERS"


def test_delete__takes_its_owner_and_leaves_a_trace(
    singers: Collection, viewer: User, editor: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        delete_collection(actor=actor_for(viewer), collection=singers)

    delete_collection(actor=actor_for(editor), collection=singers)

    assert not Collection.objects.exists()
    assert AuditEvent.objects.filter(action="collection.deleted").exists()


def test_get__hides_what_the_actor_does_not_see(
    singers: Collection,
    member: User,
    outsider: User,
    viewer: User,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    for user in (member, outsider):
        with pytest.raises(NotFound):
            get_collection(actor_for(user), singers.pk)
    with pytest.raises(NotAllowed):
        get_collection(actor_for(viewer), singers.pk, FolderRole.EDITOR)

    for user in (viewer, night_viewer):
        assert get_collection(actor_for(user), singers.pk) == singers


def _promoted(user: User) -> User:
    """The person without his present grants."""
    user.folder_grants.all().delete()
    return user


@pytest.mark.django_db(transaction=True)
def test_create__of_one_name_at_once(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    actor = actor_for(editor)
    with writers(2) as (first, second):
        first.begin()
        first.do(lambda: create_collection(actor=actor, root=birds, name="Singers"))
        late = second.start(lambda: create_collection(actor=actor, root=birds, name="SINGERS"))
        wait_for_a_lock()
        first.commit()
        with pytest.raises(Conflict) as refused:
            late.result(timeout=20)

    assert refused.value.code == "name_taken"
    assert Collection.objects.count() == 1


def test_create__asked_for_again_under_its_id_is_the_same(
    birds: Folder, editor: User, admin: User, actor_for: ActorFor
) -> None:
    wanted = uuid4()

    def create(user: User, name: str = "Singers") -> Collection:
        return create_collection(actor=actor_for(user), root=birds, name=name, collection_id=wanted)

    assert create(editor).pk == create(editor).pk == wanted
    assert Collection.objects.count() == 1
    # Of somebody else it is none.
    with pytest.raises(Conflict):
        create(admin)
