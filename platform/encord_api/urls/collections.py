"""Addresses of collections."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
