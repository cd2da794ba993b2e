"""Fetch the browser libraries from their npm packages into static/vendor/name@version/, with a checksum for every file.

Run by `make vendor`. A test (tests/web/test_vendor.py) compares the files with the checksums.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "src/nachim/web/static/vendor"
TEST_VENDOR = ROOT / "tests/vendor"

# package → files in it (a trailing slash takes a folder). The licence always comes along.
PACKAGES = {
    "htmx.org@4.0.1": ["dist/htmx.min.js", "dist/ext/hx-sse.min.js"],
    "echarts@6.1.0": ["dist/echarts.common.min.js"],
    "pretendard@1.3.9": [
        "dist/web/variable/pretendardvariable-dynamic-subset.css",
        "dist/web/variable/woff2-dynamic-subset/",
    ],
}
TEST_PACKAGES = {"axe-core@4.14.1": ["axe.min.js"]}


def fetch(packages: dict[str, list[str]], into: Path) -> None:
    """Everything is fetched before anything there is replaced: a network that fails leaves the old files."""
    fetched: dict[str, bytes] = {}
    for package, wanted in packages.items():
        with tempfile.TemporaryDirectory() as folder:
            name = subprocess.run(
                ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
            ).stdout.split()[-1]
            with tarfile.open(Path(folder) / name) as archive:
                for member in archive.getmembers():
                    inner = member.name.removeprefix("package/")
                    folders, _, leaf = inner.rpartition("/")
                    licence = folders in ("", "dist") and leaf.upper().startswith(("LICENSE", "NOTICE"))
                    if not member.isfile() or not (licence or any(_matches(inner, one) for one in wanted)):
                        continue
                    fetched[f"{package}/{inner}"] = archive.extractfile(member).read()
    shutil.rmtree(into, ignore_errors=True)
    for name, content in fetched.items():
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in fetched.items()}
    (into / "vendor.json").write_text(json.dumps(dict(sorted(sums.items())), indent=1) + "\n")
    (into / "README.md").write_text(
        "Third-party files, fetched by `make vendor` (scripts/vendor.py). Do not edit them here.\n"
    )


def _matches(inner: str, wanted: str) -> bool:
    return inner.startswith(wanted) if wanted.endswith("/") else inner == wanted


if __name__ == "__main__":
    fetch(PACKAGES, VENDOR)
    fetch(TEST_PACKAGES, TEST_VENDOR)
