"""Addresses of pages and media; folders.views lists what each page is given."""

from django.urls import URLPattern, URLResolver, path

from folders.views.access import folder_access, folder_share, folder_unshare
from folders.views.files import files, folder_page, folder_status
from folders.views.folders import (
    folder_create,
    folder_delete,
    folder_move,
    folder_pick,
    folder_rename,
)
from folders.views.groups import folder_groups
from folders.views.imports import (
    folder_import_new,
    folder_imports,
    import_cancel,
    import_errors,
    import_page,
    import_start,
)
from folders.views.items import (
    item_delete,
    item_metadata,
    item_page,
    item_rename,
    item_retry,
    item_values,
    item_vector,
)
from folders.views.media import (
    item_frame,
    item_frames,
    item_original,
    item_thumbnail,
    unit_thumbnail,
)
from folders.views.schema import (
    schema,
    schema_key_convert,
    schema_key_create,
    schema_key_delete,
    schema_key_edit,
    schema_key_restore,
    schema_key_usage,
)
from folders.views.selections import (
    folder_items_ask,
    folder_items_count,
    folder_items_delete,
    folder_items_edit,
    folder_items_group,
    folder_items_move,
)
from folders.views.uploads import (
    folder_upload,
    folder_upload_part,
    folder_uploads,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("files/", files, name="files"),
    path("files/create/", folder_create, name="folder-create"),
    path("files/<uuid:folder_id>/", folder_page, name="folder"),
    path("files/<uuid:folder_id>/status/", folder_status, name="folder-status"),
    path("files/<uuid:folder_id>/access/", folder_access, name="folder-access"),
    path("files/<uuid:folder_id>/access/share/", folder_share, name="folder-share"),
    path(
        "files/<uuid:folder_id>/access/<int:grant_id>/remove/",
        folder_unshare,
        name="folder-unshare",
    ),
    path("files/<uuid:folder_id>/rename/", folder_rename, name="folder-rename"),
    path("files/<uuid:folder_id>/move/", folder_move, name="folder-move"),
    path("files/<uuid:folder_id>/delete/", folder_delete, name="folder-delete"),
    path("files/<uuid:folder_id>/upload/", folder_upload, name="folder-upload"),
    path("files/<uuid:folder_id>/uploads/", folder_uploads, name="folder-uploads"),
    path(
        "files/<uuid:folder_id>/uploads/<uuid:upload_id>/",
        folder_upload_part,
        name="folder-upload-part",
    ),
    path("files/<uuid:folder_id>/groups/", folder_groups, name="folder-groups"),
    path("files/<uuid:folder_id>/imports/", folder_imports, name="folder-imports"),
    path("files/<uuid:folder_id>/imports/new/", folder_import_new, name="folder-import-new"),
    path("imports/<uuid:import_id>/", import_page, name="import"),
    path("imports/<uuid:import_id>/start/", import_start, name="import-start"),
    path("imports/<uuid:import_id>/cancel/", import_cancel, name="import-cancel"),
    path("imports/<uuid:import_id>/errors/", import_errors, name="import-errors"),
    path("files/pick/", folder_pick, name="folder-pick"),
    path("files/<uuid:folder_id>/items/count/", folder_items_count, name="folder-items-count"),
    path(
        "files/<uuid:folder_id>/items/ask/<slug:action>/", folder_items_ask, name="folder-items-ask"
    ),
    path("files/<uuid:folder_id>/items/delete/", folder_items_delete, name="folder-items-delete"),
    path("files/<uuid:folder_id>/items/move/", folder_items_move, name="folder-items-move"),
    path("files/<uuid:folder_id>/items/edit/", folder_items_edit, name="folder-items-edit"),
    path("files/<uuid:folder_id>/items/group/", folder_items_group, name="folder-items-group"),
    path("items/<uuid:item_id>/", item_page, name="item"),
    path("items/<uuid:item_id>/metadata/", item_metadata, name="item-metadata"),
    path("items/<uuid:item_id>/values/", item_values, name="item-values"),
    path("items/<uuid:item_id>/vectors/<str:key>/", item_vector, name="item-vector"),
    path("items/<uuid:item_id>/rename/", item_rename, name="item-rename"),
    path("items/<uuid:item_id>/retry/", item_retry, name="item-retry"),
    path("items/<uuid:item_id>/delete/", item_delete, name="item-delete"),
    path("schema/", schema, name="schema"),
    path("schema/keys/", schema_key_create, name="schema-key-create"),
    path("schema/keys/<int:key_id>/", schema_key_edit, name="schema-key-edit"),
    path("schema/keys/<int:key_id>/usage/", schema_key_usage, name="schema-key-usage"),
    path("schema/keys/<int:key_id>/convert/", schema_key_convert, name="schema-key-convert"),
    path("schema/keys/<int:key_id>/delete/", schema_key_delete, name="schema-key-delete"),
    path("schema/keys/<int:key_id>/restore/", schema_key_restore, name="schema-key-restore"),
    path(
        "media/items/<uuid:item_id>/thumbnail/<slug:size>/", item_thumbnail, name="item-thumbnail"
    ),
    path("media/items/<uuid:item_id>/frames/", item_frames, name="item-frames"),
    path(
        "media/items/<uuid:item_id>/frames/<int:frame>/<slug:size>/", item_frame, name="item-frame"
    ),
    path("media/items/<uuid:item_id>/original/", item_original, name="item-original"),
    path("media/units/<int:unit_id>/thumbnail/<slug:size>/", unit_thumbnail, name="unit-thumbnail"),
]
