"""What nachim is made of is pinned, named, and asked after: the bill of materials, and the verdict of an audit."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_bill_names_every_package_of_the_lock_and_every_library_of_the_browser():
    made = script("sbom").document()
    lock = (ROOT / "requirements/base.txt").read_text()
    pinned = set(re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==", lock, re.M))
    vendored = {
        path.split("@")[0] for path in json.loads((ROOT / "src/nachim/web/static/vendor/vendor.json").read_text())
    }
    assert {one["name"] for one in made["components"]} == pinned | vendored and len(pinned) > 40
    assert all(one["version"] and (one.get("hashes") or one["properties"]) for one in made["components"])


@pytest.mark.parametrize("lock", ["base", "dev"])
def test_every_pinned_package_has_a_hash_and_no_registry_is_named(lock):
    text = (ROOT / f"requirements/{lock}.txt").read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert all("==" in one and "--hash=sha256:" in one for one in entries if not one.startswith("#"))
    assert "index-url" not in text and "://" not in text


@pytest.mark.parametrize(("found", "code"), [
    ({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, 0),
    ({"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}]}, 1),
    ({"dependencies": [{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1", "vulns": []}]}, 3),
    ({"dependencies": []}, 3), ({}, 3),
])  # fmt: skip
def test_an_audit_that_looked_nothing_up_is_no_clean_one(found, code):
    assert script("audit").verdict(found)[0] == code


ADVISORY = """
id: PYSEC-2030-1
affected:
- package: {ecosystem: PyPI, name: Some-Package}
  ranges:
  - {type: GIT, events: [{introduced: "0"}]}
  - {type: ECOSYSTEM, events: [{introduced: "2.0"}, {fixed: 2.0.10}, {introduced: "1.0"}, {last_affected: "1.4"}]}
  versions: ["0.9"]
"""


@pytest.mark.parametrize(("version", "code"), [
    ("0.8", 0), ("0.9", 1), ("1.0", 1), ("1.4", 1), ("1.4.1", 0), ("2.0rc1", 0), ("2.0.9", 1),
    ("2.0.10", 0), ("3.0", 0),
])  # fmt: skip
def test_a_copy_of_the_advisories_answers_without_the_network(tmp_path, version, code):
    lock, folder = tmp_path / "lock.txt", tmp_path / "vulns/some-package"
    lock.write_text(f"some_package[extra]=={version} ; python_version < '4' \\\n    --hash=sha256:0\nother==1 \\\n")
    assert script("audit").copied(lock, tmp_path)[0] == 3
    folder.mkdir(parents=True)
    (folder / "PYSEC-2030-1.yaml").write_text(ADVISORY)
    found, said = script("audit").copied(lock, tmp_path)
    assert found == code
    assert "PYSEC-2030-1, fixed in 2.0.10" in said[0] if code else "None of 2 packages" in said[0]
