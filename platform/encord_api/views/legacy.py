"""The SDK's older surface, of projects and datasets, which the platform does not have.

One address for users and one for the things of a project or dataset; both answer HTTP 200 with an
envelope of their own.
"""

from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.services.tokens import token_actor
from encord_api.authentication import registered_key
from encord_api.bodies import body_of, close_body
from encord_api.errors import PayloadTooLarge
from encord_api.signatures import BadSignature, UnknownKey, verify_legacy

_BEARER = "bearer "


@method_decorator(csrf_exempt, name="dispatch")
class LegacyView(View):
    """Says to whoever proves who he is that there is nothing here."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        """Refuse, in the words that the SDK has an exception for."""
        try:
            _require_caller(request)
        except UnknownKey as error:
            return _envelope(401, "SSH_KEY_NOT_FOUND_ERROR", str(error))
        except BadSignature as error:
            return _envelope(401, "AUTHENTICATION_ERROR", str(error))
        except PayloadTooLarge as error:
            return JsonResponse({"message": error.message}, status=error.status)
        finally:
            close_body(request)
        text = "There are no projects, datasets and label rows here: use storage folders and items."
        return _envelope(405, "METHOD_NOT_ALLOWED_ERROR", text)


def _require_caller(request: HttpRequest) -> None:
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith(_BEARER):
        registered_key(verify_legacy(header, body_of(request).digest))
    elif token_actor(header[len(_BEARER) :].strip()) is None:
        raise BadSignature("This API token is unknown, expired or revoked.")


def _envelope(status: int, name: str, text: str) -> JsonResponse:
    return JsonResponse({"status": status, "response": [name], "payload": text})
