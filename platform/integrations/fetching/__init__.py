"""Reading objects over HTTP: guarded connections, bounded answers, files that read by range."""

from integrations.fetching.answers import ObjectRequest, fetching
from integrations.fetching.files import open_remote
from integrations.fetching.inspection import ObjectInfo, inspect_remote

__all__ = ["ObjectInfo", "ObjectRequest", "fetching", "inspect_remote", "open_remote"]
