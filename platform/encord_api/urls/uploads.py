"""Addresses of uploads of local files."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
