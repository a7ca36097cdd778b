"""The site: superusers only, our way to sign in, and sections instead of apps."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.http import urlencode

from core.errors import NotAllowed

# Sections of the navigation, with the models of each.
SECTIONS = (
    ("People", ("Organisation", "User", "Membership", "Invitation")),
    ("Content", ("Folder", "Item", "Import")),
    ("Vectors", ("MetadataKey", "VectorSet", "Reduction")),
    ("Operation", ("Job", "OutgoingMail", "AuditEvent")),
)


class ConsoleSite(AdminSite):
    """Django's admin for the operators of the server."""

    site_header = "Kindred console"
    site_title = "Kindred console"
    index_title = "Overview"
    site_url = "/"
    enable_nav_sidebar = False
    # Addresses that nothing matches are not found, not sent to sign in.
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators of the whole server, nobody else."""
        user = request.user
        return not isinstance(user, AnonymousUser) and user.is_active and user.is_superuser

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As Django's, but whoever may not is dealt with on the spot."""
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not self.has_permission(request):
                return self.login(request)
            return inner(request, *args, **kwargs)

        return guarded

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send strangers to the sign-in page, and tell everybody else that it is not for him.

        Raises:
            NotAllowed: somebody is signed in who is no operator.
        """
        if request.user.is_authenticated:
            raise NotAllowed("The console is for the operators of this server.")
        return redirect(f"/sign-in/?{urlencode({'next': request.get_full_path()})}")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Our own pages before Django's; passwords and signing out are the product's."""
        from console.views import live

        ours = {"login", "logout", "password_change", "password_change_done", "view_on_site"}
        theirs = [
            entry
            for entry in super().get_urls()
            if not (isinstance(entry, URLPattern) and entry.name in ours)
        ]
        return [path("live/", self.admin_view(live), name="live"), *theirs]

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """The figures that an operator looks for."""
        from console.overview import overview

        return super().index(request, {**overview(), **(extra_context or {})})

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> TemplateResponse:
        """The overview: sections stand in place of pages by app, to which crumbs lead."""
        return self.index(request, extra_context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The sections, in place of Django's list by app."""
        if app_label is not None:
            return list(super().get_app_list(request, app_label))
        models = {
            model["object_name"]: model
            for app in super().get_app_list(request)
            for model in app["models"]
        }
        return [
            {
                "name": name,
                "app_label": name.lower(),
                "app_url": "",
                "has_module_perms": True,
                "models": [models[model] for model in members if model in models],
            }
            for name, members in SECTIONS
        ]


console = ConsoleSite(name="admin")
