"""From vectors to the points of a map. Pure computation: knows neither Django nor the database.

reduce_vectors        one call: prepare, then the method asked for
├── parameters        what may be asked for, checked
├── preparation       the metric as Euclidean distances, in place
├── preview           a first look, while the libraries load
├── pca               principal components, and PCA as a method
├── neighbours        nearest neighbours of every row
├── affinities        how strongly neighbours attract each other
├── tsne              stages of a layout, and what is remembered of them
├── optimisation      openTSNE's descent, which can be interrupted
├── objective         its gradient
├── repulsion         the part of it that all points have in all others
└── live              who watches, stops and remembers
"""

from embeddings.reductions.layout import Layout, Phase, Progress, ReductionError, Report
from embeddings.reductions.live import Arrays, Live, Memory
from embeddings.reductions.parameters import (
    FastTsneParameters,
    Parameters,
    ParametersError,
    PcaParameters,
    TsneParameters,
    parse_parameters,
)
from embeddings.reductions.reduction import reduce_vectors

__all__ = [
    "Arrays",
    "FastTsneParameters",
    "Layout",
    "Live",
    "Memory",
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
