"""Who else sees a job: apps above the kernel say which targets a person sees."""

from collections.abc import Callable

from django.db.models import Q

from core.actors import ActorLike

Visibility = Callable[[ActorLike], Q]

_hooks: list[Visibility] = []


def register_visibility(hook: Visibility) -> Visibility:
    """Add a condition on jobs that makes them visible to an actor of the same organisation."""
    if hook not in _hooks:
        _hooks.append(hook)
    return hook


def visible_jobs(actor: ActorLike) -> Q:
    """The registered conditions, any of which suffices; without any, none matches."""
    return Q(*(hook(actor) for hook in _hooks), _connector=Q.OR) if _hooks else Q(pk__in=[])
