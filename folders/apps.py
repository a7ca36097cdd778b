"""The folders app."""

from importlib import import_module

from django.apps import AppConfig


class FoldersConfig(AppConfig):
    """Configuration of the folders app."""

    name = "folders"

    def ready(self) -> None:
        """Register kinds of items, jobs, importers, and what goes when somebody leaves."""
        import_module("folders.kinds.builtin")
        import_module("folders.jobs")
        import_module("folders.imports.builtin").register()
        hooks = import_module("accounts.hooks")
        grants = import_module("folders.services.grants")
        hooks.on_member_removed.append(grants.forget_member)
        hooks.belongings.append(grants.SHARES)
        storage = import_module("folders.storage")
        import_module("integrations.hooks").counters.append(storage.items_read_through)
