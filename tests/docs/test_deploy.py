"""The files of `deploy/` name commands, options and settings that there are, and systemd can read them."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from nachim.cli import nachim

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


def commands():
    """(file, the words after `nachim`) of everything that is started."""
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE):
            yield unit.name, shlex.split(line)[1:]
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        if "command" in service:
            yield f"compose {name}", [str(word) for word in service["command"]]
    yield "Containerfile", json.loads(re.search(r"^CMD (.*)$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)[1])


@pytest.mark.parametrize(("file", "words"), list(commands()), ids=str)
def test_what_is_started_is_a_call_of_the_command_line(file, words):
    name, *rest = words
    parent = click.Context(nachim)
    command = nachim.get_command(parent, name)
    assert command is not None, f"{file} starts a command there is none of"
    # A wrong option or value is refused here.
    command.make_context(name, list(rest), parent=parent)


def test_every_setting_is_one_of_the_documented():
    known = (ROOT / "docs" / "settings.md").read_text("utf-8")
    used = set()
    for file in [DEPLOY / "env.example", DEPLOY / "compose.yaml", DEPLOY / "Containerfile", *UNITS]:
        used |= set(re.findall(r"NACHIM_[A-Z_]+", file.read_text()))
    assert used and {name for name in used if f"`{name}`" not in known} == set()


def test_systemd_has_nothing_to_say(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:
        text = unit.read_text().replace("/opt/nachim/.venv/bin/nachim", sys.executable)
        (tmp_path / unit.name.replace("@.", "@1.")).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.glob("nachim*"))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
