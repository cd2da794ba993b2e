import pytest

from tests import company as made
from tests.house import house  # noqa: F401  (a fixture)


@pytest.fixture
def company(db):
    return made.people()
