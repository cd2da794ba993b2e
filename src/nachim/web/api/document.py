"""The operations together, and the OpenAPI document of them."""

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from nachim import __version__
from nachim.web.api.fields import Body
from nachim.web.api.problem import MEDIA, of

ABOUT = (
    "Everything the pages of nachim can do. Send a token made under Settings as `Authorization: Bearer nachim_…`. "
    "Errors are `application/problem+json` (RFC 9457), in Korean or English by `Accept-Language`."
)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "What happened, for people"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "The same in any language"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "message", "expected"],
                "properties": {name: {"type": "string"} for name in ("where", "message", "expected")},
            },
        },
    },
}
ONCE = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "The same request again with the same key is answered the same, and carried out once",
}  # fmt: skip
SEEN = {
    "name": "If-Match", "in": "header", "required": False, "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
    "description": "The ETag of what was read: 412 where it has changed since",
}  # fmt: skip


class Json(JSONRenderer):
    """Hangul as it is written; a number that JSON has no word for would be a fault of ours, and is one loudly."""

    json_dumps_params = {"ensure_ascii": False, "allow_nan": False}


class Api(NinjaAPI):
    def get_openapi_schema(self, **kwargs: Any):
        """Made once: the operations do not change while the process lives."""
        if self._made is None:
            self._made = self._document(**kwargs)
        return self._made

    _made: Any = None

    def _document(self, **kwargs: Any):
        schema = super().get_openapi_schema(**kwargs)
        schema["components"].setdefault("schemas", {})["Problem"] = PROBLEM
        schema["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "nachim"},
        }
        schema["security"] = [{"token": []}, {"session": []}]
        refused = {
            "description": "Why not",
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for operations in schema["paths"].values():
            for method, one in operations.items():
                one["responses"]["default"] = refused
                extra = {"post": ONCE, "patch": SEEN, "put": SEEN, "delete": SEEN}.get(method)
                if extra:
                    one.setdefault("parameters", []).append(extra)
        return schema

    def on_exception(self, request: HttpRequest, exc: Exception):
        return of(exc)


api = Api(
    title="nachim", version=__version__, description=ABOUT, urls_namespace="api", docs_url=None, renderer=Json(),
    parser=Body(),
)  # fmt: skip
