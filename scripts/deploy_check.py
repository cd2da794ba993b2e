"""Walks what `deploy/` says, without a container engine or an init system: builds, starts as nobody, asks, stops.

The lines of the Containerfile are done one by one in a folder of their own, with this machine's Python in place of the
image's; then pages, a worker and a backup run as its command says, as a user who may write into the home alone.
What only an engine or systemd can show (the base image, the network between containers, the sandbox of the units) is
not shown here; `systemd-analyze verify` reads the units, where it is installed.

    sudo python3 scripts/deploy_check.py [--python /usr/bin/python3]
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
USER, GROUP = "nobody", "nogroup"


def steps(text: str) -> list[tuple[str, str]]:
    """(instruction, the rest) of a Containerfile, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


class Image:
    """The file system an image would have, in a folder."""

    def __init__(self, place: Path, python: str):
        self.place, self.python, self.work = place, python, Path("/")
        self.env: dict[str, str] = {}
        self.said: dict[str, str] = {}

    def inside(self, text: str) -> str:
        """Paths of the image as they lie here, and this machine's Python."""
        text = re.sub(r"(?<![\w./])/(opt/nachim|var/lib/nachim|src)\b", rf"{self.place}/\1", text)
        return re.sub(r"^python(?= )", self.python, text)

    def do(self, name: str, rest: str) -> None:
        print(f"  {name} {rest}"[:150], flush=True)
        if name == "WORKDIR":
            self.work = Path(self.inside(rest))
            self.work.mkdir(parents=True, exist_ok=True)
        elif name == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            for source in sources:
                self.copy(ROOT / source, self.work / target, many=len(sources) > 1 or target.endswith("/"))
        elif name == "RUN":
            for command in self.inside(rest).split(" && "):
                self.run(command)
        elif name == "ENV":
            self.env |= dict(pair.split("=", 1) for pair in shlex.split(self.inside(rest)))
        elif name in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
            self.said[name] = rest

    def copy(self, source: Path, target: Path, *, many: bool) -> None:
        target = target / source.name if many or str(target).endswith("./") else target
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)

    def run(self, command: str) -> None:
        if command.startswith("useradd"):
            return  # nobody is there already
        command = command.replace("-o nachim -g nachim", f"-o {USER} -g {GROUP}")
        subprocess.run(["sh", "-ec", command], cwd=self.work, check=True)

    def command(self, *arguments: str, env: dict[str, str] | None = None) -> dict:
        """How to start something in the image, as nobody and with nothing of this shell's."""
        path = f"{self.place}/opt/nachim/bin:/usr/bin:/bin"
        return {
            "args": [shutil.which("runuser"), "-u", USER, "--", *arguments], "cwd": "/",
            "env": {"LANG": "C.UTF-8", **self.env, "PATH": path, **(env or {})},
        }  # fmt: skip


def build(place: Path, python: str) -> Image:
    image = Image(place, python)
    for name, rest in steps((DEPLOY / "Containerfile").read_text()):
        image.do(name, rest)
    for folder in (place / "opt", place / "src"):
        subprocess.run(["chmod", "-R", "a-w,a+rX", str(folder)], check=True)
    return image


def start(image: Image) -> None:
    """The image's own command; its health check; a worker; a backup; and the end."""
    from tests.engines.servers import free_port

    port = str(free_port())
    env = {"NACHIM_TLS": "1", "NACHIM_HOSTS": "kpi.example.com", "NACHIM_LOG": "INFO", "NACHIM_LOG_FORMAT": "json"}
    begin = [*json.loads(image.said["ENTRYPOINT"]), *json.loads(image.said["CMD"])]
    healthy = json.loads(image.said["HEALTHCHECK"].split("CMD ", 1)[1])
    begin, healthy = ([part.replace("8000", port) for part in parts] for parts in (begin, healthy))
    pages = subprocess.Popen(**image.command(*begin, env=env))
    end = time.monotonic() + 120
    while subprocess.run(**image.command(*healthy, env=env), capture_output=True).returncode:
        if time.monotonic() > end or pages.poll() is not None:
            raise SystemExit("the pages did not become healthy")
        time.sleep(0.5)
    print(f"healthy: {shlex.join(begin)}")
    worker = subprocess.Popen(**image.command("nachim", "worker", env=env))
    subprocess.run(**image.command("nachim", "backup", "--to", f"{image.place}/var/lib/nachim/b", env=env), check=True)
    subprocess.run(**image.command("nachim", "doctor", "--audit", env=env), check=True)
    for name, one in (("pages", pages), ("worker", worker)):
        began = time.monotonic()
        child = int(Path(f"/proc/{one.pid}/task/{one.pid}/children").read_text().split()[0])
        os.kill(child, signal.SIGTERM)
        one.wait(30)
        print(f"{name} stopped in {time.monotonic() - began:.1f} s")
    written = [path for path in image.place.rglob("*") if path.owner() == USER]
    strange = [path for path in written if not path.is_relative_to(image.place / "var/lib/nachim")]
    if strange:
        raise SystemExit(f"written outside the home: {strange[:5]}")
    print(f"{len(written)} files written, all in the home")


def units(nachim: Path) -> None:
    """The units as systemd reads them, with the command where it lies here."""
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is not installed: the units were not read")
        return
    with tempfile.TemporaryDirectory() as folder:
        for unit in [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]:
            text = unit.read_text().replace("/opt/nachim/.venv/bin/nachim", str(nachim))
            (Path(folder) / unit.name.replace("@.", "@1.")).write_text(text)
        found = sorted(map(str, Path(folder).iterdir()))
        subprocess.run(["systemd-analyze", "verify", "--man=no", *found], check=True)
    print(f"systemd read {len(found)} units and had nothing to say")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--python", default="/usr/bin/python3", help="one that everybody may run")
    given = arguments.parse_args()
    if os.getuid():
        arguments.error("root is needed, to become nobody")
    sys.path[:0] = [str(ROOT)]
    place = Path(tempfile.mkdtemp(prefix="nachim-deploy-"))
    try:
        place.chmod(0o755)
        image = build(place, given.python)
        start(image)
        units(place / "opt/nachim/bin/nachim")
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(place)], check=False)
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
