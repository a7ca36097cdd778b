"""Options of the reduction methods: checked, with defaults, and adapted to the number of points."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

# Perplexity is about how many neighbours a point has. Below 2 the map falls apart into pairs;
# neighbours cost memory (perplexity × 3 × 12 bytes for each point), so there is an end.
MIN_PERPLEXITY, MAX_PERPLEXITY = 2.0, 200.0
# Factor on attraction during the layout itself: 1 is plain t-SNE, 4 looks like UMAP. Above 12, the
# factor of the early phase, everything collapses into dots.
MIN_EXAGGERATION, MAX_EXAGGERATION = 1.0, 12.0
# What numpy's legacy generator, which openTSNE and scikit-learn use, takes.
MAX_SEED = 2**32 - 1


class ParametersError(ValueError):
    """Some options are wrong: `problems` maps each one's name to a sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{name}: {text}" for name, text in problems.items()))


@dataclass(frozen=True, slots=True)
class TsneParameters:
    """Options of t-SNE."""

    perplexity: float = 30.0
    exaggeration: float = 1.0
    seed: int = 42

    def perplexity_for(self, count: int) -> float:
        """The perplexity asked for, or the largest that `count` ≥ 4 points can have.

        A point needs three times as many others as its perplexity (van der Maaten 2014).
        """
        return min(self.perplexity, (count - 1) / 3)


@dataclass(frozen=True, slots=True)
class FastTsneParameters:
    """Options of the fast t-SNE, whose neighbours all count alike: it knows no perplexity."""

    exaggeration: float = 1.0
    seed: int = 42


@dataclass(frozen=True, slots=True)
class PcaParameters:
    """Options of PCA; the seed chooses the rows that a large matrix is fitted on."""

    seed: int = 42


Parameters = TsneParameters | FastTsneParameters | PcaParameters
METHODS: dict[str, type[TsneParameters] | type[FastTsneParameters] | type[PcaParameters]] = {
    "tsne": TsneParameters,
    "tsne_fast": FastTsneParameters,
    "pca": PcaParameters,
}
_LIMITS: dict[str, tuple[float, float]] = {
    "perplexity": (MIN_PERPLEXITY, MAX_PERPLEXITY),
    "exaggeration": (MIN_EXAGGERATION, MAX_EXAGGERATION),
    "seed": (0, MAX_SEED),
}


def parse_parameters(method: str, values: Mapping[str, Any]) -> Parameters:
    """The typed options of a method; missing ones take their defaults.

    Raises:
        ParametersError: the method or an option is unknown, or a value is wrong; all together.
    """
    kind = METHODS.get(method)
    if kind is None:
        raise ParametersError(
            {"method": f"There is no method “{method}”; use tsne, tsne_fast or pca."}
        )
    known = {field.name for field in fields(kind)}
    problems = {
        name: f"{method} has no such option; it takes {', '.join(sorted(known))}."
        for name in values
        if name not in known
    }
    parsed: dict[str, Any] = {}
    for name in known & values.keys():
        try:
            parsed[name] = _number(name, values[name])
        except ValueError as error:
            problems[name] = str(error)
    if problems:
        raise ParametersError(problems)
    return kind(**parsed)


def option_names(method: str) -> list[str]:
    """The options of a method, none for one that there is not."""
    kind = METHODS.get(method)
    return [field.name for field in fields(kind)] if kind else []


def as_json(parameters: Parameters) -> dict[str, Any]:
    """The options as they are stored, defaults written out."""
    return asdict(parameters)


def _number(name: str, value: Any) -> float | int:
    low, high = _LIMITS[name]
    whole = name == "seed"
    message = f"Give a {'whole number' if whole else 'number'} from {low:g} to {high:.10g}."
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(message)
    if not low <= value <= high or (whole and value != int(value)):
        raise ValueError(message)
    return int(value) if whole else float(value)
