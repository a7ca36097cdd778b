"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from embeddings.api.embedding_keys import FolderEmbeddingsView
from embeddings.api.search import DistancesView, SearchView
from embeddings.api.vectors import VectorsView

urlpatterns: list[URLPattern | URLResolver] = [
    path("folders/<uuid:folder_id>/embeddings/", FolderEmbeddingsView.as_view()),
    path("folders/<uuid:folder_id>/vectors/", VectorsView.as_view()),
    path("folders/<uuid:folder_id>/search/", SearchView.as_view()),
    path("folders/<uuid:folder_id>/search/distances/", DistancesView.as_view()),
]
