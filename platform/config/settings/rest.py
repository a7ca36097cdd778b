"""REST API v1 and its OpenAPI description."""

from config.env import env

# Calls of one API token in a minute; 0 counts none.
API_CALLS_PER_MINUTE = env.int("KINDRED_API_CALLS_PER_MINUTE", default=3000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.ActorPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "core.api.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.problems.exception_handler",
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CreatedCursorPagination",
    "PAGE_SIZE": 50,
    # No `?format=`: what is sent is chosen by the header Accept.
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Kindred API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # The description is the same for everybody and holds no secrets.
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Fields of one name with different values; without these they are numbered.
    "ENUM_NAME_OVERRIDES": {
        "OrganisationRoleEnum": "accounts.choices.OrganisationRole",
        "FolderRoleEnum": "folders.choices.FolderRole",
        "ItemKindEnum": "folders.choices.ItemKind",
        "ItemStateEnum": "folders.choices.ItemState",
        "JobStateEnum": "core.models.JobState",
        "ImportStateEnum": "folders.choices.ImportState",
        "ReductionStateEnum": "embeddings.choices.ReductionState",
        "ReductionMethodEnum": "embeddings.choices.ReductionMethod",
        "DerivationEnum": "embeddings.choices.Derivation",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.complete",
    ],
    "DESCRIPTION": (
        "Whatever pages do, programs do here.\n\n"
        "- Sign in with an API token (`Authorization: Bearer …`), made under *Account → API "
        "keys*.\n"
        "- Every error is an `application/problem+json` (RFC 9457) with a stable `code` and the "
        "path of each wrong value.\n"
        "- Lists are pages: follow `next`. Status 202 leads to a job. A `POST` takes an "
        "`Idempotency-Key`. Answers have an `ETag`, and `RateLimit-…` headers.\n\n"
        "The guide `docs/api.md` shows it with curl, Python and the Encord SDK."
    ),
    "TAGS": [
        {"name": "Me", "description": "The caller, his tokens and keys"},
        {"name": "Organisation", "description": "Members, teams, the record of who did what"},
        {"name": "Schema", "description": "Typed keys of metadata, embeddings among them"},
        {"name": "Folders", "description": "The tree, and who may do what in it"},
        {"name": "Items", "description": "Images, videos, groups and their metadata"},
        {"name": "Uploads", "description": "Resumable, by the tus protocol"},
        {"name": "Imports", "description": "Files of registrations, metadata and vectors"},
        {"name": "Integrations", "description": "Places that originals lie in elsewhere"},
        {"name": "Embeddings", "description": "Vectors and similarity search"},
        {"name": "Maps", "description": "Folder upgrades and two-dimensional maps"},
        {"name": "Explorer", "description": "Units by filter, order and similarity"},
        {"name": "Collections", "description": "Named sets of units, compared and exported"},
        {"name": "Jobs", "description": "Work that goes on in the background"},
    ],
}
