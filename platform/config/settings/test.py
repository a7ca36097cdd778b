"""Settings of the test run: real PostgreSQL, cheap passwords, no network but loopback."""

import os

os.environ.setdefault("KINDRED_SECRET_KEY", "test-only")

from config.settings.base import *

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
SECURE_PROXY_SSL_HEADER = None
SECURE_HSTS_SECONDS = 0
