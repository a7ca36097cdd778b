"""What the console shows, by the sections of its navigation."""

from console.admin import content, operation, people, vectors

__all__ = ["content", "operation", "people", "vectors"]
