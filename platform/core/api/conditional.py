"""Answers that the caller may hold already: an ETag on each, 304 in its place."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers


def answer_conditionally(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The response with an ETag, or status 304 when the request names it in If-None-Match.

    A view that knows its ETag without the content sets it by itself. What is shown depends on who
    asks, so no cache may share it, and it is asked for anew each time unless the view says more.
    """
    if response.status_code != 200 or not isinstance(response, HttpResponse):
        return response
    if not response.has_header("ETag"):
        response["ETag"] = f'"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Authorization", "Cookie"])
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    return answer or response
