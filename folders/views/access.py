"""Sharing a folder, and who has access to it.

folder-access       GET  /files/<uuid>/access/              folders/access.html
    folder, breadcrumbs, can_administer, shares (here), above (shares of folders above that the
    person sees), people (a page of PersonAccess), search, suggestions, form (ShareForm)
folder-share        POST /files/<uuid>/access/share/        also changes a role
folder-unshare      POST /files/<uuid>/access/<int>/remove/
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.middleware import actor_of
from accounts.models import Membership, Team, User
from core.errors import DomainError, FieldError, InvalidInput, NotAllowed
from folders.access import grants_above, grants_on, people_with_access
from folders.choices import FolderRole
from folders.forms import ShareForm
from folders.models import Folder
from folders.permissions import get_folder, has_role
from folders.services.grants import grant_folder, revoke_grant
from folders.tree import breadcrumbs
from folders.views.pages import see_other

# Names that the field proposes; others can be typed.
SUGGESTIONS = 200


@require_safe
def folder_access(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Show who sees the folder and why; whoever sees it may know."""
    actor = actor_of(request)
    return _page(request, actor, get_folder(actor, folder_id))


@require_POST
def folder_share(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Give a person or a team a role."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.ADMIN)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, folder, form)
    role = FolderRole(form.cleaned_data["role"])
    try:
        user, team = _who(actor, form.cleaned_data["who"])
        grant_folder(actor=actor, folder=folder, role=role, user=user, team=team)
    except NotAllowed:
        raise
    except DomainError as error:
        form.take_error(error)
        return _page(request, actor, folder, form)
    messages.success(request, f"{user or team} is {role.label.lower()} of “{folder.name}” now.")
    return see_other("folder-access", folder.pk)


@require_POST
def folder_unshare(request: HttpRequest, folder_id: UUID, grant_id: int) -> HttpResponse:
    """End a share of this folder."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.ADMIN)
    revoke_grant(actor=actor, folder=folder, grant_id=grant_id)
    messages.success(request, "It is not shared with them any more.")
    # Whoever took his own role away may not see the page any more.
    if not has_role(actor, folder, FolderRole.VIEWER):
        return see_other("files")
    return see_other("folder-access", folder.pk)


def _who(actor: Actor, text: str) -> tuple[User | None, Team | None]:
    """The member of that address, or the team of that name.

    Raises:
        InvalidInput: there is neither.
    """
    team = Team.objects.visible_to(actor).filter(name__iexact=text).first()
    if team is not None:
        return None, team
    members = Membership.objects.visible_to(actor).select_related("user")
    member = members.filter(user__email=text.lower()).first()
    if member is None:
        message = "No member has this address, and no team this name. Invite people under Members."
        raise InvalidInput(errors=[FieldError("who", message, code="not_a_member")])
    return member.user, None


def _page(
    request: HttpRequest, actor: Actor, folder: Folder, form: ShareForm | None = None
) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:150]
    visible = Folder.objects.visible_to(actor)
    members = Membership.objects.visible_to(actor).select_related("user").order_by("user__name")
    context = {
        "folder": folder,
        "breadcrumbs": breadcrumbs(actor, folder),
        "can_administer": has_role(actor, folder, FolderRole.ADMIN),
        "shares": grants_on(folder),
        "above": grants_above(folder).filter(folder__in=visible),
        "people": people_with_access(actor, folder, search=search, page=request.GET.get("page")),
        "search": search,
        "roles": FolderRole,
        "teams": Team.objects.visible_to(actor).order_by("name")[:SUGGESTIONS],
        "members": members[:SUGGESTIONS],
        "form": form or ShareForm(),
    }
    return render(request, "folders/access.html", context, status=422 if form else 200)
