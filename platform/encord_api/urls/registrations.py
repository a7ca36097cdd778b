"""Addresses of registration jobs."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
