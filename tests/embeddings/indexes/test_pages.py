"""What administrators see of indexes, on the page and over REST, and what its buttons do."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.models import Job
from embeddings.choices import IndexState
from embeddings.models import VectorIndex, VectorSet
from embeddings.services.vectors import write_vectors
from folders.models import Folder, MetadataKey
from tests.embeddings.worlds import make_key, make_units, put
from tests.jobs import run_jobs


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    key = make_key(birds, dimensions=4)
    values = np.random.default_rng(1).normal(size=(60, 4)).astype(np.float32)
    write_vectors(key=key, unit_ids=np.array(make_units(birds, 60)), values=values)
    return key


@pytest.fixture
def browser(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def page_of(browser: Client) -> str:
    return browser.get(reverse("matrix-files")).content.decode()


def test_page__builds_shows_and_drops(key: MetadataKey, browser: Client) -> None:
    address = reverse("matrix-file-index", args=[VectorSet.objects.get().pk])
    assert "Build index" in page_of(browser)
    assert 'hx-trigger="every 2s"' not in page_of(browser)

    said = browser.post(address, {"verb": "build"}, follow=True).content.decode()
    assert f"Building the index of {key.name} in Birds: a worker is at it." in said
    assert "Waiting for a worker" in said
    assert 'hx-trigger="every 2s"' in said
    Job.objects.update(state="running", done=450, total=1000, step="Building the graph")
    assert 'value="45"' in page_of(browser)
    Job.objects.update(state="queued")
    run_jobs()

    page = page_of(browser)
    assert "Recall 1.000" in page
    assert "ef 64" in page
    assert "Rebuild index" in page
    assert "is dropped" in browser.post(address, {"verb": "drop"}, follow=True).content.decode()
    assert "Recall" not in page_of(browser)


def test_page__says_what_went_wrong_and_what_is_not_good(key: MetadataKey, browser: Client) -> None:
    vector_set = VectorSet.objects.get()
    browser.post(reverse("matrix-file-index", args=[vector_set.pk]), {"verb": "build"})
    run_jobs()
    VectorIndex.objects.update(recall=0.9712)
    VectorIndex.objects.create(
        vector_set=vector_set, dimensions=4, state=IndexState.FAILED, error="The disk is full."
    )

    page = page_of(browser)
    assert "Recall 0.971" in page
    assert "by request only" in page
    assert "The disk is full." in page


def test_page__of_what_cannot_be_indexed_has_no_button(birds: Folder, browser: Client) -> None:
    put(make_key(birds, dimensions=4096), {make_units(birds, 1)[0]: [1.0] * 4096})

    page = page_of(browser)
    assert "Too large" in page
    assert "Build index" not in page


def test_rest__builds_lists_and_drops(key: MetadataKey, browser: Client) -> None:
    address = reverse("api-vector-index", args=[VectorSet.objects.get().pk])
    listed = reverse("api-matrix-files")
    (before,) = browser.get(listed).json()["results"]
    assert (before["index"], before["index_job"], before["index_error"]) == (None, None, "")

    started = browser.post(address)
    job = Job.objects.get()
    assert started.status_code == 202
    assert started.json()["job_url"].endswith(reverse("api-job", args=[job.pk]))
    assert browser.get(listed).json()["results"][0]["index_job"] == str(job.pk)
    run_jobs()

    (after,) = browser.get(listed).json()["results"]
    assert after["index_job"] is None
    index = after["index"]
    assert (index["rows"], index["recall"], index["is_good"], index["ef_search"]) == (
        *(60, 1.0, True, 64),
    )
    assert index["build_seconds"] > 0
    assert browser.delete(address).status_code == 204
    assert not VectorIndex.objects.exists()


def test_rest__search_by_an_index_that_is_not_there(
    birds: Folder, key: MetadataKey, browser: Client
) -> None:
    address = reverse("api-folder-search", args=[birds.pk])
    body = {"key": key.name, "vector": [1, 0, 0, 0], "engine": "hnsw"}
    refused = browser.post(address, body, content_type="application/json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "no_index"

    browser.post(reverse("api-vector-index", args=[VectorSet.objects.get().pk]))
    run_jobs()
    answer = browser.post(address, body, content_type="application/json").json()
    # Sixty units are measured one by one.
    assert (answer["how"], answer["engine"], answer["recall"]) == ("exact", "postgres", None)
    assert answer["hits"]
