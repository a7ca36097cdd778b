"""The part of the start page that asks for itself again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from console.overview import live_figures


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Queues, workers and running jobs."""
    return render(request, "console/live.html", live_figures())
