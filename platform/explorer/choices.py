"""Choices of the Explorer."""

from django.db import models


class View(models.TextChoices):
    """What the work area shows."""

    GRID = "grid", "Grid"
    MAP = "map", "Embeddings"
    SPLIT = "split", "Split"


# Widths of tiles in pixels, the stops of the size slider; 124 gives four columns in split view
# on a screen of 1440.
TILE_SIZES = (72, 96, 124, 156, 196, 240)
DEFAULT_TILE_SIZE = 124
