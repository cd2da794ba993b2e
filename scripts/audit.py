"""Whether a package that a lock file pins has a known vulnerability: `make audit`.

Where the service cannot be reached, `--database DIR` looks into a copy of https://github.com/pypa/advisory-database: it
knows what was known when it was copied, and only what is filed under a package's own name.

Exit codes: 0 every package was looked up and none has one, 1 some have, 3 the service did not answer for all of them.
pip-audit alone ends with 0 where nothing was looked up; that would be a hope, not an answer.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import yaml
from packaging.utils import canonicalize_name
from packaging.version import Version

LOCKS = sorted((Path(__file__).parents[1] / "requirements").glob("*.txt"))
CLEAN, VULNERABLE, UNKNOWN = 0, 1, 3


def verdict(found: dict) -> tuple[int, list[str]]:
    """The exit code and what to print, from pip-audit's JSON."""
    packages = found.get("dependencies", [])
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, fixed in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in packages
        for hole in one.get("vulns", [])
    ]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if holes:
        return VULNERABLE, holes
    if skipped or not packages:
        return UNKNOWN, [
            f"The advisory service did not answer for {len(skipped) or 'any'} of {len(packages)} packages."
        ]
    return CLEAN, [f"None of {len(packages)} packages has a known vulnerability."]


def ask(lock: Path) -> tuple[int, list[str]]:
    command = ["-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip", "-f", "json"]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    try:
        return verdict(json.loads(done.stdout))
    except ValueError:
        lines = done.stderr.strip().splitlines() or ["pip-audit said nothing"]
        return UNKNOWN, [f"The advisory service could not be asked: {lines[-1]}"]


def copied(lock: Path, database: Path) -> tuple[int, list[str]]:
    """As `ask`, from the advisories of a copy: OSV entries, one folder a package."""
    if not any(database.glob("vulns/*/*.yaml")):
        return UNKNOWN, [f"{database}: here is no vulns/<package>/*.yaml of PyPA's advisory database."]
    packages = []
    for name, version in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;\\]+)", lock.read_text(), re.M):
        folder = database / "vulns" / canonicalize_name(name)
        known = [yaml.load(path.read_text(), yaml.CSafeLoader) for path in sorted(folder.glob("*.yaml"))]
        holes = [
            {"id": one["id"], "fix_versions": _fixes(part)}
            for one in known if not one.get("withdrawn")
            for part in one["affected"]
            if canonicalize_name(part["package"]["name"]) == canonicalize_name(name) and holds(part, version)
        ]  # fmt: skip
        packages.append({"name": name, "version": version, "vulns": holes})
    return verdict({"dependencies": packages})


def holds(affected: dict, version: str) -> bool:
    """Whether an OSV entry's `affected` means this version: it is listed, or lies in a range.

    https://ossf.github.io/osv-schema/#evaluation
    """
    if version in affected.get("versions", ()):
        return True
    own, inside = Version(version), False
    for span in affected.get("ranges", ()):
        if span["type"] != "ECOSYSTEM":
            continue
        events = [(Version(str(at)), kind) for event in span["events"] for kind, at in event.items()]
        for at, kind in sorted(events):
            if kind == "introduced" and own >= at:
                inside = True
            elif (kind == "fixed" and own >= at) or (kind == "last_affected" and own > at):
                inside = False
        if inside:
            return True
    return False


def _fixes(affected: dict) -> list[str]:
    return [str(event["fixed"]) for span in affected.get("ranges", ()) for event in span["events"] if "fixed" in event]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Whether a pinned package has a known vulnerability.")
    parser.add_argument("--database", type=Path, help="a copy of PyPA's advisory database, instead of the service")
    database = parser.parse_args().database
    codes = set()
    for lock in LOCKS:
        code, said = copied(lock, database) if database else ask(lock)
        codes.add(code)
        print(*(f"{lock.name}: {line}" for line in said), sep="\n")
    sys.exit(VULNERABLE if VULNERABLE in codes else max(codes))
