"""Offer to take back what was just done: a message with a button, and nothing of it lives in the browser alone."""

from django.contrib import messages

from nachim.app.actions import undo


def offer(request, said: str, act: str, **facts) -> None:
    """Say what was done, with the button that takes it back (`actions.undo`). base.html draws the tags as the form."""
    messages.success(request, said, extra_tags=undo.token(request.user, act, **facts))
