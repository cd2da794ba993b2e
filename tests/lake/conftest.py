"""A lake of its own for each test, and the data from outside where it is present."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nachim.lake import Lake

OUTSIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home" / "lake")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file: text (UTF-8) or bytes."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


@pytest.fixture
def outside() -> Callable[[str], Path]:
    """A file of the data set beside the repository; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        path = OUTSIDE / name
        if not path.exists():
            pytest.skip(f"{name} is not here: put the outside data in shared/data beside the repository")
        return path

    return find


@pytest.fixture(autouse=True)
def tasks_at_once():
    """The lake knows no Django: the fixture of this name for the whole suite has nothing to set here."""
