"""Addresses of registrations."""

from django.urls import URLPattern, path

from encord_api.views.registrations import (
    CancelRegistrationView,
    RegistrationsView,
    registration,
)

_JOBS = "storage/folders/<uuid:folder_id>/data-upload-jobs"

urlpatterns: list[URLPattern] = [
    path(_JOBS, RegistrationsView.as_view(), name="encord-registrations"),
    path(f"{_JOBS}/<uuid:import_id>", registration, name="encord-registration"),
    path(
        f"{_JOBS}/<uuid:import_id>/cancel",
        CancelRegistrationView.as_view(),
        name="encord-registration-cancel",
    ),
]
