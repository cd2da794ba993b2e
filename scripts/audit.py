"""Whether a package that a lock file pins has a known vulnerability: `make audit`.

Exit codes: 0 every package was looked up and none has one, 1 some have, 3 the service did not answer for all of them.
pip-audit alone ends with 0 where nothing was looked up; that would be a hope, not an answer.
"""

import json
import subprocess
import sys
from pathlib import Path

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


if __name__ == "__main__":
    codes = set()
    for lock in LOCKS:
        code, said = ask(lock)
        codes.add(code)
        print(*(f"{lock.name}: {line}" for line in said), sep="\n")
    sys.exit(VULNERABLE if VULNERABLE in codes else max(codes))
