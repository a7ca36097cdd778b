"""Collections and presets of somebody who leaves: his name on them carries rights."""

from django.db.models import Q

from accounts.hooks import Belongings
from accounts.models import Organisation, User
from collections_app.models import Collection, Preset


def _count_collections(organisation: Organisation, user: User) -> int:
    return Collection.objects.filter(root__organisation=organisation, created_by=user).count()


def _hand_collections_over(organisation: Organisation, user: User, heir: User) -> None:
    mine = Collection.objects.filter(root__organisation=organisation, created_by=user)
    mine.update(created_by=heir)


def _here(organisation: Organisation) -> Q:
    return Q(root__organisation=organisation) | Q(organisation=organisation)


def _count_presets(organisation: Organisation, user: User) -> int:
    return Preset.objects.filter(_here(organisation), created_by=user).count()


def _hand_presets_over(organisation: Organisation, user: User, heir: User) -> None:
    Preset.objects.filter(_here(organisation), created_by=user).update(created_by=heir)


COLLECTIONS = Belongings("collection", _count_collections, _hand_collections_over)
PRESETS = Belongings("preset", _count_presets, _hand_presets_over)
