"""What a person may type or set stands in the documentation; an example that is there works."""

import re
from importlib import import_module
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from nachim.app import policy
from nachim.app.definition import form
from nachim.app.models import Role
from nachim.cli import COMMANDS, nachim
from nachim.metrics import spec

ROOT = Path(__file__).parents[2]
DOCS = {path.name: path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")}
SOURCE = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))


def section(name: str) -> str:
    """The part of docs/cli.md about one command."""
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", DOCS["cli.md"], re.MULTILINE | re.DOTALL)
    assert found, f"docs/cli.md has no section on {name}"
    return found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_explained(name):
    module, attribute, *_ = COMMANDS[name]
    command = getattr(import_module(module), attribute)
    assert command.name == name and command.help
    text = section(name)
    inner = getattr(command, "commands", {})
    for one in inner.values():
        assert one.help and f"`{name} {one.name}" in text, f"docs/cli.md does not explain {name} {one.name}"
    for parameter in [each for one in (command, *inner.values()) for each in one.params]:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help, f"{name} {parameter.opts} has no help"
            for option in [*parameter.opts, *parameter.secondary_opts]:
                assert f"{option}" in text, f"docs/cli.md does not explain {name} {option}"


def test_the_options_of_every_command_are_explained():
    for parameter in nachim.params:
        assert any(option in DOCS["cli.md"] for option in parameter.opts), parameter.opts


def test_no_command_is_explained_that_is_not_there():
    assert set(re.findall(r"^## (\w+)$", DOCS["cli.md"], re.MULTILINE)) == set(COMMANDS)


def test_every_setting_is_explained():
    used = set(re.findall(r"\bNACHIM_[A-Z][A-Z_]*[A-Z]\b", SOURCE))
    explained = set(re.findall(r"^\| `(NACHIM_[A-Z_]+)`", DOCS["settings.md"], re.MULTILINE))
    assert used == explained


def test_every_permission_stands_with_its_roles():
    """A row a permission: `●` under each role that has it, `○` where it depends on whose the thing is."""
    text = DOCS["permissions.md"]
    header = re.search(r"^\| permission \| (.*) \| what .*\|$", text, re.MULTILINE)[1].split(" | ")
    assert header == [role.value for role in Role]
    rows = {name: rest.split(" | ") for name, rest in re.findall(r"^\| `([a-z._]+)` \| (.*) \|$", text, re.MULTILINE)}
    marked = {name: dict(zip(header, cells, strict=False)) for name, cells in rows.items()}
    seen = {name: {role for role, mark in marks.items() if mark} for name, marks in marked.items()}
    assert seen == {name: {role.value for role in roles} for name, roles in policy.PERMISSIONS.items()}
    assert {name for name, marks in marked.items() if "○" in marks.values()} == set(policy.OWN)


def test_every_permission_is_asked_for_somewhere():
    for name in policy.PERMISSIONS:
        assert SOURCE.count(f'"{name}"') > 1, f"{name} is never asked for"


FORMS: list[tuple[str, type[BaseModel]]] = [
    ("workspace", form.WorkspaceForm), ("calendar", spec.CalendarSpec), ("people", form.PersonForm),
    ("connections", form.ConnectionForm),
    ("sources", form.TableForm), ("metrics", spec.Agg), ("metrics", spec.Calc), ("metrics", spec.Manual),
    ("metrics", spec.At), ("rows", spec.Sequence), ("rows", spec.Cohort), ("tests", spec.Expect),
    ("goals", form.GoalForm), ("kpis", form.KpiForm), ("target", form.TargetForm), ("teams", form.TeamForm),
    ("drivers", form.DriverForm), ("key_results", form.KeyResultForm), ("sheets", form.SheetForm),
    ("playbook", form.PlaybookForm),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "model"), FORMS)
def test_every_key_of_a_definition_is_explained(heading, model):
    found = re.search(rf"^##+ {heading}\n(.*?)(?=^##|\Z)", DOCS["definitions.md"], re.MULTILINE | re.DOTALL)
    assert found, f"docs/definitions.md has no section on {heading}"
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in found[1], f"{heading}: {field.alias or name} is not explained"


def test_the_example_definition_can_be_read():
    example = re.search(r"```yaml\n(.*?)```", DOCS["definitions.md"], re.DOTALL)[1]
    made = form.read(example, "definitions.md")
    assert made.goals[0].kpis[0].target.level == 90_000_000
