"""Routes that the SDK calls, noun by noun."""

from tests.matrix.routes_encord_collections import ENCORD_COLLECTIONS
from tests.matrix.routes_encord_folders import ENCORD_FOLDERS
from tests.matrix.routes_encord_groups import ENCORD_GROUPS
from tests.matrix.routes_encord_integrations import ENCORD_INTEGRATIONS
from tests.matrix.routes_encord_items import ENCORD_ITEMS
from tests.matrix.routes_encord_presets import ENCORD_PRESETS
from tests.matrix.routes_encord_registrations import ENCORD_REGISTRATIONS
from tests.matrix.routes_encord_schema import ENCORD_SCHEMA
from tests.matrix.routes_encord_uploads import ENCORD_UPLOADS
from tests.matrix.routes_encord_users import ENCORD_USERS
from tests.matrix.table import Call, Level, Route, Table

ENCORD: Table = {
    "encord-bearer-token": Route([Call("GET", Level.MEMBER)]),
    "encord-not-supported": Route(
        [Call("GET", Level.MEMBER, ok=(405,))], fixed={"rest": "projects"}
    ),
    # Whoever asks is told in an envelope with status 200 whether he may, and that there is nothing.
    "encord-legacy": Route([Call("POST", Level.ANYBODY)]),
    "encord-legacy-user": Route([Call("POST", Level.ANYBODY)]),
    **ENCORD_SCHEMA,
    **ENCORD_FOLDERS,
    **ENCORD_ITEMS,
    **ENCORD_UPLOADS,
    **ENCORD_REGISTRATIONS,
    **ENCORD_COLLECTIONS,
    **ENCORD_PRESETS,
    **ENCORD_INTEGRATIONS,
    **ENCORD_GROUPS,
    **ENCORD_USERS,
}
