"""Addresses of the pages of collections."""

from django.urls import URLPattern, URLResolver, path

from collections_app import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("collections/", views.collections, name="collections"),
    path("collections/create/<uuid:root_id>/", views.collection_create, name="collection-create"),
    path("collections/<uuid:collection_id>/", views.collection, name="collection"),
    path(
        "collections/<uuid:collection_id>/update/",
        views.collection_update,
        name="collection-update",
    ),
    path(
        "collections/<uuid:collection_id>/delete/",
        views.collection_delete,
        name="collection-delete",
    ),
]
