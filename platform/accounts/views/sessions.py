"""Where the person is signed in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.browsers import describe_browser
from accounts.middleware import actor_of
from accounts.services.sessions import end_other_sessions, end_session, list_sessions


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """List the person's sessions."""
    actor = actor_of(request)
    present = request.session.session_key
    rows = [
        {
            "session": session,
            "browser": describe_browser(session.user_agent),
            "is_present": session.session_key == present,
        }
        for session in list_sessions(actor.user)
    ]
    return render(request, "accounts/sessions.html", {"rows": rows})


@require_POST
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign the person out in one place; in this one, too."""
    ended = end_session(actor=actor_of(request), session_id=session_id)
    if ended.session_key == request.session.session_key:
        request.session.flush()
        return redirect("sign-in")
    messages.success(request, "That session is ended.")
    return redirect("sessions")


@require_POST
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    """Sign the person out everywhere else."""
    actor = actor_of(request)
    count = end_other_sessions(actor=actor, present=request.session.session_key or "")
    messages.success(
        request, "One session is ended." if count == 1 else f"{count} sessions are ended."
    )
    return redirect("sessions")
