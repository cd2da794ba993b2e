"""What a release is made of, as CycloneDX 1.6: the packages of the lock and the vendored browser libraries."""

import hashlib
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(
    r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==([^\s;\\]+)(?:\s*;[^\\]*)?((?:\s*\\\s*--hash=sha256:[0-9a-f]{64})+)", re.M
)


def components() -> list[dict]:
    lock = (ROOT / "requirements/base.txt").read_text()
    python = [
        {
            "type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name.lower()}@{version}",
            "properties": [
                {"name": "nachim:sha256", "value": one} for one in re.findall(r"sha256:([0-9a-f]{64})", hashes)
            ],
        }
        for name, version, hashes in PIN.findall(lock)
    ]  # fmt: skip
    sums = json.loads((ROOT / "src/nachim/web/static/vendor/vendor.json").read_text())
    packages: dict[str, list[str]] = {}
    for path, digest in sums.items():
        packages.setdefault(path.split("/")[0], []).append(digest)
    browser = [
        {
            "type": "library", "name": name, "version": version, "purl": f"pkg:npm/{name}@{version}",
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256("".join(sorted(found)).encode()).hexdigest()}],
        }
        for (name, version), found in ((tuple(one.rsplit("@", 1)), found) for one, found in packages.items())
    ]  # fmt: skip
    return [*python, *browser]


def document() -> dict:
    version = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.M)[1]
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "name": "nachim", "version": version}},
        "components": components(),
    }  # fmt: skip


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1)
