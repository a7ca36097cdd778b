"""Values of metadata keys as typed SQL expressions over units."""

from django.db.models.expressions import Func

from folders.choices import KeyType
from folders.filters.expressions import MetadataMoment, MetadataNumber, MetadataText
from folders.models import MetadataKey


def metadata_value(key: MetadataKey) -> Func:
    """The unit's value under the key, NULL where it is missing or does not fit the type.

    Numbers and moments are typed, everything else is text ("true" and "false" for booleans).
    """
    match key.type:
        case KeyType.NUMBER:
            return MetadataNumber(key.name)
        case KeyType.DATETIME:
            return MetadataMoment(key.name)
    return MetadataText(key.name)
