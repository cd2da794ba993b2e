import pytest

from tests import company as made


@pytest.fixture(autouse=True)
def loopback_allowed(settings):
    """Connections of the tests lead to this machine."""
    settings.CONNECTION_HOSTS = "127.0.0.1"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def company(db):
    return made.people()


@pytest.fixture
def orders(company, tmp_path):
    return made.import_orders(tmp_path)
