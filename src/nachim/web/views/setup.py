"""First run: the owner and the company, by a link that works once."""

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render

from nachim.app.actions import people
from nachim.app.models import OneTimeLink
from nachim.web.forms.fields import refused
from nachim.web.forms.people import SetupForm
from nachim.web.signin import enter
from nachim.web.views.session import remembering


@remembering
def page(request, token):
    if people.find_link(token, OneTimeLink.Purpose.SETUP) is None:
        return render(request, "setup/expired.html", status=404)
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = people.create_owner(token, locale=request.LANGUAGE_CODE, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            enter(request, user, "setup")
            return redirect("upload")
    return render(request, "setup/page.html", {"form": form}, status=422 if form.errors else 200)
