"""HTML pages of the folders app, and the context that each template gets.

Types named here: TreeNode in folders.tree, KeysetPage in folders.paging, ItemCounts in
folders.counts. Every page also gets what portal.context.shell adds. POST views redirect (303) to
the page they came from, with a message; those marked JSON answer JSON, errors as problem+json when
the request says `Accept: application/json`.

files            GET  /files/                         folders/files.html
    tree: list[TreeNode] (topmost visible folders), folder: None, can_create: bool
    POST /files/create/  (folder-create)  name, description, parent (id, optional)
folder           GET  /files/<uuid>/                  folders/folder.html
    folder, breadcrumbs: list[Folder] (visible ancestors, then the folder), tree: list[TreeNode],
    subfolders: list[Folder] (first 200), items: KeysetPage[Item] (rows have .thumbnail_url),
    order: "-created_at" | "created_at" | "name" | "-name", search: str, state: str,
    counts: ItemCounts, role: FolderRole, can_edit, can_administer: bool, root: Folder,
    job: Job | None (active media job)
    ?cursor=&order=&search=&state=; with HX-Request and ?cursor= only folders/item_rows.html
    (same context) is sent: rows to append, and the link to the next page.
folder-status    GET  /files/<uuid>/status/           folders/folder_status.html (fragment to poll)
    folder, counts, job
folder-rename    POST name, description
folder-move      POST parent (id, empty: becomes a root folder)
folder-delete    GET  folders/folder_delete.html (dialog fragment): folder, contents: FolderContents
                 POST
folder-upload    POST file (several), the plain form
folder-uploads, folder-upload-part  the tus protocol; see folders.tus
folder-groups    POST item (repeated ids, in order), kind, name
folder-imports   GET  /files/<uuid>/imports/          folders/imports.html: imports
folder-import-new  GET  folders/import_new.html: importers, kind, integrations, keys, recent, said,
                 error, upload; POST kind, file or upload (id), options of the kind; 422 when wrong
import           GET  /imports/<uuid>/                folders/import.html: see folders.views.imports
    row, job, label, options, counts, preview, duplicates: PreviewTable, groups: list[ErrorGroup];
    with HX-Request only folders/import_state.html
import-start     POST ignore_errors (optional)
import-cancel    POST
import-errors    GET  ?as=csv|jsonl, a download
folder-items-delete  POST item (repeated ids)
item             GET  /items/<uuid>/                  folders/item.html
    item, folder, breadcrumbs, root, unit (the item's own), metadata: list[MetadataRow]
    (name, type, text, is_missing), metadata_json: str (pretty, without vectors),
    vectors: list[VectorRow] (name, dimensions, preview: "0.1 -0.25 …"), frames: KeysetPage[Unit]
    (rows have .thumbnail_url), previous, next: Item | None (by name), can_edit
item-metadata    POST metadata (JSON text); with HX-Request errors come as fragment
item-retry       POST
item-delete      POST
schema           GET  /schema/                        folders/schema.html
    keys: list[MetadataKey], deleted: list[MetadataKey], types: KeyType.choices,
    metrics: Metric.choices, can_edit, can_delete: bool (administrators delete and restore),
    form: SchemaKeyForm; a wrong form comes back with status 422
schema-key-create   POST name, type, values (one a line), dimensions, metric
schema-key-delete   POST /schema/keys/<int:pk>/delete/
schema-key-restore  POST /schema/keys/<int:pk>/restore/
"""
