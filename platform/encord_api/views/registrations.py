"""Registrations: started, asked after with a request that is held, cancelled."""

import asyncio
import time
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Conflict, NotFound
from encord_api.naming import WireSerializer
from encord_api.registrations import FORMS, file_name_of, job_dto, switches_of, units_of
from encord_api.views.base import EncordView, checked
from folders.choices import FolderRole
from folders.imports.json_copy import take_object
from folders.imports.outcome import has_settled
from folders.models import Import
from folders.permissions import get_folder, get_import
from folders.services.data_imports import cancel_import, start_import

# A request is held so long at most: well below the 180 seconds after which the SDK gives it up, and
# below the minute after which many a proxy does.
HOLD_SECONDS = 45.0
# How long the first look after an end takes; later ones are further apart.
_FIRST_PAUSE, _PAUSE = 0.2, 0.8


class NewRegistration(WireSerializer):
    """How something is to be registered; what it is may be large, and is never held as a whole."""

    integration_hash = serializers.UUIDField(default=None, allow_null=True)
    ignore_errors = serializers.BooleanField(default=False)
    file_name = serializers.CharField(default="", allow_null=True, allow_blank=True)


class RegistrationsView(EncordView):
    """Registrations into a folder."""

    def post(self, request: Request, folder_id: UUID) -> Response:
        """Start one; the answer is its id."""
        folder = get_folder(self.actor, folder_id, FolderRole.EDITOR)
        with TemporaryFile() as document:
            self.body.file.seek(0)
            taken = take_object(self.body.file, FORMS, document)
            given = checked(NewRegistration, taken.rest)
            ignore_errors = given["ignore_errors"]
            options: dict[str, Any] = {"ignore_errors": ignore_errors}
            options |= switches_of(taken, ignore_errors=ignore_errors)
            if given["integration_hash"] is not None:
                options["integration"] = str(given["integration_hash"])
            document.seek(0)
            row = start_import(
                actor=self.actor,
                folder=folder,
                kind="registration",
                file=document,
                file_name=file_name_of(given["file_name"] or ""),
                options=options,
            )
        return Response(row.pk)


class RegistrationView(EncordView):
    """One registration."""

    def get(self, request: Request, folder_id: UUID, import_id: UUID) -> Response:
        """How far it is."""
        return Response(job_dto(_import(self, folder_id, import_id)))


class CancelRegistrationView(EncordView):
    """The end of a registration."""

    def post(self, request: Request, folder_id: UUID, import_id: UUID) -> Response:
        """Cancel it; nothing of it stays. One that has ended is left as it is."""
        get_folder(self.actor, folder_id, FolderRole.EDITOR)
        row = _import(self, folder_id, import_id)
        try:
            row = cancel_import(actor=self.actor, row=row)
        except Conflict:
            return Response({"unitsCancelledCount": 0})
        return Response({"unitsCancelledCount": units_of(row)})


_look = RegistrationView.as_view()


@csrf_exempt
async def registration(request: HttpRequest, folder_id: UUID, import_id: UUID) -> HttpResponseBase:
    """How far a registration is, told when it has ended or the request has been held long enough.

    While it waits it holds no connection to the database. Whoever may ask is found out by the first
    look, and again by the last.
    """
    until = time.monotonic() + _seconds(request)
    pause = _FIRST_PAUSE
    response = await _ask(request, folder_id, import_id)
    while _is_pending(response) and (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(pause, left))
        pause = _PAUSE
        if await _has_settled(import_id):
            return await _ask(request, folder_id, import_id)
    return response


@sync_to_async
def _ask(request: HttpRequest, folder_id: UUID, import_id: UUID) -> HttpResponseBase:
    try:
        return _look(request, folder_id=folder_id, import_id=import_id)
    finally:
        _let_go()


@sync_to_async
def _has_settled(import_id: UUID) -> bool:
    try:
        row = Import.objects.select_related("job").filter(pk=import_id).first()
        return row is None or has_settled(row)
    finally:
        _let_go()


def _let_go() -> None:
    """Give the connection back, which nobody needs until the next look."""
    if not connection.in_atomic_block:
        connection.close()


def _is_pending(response: HttpResponseBase) -> bool:
    data = getattr(response, "data", None)
    return response.status_code == 200 and isinstance(data, dict) and data["status"] == "PENDING"


def _seconds(request: HttpRequest) -> float:
    """How long the caller wants to wait, as far as that is granted."""
    given = request.GET.get("timeoutSeconds", "")
    # More digits than any patience has seconds.
    wanted = int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0
    return min(float(wanted), HOLD_SECONDS)


def _import(view: EncordView, folder_id: UUID, import_id: UUID) -> Import:
    row = get_import(view.actor, import_id)
    if row.folder_id != folder_id or row.kind != "registration":
        raise NotFound("There is no such import, or you have no access to it.")
    return row
