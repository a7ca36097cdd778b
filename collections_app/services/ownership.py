"""Collections and presets of somebody who leaves: his name on them carries rights."""

from django.db.models import Q

from accounts.hooks import Belongings
from accounts.models import Organisation, User
from collections_app.models import Collection, Preset
from collections_app.names import free_name


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
    """All of them, also what he kept to himself: nobody else could reach that any more."""
    mine = Preset.objects.filter(_here(organisation), created_by=user)
    mine.filter(shared=True).update(created_by=heir)
    for preset in mine.filter(shared=False).order_by("pk"):
        others = Preset.objects.filter(root=preset.root, created_by=heir, shared=False)
        taken = {name.lower() for name in others.values_list("name", flat=True)}
        preset.name = free_name(preset.name, user.name or user.email, taken)
        preset.created_by = heir
        preset.save(update_fields=["name", "created_by", "updated_at"])


COLLECTIONS = Belongings("collection", _count_collections, _hand_collections_over)
PRESETS = Belongings("preset", _count_presets, _hand_presets_over)
