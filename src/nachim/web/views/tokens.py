"""Tokens of programs: one's own, and for owners everybody's."""

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import tokens as actions
from nachim.app.models import ApiToken
from nachim.web.api.urls import api
from nachim.web.forms.fields import refused
from nachim.web.forms.tokens import TokenForm
from nachim.web.person import page as guarded
from nachim.web.person import thing
from nachim.web.views.security import sure_to_write


@guarded("token.edit")
@sure_to_write
def index(request):
    """The tokens that open something, and a new one. Its secret is in this one answer and kept nowhere."""
    form, made, secret = TokenForm(request.POST or None), None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.make_token(request.user, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
    live = policy.visible(request.user, ApiToken.objects.filter(revoked_at=None, expires_at__gt=timezone.now()))
    context = {
        "nav": "settings", "form": TokenForm() if made else form, "made": made, "secret": secret,
        "signing": actions.signing_key(made) if made and "ingest" in made.scopes else "",
        "tokens": live.select_related("user"),
    }  # fmt: skip
    return render(request, "settings/tokens.html", context, status=422 if form.errors else 200)


@guarded("company.view")
def reference(request):
    """The operations of the API, from its own document."""
    paths = api.get_openapi_schema()["paths"]
    found: dict[str, list] = {}
    for path, methods in paths.items():
        for method, one in methods.items():
            about = f"{one['summary']}. {one.get('description', '')}"
            found.setdefault(one["tags"][0], []).append((method.upper(), path, about, one["x-permission"]))
    return render(request, "settings/api.html", {"nav": "settings", "groups": found.items()})


@require_POST
@guarded("token.edit")
def revoke(request, pk):
    actions.revoke_token(request.user, thing(request, ApiToken, pk))
    return redirect("tokens")
