"""Addresses of the metadata schema."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
