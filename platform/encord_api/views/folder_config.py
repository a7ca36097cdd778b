"""The settings of a folder."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from encord_api.folder_config import read_config, save_config
from encord_api.views.base import EncordView
from folders.choices import FolderRole
from folders.permissions import get_folder


class FolderConfigView(EncordView):
    """One folder's settings, its upgrade among them."""

    def get(self, request: Request, folder_id: UUID) -> Response:
        """Look at them."""
        return Response(read_config(get_folder(self.actor, folder_id)))

    def post(self, request: Request, folder_id: UUID) -> Response:
        """Replace them, and start what the upgrade lacks."""
        folder = get_folder(self.actor, folder_id, FolderRole.EDITOR)
        save_config(actor=self.actor, folder=folder, config=self.body.json())
        return Response({})
