"""How a person is shown."""

from rest_framework import serializers

from accounts.models import User


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person as colleagues see him."""

    class Meta:
        model = User
        fields = ["id", "email", "name"]
        read_only_fields = fields


class NameSerializer(serializers.Serializer[dict[str, str]]):
    """A name to give."""

    name = serializers.CharField(max_length=150)
