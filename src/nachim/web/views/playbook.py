"""What to do when a KPI moves, and what the company makes of it."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app.actions import playbook as actions
from nachim.app.models import PlaybookEntry
from nachim.app.queries import playbook as queries
from nachim.web import undo
from nachim.web.forms.channels import EntryForm
from nachim.web.forms.fields import refused
from nachim.web.person import page as guarded


@guarded("company.view")
def index(request):
    answers, plays = queries.page()
    return render(request, "playbook/index.html", {"nav": "findings", "answers": answers, "plays": plays})


@guarded("playbook.edit")
def edit(request):
    part, name = request.GET.get("part", "answers"), request.GET.get("name", "")
    part = part if part in PlaybookEntry.Part.values else "answers"
    start = {"part": part, "name": name, "body": queries.text_of(part, name or queries.EXAMPLE[part])}
    form = EntryForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.save_entry(request.user, data["part"], data["name"], actions.read_body(data["body"]))
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("playbook")
    mine = PlaybookEntry.objects.filter(part=part, name=name).first()
    context = {"nav": "findings", "form": form, "entry": mine, "name": name}
    return render(request, "playbook/edit.html", context, status=422 if form.errors else 200)


@require_POST
@guarded("playbook.edit")
def remove(request, pk):
    entry = get_object_or_404(PlaybookEntry, pk=pk)
    facts = {"part": entry.part, "name": entry.name, "body": entry.body}
    actions.remove_entry(request.user, entry)
    undo.offer(request, _("“%(name)s” was taken out of the playbook.") % {"name": entry.name}, "play", **facts)
    return redirect("playbook")
