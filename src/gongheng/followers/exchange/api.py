"""The door for outside systems (数据接口): POST /api/exchange/<operation>, the document beside it.

Messages prove themselves as those of seats do: canonical JSON in the body, its proof in a header.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from gongheng.crypto import canonical, signing
from gongheng.followers.exchange import actions
from gongheng.followers.exchange.openapi import document
from gongheng.kernel.roles import Role
from gongheng.ui.pages import page

SIGNATURE = "X-Gongheng-Signature"


# Open to the public by its role: the proof of the message is the gate, no cookie is.
@csrf_exempt
@page("exchange.call", Role.PUBLIC, *Role, methods=("POST",), is_api=True)
def call(request: HttpRequest, op: str) -> HttpResponse:
    """Answer one call; every answer, a refusal too, is signed by the platform."""
    # Read whole even where it is too long (Django stops at 4 MiB): the refusal names the digest of what came.
    reply = actions.answer_call(op, request.body, request.headers.get(SIGNATURE, ""), clock=settings.CLOCK)
    response = HttpResponse(reply.body, content_type="application/json", status=reply.status)
    response.headers[SIGNATURE] = canonical.b64(reply.signature)
    return response


@page("exchange.key", Role.PUBLIC, *Role, is_api=True)
def key(request: HttpRequest) -> JsonResponse:
    """The platform's public key of answers and callbacks, and its time."""
    _, public = settings.KEYRING.signing_key("exchange")
    return JsonResponse({
        "public": canonical.b64(public), "kid": signing.kid(public), "now": canonical.timestamp(settings.CLOCK.now()),
    })


@page("exchange.openapi", Role.PUBLIC, *Role, is_api=True)
def openapi(request: HttpRequest) -> JsonResponse:
    """The interface as an OpenAPI 3.1 document."""
    return JsonResponse(document(settings.ORIGIN), json_dumps_params={"ensure_ascii": False, "indent": 1})


urlpatterns = [
    path("key", key, name="exchange-key"),
    path("openapi.json", openapi, name="exchange-openapi"),
    path("<str:op>", call, name="exchange-call"),
]
