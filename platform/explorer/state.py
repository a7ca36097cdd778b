"""One state of the Explorer, and its address: every state is a link."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from collections_app.matching import Matching, Search
from core.errors import FieldError, InvalidInput
from explorer.choices import DEFAULT_TILE_SIZE, TILE_SIZES, View
from explorer.conjuncts import Tree, join, parts_of
from folders import filters

DEFAULT_ORDER = "-created_at"
_FARTHEST = "farthest"
_EXAMPLES = {"similar", "plus", "minus", "vector", "embedding"}
_NO_SEARCH: dict[str, Any] = {
    "plus": (),
    "minus": (),
    "vector": "",
    "distance": None,
    "farthest": False,
    "roll_up": False,
}


@dataclass(frozen=True, slots=True)
class ExplorerState:
    """What is shown, in which order, and how.

    `filter` has the shape of explorer.conjuncts. A similarity search under `embedding` starts from
    the unit `similar`, or from `vector` (letters of embeddings.vector_text), and goes to what is
    also like the units of `plus` and unlike those of `minus`; `distance` is its threshold. `map` is
    the beginning of the id of a version of a map; the newest is shown where it is empty.
    """

    filter: Tree | None = None
    embedding: str = ""
    similar: int | None = None
    plus: tuple[int, ...] = ()
    minus: tuple[int, ...] = ()
    vector: str = ""
    distance: float | None = None
    farthest: bool = False
    roll_up: bool = False
    order: str = DEFAULT_ORDER
    map: str = ""
    view: View = View.GRID
    size: int = DEFAULT_TILE_SIZE

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> "ExplorerState":
        """The state that an address names; what is absent has its default.

        Raises:
            InvalidInput: parts of the address cannot be read; all are named.
        """
        reader = _Reader(query)
        state = cls(
            filter=reader.filter(),
            embedding=query.get("embedding", ""),
            similar=reader.similar(),
            plus=reader.units("plus"),
            minus=reader.units("minus"),
            vector=query.get("vector", ""),
            distance=reader.distance(),
            farthest=query.get("first") == _FARTHEST,
            roll_up=query.get("roll_up") == "1",
            order=query.get("order") or DEFAULT_ORDER,
            map=reader.map(),
            view=reader.view(),
            size=reader.size(),
        )
        if reader.errors:
            raise InvalidInput("This address cannot be read.", errors=reader.errors)
        return state if state.is_search else replace(state, **_NO_SEARCH)

    def parameters(self) -> dict[str, str]:
        """The state as the parameters of an address, defaults left out."""
        said = {
            "filter": filters.encode(filters.parse(self.filter)) if self.filter else "",
            "embedding": self.embedding,
            "similar": "" if self.similar is None else str(self.similar),
            "plus": ",".join(map(str, self.plus)),
            "minus": ",".join(map(str, self.minus)),
            "vector": self.vector,
            "distance": "" if self.distance is None else repr(self.distance),
            "first": _FARTHEST if self.farthest else "",
            "roll_up": "1" if self.roll_up else "",
            "order": "" if self.order == DEFAULT_ORDER else self.order,
            "map": self.map,
            "view": "" if self.view == View.GRID else self.view.value,
            "size": "" if self.size == DEFAULT_TILE_SIZE else str(self.size),
        }
        return {name: value for name, value in said.items() if value}

    def query(self) -> str:
        """The state as a query string, without the question mark."""
        return urlencode(self.parameters())

    def changed(self, **changes: Any) -> "ExplorerState":
        """The state with some parts replaced; another search starts without a threshold.

        Another `similar` is another search: its other examples and its ways go as well.
        """
        if "similar" in changes:
            changes = _NO_SEARCH | changes
        if _EXAMPLES & set(changes) and "distance" not in changes:
            changes["distance"] = None
        return replace(self, **changes)

    @property
    def is_search(self) -> bool:
        """Whether there is something to be like."""
        return self.similar is not None or bool(self.plus) or bool(self.vector)

    @property
    def search(self) -> Search | None:
        """The similarity search, if one is on."""
        if not self.is_search:
            return None
        return Search(
            key=self.embedding,
            unit=self.similar,
            max_distance=self.distance,
            plus=self.plus,
            minus=self.minus,
            vector=self.vector,
        )

    @property
    def matching(self) -> Matching:
        """All units that the state shows, without their order."""
        return Matching(filter=self.filter, search=self.search)


class _Reader:
    """Reads the parts of an address, noting every one that is wrong."""

    def __init__(self, query: Mapping[str, Any]) -> None:
        self.query = query
        self.errors: list[FieldError] = []

    def filter(self) -> Tree | None:
        text = self.query.get("filter", "")
        if not text:
            return None
        try:
            return join(parts_of(filters.decode(text).to_json()))
        except InvalidInput as error:
            inner = error.errors or (FieldError(path="", message=error.message),)
            for found in inner:
                path = ".".join(part for part in ("filter", found.path) if part)
                self.errors.append(replace(found, path=path))
            return None

    def similar(self) -> int | None:
        text = self.query.get("similar", "")
        if not text:
            return None
        if not re.fullmatch("[0-9]{1,19}", text) or int(text) >= 2**63:
            self._wrong("similar", "the id of a unit", text)
            return None
        return int(text)

    def units(self, name: str) -> tuple[int, ...]:
        text = self.query.get(name, "")
        units = [one for one in text.split(",") if one]
        if all(re.fullmatch("[0-9]{1,19}", one) and int(one) < 2**63 for one in units):
            return tuple(dict.fromkeys(map(int, units)))
        self._wrong(name, "ids of units with commas between them", text)
        return ()

    def distance(self) -> float | None:
        text = self.query.get("distance", "")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
        self._wrong("distance", "a finite number", text)
        return None

    def map(self) -> str:
        text = self.query.get("map", "")
        if text and not re.fullmatch("[0-9a-f]{8}", text):
            self._wrong("map", "the first 8 letters of the id of a map", text)
            return ""
        return str(text)

    def view(self) -> View:
        text = self.query.get("view", "") or View.GRID.value
        if text not in View.values:
            self._wrong("view", "one of " + ", ".join(View.values), text)
            return View.GRID
        return View(text)

    def size(self) -> int:
        """The nearest stop of the slider: a size is taste, never an error."""
        text = self.query.get("size", "")
        wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
        return min(TILE_SIZES, key=lambda size: abs(size - (wanted or DEFAULT_TILE_SIZE)))

    def _wrong(self, path: str, expected: str, found: str) -> None:
        self.errors.append(
            FieldError(
                path=path, message=f"This must be {expected}.", expected=expected, found=found[:80]
            )
        )
