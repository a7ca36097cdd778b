"""Vectors go in and come out as JSON, Base64 and .npy, bit for bit."""

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra import numpy as arrays

from accounts.models import User
from folders.models import Folder, Item, MetadataKey
from folders.services.schema import add_key
from tests.factories import UnitFactory
from tests.rest.conftest import Program

MakeProgram = Callable[[User], Program]
NPY = "application/x-npy"
# Numbers at which a careless way through text or float64 would show.
HARD = np.array(
    [0.1, -0.0, 1e-45, np.finfo(np.float32).max, np.nextafter(np.float32(1), np.float32(2)), 1 / 3],
    dtype=np.float32,
)


@pytest.fixture
def key(editor: User, program: MakeProgram) -> MetadataKey:
    return add_key(actor=program(editor).actor, name="clip", type="embedding", dimensions=6)


@pytest.fixture
def item(birds: Folder) -> Item:
    return UnitFactory.create(item__folder=birds, item__name="owl.png").item


def npy(array: npt.NDArray[Any]) -> bytes:
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()


def rows(item: Item, vector: npt.NDArray[Any], **fields: Any) -> npt.NDArray[Any]:
    """A structured array of one row."""
    layout = [("item", "U40"), ("vector", "<f4", (len(vector),))]
    return np.array([(str(item.pk), vector)], dtype=layout)


def test_vectors__written_in_one_form_are_read_in_every_other(
    key: MetadataKey,
    item: Item,
    birds: Folder,
    editor: User,
    viewer: User,
    outsider: User,
    program: MakeProgram,
) -> None:
    caller, reader = program(editor), program(viewer)
    many, one = f"folders/{birds.pk}/vectors/", f"items/{item.pk}/vectors/clip/"
    packed = base64.b64encode(HARD.tobytes()).decode()
    numbers = [float(str(value)) for value in HARD]

    def send(path: str, content: bytes, method: str = "post") -> Any:
        return getattr(caller.client, method)(f"/api/v1/{path}", content, content_type=NPY)

    def entry(values: Any) -> dict[str, Any]:
        return {"key": "clip", "vectors": [{"item": str(item.pk), "values": values}]}

    assert reader.post(many, entry(packed)).status_code == 403
    assert reader.send("PUT", one, {"values": packed}).status_code == 403
    assert program(outsider).get(f"{many}?key=clip").status_code == 404
    assert program(outsider).get(one).status_code == 404
    assert reader.get(one).status_code == 404
    writes: list[Callable[[], Any]] = [
        lambda: caller.post(many, entry(numbers)),
        lambda: caller.post(many, entry(packed)),
        lambda: send(f"{many}?key=clip", npy(rows(item, HARD))),
        lambda: caller.send("PUT", one, {"values": numbers}),
        lambda: caller.send("PUT", one, {"values": packed}),
        lambda: send(one, npy(HARD), "put"),
        lambda: send(one, npy(HARD.astype(">f4")), "put"),
    ]
    for write in writes:
        zeros = caller.send("PUT", one, {"values": [0] * 6})
        assert zeros.json() == {"written": 1, "dimensions": 6}
        assert write().json() == {"written": 1, "dimensions": 6}

        assert np.array(reader.get(one).json()["values"], np.float32).tobytes() == HARD.tobytes()
        assert reader.get(f"{one}?encoding=base64").json()["values"] == packed
        answer = reader.get(one, Accept=NPY)
        assert answer["Content-Type"] == NPY
        assert np.load(BytesIO(answer.content)).tobytes() == HARD.tobytes()
        (listed,) = reader.get(f"{many}?key=clip&encoding=base64").json()["results"]
        assert (listed["item"], listed["frame"], listed["values"]) == (str(item.pk), None, packed)
        page = np.load(BytesIO(reader.get(f"{many}?key=clip", Accept=NPY).content))
        assert page["vector"].tobytes() == HARD.tobytes()
        assert page["item"].tolist() == [str(item.pk).encode()]


def test_vectors__an_array_that_was_read_can_be_sent_back(
    key: MetadataKey, birds: Folder, editor: User, program: MakeProgram
) -> None:
    caller = program(editor)
    path = f"folders/{birds.pk}/vectors/?key=clip"
    items = [UnitFactory.create(item__folder=birds).item for _ in range(5)]
    values = np.random.default_rng(1).normal(size=(5, 6)).astype(np.float32)
    vectors = [
        {"item": str(one.pk), "values": row.tolist()}
        for one, row in zip(items, values, strict=True)
    ]
    caller.post(f"folders/{birds.pk}/vectors/", {"key": "clip", "vectors": vectors})

    pages, address = [], f"{path}&limit=2"
    while address:
        answer = caller.get(address, Accept=NPY)
        pages.append(answer.content)
        link = answer.headers.get("Link", "")
        address = link.partition(">")[0].partition("/api/v1/")[2]
    read = np.concatenate([np.load(BytesIO(page)) for page in pages])

    assert [len(np.load(BytesIO(page))) for page in pages] == [2, 2, 1]
    assert read["vector"].tobytes() == values.tobytes()
    for page in pages:
        answer = caller.client.post(f"/api/v1/{path}", page, content_type=NPY)
        assert answer.status_code == 200, answer.content
    assert caller.get(path).json() == caller.get(f"{path}&limit=500").json()


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(arrays.arrays(np.float32, 6, elements={"allow_nan": False, "allow_infinity": False}))
def test_vectors__any_finite_float32_survives_json(
    key: MetadataKey, item: Item, editor: User, program: MakeProgram, vector: Any
) -> None:
    caller = program(editor)
    path = f"items/{item.pk}/vectors/clip/"

    caller.send("PUT", path, {"values": [float(value) for value in vector]})

    read = np.array(caller.get(path).json()["values"], dtype=np.float32)
    assert read.tobytes() == vector.tobytes()


def test_vectors__of_what_cannot_be_read_the_place_is_named(
    key: MetadataKey, item: Item, birds: Folder, editor: User, program: MakeProgram
) -> None:
    caller = program(editor)
    many, one = f"folders/{birds.pk}/vectors/", f"items/{item.pk}/vectors/clip/"
    bad = {
        "no Base64!": "not_a_vector",
        base64.b64encode(b"abcde").decode(): "not_a_vector",
        base64.b64encode(HARD[:5].tobytes()).decode(): "wrong_length",
        base64.b64encode(np.full(6, np.nan, np.float32).tobytes()).decode(): "not_finite",
    }
    for text, code in bad.items():
        body = {"key": "clip", "vectors": [{"item": str(item.pk), "values": text}]}
        (error,) = caller.post(many, body).json()["errors"]
        assert error["path"].startswith("vectors.0.values")
        assert error["code"] == code
        assert caller.send("PUT", one, {"values": text}).status_code == 400

    for content in (
        b"",
        b"no array",
        npy(HARD)[:-3],
        npy(HARD) + b"x",
        npy(np.stack([HARD, HARD])),
        npy(np.array(["text"] * 6)),
        npy(np.full(6, np.inf, np.float32)),
        npy(HARD[:5]),
    ):
        answer = caller.client.put(f"/api/v1/{one}", content, content_type=NPY)
        assert answer.status_code == 400, content
    for content in (npy(np.stack([HARD, HARD])), npy(rows(item, HARD)[:0]), b"\x93NUMPY"):
        answer = caller.client.post(f"/api/v1/{many}?key=clip", content, content_type=NPY)
        assert answer.status_code == 400, content
    assert caller.client.post(f"/api/v1/{many}", npy(HARD), content_type=NPY).status_code == 400
    assert caller.get(f"{many}?key=clip&encoding=hex").status_code == 400
    assert caller.get(f"{one}?frame=x").status_code == 400


def test_search__takes_base64(
    key: MetadataKey, item: Item, birds: Folder, editor: User, program: MakeProgram
) -> None:
    caller = program(editor)
    near = np.arange(6, dtype=np.float32)
    caller.send("PUT", f"items/{item.pk}/vectors/clip/", {"values": near.tolist()})
    path = f"folders/{birds.pk}/search/"

    packed = base64.b64encode(near.tobytes()).decode()
    found = caller.post(path, {"key": "clip", "vector": packed}).json()
    wrong = caller.post(path, {"key": "clip", "vector": "?"})

    assert [hit["item"] for hit in found["hits"]] == [str(item.pk)]
    assert found["hits"][0]["distance"] == pytest.approx(0, abs=1e-12)
    assert wrong.json()["errors"][0]["path"] == "vector"
