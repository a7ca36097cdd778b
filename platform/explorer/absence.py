"""Why there is no map to show, and what to do about it, in words."""

from accounts.actor import Actor
from embeddings.choices import ReductionState
from explorer.menus import Embedding
from folders.choices import FolderRole
from folders.models import Folder
from folders.permissions import has_role


def why_no_map(actor: Actor, root: Folder, embedding: Embedding) -> tuple[str, str]:
    """A title and a sentence or two, for an embedding that has neither a map nor a run."""
    name, ended = embedding.key.name, embedding.ended
    again = (
        "Save Folder upgrades to compute it."
        if has_role(actor, root, FolderRole.EDITOR)
        else "Somebody who may edit this folder can have it computed in Folder upgrades."
    )
    if not embedding.has_vectors:
        why = f"No unit of {root.name} has a {name} vector."
        return f"No {name} vectors yet", f"{why} Import vectors, or choose another embedding."
    if ended is None:
        return f"No map yet for {name}", f"Tick Embedding reduction for {name} in Folder upgrades."
    if ended.current_state == ReductionState.CANCELLED:
        return f"The map of {name} was cancelled", f"Nothing of it is kept. {again}"
    return f"The map of {name} could not be computed", f"{_sentence(ended.reason)} {again}"


def _sentence(words: str) -> str:
    """With a full stop, which reasons of other programs may lack."""
    return words if words.endswith((".", "!", "?")) else f"{words}."
