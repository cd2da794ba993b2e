"""Browsers without a browser: one client a person, whose jobs run when a request is through."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.test.client import ClientHandler

from tests import company as made
from tests.web.api import Program

HANDLER = ClientHandler(enforce_csrf_checks=False)


class Visitor:
    """A person at the pages. Work handed to the worker is done at once."""

    def __init__(self, callbacks, user=None):
        self.client, self.callbacks = Client(), callbacks
        # One handler for all: making one reads every static file.
        self.client.handler = HANDLER
        if user is not None:
            self.client.force_login(user)

    def get(self, path, **query):
        return self.client.get(path, query)

    def post(self, path, data=None, **fields):
        with self.callbacks(execute=True):
            return self.client.post(path, {"csrfmiddlewaretoken": "-", **(data or {}), **fields})


@pytest.fixture(autouse=True)
def loopback_allowed(settings):
    """Connections of the tests lead to this machine."""
    settings.CONNECTION_HOSTS = "127.0.0.1"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def company(db):
    cache.clear()
    return made.people()


@pytest.fixture
def visitor(db, django_capture_on_commit_callbacks):
    return lambda user=None: Visitor(django_capture_on_commit_callbacks, user)


@pytest.fixture
def alice(company, visitor):
    return visitor(company.alice)


@pytest.fixture
def bob(company, visitor):
    return visitor(company.bob)


@pytest.fixture
def carol(company, visitor):
    return visitor(company.carol)


@pytest.fixture
def mina(company, visitor):
    return visitor(company.mina)


@pytest.fixture
def orders(company, tmp_path):
    """The table of orders, imported."""
    return made.import_orders(tmp_path)


@pytest.fixture
def program(company, django_capture_on_commit_callbacks):
    """A program that acts as a person."""
    return lambda user, *scopes, **how: Program(django_capture_on_commit_callbacks, user, *scopes, **how)
