"""Addresses of groups, which are our teams."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
