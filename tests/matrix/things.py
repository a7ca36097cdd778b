"""What lies in the folder Birds: one of each thing that an address names."""

from accounts.actor import Actor
from tests.matrix.world import World


def fill(world: World, actor: Actor) -> None:
    """Put one of each into the world."""
