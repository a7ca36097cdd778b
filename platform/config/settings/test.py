"""Settings of the test run: real PostgreSQL, cheap passwords, no network but loopback."""

import os

os.environ.setdefault("KINDRED_SECRET_KEY", "test-only")
# Nothing listens there: tests that want a broker start one, and never meet somebody's own.
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

from config.settings.base import *

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
SECURE_PROXY_SSL_HEADER = None
SECURE_HSTS_SECONDS = 0
# The build's static files need not exist.
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]
# Tests that want matrix files make them: a thread would keep connections of its own.
MATRIX_BUILD = False
# Figures stay in the process.
METRICS_DIR = ""
