"""Addresses of uploads of local files."""

from django.urls import URLPattern, path

from encord_api.views.uploads import UploadUrlsView, receive

urlpatterns: list[URLPattern] = [
    path(
        "storage/folders/<uuid:folder_id>/upload-signed-urls",
        UploadUrlsView.as_view(),
        name="encord-upload-urls",
    ),
]
# Files come to addresses that open by themselves, outside of what is signed.
signed_urlpatterns: list[URLPattern] = [
    path("v2/uploads/<str:token>", receive, name="encord-upload"),
]
