"""Addresses: the signs of life, and the API's description."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from core.api.docs import ApiDocsView
from core.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/docs/", ApiDocsView.as_view(), name="api-docs"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
]
