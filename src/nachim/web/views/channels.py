"""Where findings are told, by who keeps the company."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import channels
from nachim.app.models import Channel, Watching
from nachim.web.forms.channels import BudgetForm, ChannelForm
from nachim.web.forms.fields import refused
from nachim.web.pace import paced
from nachim.web.person import page as guarded
from nachim.web.person import thing


@guarded("channel.edit")
def index(request):
    return _index(request, BudgetForm(initial={"a_week": Watching.budget()}), 200)


@require_POST
@guarded("channel.edit")
def budget(request):
    form = BudgetForm(request.POST)
    if not form.is_valid():
        return _index(request, form, 422)
    channels.set_budget(request.user, form.cleaned_data["a_week"])
    messages.success(request, _("Saved."))
    return redirect("channels")


@guarded("channel.edit")
def new(request):
    return _edited(request, None)


@guarded("channel.edit")
def edit(request, pk):
    return _edited(request, thing(request, Channel, pk))


@require_POST
@guarded("channel.edit")
@paced("other machine", "POST")
def test(request, pk):
    channel = thing(request, Channel, pk)
    if problem := channels.try_channel(request.user, channel):
        said = {"name": channel.name, "problem": problem}
        messages.error(request, _("Nothing arrived at “%(name)s”: %(problem)s.") % said)
    else:
        messages.success(request, _("“%(name)s” took the test message.") % {"name": channel.name})
    return redirect("channels")


@require_POST
@guarded("channel.edit")
def remove(request, pk):
    channels.remove_channel(request.user, thing(request, Channel, pk))
    return redirect("channels")


def _edited(request, found):
    form = ChannelForm(request.POST or None, channel=found)
    if request.method == "POST" and form.is_valid():
        try:
            channels.save_channel(request.user, found, **form.given())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved. Send a test message to see whether it arrives."))
            return redirect("channels")
    context = {"nav": "settings", "form": form, "channel": found}
    return render(request, "channels/edit.html", context, status=422 if form.errors else 200)


def _index(request, form, status):
    context = {"nav": "settings", "channels": policy.visible(request.user, Channel.objects.all()), "form": form}
    return render(request, "channels/index.html", context, status=status)
