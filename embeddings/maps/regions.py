"""Regions as SQL; the definition stands in embeddings.maps.geometry."""

from typing import Any

from django.db.models import BooleanField, Func, Q, QuerySet
from django.db.models.expressions import F

from embeddings.maps.geometry import Polygon, Rectangle, Region
from embeddings.models import ReductionPoint

# The casts keep all arithmetic in float64; real and decimal operands would follow other rules.
_POLYGON = """(
    SELECT bool_or(
            (e.bx - e.ax) * (p.y - e.ay) - (e.by - e.ay) * (p.x - e.ax) = 0
            AND p.x BETWEEN least(e.ax, e.bx) AND greatest(e.ax, e.bx)
            AND p.y BETWEEN least(e.ay, e.by) AND greatest(e.ay, e.by)
        ) OR count(*) FILTER (
            WHERE (e.ay > p.y) <> (e.by > p.y)
            AND ((e.bx - e.ax) * (p.y - e.ay) - (e.by - e.ay) * (p.x - e.ax) > 0) = (e.by > e.ay)
        ) %% 2 = 1
    FROM unnest(%s::float8[], %s::float8[], %s::float8[], %s::float8[]) AS e (ax, ay, bx, by),
        (SELECT {x}::float8 AS x, {y}::float8 AS y) AS p
)"""


class InsidePolygon(Func):
    """Whether a point lies in a polygon."""

    output_field = BooleanField()

    def __init__(self, polygon: Polygon) -> None:
        self.polygon = polygon
        super().__init__(F("x"), F("y"))

    def copy(self) -> "InsidePolygon":
        """A copy that keeps the polygon."""
        copied = super().copy()
        copied.polygon = self.polygon
        return copied

    def as_sql(
        self, compiler: Any, connection: Any, *_: Any, **__: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """The test, with edges as four arrays."""
        (x, x_parameters), (y, y_parameters) = (
            compiler.compile(part) for part in self.get_source_expressions()
        )
        columns = [list(map(float, part)) for part in zip(*self.polygon.edges(), strict=True)]
        return _POLYGON.format(x=x, y=y), (*columns, *x_parameters, *y_parameters)


def points_inside(
    points: QuerySet[ReductionPoint, Any], region: Region
) -> QuerySet[ReductionPoint, Any]:
    """Those of the points that lie in the region."""
    if isinstance(region, Rectangle):
        return points.filter(_within(region))
    # The rectangle around it first: most points need no look at the edges.
    return points.filter(_within(region.bounds)).filter(InsidePolygon(region))


def _within(rectangle: Rectangle) -> Q:
    return Q(x__gte=rectangle.x0, x__lte=rectangle.x1, y__gte=rectangle.y0, y__lte=rectangle.y1)
