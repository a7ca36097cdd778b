"""Addresses of the pages of integrations; integrations.views.pages lists what each is given."""

from django.urls import URLPattern, URLResolver, path

from integrations.views.pages import (
    integration_create,
    integration_delete,
    integration_edit,
    integration_test,
    integrations,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("integrations/", integrations, name="integrations"),
    path("integrations/add/<slug:provider>/", integration_create, name="integration-create"),
    path("integrations/<uuid:integration_id>/edit/", integration_edit, name="integration-edit"),
    path(
        "integrations/<uuid:integration_id>/delete/", integration_delete, name="integration-delete"
    ),
    path("integrations/<uuid:integration_id>/test/", integration_test, name="integration-test"),
]
