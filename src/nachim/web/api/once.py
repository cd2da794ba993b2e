"""A request with an Idempotency-Key is carried out once: the same again gets the same answer, another one 409.

Answer and change are in one transaction, so that a crash leaves both or neither. What was refused changed nothing and
is not kept: it may be asked again.
"""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app.models import ApiAnswer
from nachim.web.api.problem import Refusal

KEPT = timedelta(hours=24)
HEADER, MOST = "Idempotency-Key", 200
# They ask another machine, which takes seconds, and change nothing that could be doubled.
ANYWAY = ("/test",)


def once(request, who: str, answer) -> HttpResponse:
    key = request.headers.get(HEADER)
    if request.method != "POST" or key is None or request.path.endswith(ANYWAY):
        return answer(request)
    if not 1 <= len(key) <= MOST:
        raise Refusal(400, _("Idempotency-Key: 1 to %(most)d characters.") % {"most": MOST}, code="idempotency")
    asked = hashlib.sha256(f"{who}\n{key}".encode()).hexdigest()
    digest = _digest(request)
    with transaction.atomic():
        kept, made = ApiAnswer.objects.select_for_update().get_or_create(key=asked, defaults={"digest": digest})
        if not made and kept.created_at > timezone.now() - KEPT:
            return _again(kept, digest)
        response = answer(request)
        if response.status_code >= 400 or response.streaming:
            transaction.set_rollback(True)
            return response
        kept.digest, kept.status, kept.created_at = digest, response.status_code, timezone.now()
        kept.content_type = response.headers.get("Content-Type", "")
        kept.location = response.headers.get("Location", "")
        kept.body = response.content.decode()
        kept.save()
    return response


def forget(now) -> int:
    """Drop answers nobody will ask for again; how many."""
    return ApiAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _again(kept: ApiAnswer, digest: str) -> HttpResponse:
    if kept.digest != digest:
        raise Refusal(409, _("This Idempotency-Key was used for another request."), code="idempotency")
    response = HttpResponse(kept.body, status=kept.status, headers={"Idempotency-Replayed": "true"})
    del response.headers["Content-Type"]
    if kept.content_type:
        response.headers["Content-Type"] = kept.content_type
    if kept.location:
        response.headers["Location"] = kept.location
    return response


def _digest(request) -> str:
    """Of what is asked. Files are known by their size: they are read once, on their way to the disk."""
    said = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type.startswith("multipart/"):
        said.update(request.headers.get("Content-Length", "").encode())
    else:
        said.update(request.body)
    return said.hexdigest()
