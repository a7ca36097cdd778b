"""The way into the Explorer without a folder."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.middleware import actor_of
from folders.models import Folder


@require_GET
def explorer_home(request: HttpRequest) -> HttpResponse:
    """Go on to the newest root folder of which the actor sees some part, or say that none is."""
    actor = actor_of(request)
    visible = Folder.objects.visible_to(actor)
    roots = Folder.objects.filter(pk__in=visible.values("root"))
    root = roots.order_by("-created_at", "pk").first()
    if root is not None:
        return redirect("explorer", root_id=root.pk)
    return render(request, "explorer/home.html")
