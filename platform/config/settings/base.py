"""Settings shared by every environment; each topic has its own file beside this one."""

from config.env import DATA_DIR, ROOT
from config.settings.background import *
from config.settings.database import *
from config.settings.fetching import *
from config.settings.logs import *
from config.settings.mail import *
from config.settings.matrices import *
from config.settings.metrics import *
from config.settings.rest import *
from config.settings.security import *
from config.settings.signing_in import *
from config.settings.storage import *
from config.settings.uploads import *

BASE_DIR = ROOT
KINDRED_DATA = DATA_DIR
DEBUG = False
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_vite",
    "core",
    "stack",
    "accounts",
    "integrations",
    "folders",
    "embeddings",
    "collections_app",
    "explorer",
    "encord_api",
    "portal",
    "console",
]

MIDDLEWARE = [
    "core.middleware.RequestIdMiddleware",
    "core.metrics.middleware.MetricsMiddleware",
    "core.middleware.ApiProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionActivityMiddleware",
    "accounts.middleware.ActorMiddleware",
    "integrations.middleware.MediaOriginsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last: it is synchronous, and so are all before it then. Django's own, further in, would change
    # to another thread and back, twice for each request.
    "core.middleware.DomainErrorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "builtins": ["portal.templatetags.figures", "portal.templatetags.icons"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        # Django's admin, whose base is ours (templates/admin).
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.shell",
            ],
        },
    }
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
# How moments are written where nothing else is said: in the console.
FORMAT_MODULE_PATH = ["config.formats"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
