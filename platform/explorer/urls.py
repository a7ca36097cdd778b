"""Addresses of the Explorer's pages and fragments."""

from django.urls import URLPattern, URLResolver, path

from explorer import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("explorer/", views.explorer_home, name="explorer-home"),
    path("explorer/<uuid:root_id>/", views.explorer, name="explorer"),
    path("explorer/<uuid:root_id>/results/", views.explorer_results, name="explorer-results"),
    path("explorer/<uuid:root_id>/sequence/", views.explorer_sequence, name="explorer-sequence"),
    path("explorer/<uuid:root_id>/tiles/", views.explorer_tiles, name="explorer-tiles"),
    path("explorer/<uuid:root_id>/rail/", views.explorer_rail, name="explorer-rail"),
    path(
        "explorer/<uuid:root_id>/mask/<uuid:reduction_id>/",
        views.explorer_mask,
        name="explorer-mask",
    ),
    path("explorer/<uuid:root_id>/badges/", views.explorer_badges, name="explorer-badges"),
    path("explorer/<uuid:root_id>/collect/", views.collect_units, name="explorer-collect"),
    path("explorer/<uuid:root_id>/remove/", views.remove_from, name="explorer-remove"),
    path("explorer/<uuid:root_id>/edit/", views.edit_units, name="explorer-edit"),
    path("explorer/<uuid:root_id>/move/", views.move_units, name="explorer-move"),
    path("explorer/<uuid:root_id>/delete/", views.delete_units, name="explorer-delete"),
    path("explorer/<uuid:root_id>/restore/", views.restore_units, name="explorer-restore"),
    path("explorer/<uuid:root_id>/exclude/", views.exclude_units, name="explorer-exclude"),
    path("explorer/<uuid:root_id>/like/", views.find_similar, name="explorer-like"),
    path("explorer/<uuid:root_id>/export/", views.export_units, name="explorer-export"),
    path("explorer/<uuid:root_id>/presets/", views.presets, name="explorer-presets"),
    path("explorer/<uuid:root_id>/presets/new/", views.preset_new, name="explorer-preset-new"),
    path("explorer/presets/<uuid:preset_id>/", views.preset_edit, name="explorer-preset"),
    path(
        "explorer/presets/<uuid:preset_id>/filter/",
        views.preset_filter,
        name="explorer-preset-filter",
    ),
    path(
        "explorer/presets/<uuid:preset_id>/delete/",
        views.preset_delete,
        name="explorer-preset-delete",
    ),
    path("explorer/uncollect/<uuid:collection_id>/", views.uncollect, name="explorer-uncollect"),
]
