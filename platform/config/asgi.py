"""ASGI entry point, served by uvicorn."""

import gc
import os

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from core.partial_bodies import keep_partial_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

application = keep_partial_bodies(get_asgi_application())
# Load every view now: a mistake in one ends the start, and the first visitor does not wait.
get_resolver().url_patterns  # noqa: B018 - a cached property, read for its effect
# What is loaded stays until the end: to look through it for garbage only makes answers wait.
gc.collect()
gc.freeze()
