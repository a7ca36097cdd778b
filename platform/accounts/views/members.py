"""Who belongs to the organisation.

members             GET  /members/                      organisation/members.html
    page, search, invitations (for administrators), undelivered (addresses of some of them), form
    (InviteForm), link (once, without mail)
member              GET  /members/<uuid>/               organisation/member.html
member-role         POST /members/<uuid>/role/
member-remove       POST /members/<uuid>/remove/        also leaves
"""

from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.forms import HeirForm, InviteForm, RoleForm
from accounts.middleware import actor_of
from accounts.models import Invitation, Membership, Team
from accounts.paging import page_of
from accounts.services.organisations import change_member_role, count_belongings, remove_member
from core.errors import Conflict, DomainError, FieldError, InvalidInput, NotFound
from core.services.mails import undelivered_to


@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """List the members, and to administrators the open invitations."""
    return members_page(request, actor_of(request))


def members_page(
    request: HttpRequest,
    actor: Actor,
    *,
    form: InviteForm | None = None,
    link: str = "",
    status: int = 200,
) -> HttpResponse:
    """The list, with what is wrong with an invitation, or with the link to hand over."""
    search = request.GET.get("q", "").strip()[:150]
    teams = Team.objects.visible_to(actor).order_by("name")
    rows = (
        Membership.objects.visible_to(actor)
        .select_related("user")
        .prefetch_related(Prefetch("user__teams", queryset=teams, to_attr="teams_here"))
        .order_by("user__name", "user__email", "pk")
    )
    if search:
        rows = rows.filter(Q(user__name__icontains=search) | Q(user__email__icontains=search))
    open_ones = Invitation.objects.visible_to(actor).open().select_related("invited_by")
    invitations = list(open_ones.order_by("email", "pk"))
    context = {
        "page": page_of(rows, request.GET.get("page")),
        "search": search,
        "actor": actor,
        "invitations": invitations,
        "undelivered": undelivered_to([one.email for one in invitations]),
        "form": form or InviteForm(),
        "link": link,
    }
    return render(request, "organisation/members.html", context, status=status)


@require_safe
def member(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One member: what he is here, and to administrators what they may do about it."""
    actor = actor_of(request)
    return _member_page(request, actor, get_member(actor, user_id))


@require_POST
def member_role(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Make a member an administrator or the other way round."""
    actor = actor_of(request)
    membership = get_member(actor, user_id)
    actor.require_organisation_admin()
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _member_page(request, actor, membership, role_form=form)
    role = OrganisationRole(form.cleaned_data["role"])
    try:
        change_member_role(actor=actor, membership=membership, role=role)
    except DomainError as error:
        form.take_error(error)
        return _member_page(request, actor, membership, role_form=form)
    what = "an administrator" if role == OrganisationRole.ADMIN else "a member"
    messages.success(request, f"{membership.user} is {what} now.")
    return redirect("member", user_id)


@require_POST
def member_remove(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """End a membership; what the person holds goes to whom the form names."""
    actor = actor_of(request)
    membership = get_member(actor, user_id)
    form = HeirForm(request.POST)
    if not form.is_valid():
        return _member_page(request, actor, membership, heir_form=form)
    leaves = membership.user_id == actor.user.pk
    try:
        heir = _heir(actor, form.cleaned_data["heir"])
        remove_member(actor=actor, membership=membership, heir=heir)
    except (Conflict, InvalidInput) as error:
        form.take_error(error)
        return _member_page(request, actor, membership, heir_form=form)
    if leaves:
        messages.success(request, f"You have left {actor.organisation.name}.")
        return redirect("sign-in")
    messages.success(request, f"{membership.user} does not belong to the organisation any more.")
    return redirect("members")


def get_member(actor: Actor, user_id: UUID) -> Membership:
    """The membership of the person.

    Raises:
        NotFound: he does not belong to the actor's organisation.
    """
    found = Membership.objects.visible_to(actor).select_related("user", "organisation")
    membership = found.filter(user_id=user_id).first()
    if membership is None:
        raise NotFound("There is no such member.")
    return membership


def _heir(actor: Actor, email: str) -> Membership | None:
    """The member of that address, None for an empty one."""
    if not email:
        return None
    found = Membership.objects.visible_to(actor).select_related("user")
    heir = found.filter(user__email=email.lower()).first()
    if heir is None:
        message = "Nobody of this address belongs to the organisation."
        raise InvalidInput(errors=[FieldError("heir", message, code="not_a_member")])
    return heir


def _member_page(
    request: HttpRequest,
    actor: Actor,
    membership: Membership,
    *,
    role_form: RoleForm | None = None,
    heir_form: HeirForm | None = None,
) -> HttpResponse:
    counts = count_belongings(membership)
    context = {
        "membership": membership,
        "actor": actor,
        "is_self": membership.user_id == actor.user.pk,
        "teams": Team.objects.visible_to(actor).filter(members=membership.user).order_by("name"),
        "belongings": [(count, noun) for noun, count in counts.items() if count],
        "role_form": role_form or RoleForm(initial={"role": membership.role}),
        "heir_form": heir_form or HeirForm(),
    }
    status = 422 if role_form or heir_form else 200
    return render(request, "organisation/member.html", context, status=status)
