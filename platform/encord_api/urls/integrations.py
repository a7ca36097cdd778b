"""Address of integrations."""

from django.urls import URLPattern, path

from encord_api.views.integrations import IntegrationsView

urlpatterns: list[URLPattern] = [
    path("cloud-integrations", IntegrationsView.as_view(), name="encord-integrations"),
]
