"""Addresses of presets."""

from django.urls import URLPattern, path

from encord_api.views.presets import PresetsView, PresetView

urlpatterns: list[URLPattern] = [
    path("index/presets", PresetsView.as_view(), name="encord-presets"),
    path("index/presets/<uuid:preset_id>", PresetView.as_view(), name="encord-preset"),
]
