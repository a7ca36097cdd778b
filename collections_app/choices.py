"""Choices of the collections app."""

from django.db.models import IntegerChoices, TextChoices


class Colour(IntegerChoices):
    """The colour of a collection: a category of the palette (`--category-3`), 0 for none.

    Palettes of the light and the dark theme differ; the words name what is nearest to both.
    """

    NONE = 0, "No colour"
    BLUE = 1, "Blue"
    RED = 2, "Red"
    YELLOW = 3, "Yellow"
    SKY = 4, "Sky"
    INDIGO = 5, "Indigo"
    PURPLE = 6, "Purple"
    BROWN = 7, "Brown"
    PINK = 8, "Pink"
    MAUVE = 9, "Mauve"
    VIOLET = 10, "Violet"
    GREEN = 11, "Green"
    ORANGE = 12, "Orange"


class Operation(TextChoices):
    """How collections make a new one; the difference is the first without all others."""

    COPY = "copy", "Copy"
    UNION = "union", "Union"
    INTERSECTION = "intersection", "Intersection"
    DIFFERENCE = "difference", "Difference"
