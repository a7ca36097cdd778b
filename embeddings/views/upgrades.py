"""The Folder upgrades dialog and its live progress.

Contexts of the templates (all of them fragments, swapped in by htmx):

embeddings/upgrade_dialog.html    GET and POST of `folder-upgrade`
    upgrade     Upgrade: `root`, `unit_count`, `rows` (UpgradeRow), `available` (embedding keys
                that can still be added: id, name, dimensions, metric), `can_edit`,
                `is_processing`, `problems` (sentences that belong to no single row)
    methods     [{"value": "tsne", "label": "t-SNE"}, …] for the select under Advanced
    saved       True after a POST that was carried out: show the confirmation
    started     how many runs that POST started or found running

embeddings/upgrade_key.html       GET of `upgrade-key`: one row, when Add picks a key
    upgrade, row, methods

embeddings/upgrade_progress.html  GET of `upgrade-progress`, polled every second
    upgrade     its `rows` with a `job` have something to show, `is_processing` tells whether to go
                on polling; the answer that ends it carries the header `HX-Trigger: upgrade-ended`

UpgradeRow: `key`, `reduce`, `method`, `perplexity`, `exaggeration`, `seed` (as the form shows them),
`problems` (field -> sentence), `with_vector`, `zero`, `units`, `map` (the Reduction that is shown,
or None), `run` (the newest Reduction, or None), `job` (the newest run's core Job, or None), `state`
("off", "empty", "waiting", "processing", "ready", "failed", "cancelled"), `failure` (why),
`estimate` (seconds that a run will take, or None while nothing like it has run).

Form fields of the POST: `key` once per row, in order (the key's id); `reduce-<id>` when ticked;
`method-<id>`, `perplexity-<id>`, `exaggeration-<id>`, `seed-<id>` (may be missing or empty: the
default); `delete-maps` (an id) once for each key whose maps shall go when it is not listed or not
ticked any more. A POST with wrong values answers 422 with the dialog and its `problems`.
"""
