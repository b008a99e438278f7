"""The door for outside pools (外部专家库接口): POST /api/experts/batches/ {"message", "signature"}.

The message is canonical JSON {v: 1, pool, batch, experts: […]} signed with the pool's registered SM2 key
under the label of expert batches; the same batch may be sent again and is answered the same.
"""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from gongheng.crypto import canonical
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.people.experts.actions.importing import take_batch
from gongheng.people.experts.forms import MOST_BYTES, envelope
from gongheng.people.experts.models import OutsidePool
from gongheng.ui.pages import page


# Open to the public by its role: the signature inside the body is the gate, no cookie is.
@csrf_exempt
@page("experts.deliver", Role.PUBLIC, *Role, methods=("POST",), is_api=True)
def deliver(request: HttpRequest) -> JsonResponse:
    """Take one signed batch; answers what was created, updated, removed, and each refused row by its id."""
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise Refusal("BATCH", "批次不应超过 3 MB，请分批发送。")
    try:
        message, signature = envelope(request.body)
    except ValidationError as error:
        raise Refusal("BATCH", error.message) from error
    batch = take_batch(_sender(message), message, signature, clock=settings.CLOCK)
    return JsonResponse({
        "batch": batch.number, "digest": batch.digest, "taken_at": canonical.timestamp(batch.taken_at), **batch.result,
    })


def _sender(message: bytes) -> OutsidePool:
    """Find whose key to check with; the name is believed only once the signature holds."""
    try:
        pool = OutsidePool.objects.filter(pk=uuid.UUID(canonical.decode(message)["pool"])).first()
    except (ValueError, KeyError, TypeError, AttributeError):
        pool = None
    if pool is None:
        raise Refusal("POOL", "未登记的外部专家库。")
    return pool


urlpatterns = [path("batches/", deliver)]
