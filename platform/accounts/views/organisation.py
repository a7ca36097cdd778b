"""The organisation's own settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.forms import OrganisationForm
from accounts.middleware import actor_of
from accounts.services.organisations import rename_organisation
from core.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """Show the organisation; administrators give it another name."""
    actor = actor_of(request)
    form = OrganisationForm(
        request.POST if request.method == "POST" else None,
        initial={"name": actor.organisation.name},
    )
    if request.method == "POST":
        actor.require_organisation_admin()
        if form.is_valid():
            try:
                rename_organisation(actor=actor, name=form.cleaned_data["name"])
            except DomainError as error:
                form.take_error(error)
            else:
                messages.success(request, "The name is saved.")
                return redirect("organisation")
    context = {"form": form, "actor": actor}
    status = 422 if form.errors else 200
    return render(request, "organisation/organisation.html", context, status=status)
