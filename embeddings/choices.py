"""Choices of the embeddings app."""

from django.db import models


class ReductionMethod(models.TextChoices):
    """How vectors become points of a map."""

    TSNE = "tsne", "t-SNE"
    TSNE_FAST = "tsne_fast", "t-SNE, fast"
    PCA = "pca", "PCA"


class ReductionState(models.TextChoices):
    """States of a reduction."""

    PENDING = "pending"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class IndexState(models.TextChoices):
    """States of an index of a vector set."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class Placement(models.IntegerChoices):
    """How a point of a map got its position."""

    LAYOUT = 0, "computed with the map"
    NEIGHBOURS = 1, "placed beside its nearest neighbours"


class Derivation(models.TextChoices):
    """How the vector of a whole is made of those of its frames or parts; see derivation.py."""

    MEAN = "mean"
    MEDOID = "medoid"
