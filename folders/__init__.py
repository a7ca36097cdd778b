"""The folder tree, items, units, media, metadata schema, imports and the filter grammar."""
