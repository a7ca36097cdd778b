"""Static files with content hashes in their names."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class KindredStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Leaves Vite's files as they are: they carry hashes already, and chunks import each other by
    these names, so a second hash would load a module twice.
    """

    def _url(
        self, hashed_name_func: Any, name: str, force: bool = False, hashed_files: Any = None
    ) -> str:
        if name.startswith("vite/"):
            return str(super(CompressedManifestStaticFilesStorage, self).base_url or "") + name
        return str(super()._url(hashed_name_func, name, force, hashed_files))
