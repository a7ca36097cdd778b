"""Objects in a directory of the server, below one that the operator has named."""

import mimetypes
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import IO, ClassVar
from urllib.parse import unquote, urlsplit

from core.errors import FieldError
from integrations.errors import ObjectUnavailable, ObjectUnreachable, Stage
from integrations.fetching.objects import ObjectInfo
from integrations.guard import FetchPolicy
from integrations.policy import local_directories
from integrations.providers.base import Field, ObjectProvider

_NOT_ALLOWED = "The operator of the server allows no such directory (KINDRED_LOCAL_DIRECTORIES)."


class DirectoryProvider(ObjectProvider):
    """Files below one directory, by file:///path or by their path within it."""

    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "directory",
            "Directory",
            required=True,
            hint="On the server, below one that its operator allows.",
            placeholder="/srv/pictures",
        ),
    )
    needs_test_url: ClassVar[bool] = False
    example: ClassVar[str] = "file:///srv/pictures/owl.jpg"

    @classmethod
    def problems(
        cls, settings: Mapping[str, str], secret: Mapping[str, str], policy: FetchPolicy
    ) -> list[FieldError]:
        """The directory lies below an allowed one."""
        try:
            _root(settings.get("directory", ""))
        except ObjectUnavailable as error:
            return [FieldError("directory", str(error))]
        return []

    def open(self, url: str) -> IO[bytes]:
        """The file."""
        path = self._path(url)
        try:
            # The path has no links any more; one that came in the meantime is not followed, and a
            # pipe must not hold the worker.
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _failure(error) from error
        if not stat.S_ISREG(os.fstat(number).st_mode):
            os.close(number)
            raise ObjectUnavailable("This is no file.")
        return os.fdopen(number, "rb")

    def check_address(self, url: str) -> None:
        """The file is there, below the directory."""
        self._path(url)

    def inspect(self, url: str) -> ObjectInfo:
        """Size, the type that the name tells, and when it was changed."""
        with self.open(url) as file:
            facts = os.fstat(file.fileno())
        mime, _ = mimetypes.guess_type(urlsplit(url).path)
        return ObjectInfo(
            size=facts.st_size, mime=mime or "", version=f"{facts.st_mtime_ns}-{facts.st_ino}"
        )

    def test(self, url: str) -> str:
        """Read the file, or look into the directory."""
        if url:
            found = self.inspect(url)
            return f"{found.mime or 'File'}, {found.size or 0:,} bytes."
        try:
            with os.scandir(_root(self.settings["directory"])) as entries:
                first = next(entries, None)
        except OSError as error:
            raise _failure(error) from error
        return "The directory can be read." if first else "The directory is empty."

    def stages(self, url: str) -> list[tuple[Stage, str]]:
        """Whether it is allowed, and whether it can be read."""
        last = "Reading the file" if url else "Reading the directory"
        return [(Stage.LOCATION, "Allowed directory"), (Stage.READING, last)]

    def _path(self, url: str) -> Path:
        """Where the file lies, links resolved.

        Raises:
            ObjectUnavailable: outside of the integration's directory, or not there.
        """
        root = _root(self.settings["directory"])
        if "\x00" in url or "%00" in url:
            raise ObjectUnavailable("This is no path.", stage=Stage.LOCATION)
        if url.startswith("file://"):
            try:
                parts = urlsplit(url)
            except ValueError:
                raise ObjectUnavailable("This is no path.", stage=Stage.LOCATION) from None
            if parts.netloc not in ("", "localhost"):
                reason = "An address of a file names no host."
                raise ObjectUnavailable(reason, stage=Stage.LOCATION)
            given = Path(unquote(parts.path))
        elif "://" in url:
            raise ObjectUnavailable("An address begins with file:///", stage=Stage.LOCATION)
        else:
            given = Path(url)
        try:
            path = (root / given).resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise _missing_or_outside(root, given) from error
        if not path.is_relative_to(root):
            raise _outside(root)
        return path


def _root(directory: str) -> Path:
    """The integration's directory, links resolved, if the operator allows it."""
    given = Path(directory)
    if not given.is_absolute() or "\x00" in directory:
        raise ObjectUnavailable("Give the whole path, from / on.", stage=Stage.LOCATION)
    root = Path(os.path.realpath(given))
    if not any(root.is_relative_to(allowed) for allowed in local_directories()):
        raise ObjectUnavailable(_NOT_ALLOWED, stage=Stage.LOCATION)
    return root


def _missing_or_outside(root: Path, given: Path) -> ObjectUnavailable:
    """What to say of a path that leads nowhere; nothing is told of what lies outside."""
    if Path(os.path.realpath(root / given)).is_relative_to(root):
        return ObjectUnavailable("There is no such file.")
    return _outside(root)


def _outside(root: Path) -> ObjectUnavailable:
    return ObjectUnavailable(f"The file does not lie below {root}.", stage=Stage.LOCATION)


def _failure(error: OSError) -> ObjectUnavailable | ObjectUnreachable:
    if isinstance(error, FileNotFoundError):
        return ObjectUnavailable("There is no such file or directory.")
    if isinstance(error, PermissionError):
        return ObjectUnavailable("The server may not read this.")
    return ObjectUnreachable(f"The file system answers: {error.strerror}.")
