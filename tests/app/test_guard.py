"""No page, form or API takes a policed model around `policy.visible`; a read for people says whose eyes it is for."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

from nachim.app import seen

SRC = Path(__file__).parents[2] / "src" / "nachim"
POLICED = {model.__name__ for model in {*seen.RULES, *seen.OWNED}}
DOORS = {"visible", "thing", "Behind"}
# Reads that take the reader as `user`; without one they show the whole.
READS = {"kpi_rows", "kpi_page", "standing", "pasts", "history", "driver_plan", "sheet_page", "crowded"}
MANAGERS = {"kpis", "goals", "key_results", "findings", "actions", "observations", "series", "sheets", "leads"}
# What a name already taken is asked of, and what was let through before.
LET = {
    "web/api/metrics.py": {"Metric"},  # whether a name is taken
    "web/api/rate.py": {"ApiToken"},  # when it was used last
    "web/forms/metrics.py": {"Metric", "EventRows"},  # whether a name is taken, and names of rows for their editors
    "web/forms/alignment.py": {"Team", "Metric"},  # forms of people who see the whole company
    "web/steps.py": {"Goal", "Kpi", "Table", "Metric"},  # whether the company has any yet
    "web/tags.py": {"Metric"},  # the label of a name
    "web/signin.py": {"Device", "Factor"},  # the session's own; a passkey that says whose it is
    "web/views/health.py": {"ImportRun", "Series", "Table"},  # counts for machines that hold the token, no names
    "web/views/session.py": {"Device"},  # the session's own
    "web/views/target.py": {"Series"},  # of a KPI that its editor sees whole
}


def files():
    return sorted([*(SRC / "web").rglob("*.py")])


def unguarded(path):
    """(line, what) of every read of a policed model that no door stands around."""
    tree = ast.parse(path.read_text("utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def guarded(node):
        while (node := parents.get(node)) is not None:
            if isinstance(node, ast.Call) and _name(node.func) in DOORS:
                return True
        return False

    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager"):
            what = _name(node.value)
            if what in POLICED and not guarded(node):
                yield node.lineno, what
        if isinstance(node, ast.Call) and _name(node.func) in ("get_object_or_404", "get_list_or_404"):
            first = node.args[0]
            if isinstance(first, ast.Name) and first.id in POLICED:
                yield node.lineno, first.id
        manager = isinstance(node, ast.Attribute) and node.attr in ("all", "filter", "exclude", "select_related", "get")
        if manager and isinstance(node.value, ast.Attribute) and node.value.attr in MANAGERS and not guarded(node):
            yield node.lineno, f".{node.value.attr}"


def _name(node) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(SRC)))
def test_pages_read_through_visible(path):
    let = LET.get(str(path.relative_to(SRC)), set())
    assert [(line, what) for line, what in unguarded(path) if what not in let] == []


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(SRC)))
def test_reads_for_people_say_whose_eyes_they_are_for(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _name(node.func) in READS:
            assert any(word.arg == "user" for word in node.keywords), f"{path.name}:{node.lineno} names no user"


def test_the_guard_notices(tmp_path):
    page = tmp_path / "page.py"
    page.write_text(
        "rows = Goal.objects.all()\nkpis = goal.kpis.filter(x=1)\nfine = visible(user, Kpi.objects.all())\n"
    )
    assert sorted(unguarded(page)) == [(1, "Goal"), (2, ".kpis")]


def test_every_model_says_who_sees_it():
    """Or is never shown: what jobs and logins keep for themselves."""
    inner = {
        "OneTimeLink",
        "Change",
        "Schedule",
        "ApiAnswer",
        "ApiUse",
        "RecoveryCode",
        "Tries",
        "Identity",
        "LeadLook",
        "Watching",
    }
    shown = {model.__name__ for model in {*seen.RULES, *seen.OWNED, *seen.OPEN}}
    known = {model.__name__ for model in apps.get_app_config("app").get_models()}
    assert known - shown == inner


@pytest.mark.parametrize("model", sorted({*seen.RULES, *seen.OWNED, *seen.OPEN}, key=lambda one: one.__name__))
def test_every_rule_can_be_asked_in_the_database(model, company):
    from nachim.app import policy
    from nachim.app.actions import teams

    teams.save_team(company.bob, label="서울", lead=company.lena, members=[company.mina], slice={"지역": "서울"})
    for who in (company.lena, company.mina, company.carol, company.mallory, company.audra):
        assert isinstance(policy.visible(who, model.objects.all()).count(), int)
