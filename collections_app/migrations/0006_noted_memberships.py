"""Changes of collections are activity of their root: masks that look at collections can be kept."""

from django.db import migrations

# As the triggers of embeddings 0007, which says what the activity is for. Collections do not change
# their root, and members go before their collection does.
NOTED = """
CREATE FUNCTION collections_app_note_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM embeddings_note_activity(ARRAY(
        SELECT DISTINCT c.root_id FROM collections_app_collection c
        WHERE c.id IN (SELECT collection_id FROM changed)
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER collections_app_note_added AFTER INSERT ON collections_app_collectionunit
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION collections_app_note_members();
CREATE TRIGGER collections_app_note_changed AFTER UPDATE ON collections_app_collectionunit
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION collections_app_note_members();
CREATE TRIGGER collections_app_note_removed AFTER DELETE ON collections_app_collectionunit
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION collections_app_note_members();
"""

UNNOTED = """
DROP TRIGGER collections_app_note_added ON collections_app_collectionunit;
DROP TRIGGER collections_app_note_changed ON collections_app_collectionunit;
DROP TRIGGER collections_app_note_removed ON collections_app_collectionunit;
DROP FUNCTION collections_app_note_members;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections_app", "0005_colours_and_picked_units"),
        ("embeddings", "0007_root_activity"),
    ]

    operations = [migrations.RunSQL(NOTED, UNNOTED)]
