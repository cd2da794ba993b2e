"""A program at the API: requests with a token, answers as data."""

import json

from django.test import Client
from django.test.client import ClientHandler

from nachim.app.actions import tokens

HANDLER = ClientHandler(enforce_csrf_checks=False)
ALL = ("read", "write", "ingest")


class Program:
    """Acts as a person with a token of these scopes; jobs run when a request is through."""

    def __init__(self, callbacks, user, *scopes, lang="en"):
        self.client, self.callbacks, self.lang = Client(), callbacks, lang
        self.client.handler = HANDLER
        self.token, self.secret = tokens.make_token(user, name="program", scopes=list(scopes or ALL), days=1)

    def ask(self, method, path, data=None, **headers):
        sent = {"Authorization": f"Bearer {self.secret}", "Accept-Language": self.lang}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        extra = {}
        if data is not None:
            body = data if isinstance(data, str | bytes) else json.dumps(data)
            extra = {"data": body, "content_type": sent.pop("Content-Type", "application/json")}
        with self.callbacks(execute=True):
            return self.client.generic(method, f"/api{path}", headers=sent, **extra)

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, data=None, **headers):
        return self.ask("POST", path, {} if data is None else data, **headers)

    def patch(self, path, data, **headers):
        return self.ask("PATCH", path, data, **headers)

    def delete(self, path, **headers):
        return self.ask("DELETE", path, **headers)
