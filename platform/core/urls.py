"""Addresses: the signs of life, and the API's description."""

from django.urls import path

from core.api.docs import ApiDocsView, ApiSchemaView
from core.health import healthz, readyz
from core.metrics.views import metrics

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("api/docs/", ApiDocsView.as_view(), name="api-docs"),
    path("api/schema/", ApiSchemaView.as_view(), name="api-schema"),
]
