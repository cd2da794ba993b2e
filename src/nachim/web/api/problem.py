"""What went wrong, as RFC 9457 has it: a sentence for people, and what, where and expected for programs."""

import json
import logging

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from ninja import errors as ninja_errors

from nachim.app import policy
from nachim.lake.errors import LakeError
from nachim.metrics.messages import MetricError

log = logging.getLogger(__name__)
MEDIA = "application/problem+json"
TITLES = {
    400: gettext_lazy("This request could not be read."),
    401: gettext_lazy("Say who you are: send a token."),
    403: gettext_lazy("This is not allowed to you."),
    404: gettext_lazy("There is nothing here."),
    405: gettext_lazy("This cannot be done here."),
    409: gettext_lazy("This does not go together with what was asked before."),
    412: gettext_lazy("It has changed since you read it."),
    413: gettext_lazy("This is too large."),
    422: gettext_lazy("Something in it is wrong."),
    429: gettext_lazy("Too many requests."),
    500: gettext_lazy("Something went wrong on our side."),
    503: gettext_lazy("Not now; try again soon."),
}
# What a value had to be, by pydantic's name of the fault.
EXPECTED = {
    "missing": gettext_lazy("a value: it is needed"),
    "extra_forbidden": gettext_lazy("nothing of this name"),
    "int_parsing": gettext_lazy("a whole number"),
    "int_type": gettext_lazy("a whole number"),
    "int_from_float": gettext_lazy("a whole number"),
    "float_parsing": gettext_lazy("a number"),
    "float_type": gettext_lazy("a number"),
    "bool_parsing": gettext_lazy("true or false"),
    "bool_type": gettext_lazy("true or false"),
    "string_type": gettext_lazy("a text"),
    "list_type": gettext_lazy("a list"),
    "dict_type": gettext_lazy("an object"),
    "model_type": gettext_lazy("an object"),
    "model_attributes_type": gettext_lazy("an object"),
    "date_parsing": gettext_lazy("a day, as 2026-11-24"),
    "date_type": gettext_lazy("a day, as 2026-11-24"),
    "date_from_datetime_parsing": gettext_lazy("a day, as 2026-11-24"),
    "date_from_datetime_inexact": gettext_lazy("a day, as 2026-11-24"),
}


class Refusal(Exception):
    """A request that cannot be carried out, with the status and the sentence why."""

    def __init__(self, status: int, detail: str = "", *, code: str = "", headers: dict | None = None, errors=()):
        super().__init__(detail)
        self.status, self.detail, self.code, self.headers = status, str(detail), code, headers or {}
        self.errors = list(errors)


def problem(status: int, detail: str = "", *, code: str = "", errors=(), headers=None) -> HttpResponse:
    """`errors`: [{where, message, expected}] of single values."""
    said = {"type": "about:blank", "title": str(TITLES.get(status, TITLES[400])), "status": status}
    if detail:
        said["detail"] = str(detail)
    if code:
        said["code"] = code
    if errors:
        said["errors"] = list(errors)
    return HttpResponse(
        json.dumps(said, ensure_ascii=False), status=status, content_type=MEDIA, headers=dict(headers or {})
    )


def english() -> bool:
    return get_language() == "en"


def of(error: Exception) -> HttpResponse:
    """The answer to an error that a rule, a reader or the framework raised; only what is unforeseen is a 500."""
    match error:
        case Refusal():
            return problem(error.status, error.detail, code=error.code, errors=error.errors, headers=error.headers)
        case policy.NotAllowed():
            return problem(403, _("It needs the permission %(name)s.") % {"name": error.permission}, code="permission")
        case PermissionDenied():
            return problem(403)
        case ninja_errors.ValidationError():
            return problem(422, code="invalid", errors=[_fault(one) for one in error.errors])
        case ValidationError():
            return problem(422, " ".join(error.messages), code="refused", errors=_refused(error))
        case MetricError():
            locale = "en" if english() else "ko"
            faults = [
                {"where": issue.where, "message": issue.text(locale), "expected": issue.nearest or ""}
                for issue in error.issues
            ]
            return problem(422, error.text(locale), code=error.issues[0].code if error.issues else "", errors=faults)
        case LakeError():
            where = {"where": error.where("en" if english() else "ko") or error.column or ""}
            text = error.text("en" if english() else "ko")
            return problem(422, text, code=error.code, errors=[where | {"message": text, "expected": ""}])
        case IntegrityError():
            return problem(
                409, _("It could not be kept: something of it is there already, or is still used."), code="conflict"
            )
        case Http404():
            return problem(404)
        case RequestDataTooBig():
            return problem(413)
        case SuspiciousOperation() | UnicodeDecodeError():
            return problem(400)
        case ninja_errors.HttpError():
            return problem(error.status_code, "" if error.status_code in TITLES else error.message)
    log.exception("an operation of the API failed", exc_info=error)
    return problem(500, _("Nothing was changed; the log has the details."))


def _fault(error: dict) -> dict:
    """A value that is not of its kind: where it stands, and what was expected there."""
    place = [str(part) for part in error.get("loc", ())]
    # The framework names its own wrapper of a body; people did not write it.
    where = ".".join(part for part in place[1:] if part not in ("given", "body")) or (place[0] if place else "")
    context = error.get("ctx", {})
    kind = str(error.get("type", ""))
    expected = str(EXPECTED.get(kind, ""))
    if not expected and "expected" in context:
        expected = str(context["expected"])
    if not expected and (
        limit := next((context[name] for name in ("ge", "gt", "min_length") if name in context), None)
    ):
        expected = _("at least %(limit)s") % {"limit": limit}
    if not expected and (
        limit := next((context[name] for name in ("le", "lt", "max_length") if name in context), None)
    ):
        expected = _("at most %(limit)s") % {"limit": limit}
    expected = expected or str(error.get("msg", ""))
    return {"where": where, "message": _("Expected: %(what)s.") % {"what": expected}, "expected": expected}


def _refused(error: ValidationError) -> list[dict]:
    if not hasattr(error, "error_dict"):
        return []
    return [
        {"where": "" if name == "__all__" else name, "message": message, "expected": ""}
        for name, messages in error.message_dict.items()
        for message in messages
    ]
