"""REST addresses of integrations."""

from django.urls import URLPattern, URLResolver, path

from integrations.api.integrations import (
    IntegrationListView,
    IntegrationTestView,
    IntegrationView,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("integrations/", IntegrationListView.as_view(), name="api-integrations"),
    path("integrations/<uuid:integration_id>/", IntegrationView.as_view(), name="api-integration"),
    path(
        "integrations/<uuid:integration_id>/test/",
        IntegrationTestView.as_view(),
        name="api-integration-test",
    ),
]
