"""Addresses of a map are no keys: each call asks anew who may see what it names."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import Membership, User
from accounts.services.organisations import remove_member
from folders.models import Folder, FolderGrant
from folders.services.grants import revoke_grant
from tests.embeddings.mapping import make_map
from tests.embeddings.maps.conftest import POINTS, SmallMap
from tests.factories import TeamFactory

ActorFor = Callable[[User], Actor]


def held_addresses(client: Client, small_map: SmallMap) -> list[str]:
    """What a browser holds once it has loaded a map: each names the very content."""
    told = client.get(f"{small_map.address}parts/").json()
    mark = told["mark"]
    return [
        small_map.address,
        f"{small_map.address}parts/",
        *(part["url"] for part in told["parts"]),
        f"{small_map.address}gone/?mark={mark}",
        f"{small_map.address}payload/?mark={mark}",
        f"{small_map.address}mask/?mark={mark}",
        f"{small_map.address}colours/?field=kind&mark={mark}",
        f"{small_map.address}points/?ordinals=0",
        f"{small_map.address}points/0/",
    ]


def asked(client: Client, addresses: list[str], tags: dict[str, str]) -> dict[str, Any]:
    """The status of each address, asked as a browser does that has its content."""
    return {
        address: client.get(address, headers={"If-None-Match": tags[address]}).status_code
        for address in addresses
    }


@pytest.mark.parametrize("withdrawn", ["grant", "team", "membership", "account"])
def test_map__is_refused_as_soon_as_the_right_ends(
    small_map: SmallMap,
    client: Client,
    member: User,
    admin: User,
    actor_for: ActorFor,
    withdrawn: str,
) -> None:
    root = small_map.reduction.root
    team = TeamFactory.create(organisation=root.organisation)
    who = {"team": team} if withdrawn == "team" else {"user": member}
    team.members.add(member)
    client.force_login(member)
    assert client.get(small_map.address).status_code == 404
    grant = FolderGrant.objects.create(folder=root, role="viewer", **who)
    addresses = held_addresses(client, small_map)
    answers = {address: client.get(address) for address in addresses}
    assert {answer.status_code for answer in answers.values()} == {200}
    tags = {address: answer["ETag"] for address, answer in answers.items()}
    # Nothing has changed for him yet: what he holds is what there is.
    assert set(asked(client, addresses, tags).values()) == {304}

    if withdrawn == "grant":
        revoke_grant(actor=actor_for(admin), folder=root, grant_id=grant.pk)
    elif withdrawn == "team":
        team.members.remove(member)
    elif withdrawn == "membership":
        membership = Membership.objects.get(user=member)
        remove_member(actor=actor_for(admin), membership=membership)
    else:
        User.objects.filter(pk=member.pk).update(is_active=False)

    refused = 404 if withdrawn in ("grant", "team") else 401
    assert asked(client, addresses, tags) == dict.fromkeys(addresses, refused)
    body = {"unit": small_map.units[0]}
    sent = client.post(f"{small_map.address}distances/", body, "application/json")
    assert sent.status_code == refused


def test_map__addresses_are_of_no_use_to_others(
    small_map: SmallMap, client: Client, viewer: User, outsider: User
) -> None:
    client.force_login(viewer)
    addresses = held_addresses(client, small_map)
    tags = {address: client.get(address)["ETag"] for address in addresses}

    client.logout()
    assert asked(client, addresses, tags) == dict.fromkeys(addresses, 401)
    client.force_login(outsider)
    assert asked(client, addresses, tags) == dict.fromkeys(addresses, 404)


def test_map__content_of_one_is_not_had_under_another(
    small_map: SmallMap, birds: Folder, client: Client, viewer: User
) -> None:
    other = make_map(birds, small_map.key, small_map.units[:3], POINTS[:3], version=2)
    client.force_login(viewer)
    here = held_addresses(client, small_map)

    there = [address.replace(str(small_map.reduction.pk), str(other.pk)) for address in here]

    named = [address for address in there if "mark=" in address or "digest=" in address]
    assert len(named) == 5
    for address in named:
        answer = client.get(address)
        assert (answer.status_code, answer.json()["code"]) == (409, "map_changed"), address
    for address in here:
        assert client.get(address).status_code == 200
