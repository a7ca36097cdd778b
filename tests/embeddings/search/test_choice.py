"""Which engine answers."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from embeddings.matrix_files import budget
from embeddings.matrix_files.budget import is_worth_a_file
from embeddings.matrix_files.folders import set_folder, throw_away
from embeddings.models import VectorIndex
from embeddings.search import VectorExample, choice, search
from embeddings.search.choice import engine_named
from embeddings.search.question import Question, ask
from folders.models import Folder, MetadataKey
from tests.embeddings.matrix_files.sets import make_file
from tests.embeddings.search.engines import make_index
from tests.embeddings.worlds import make_key, make_units, put


@pytest.fixture
def question(birds: Folder, editor: User, actor_for: Callable[[User], Actor]) -> Question:
    """About a set with a file of some four megabytes."""
    key = make_key(birds, dimensions=4000)
    put(key, {unit: [1.0] * 4000 for unit in make_units(birds, 250)})
    make_file(birds, key)
    return ask(
        actor=actor_for(editor),
        root=birds,
        key=key,
        example=VectorExample([1.0] * 4000),
        units=None,
        max_distance=None,
    )


def test_choice__is_the_scan_while_the_file_fits_the_memory(
    question: Question, settings: LazySettings
) -> None:
    assert choice.choose(question) is choice.SCAN

    settings.MATRIX_MEMORY_MB = 5
    assert choice.choose(question) is choice.SCAN
    settings.MATRIX_MEMORY_MB = 4
    assert choice.choose(question) is choice.POSTGRES


def test_choice__beyond_the_memory_is_a_good_index(
    question: Question, settings: LazySettings
) -> None:
    settings.MATRIX_MEMORY_MB = 4
    index = make_index(Folder.objects.get(pk=question.root_id), key_of(question))
    assert index.is_good
    assert choice.choose(question) is choice.HNSW

    VectorIndex.objects.update(recall=0.98)
    assert choice.choose(question) is choice.POSTGRES
    VectorIndex.objects.update(recall=0.99)
    settings.MATRIX_MEMORY_MB = 5
    assert choice.choose(question) is choice.SCAN


def test_choice__without_a_file_goes_by_what_the_index_holds(
    question: Question, settings: LazySettings
) -> None:
    make_index(Folder.objects.get(pk=question.root_id), key_of(question))
    throw_away(set_folder(question.root_id, question.key_id))

    settings.MATRIX_MEMORY_MB = 4
    assert choice.choose(question) is choice.HNSW
    settings.MATRIX_MEMORY_MB = 5
    assert choice.choose(question) is choice.SCAN


def key_of(question: Question) -> MetadataKey:
    return MetadataKey.objects.get(pk=question.key_id)


def test_file__is_worth_it_for_many_rows_that_fit(settings: LazySettings) -> None:
    settings.MATRIX_MEMORY_MB = 100

    assert not is_worth_a_file(budget.MIN_ROWS - 1, 512)
    assert is_worth_a_file(budget.MIN_ROWS, 512)
    assert not is_worth_a_file(100_000, 512)


def test_engine__that_is_not_there_is_refused(
    birds: Folder, editor: User, actor_for: Callable[[User], Actor]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        search(
            actor=actor_for(editor),
            root=birds,
            key=make_key(birds, dimensions=2),
            query=VectorExample([1, 0]),
            engine="guess",
        )

    assert refusal.value.errors[0].expected == "auto, postgres, scan, hnsw"
    assert engine_named("auto").name == "auto"
