"""The views that all of /api/v1/ is made of, and their manners.

Rate limits, idempotency keys, ETags: a view has them by deriving from `APIView` or `ListAPIView`
here, and a test fails for one that does not.
"""

from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import generics, views
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.conditional import answer_conditionally
from core.api.idempotency import HEADER, Replay, answer_of, claim_request
from core.api.throttling import TokenThrottle, tell_rate
from core.services.stored_answers import Claim, keep

Row = TypeVar("Row", bound=Model)


class APIView(views.APIView):
    """A view of the REST API."""

    throttle_classes = [TokenThrottle]
    # Uploads have keys of their own, in their protocol.
    takes_idempotency_key = True
    # Of methods that mostly write, those that only read here: questions too long for an address.
    reading_methods: tuple[str, ...] = ()
    _claim: Claim | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, once for each idempotency key, and with an ETag."""
        if not self._comes_with_key(request):
            response = _rendered(super().dispatch(request, *args, **kwargs))
            if request.method in ("GET", "HEAD"):
                return answer_conditionally(request, response)
            return response
        # What is written and what is answered are kept together or not at all. An error is not
        # kept: nothing was done, and the request may come again under the same key.
        with transaction.atomic():
            response = _rendered(super().dispatch(request, *args, **kwargs))
            if response.status_code >= 400:
                transaction.set_rollback(True)
            elif self._claim is not None:
                keep(self._claim, answer_of(response))
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """See who asks, and whether he has asked this before."""
        super().initial(request, *args, **kwargs)
        if self._comes_with_key(request._request):
            self._claim = claim_request(request)

    def handle_exception(self, exc: Exception) -> Any:
        """The answer to an exception, which may be the one that was given before."""
        if isinstance(exc, Replay):
            return exc.response()
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """The answer, with where the caller's token stands."""
        final = super().finalize_response(request, response, *args, **kwargs)
        tell_rate(request, final)
        return final

    def _comes_with_key(self, request: HttpRequest) -> bool:
        return request.method == "POST" and HEADER in request.headers and self.takes_idempotency_key


class ListAPIView(APIView, generics.ListAPIView[Row]):
    """A list of rows, page by page."""


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, Response):
        response.render()
    return response
