"""Who may talk to us and what a page may load."""

from csp.constants import NONE, SELF

from config.env import env

SECRET_KEY = env.str("KINDRED_SECRET_KEY")
# Earlier ones: what was signed or encrypted with them can still be read.
SECRET_KEY_FALLBACKS = env.list("KINDRED_OLD_SECRET_KEYS", default=[])
ALLOWED_HOSTS = env.list("KINDRED_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Under which programs and people reach us, as https://kindred.example.org; empty: as they asked.
PUBLIC_URL = env.str("KINDRED_PUBLIC_URL", default="").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("KINDRED_TRUSTED_ORIGINS", default=[])

# Behind TLS unless told otherwise; the one-command start serves plain HTTP on loopback.
_https = env.bool("KINDRED_HTTPS", default=True)
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SESSION_COOKIE_NAME = "kindred_session"
CSRF_COOKIE_NAME = "kindred_csrf"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# API tokens are stored as a digest keyed with this secret; rotating it revokes every token.
API_TOKEN_PEPPER = env.str("KINDRED_TOKEN_PEPPER", default=SECRET_KEY)
