"""The statements of the PostgreSQL engine.

Values are written into them as literals: the planner then prunes to the key's partition, knows how
much a filter leaves, and no generic plan can stick.
"""
# ruff: noqa: S608 - literals are ours, or composed by the database driver

import math

from django.core.exceptions import EmptyResultSet

from embeddings.constants import LARGEST_PLAIN_NORM, SMALLEST_PLAIN_NORM
from embeddings.search.engine import Position
from embeddings.search.question import Question
from embeddings.search.slack import OPERATORS, slack_of
from folders.choices import Metric


class Scored:
    """The searched rows of a question, with what PostgreSQL makes of their distances.

    `plain` rows have bounds; `extreme` rows are of a length at which float32 arithmetic fails, and
    are always candidates. Expressions are written out wherever they are used: a subquery that
    computed them once would keep the planner from sorting in parallel workers.
    """

    def __init__(self, question: Question) -> None:
        """Compose the parts that all statements share."""
        self.slack = slack_of(question.vector, question.metric)
        self.limit = question.max_distance
        literal = "[" + ",".join(str(value) for value in self.slack.query) + "]"
        self.distance = f"v.value {OPERATORS[question.metric]} '{literal}'::vector"
        self.lower = self.slack.lower_sql(self.distance, "v.norm")
        self.upper = self.slack.upper_sql(self.distance, "v.norm")
        rows = _rows(question)
        usual = f"v.norm BETWEEN {SMALLEST_PLAIN_NORM!r} AND {LARGEST_PLAIN_NORM!r}"
        if question.metric != Metric.COSINE:
            usual = f"({usual} OR v.norm = 0)"
        self.plain = f"{rows} AND {usual}"
        # In the words of the partial index.
        self.extreme = (
            f"{rows} AND (v.norm > 0 AND v.norm < {SMALLEST_PLAIN_NORM!r} "
            f"OR v.norm > {LARGEST_PLAIN_NORM!r})"
        )

    def nearest(self, after: Position, count: int) -> str:
        """(unit_id, value, lower) of the `count` rows of smallest lower bound, and of all extremes.

        Lower is null for extreme rows.
        """
        return f"""
            SELECT unit_id, vector_send(value), (lower / {self.slack.scale!r})::float8 FROM (
                SELECT v.unit_id, v.value, {self.lower} AS lower
                FROM {self.plain} {self._in_reach(after)} ORDER BY {self.lower} LIMIT {count}
            ) AS nearest
            UNION ALL SELECT v.unit_id, vector_send(v.value), NULL FROM {self.extreme}
        """

    def candidates(self, after: Position, count: int) -> str:
        """(value, unit_ids) of all rows that may be among the first `count` after a position.

        The bound is the count-th smallest upper limit of rows that surely come after the position:
        so many hits lie at or below it, so that nothing wholly above it can be on the page.
        """
        return f"""
            WITH sure AS (
                SELECT {self.upper} AS upper FROM {self.plain} {self._surely_after(after)}
                ORDER BY {self.upper} LIMIT {count}
            ), bound AS (
                SELECT CASE count(*) WHEN {count} THEN max(upper) ELSE 'Infinity' END AS upper
                FROM sure
            )
            SELECT vector_send(value), array_agg(unit_id) FROM (
                SELECT v.value, v.unit_id FROM {self.plain}
                AND {self.lower} <= (SELECT upper FROM bound) {self._in_reach(after)}
            ) AS candidates GROUP BY value
            UNION ALL SELECT vector_send(v.value), ARRAY[v.unit_id] FROM {self.extreme}
        """

    def everything(self) -> str:
        """(unit_id, d, norm) of all rows; d is NaN for extreme ones."""
        return f"""
            SELECT v.unit_id, ({self.distance})::float8, v.norm FROM {self.plain}
            UNION ALL SELECT v.unit_id, 'NaN'::float8, v.norm FROM {self.extreme}
        """

    def _in_reach(self, after: Position) -> str:
        """AND: rows that may come after the position and lie within the largest distance."""
        reach = ""
        if after.distance > -math.inf:
            reach += f" AND {self.upper} >= {self._scaled(after.distance)}"
        if self.limit is not None:
            reach += f" AND {self.lower} <= {self._scaled(self.limit)}"
        return reach

    def _surely_after(self, after: Position) -> str:
        """AND: rows that come after the position, whatever their ids."""
        if after.distance == -math.inf:
            return ""
        return f" AND {self.lower} > {self._scaled(after.distance)}"

    def _scaled(self, distance: float) -> str:
        return f"'{distance * self.slack.scale!r}'::float8"


def values_of(question: Question, unit_ids: list[int]) -> str:
    """(value, unit_ids) of some rows of the set, whatever their length."""
    ids = ",".join(map(str, unit_ids))
    return f"""
        SELECT vector_send(v.value), array_agg(v.unit_id) FROM {_all_rows(question)}
        AND v.unit_id = ANY ('{{{ids}}}'::bigint[]) GROUP BY v.value
    """


def _rows(question: Question) -> str:
    try:
        units = question.units_sql()
    except EmptyResultSet:
        return f"{_all_rows(question)} AND false"
    if units is None:
        return _all_rows(question)
    return f"{_all_rows(question)} AND v.unit_id IN ({units})"


def _all_rows(question: Question) -> str:
    return (
        f"embeddings_vector v WHERE v.key_id = {int(question.key_id)} "
        f"AND v.root_id = '{question.root_id}'"
    )
