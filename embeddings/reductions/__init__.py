"""From vectors to the points of a map. Pure computation: knows neither Django nor the database.

reduce_vectors        one call: prepare, then the method asked for
├── parameters        what may be asked for, checked
├── preparation       the metric as Euclidean distances, in place
├── pca               principal components, and PCA as a method
├── neighbours        nearest neighbours of every row
└── tsne              openTSNE
"""

from embeddings.reductions.layout import Layout, Phase, Progress, ReductionError, Report
from embeddings.reductions.parameters import (
    Parameters,
    ParametersError,
    PcaParameters,
    TsneParameters,
    parse_parameters,
)
from embeddings.reductions.reduction import reduce_vectors

__all__ = [
    "Layout",
    "Parameters",
    "ParametersError",
    "PcaParameters",
    "Phase",
    "Progress",
    "ReductionError",
    "Report",
    "TsneParameters",
    "parse_parameters",
    "reduce_vectors",
]
