"""Where a person is signed in; the rows are allauth's."""

import time
from collections import OrderedDict

from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from accounts.actor import Actor
from accounts.constants import SESSION_SEEN_INTERVAL
from accounts.models import User
from core.errors import NotFound
from core.services.audit import record

# Sessions that this process has noted lately, oldest first: a request need not write each time.
_noted: OrderedDict[str, float] = OrderedDict()
_NOTED_LIMIT = 10_000


def note_activity(request: HttpRequest) -> None:
    """Note when and from where the request's session was seen; cheap when it just was."""
    key = request.session.session_key
    if not key or not request.user.is_authenticated:
        return
    now = time.time()
    if now - _noted.get(key, 0.0) < SESSION_SEEN_INTERVAL.total_seconds():
        return
    UserSession.objects.create_from_request(request)
    _noted[key] = now
    _noted.move_to_end(key)
    while len(_noted) > _NOTED_LIMIT:
        _noted.popitem(last=False)


def list_sessions(user: User) -> list[UserSession]:
    """The person's sessions that are still good, seen last first; others are forgotten."""
    sessions = UserSession.objects.purge_and_list(user)
    return sorted(sessions, key=lambda session: session.last_seen_at, reverse=True)


def end_session(*, actor: Actor, session_id: int) -> UserSession:
    """Sign the person out where that session is.

    Raises:
        NotFound: he has no such session.
    """
    session: UserSession | None = UserSession.objects.filter(user=actor.user, pk=session_id).first()
    if session is None:
        raise NotFound("There is no such session.")
    session.end()
    record(actor=actor, action="session.ended", target=actor.user, data={"ip": session.ip})
    return session


def end_other_sessions(*, actor: Actor, present: str) -> int:
    """Sign the person out everywhere but in the session of that key; return how many ended."""
    others = list(UserSession.objects.filter(user=actor.user).exclude(session_key=present))
    for session in others:
        session.end()
    data = {"count": len(others)}
    record(actor=actor, action="session.others_ended", target=actor.user, data=data)
    return len(others)
