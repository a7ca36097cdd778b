"""Addresses of filter presets."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
