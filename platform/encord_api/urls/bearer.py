"""Address of the bearer token."""

from django.urls import URLPattern, path

from encord_api.views.bearer import BearerTokenView

urlpatterns: list[URLPattern] = [
    path("user/bearer-token", BearerTokenView.as_view(), name="encord-bearer-token"),
]
