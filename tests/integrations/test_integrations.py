"""Integrations made, changed and deleted."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings

from accounts.actor import Actor
from accounts.models import Organisation, User
from accounts.services.bootstrap import bootstrap
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.models import AuditEvent
from folders.models import Folder
from integrations.models import Integration
from integrations.permissions import get_integration
from integrations.secret import decrypt
from integrations.services import integrations as services
from tests.factories import ItemFactory

ActorFor = Callable[[User], Actor]

CAMERAS: dict[str, Any] = {
    "name": "Cameras",
    "provider": "s3",
    "settings": {"bucket": "cameras", "access_key": "AK"},
    "secret": {"secret_key": "geheim"},
}


@pytest.fixture
def cameras(admin: User, actor_for: ActorFor) -> Integration:
    """A bucket with credentials."""
    return services.create_integration(actor=actor_for(admin), **CAMERAS)


def test_create__is_for_administrators(admin: User, editor: User, actor_for: ActorFor) -> None:
    with pytest.raises(NotAllowed):
        services.create_integration(actor=actor_for(editor), **CAMERAS)

    made = services.create_integration(actor=actor_for(admin), **CAMERAS)

    assert made.settings == {"bucket": "cameras", "access_key": "AK"}
    assert "geheim" not in made.secret
    assert decrypt(made.secret) == {"secret_key": "geheim"}
    event = AuditEvent.objects.get(action="integration.created")
    assert event.data == {"name": "Cameras", "provider": "s3"}


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"name": " "}, ["name"]),
        ({"provider": "ftp"}, ["provider"]),
        ({"settings": {}}, ["bucket"]),
        ({"settings": {"bucket": 7}}, ["bucket"]),
        ({"settings": {"bucket": "b" * 3000}}, ["bucket"]),
        ({"settings": {"bucket": "ca\nmeras"}}, ["bucket"]),
        ({"settings": {"bucket": "cameras", "port": "1"}}, ["port"]),
        ({"settings": {"bucket": "cameras", "secret_key": "geheim"}}, ["secret_key"]),
        ({"secret": {"bucket": "cameras", "secret_key": "geheim"}}, ["bucket"]),
        ({"settings": {"bucket": "cameras", "addressing": "sideways"}}, ["addressing"]),
        ({"settings": {"bucket": "cameras", "through_us": "perhaps"}}, ["through_us"]),
        ({"settings": {"bucket": "-", "region": "?"}, "secret": {}}, ["bucket", "region"]),
    ],
)
def test_create__names_all_that_is_wrong(
    admin: User, actor_for: ActorFor, change: dict[str, Any], paths: list[str]
) -> None:
    with pytest.raises(InvalidInput) as raised:
        services.create_integration(actor=actor_for(admin), **{**CAMERAS, **change})

    assert [error.path for error in raised.value.errors] == paths
    assert not Integration.objects.filter(is_default=False).exists()


def test_create__leaves_out_what_is_empty_or_usual(admin: User, actor_for: ActorFor) -> None:
    settings = {
        "bucket": " cameras ",
        "endpoint": "",
        "region": None,
        "addressing": "auto",
        "through_us": True,
    }

    made = services.create_integration(
        actor=actor_for(admin), name="Cameras", provider="s3", settings=settings
    )

    assert made.settings == {"bucket": "cameras", "through_us": "1"}
    assert made.secret == ""


def test_create__one_of_a_name(
    cameras: Integration, admin: User, outsider: User, actor_for: ActorFor
) -> None:
    with pytest.raises(Conflict, match="“Cameras” already"):
        services.create_integration(actor=actor_for(admin), **CAMERAS)

    services.create_integration(actor=actor_for(outsider), **CAMERAS)


@pytest.mark.parametrize(
    ("values", "secret", "path"),
    [
        ({"prefix": "pictures.example.org/"}, {}, "prefix"),
        ({"prefix": "https://10.0.0.1/"}, {}, "prefix"),
        ({"prefix": "https://pictures.example.org/a"}, {}, "prefix"),
        ({"prefix": "https://pictures.example.org/?a=/"}, {}, "prefix"),
        ({"prefix": "https://a.org/", "header_name": "X-Key"}, {}, "header_value"),
        ({"prefix": "https://a.org/"}, {"header_value": "k"}, "header_name"),
        ({"prefix": "https://a.org/", "header_name": "Host"}, {"header_value": "k"}, "header_name"),
        ({"prefix": "https://a.org/", "header_name": "A: b"}, {"header_value": "k"}, "header_name"),
        ({"prefix": "https://a.org/", "header_name": "X"}, {"header_value": "ü"}, "header_value"),
    ],
)
def test_create__web_addresses_that_will_not_do(
    admin: User,
    actor_for: ActorFor,
    values: dict[str, object],
    secret: dict[str, object],
    path: str,
) -> None:
    with pytest.raises(InvalidInput) as raised:
        services.create_integration(
            actor=actor_for(admin), name="A", provider="https", settings=values, secret=secret
        )
    assert [error.path for error in raised.value.errors] == [path]


def test_update__is_for_administrators_of_the_organisation(
    cameras: Integration, member: User, outsider: User, admin: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotFound):
        get_integration(actor_for(outsider), cameras.pk)
    with pytest.raises(NotAllowed):
        services.update_integration(actor=actor_for(member), integration=cameras, name="Mine")

    changed = services.update_integration(
        actor=actor_for(admin), integration=cameras, name="Owls", settings={"bucket": "owls"}
    )

    assert (changed.name, changed.settings) == ("Owls", {"bucket": "owls"})
    # The access key was left out, so its secret went with it.
    assert changed.secret == ""


def test_update__keeps_credentials_that_are_not_given(
    cameras: Integration, admin: User, actor_for: ActorFor
) -> None:
    settings = {"bucket": "owls", "access_key": "AK", "prefix": "2026/"}

    changed = services.update_integration(
        actor=actor_for(admin), integration=cameras, settings=settings, secret={}
    )

    assert decrypt(changed.secret) == {"secret_key": "geheim"}
    changed = services.update_integration(
        actor=actor_for(admin), integration=cameras, secret={"secret_key": "neu"}
    )
    assert changed.settings == settings
    assert decrypt(changed.secret) == {"secret_key": "neu"}


def test_update__credentials_are_not_sent_somewhere_else(admin: User, actor_for: ActorFor) -> None:
    """Else an administrator could read what another one has entered: from a server of his own."""
    actor = actor_for(admin)
    archive = services.create_integration(
        actor=actor,
        name="Archive",
        provider="https",
        settings={"prefix": "https://pictures.example.org/", "header_name": "Authorization"},
        secret={"header_value": "Bearer geheim"},
    )
    moved = {"prefix": "https://mine.example.org/", "header_name": "Authorization"}

    with pytest.raises(InvalidInput) as raised:
        services.update_integration(actor=actor, integration=archive, settings=moved)
    assert [error.path for error in raised.value.errors] == ["header_value"]

    changed = services.update_integration(
        actor=actor, integration=archive, settings=moved, secret={"header_value": "Bearer neu"}
    )
    assert decrypt(changed.secret) == {"header_value": "Bearer neu"}


def test_update__after_the_key_was_lost(
    cameras: Integration, admin: User, actor_for: ActorFor, settings: LazySettings
) -> None:
    settings.SECRET_KEY = "another"

    with pytest.raises(InvalidInput) as raised:
        services.update_integration(
            actor=actor_for(admin), integration=cameras, settings=cameras.settings
        )
    assert [error.path for error in raised.value.errors] == ["secret_key"]

    changed = services.update_integration(
        actor=actor_for(admin), integration=cameras, secret={"secret_key": "neu"}
    )
    assert decrypt(changed.secret) == {"secret_key": "neu"}


def test_delete__is_refused_while_items_are_read_through_it(
    cameras: Integration, birds: Folder, admin: User, member: User, actor_for: ActorFor
) -> None:
    items = [
        ItemFactory.create(folder=birds, integration=cameras, object_url=f"s3://cameras/{n}.png")
        for n in range(2)
    ]
    with pytest.raises(NotAllowed):
        services.delete_integration(actor=actor_for(member), integration=cameras)

    with pytest.raises(Conflict, match="2 items are read through “Cameras”") as raised:
        services.delete_integration(actor=actor_for(admin), integration=cameras)
    assert raised.value.extra == {"items": 2}

    for item in items:
        item.delete()
    services.delete_integration(actor=actor_for(admin), integration=cameras)
    assert not Integration.objects.filter(pk=cameras.pk).exists()
    assert AuditEvent.objects.filter(action="integration.deleted").exists()


def test_default__is_there_from_the_start(db: None) -> None:
    actor = bootstrap(email="ann@example.org", password="a long pass phrase", organisation="Lab")

    found = Integration.objects.get(organisation=actor.organisation)

    assert (found.name, found.provider, found.is_default) == ("Web addresses", "https", True)
    assert services.default_integration(actor.organisation) == found


def test_default__is_given_to_organisations_that_were_there_before(
    organisation: Organisation, other_organisation: Organisation, admin: User, actor_for: ActorFor
) -> None:
    services.create_integration(
        actor=actor_for(admin), name="Web addresses", provider="s3", settings={"bucket": "web"}
    )
    there = services.default_integration(other_organisation)
    module = "integrations.migrations.0003_default_integrations_of_organisations"

    import_module(module).give_default_integrations(apps, None)
    import_module(module).give_default_integrations(apps, None)

    made = Integration.objects.get(organisation=organisation, is_default=True)
    assert made.name == "Web addresses (built in)"
    assert services.default_integration(organisation) == made
    assert services.default_integration(other_organisation) == there


def test_default__stays_as_it_is(
    organisation: Organisation, admin: User, actor_for: ActorFor
) -> None:
    built_in = services.default_integration(organisation)

    with pytest.raises(Conflict, match="built in"):
        services.update_integration(actor=actor_for(admin), integration=built_in, name="Mine")
    with pytest.raises(Conflict, match="built in"):
        services.delete_integration(actor=actor_for(admin), integration=built_in)
