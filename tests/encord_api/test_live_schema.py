"""The metadata schema by the SDK, against a live server."""

from collections.abc import Iterator

import pytest
from encord.exceptions import InvalidArgumentsError
from encord.metadata_schema import MetadataSchema, MetadataSchemaScalarType
from encord.user_client import EncordUserClient

pytestmark = [
    pytest.mark.stack,
    pytest.mark.xdist_group("encord"),
    pytest.mark.filterwarnings("ignore:.*is deprecated since version:DeprecationWarning"),
]


@pytest.fixture
def empty(insider: EncordUserClient) -> Iterator[EncordUserClient]:
    """An organisation whose live keys are gone before and after."""
    insider.set_client_metadata_schema_from_dict({})
    yield insider
    insider.set_client_metadata_schema_from_dict({})


def test_legacy__script_of_the_reference_product(
    empty: EncordUserClient, outsider: EncordUserClient
) -> None:
    user_client = empty
    # As published, with the name of the method that exists.
    metadata_schema = user_client.get_client_metadata_schema()
    metadata_schema["my-embedding"] = "embedding"
    user_client.set_client_metadata_schema_from_dict(metadata_schema)
    print(user_client.get_client_metadata_schema())  # noqa: T201

    assert user_client.get_client_metadata_schema() == {"my-embedding": "embedding"}
    # Its first vector will tell the size.
    assert user_client.metadata_schema().get_embedding_size("my-embedding") == 512
    assert outsider.get_client_metadata_schema() == {}


def test_legacy__keeps_what_it_cannot_say(empty: EncordUserClient) -> None:
    schema = empty.metadata_schema()
    schema.add_embedding("clip-7", size=7)
    schema.add_enum("weather", values=["rain", "fog"])
    schema.add_scalar("code", data_type=MetadataSchemaScalarType.UUID)
    schema.add_scalar("notes", data_type="long_string")
    schema.save()

    legacy = empty.get_client_metadata_schema()
    assert legacy == {
        "clip-7": "embedding",
        "code": "string",
        "notes": "long_string",
        "weather": "enum",
    }
    legacy["score"] = "number"
    empty.set_client_metadata_schema_from_dict(legacy)

    after = empty.metadata_schema()
    assert after.get_embedding_size("clip-7") == 7
    assert list(after.get_enum_options("weather")) == ["fog", "rain"]
    assert after.get_key_type("code") == "uuid"
    assert after.get_key_type("notes") == "text"
    assert after.get_key_type("score") == "number"
    with pytest.raises(NotImplementedError):
        empty.set_client_metadata_schema_from_dict({"score": "colour"})


def test_schema__every_method_of_it(empty: EncordUserClient, outsider: EncordUserClient) -> None:
    schema = empty.metadata_schema()
    schema.add_embedding("clip-3", size=3)
    schema.add_geospatial("place")
    schema.add_enum("light", values=["day", "night"])
    schema.add_enum_options("light", values=["dusk"])
    schema.add_scalar("seen", data_type=MetadataSchemaScalarType.DATETIME)
    schema.set_scalar("count", data_type="number")
    assert schema.is_key_deleted("place") is False
    schema.save()

    read = empty.metadata_schema()
    assert {"clip-3", "place", "light", "seen", "count"} <= set(read.keys())
    assert read.has_key("clip-3")
    assert read.get_key_type("clip-3") == "embedding"
    assert read.get_key_type("place") == "geospatial"
    assert list(read.get_enum_options("light")) == ["day", "dusk", "night"]
    assert read.get_key_type("seen") == "datetime"
    assert "clip-3" in str(read)
    assert not outsider.metadata_schema().has_key("clip-3")

    read.delete_key("place")
    read.set_scalar("count", data_type="text")
    read.save()
    deleted = empty.metadata_schema()
    assert deleted.is_key_deleted("place")
    assert deleted.get_key_type("count") == "text"
    deleted.restore_key("place")
    deleted.delete_key("seen", hard=True)
    deleted.save()

    restored = empty.metadata_schema()
    assert restored.get_key_type("place") == "geospatial"
    assert not restored.is_key_deleted("place")
    assert restored.is_key_deleted("seen")


def test_schema__the_server_refuses_what_the_client_lets_through(empty: EncordUserClient) -> None:
    schema = empty.metadata_schema()
    schema.add_embedding("clip-5", size=5)
    schema.save()

    _force(schema, "clip-5", {"ty": "embedding", "size": 6})
    with pytest.raises(InvalidArgumentsError, match="clip-5"):
        schema.save()
    with pytest.raises(InvalidArgumentsError, match="keyframes"):
        empty.set_client_metadata_schema_from_dict({"clip-5": "embedding", "keyframes": "number"})

    assert empty.metadata_schema().get_embedding_size("clip-5") == 5


def _force(schema: MetadataSchema, key: str, type_: dict[str, object]) -> None:
    """Change a key behind the checks of the client."""
    keys = schema._schema
    keys[key] = type(keys[key]).model_validate(type_)
    schema._dirty = True
