"""Addresses of the organisation's people."""

from django.urls import URLPattern, path

from encord_api.views.users import UsersView, UserView

urlpatterns: list[URLPattern] = [
    path("organisation/users", UsersView.as_view(), name="encord-users"),
    path("organisation/users/<str:email>", UserView.as_view(), name="encord-user"),
]
