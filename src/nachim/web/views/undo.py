"""Take back what one has just done."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from nachim.app.actions import undo
from nachim.app.work import later
from nachim.web.person import page as guarded

# Whose numbers have to be computed again.
COMPUTED = ("kpi", "goal")


@require_POST
@guarded("company.view")
def page(request):
    try:
        back = undo.take_back(request.user, request.POST.get("token", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("now")
    if back.place in COMPUTED:
        later("nachim.jobs.tasks.refresh")
    messages.success(request, back.text)
    return redirect(back.place, back.pk) if back.pk else redirect(back.place)
