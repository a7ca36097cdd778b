"""The units that a question is put to, as ids: its filter, cut by what the person may see."""

import numpy as np
import numpy.typing as npt
from django.core.exceptions import EmptyResultSet

from embeddings.copying import read_records
from embeddings.search.question import Question

UnitIds = npt.NDArray[np.int64]


def mask_of(question: Question) -> UnitIds | None:
    """Ids of the units to search, ascending, with or without a vector; None for the whole root."""
    try:
        statement = question.units_sql()
    except EmptyResultSet:
        return np.empty(0, dtype=np.int64)
    if statement is None:
        return None
    # The statement is complete: its percent signs are its own.
    records = read_records(statement.replace("%", "%%"), [], [("unit", "i8")])
    return np.unique(records["unit"].astype(np.int64))
