"""Addresses of the organisation's people."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
