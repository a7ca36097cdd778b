"""Turns filters into conditions of a queryset on units."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from folders.filters.nodes import All, Any, Leaf, Node, Not
from folders.filters.registry import find_field
from folders.models import Folder, MetadataKey, Unit
from folders.querysets import UnitQuerySet


@dataclass(frozen=True)
class FilterContext:
    """For whom and in which root folder a filter is compiled."""

    actor: Actor
    root: Folder

    @cached_property
    def keys(self) -> dict[str, MetadataKey]:
        """Live keys of the schema by name."""
        return {key.name: key for key in MetadataKey.objects.visible_to(self.actor).live()}

    def folder_paths(self, ids: list[str]) -> dict[str, str]:
        """Paths of the visible folders among the ids, by id."""
        wanted = [UUID(folder) for folder in ids]
        found = Folder.objects.visible_to(self.actor).filter(pk__in=wanted, root=self.root)
        return {str(pk): path for pk, path in found.values_list("pk", "path")}


def compile_filter(node: Node, *, actor: Actor, root: Folder) -> Q:
    """The condition on Unit that the filter means; it does not cut by what the actor may see.

    Raises:
        InvalidInput: a condition does not fit the schema or what the actor sees; all are named.
    """
    compiler = _Compiler(FilterContext(actor, root))
    condition = compiler.node(node, "")
    if compiler.errors:
        message = compiler.errors[0].message if len(compiler.errors) == 1 else ""
        raise InvalidInput(
            message or "The filter is wrong.", code="invalid_filter", errors=compiler.errors
        )
    return condition


def units(actor: Actor, root: Folder, node: Node | None) -> UnitQuerySet:
    """The root's units that the actor may see and that match the filter; None matches all.

    Raises:
        InvalidInput: see compile_filter.
    """
    seen = Unit.objects.visible_to(actor).filter(root=root)
    return seen if node is None else seen.filter(compile_filter(node, actor=actor, root=root))


class _Compiler:
    """Walks the nodes once, gathering errors."""

    def __init__(self, context: FilterContext) -> None:
        self.context = context
        self.errors: list[FieldError] = []

    def node(self, node: Node, path: str) -> Q:
        """The condition of one node."""
        match node:
            case All(parts):
                return Q(*self._parts(parts, path, "all"))
            case Any(parts):
                # An empty OR would hold always, as an empty AND does.
                return Q(*self._parts(parts, path, "any"), _connector=Q.OR) if parts else _NEVER
            case Not(part):
                # Inside of Q(...) so that a negation is negated, not merged.
                return ~Q(self.node(part, _at(path, "not")))
            case Leaf():
                return self._leaf(node, path)

    def _parts(self, parts: tuple[Node, ...], path: str, name: str) -> list[Q]:
        compiled = [self.node(part, f"{_at(path, name)}.{n}") for n, part in enumerate(parts)]
        return [part or _ALWAYS for part in compiled]

    def _leaf(self, leaf: Leaf, path: str) -> Q:
        try:
            return find_field(leaf.field, path).compile(leaf, self.context, path)
        except InvalidInput as error:
            self.errors += error.errors or (FieldError(path, error.message),)
            return _NEVER


_NEVER = Q(pk__in=())
# Django drops an empty Q from a disjunction, where it has to win.
_ALWAYS = ~_NEVER


def _at(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
