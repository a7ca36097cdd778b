"""How many vectors whole sets hold: counted once for each state of a set."""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from embeddings.matrix_files.source import SetState, read_state
from embeddings.search.question import Question
from embeddings.services.coverage import Coverage, coverage_within, units_of_root

_MOST_SETS = 1000


class CountedSets:
    """Remembers the counts of the sets asked for last; a set's revision and its time name a state.

    Counting a million rows takes longer than finding the nearest of them by an index.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._kept: OrderedDict[tuple[UUID, int], tuple[SetState, Coverage]] = OrderedDict()

    def of(self, question: Question) -> Coverage:
        """The coverage of the question's whole root."""
        name = question.root_id, question.key_id
        before = read_state(root_id=question.root_id, key_id=question.key_id)
        with self._lock:
            kept = self._kept.get(name)
        if kept is not None and kept[0] == before:
            return Coverage(units_of_root(question.root_id), kept[1].with_vector, kept[1].zero)
        found = coverage_within(question.root_id, question.key_id, None)
        after = read_state(root_id=question.root_id, key_id=question.key_id)
        if before is not None and before == after:
            self._keep(name, (before, found))
        return found

    def _keep(self, name: tuple[UUID, int], counted: tuple[SetState, Coverage]) -> None:
        with self._lock:
            self._kept[name] = counted
            self._kept.move_to_end(name)
            if len(self._kept) > _MOST_SETS:
                self._kept.popitem(last=False)
