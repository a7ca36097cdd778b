"""The collections_app app."""

from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    """Configuration of the collections_app app."""

    name = "collections_app"

    def ready(self) -> None:
        """Register the filter field, jobs, what guards folders and units, and what masks watch."""
        from accounts import hooks as people
        from collections_app import filters
        from collections_app.models import CollectionUnit
        from collections_app.services import (
            exports,  # noqa: F401  (registers its job)
            matching,  # noqa: F401  (registers its job)
            members,
            ownership,
            replaying,  # noqa: F401  (registers its job)
            roots,
        )
        from embeddings.search import masks
        from folders import hooks

        filters.register()
        roots.register()
        people.belongings += [ownership.COLLECTIONS, ownership.PRESETS]
        hooks.units_in_use.register(members.collected)
        masks.watch(CollectionUnit._meta.db_table)
