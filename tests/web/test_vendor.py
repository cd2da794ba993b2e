"""Vendored files are those their checksums name, and no others."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("folder", ["src/nachim/web/static/vendor", "tests/vendor"])
def test_every_vendored_file_has_its_checksum(folder):
    base = ROOT / folder
    sums = json.loads((base / "vendor.json").read_text())
    files = {str(path.relative_to(base)) for path in base.rglob("*") if path.is_file()}
    assert files - {"vendor.json", "README.md"} == set(sums)
    for name, expected in sums.items():
        assert hashlib.sha256((base / name).read_bytes()).hexdigest() == expected, name


@pytest.mark.parametrize("folder", ["src/nachim/web/static/vendor", "tests/vendor"])
def test_every_vendored_package_brings_its_licence(folder):
    for package in (ROOT / folder).glob("*@*"):
        assert list(package.rglob("LICENSE*")), package.name
