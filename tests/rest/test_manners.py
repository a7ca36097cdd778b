"""What holds for all of /api/v1/, seen from its routes and its description."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from core.api.docs import api_schema
from core.api.views import APIView
from core.models import Job
from embeddings.models import VectorSet
from folders.models import Folder, MetadataKey
from tests.factories import FolderFactory, UnitFactory
from tests.matrix.routes import all_routes
from tests.rest.conftest import Program

MakeProgram = Callable[[User], Program]
PREFIX = "api/v1/"
# Files that are fetched as a whole.
FILES = {"export_file"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each operation."""
    for path, methods in api_schema()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_views__all_have_the_manners() -> None:
    views = [route.view for route in all_routes() if route.pattern.startswith(PREFIX)]
    without = [view.cls for view in views if not issubclass(view.cls, APIView)]

    assert len(views) > 50
    assert without == []


def test_lists__are_pages_all_of_one_shape() -> None:
    """No answer is a bare list, and those that hold rows lead to more of them."""
    components = api_schema()["components"]["schemas"]
    bare, endless = [], []
    for _, method, operation in operations():
        if method != "get" or operation["operationId"] in FILES:
            continue
        for media in operation["responses"].get("200", {}).get("content", {}).values():
            schema = media.get("schema", {})
            schema = components.get(schema.get("$ref", "").rpartition("/")[2], schema)
            if schema.get("type") == "array":
                bare.append(operation["operationId"])
            if "results" in schema.get("properties", {}):
                more = {"next", "next_cursor"} & schema["properties"].keys()
                names = {parameter["name"] for parameter in operation["parameters"]}
                if not more or not {"cursor", "limit"} <= names:
                    endless.append(operation["operationId"])

    assert bare == []
    assert endless == []


@pytest.mark.parametrize(
    "path",
    ["folders/", "schema/keys/", "folders/{birds}/items/", "folders/{birds}/embeddings/", "teams/"],
)
def test_lists__are_read_page_by_page(
    admin: User, birds: Folder, program: MakeProgram, path: str
) -> None:
    caller = program(admin)
    for number in range(5):
        name = f"thing-{number}"
        FolderFactory.create(organisation=birds.organisation, name=name)
        UnitFactory.create(item__folder=birds, item__name=name)
        caller.post("schema/keys/", {"name": name, "type": "embedding"})
        caller.post("teams/", {"name": name})
    address = path.format(birds=birds.pk)
    whole = caller.get(f"{address}?limit=100").json()

    rows, page = [], caller.get(f"{address}?limit=2").json()
    while page["next"]:
        assert len(page["results"]) == 2
        rows += page["results"]
        page = caller.get(page["next"].partition("/api/v1/")[2]).json()
    rows += page["results"]

    assert len(rows) >= 5
    assert whole == {"next": None, "results": rows}


def test_accepted__leads_to_the_job(
    editor: User, viewer: User, birds: Folder, program: MakeProgram
) -> None:
    key = MetadataKey.objects.create(
        organisation=birds.organisation, name="clip", type="embedding", dimensions=2
    )
    VectorSet.objects.create(root=birds, key=key)
    path = f"folders/{birds.pk}/derived-vectors/"
    body = {"key": "clip", "method": "mean"}
    assert program(viewer).post(path, body).status_code == 403
    caller = program(editor)

    answer = caller.post(path, body)

    job = Job.objects.get()
    assert answer.status_code == 202
    assert answer["Location"] == answer.json()["job_url"]
    assert answer["Location"].endswith(reverse("api-job", args=[job.pk]))
    followed = caller.get(answer["Location"].partition("/api/v1/")[2])
    assert followed.json()["id"] == str(job.pk)


def test_accepted__all_answers_of_this_status_say_so() -> None:
    components = api_schema()["components"]["schemas"]
    accepted = {
        operation["operationId"]: operation["responses"]["202"]
        for _, _, operation in operations()
        if "202" in operation["responses"]
    }

    assert len(accepted) > 8
    for name, response in accepted.items():
        reference = response["content"]["application/json"]["schema"]["$ref"]
        assert "job_url" in components[reference.rpartition("/")[2]]["properties"], name
        assert "Location" in response["headers"], name
