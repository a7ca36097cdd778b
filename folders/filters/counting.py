"""Whole filters that the index of typed values answers alone.

A filter that speaks of nothing but indexed keys needs no look at the units: its matches are counted
in the index, which is many times smaller than the units' table and ordered by value.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import Actor
from core.errors import InvalidInput
from folders.counts import units_below
from folders.filters.compile import FilterContext, units
from folders.filters.indexed import answers, condition, rows_of, value_rows
from folders.filters.metadata import check_leaf
from folders.filters.nodes import All, Leaf, Node
from folders.models import Folder, IndexedValue, MetadataKey
from folders.permissions import sees_whole_root


def count_units(actor: Actor, root: Folder, node: Node | None) -> int:
    """How many units of the root match the filter and are seen by the actor; None matches all.

    Raises:
        InvalidInput: see folders.filters.compile_filter.
    """
    if sees_whole_root(actor, root):
        return count_in_root(node, FilterContext(actor, root))
    return units(actor, root, node).count()


def count_in_root(node: Node | None, context: FilterContext) -> int:
    """The same for an actor who sees the whole root."""
    if node is None:
        # Counted as units come and go: the same in a millisecond, however many there are.
        return units_below([context.root]).get(context.root.pk, 0)
    rows = indexed_units(node, context)
    return rows.count() if rows is not None else units(context.actor, context.root, node).count()


def indexed_units(
    node: Node | None, context: FilterContext, *, key: MetadataKey | None = None
) -> QuerySet[IndexedValue] | None:
    """One row of the index for each unit of the root that matches the filter.

    Only for actors who see the whole root: the index knows no folders.

    Args:
        node: leaves on indexed keys, all of which hold; None matches every unit.
        context: of the filter.
        key: rows of this indexed key, for units that have a value under it; else of any key.

    Returns:
        None when the index cannot answer.
    """
    leaves = _leaves(node)
    if leaves is None or (key is None and not leaves):
        return None
    known = [found for leaf in leaves if (found := _known(leaf, context)) is not None]
    if len(known) < len(leaves):
        return None
    driver = key or next((one for leaf, one in known if not _is_absence(leaf)), None)
    if driver is None:
        return None
    rows = value_rows(driver, context.root.pk) if key else rows_of(driver, context.root.pk)
    for leaf, one in known:
        rows = rows.filter(_on_rows(leaf, one, driver, context.root.pk))
    return rows


def _known(leaf: Leaf, context: FilterContext) -> tuple[Leaf, MetadataKey] | None:
    """The leaf, checked, with its key; None when the index has no answer to it."""
    key = context.keys.get(leaf.key)
    if key is None or not answers(leaf, key):
        return None
    try:
        return check_leaf(leaf, key), key
    except InvalidInput:
        # Compiling the filter tells what is wrong with it, and where.
        return None


def _on_rows(leaf: Leaf, key: MetadataKey, driver: MetadataKey, root_id: Any) -> Q:
    """A leaf as a condition on rows of the driving key."""
    if key.pk == driver.pk and leaf.op != "exists":
        return condition(leaf, key)
    if key.pk == driver.pk and leaf.value:
        return Q()
    rows = rows_of(key, root_id).filter(unit_id=OuterRef("unit_id"))
    if leaf.op == "exists":
        return Q(Exists(rows)) if leaf.value else ~Q(Exists(rows))
    return Q(Exists(rows.filter(condition(leaf, key))))


def _leaves(node: Node | None) -> Sequence[Leaf] | None:
    """The leaves of a filter that is a conjunction of them."""
    match node:
        case None:
            return ()
        case Leaf():
            return (node,)
        case All(parts) if all(isinstance(part, Leaf) for part in parts):
            return [part for part in parts if isinstance(part, Leaf)]
    return None


def _is_absence(leaf: Leaf) -> bool:
    return leaf.op == "exists" and not leaf.value
