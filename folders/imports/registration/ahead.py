"""Videos of a registration that have to be read before it can be said which frames are named."""

from collections.abc import Iterable

from folders.choices import ItemKind
from folders.imports.registration.raw import LISTS, RawEntry
from folders.imports.registration.records import RecordMaker
from folders.imports.run import ImportRun
from folders.services.imports import Examiner, ItemRecord


def read_ahead(
    run: ImportRun, maker: RecordMaker, examiner: Examiner, batch: Iterable[RawEntry]
) -> None:
    """Read those of a batch together; what is wrong with them is found when they are examined.

    Args:
        run: is asked after each video whether it is over.
        maker: one of its own: it gathers what others would report a second time.
        examiner: of the batch.
        batch: its entries.
    """
    videos = [raw for raw in batch if LISTS.get(raw.list_name) == ItemKind.VIDEO]
    made = [maker.make(raw) for raw in videos]
    maker.errors.clear()
    maker.given_ids.clear()
    records = (record for record in made if isinstance(record, ItemRecord))
    examiner.read_ahead(records, lambda: run.job.progress(step="Reading videos"))
