"""`nachim demo` without its server: a company is made, its scorecard lists its KPIs, and its today moves."""

import json
from datetime import datetime, timedelta

import pytest

from nachim.app import policy
from nachim.app.actions.refresh import refresh
from nachim.app.definition.apply import apply
from nachim.app.definition.form import read
from nachim.app.home import lake
from nachim.app.models import Series, User, Workspace
from nachim.app.queries.scorecard import company as scorecard
from nachim.demo import run
from nachim.demo.company import MODULES, company, raw
from nachim.demo.definition import LATER, definition
from tests.demo.conftest import TODAY

MORNING = datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=9)


@pytest.fixture
def at(monkeypatch, settings):
    """Set the wall time in Seoul."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(run, "_arrived", {})

    def set_(moment):
        monkeypatch.setattr(run, "now", lambda: moment)

    return set_


@pytest.mark.django_db
@pytest.mark.parametrize("name", MODULES)
def test_a_company_opens_with_its_kpis_and_its_today_moves(name, at):
    at(MORNING)
    assert run.make(40, name=name) == company(name).label["ko"]
    assert Workspace.current().sample and not Series.objects.exclude(problem={}).exists()
    made = read(definition(TODAY - timedelta(days=40), TODAY, name))
    user = User.objects.get(email=run.EMAIL)
    assert user.check_password(run.PASSWORD)
    found = scorecard(user, now=MORNING.astimezone())
    listed = {goal.goal.title: [row.kpi.metric.name for row in goal.rows] for goal in found}
    assert listed == {goal.title: [kpi.metric for kpi in goal.kpis] for goal in made.goals}
    rows = [row for goal in found for row in goal.rows]
    # Forty days hold no month whose sequences of thirty days are over.
    waiting = set(raw(name)[LATER]["metrics"])
    assert all(row.series is not None for row in rows)
    assert all(row.running or row.closed for row in rows if row.kpi.metric.name not in waiting)

    pulse = company(name).table(company(name).pulse)
    before = lake().table(pulse.name).extent(pulse.time)[1]
    at(MORNING + timedelta(days=1, hours=8))
    run.up_to_now()
    after = lake().table(pulse.name).extent(pulse.time)[1]
    assert timedelta(hours=18) < after - before < timedelta(hours=44)
    report = refresh(now=(MORNING + timedelta(days=1, hours=8)).astimezone())
    assert report.series and report.changed and not report.problems
    run.up_to_now()
    assert not refresh(now=(MORNING + timedelta(days=1, hours=8)).astimezone()).changed


@pytest.mark.django_db
def test_a_home_of_another_company_is_left_as_it_is(at, home, monkeypatch):
    at(MORNING)
    apply(policy.SYSTEM, read({"workspace": {"name": "한입배달"}}))
    (home / "demo").write_text(json.dumps({"company": "startup", "start": "2026-01-01", "shape": run.SHAPE}))
    monkeypatch.setattr(run, "up_to_now", lambda: None)
    said = []
    assert run.make(35, said.append, "store") == "한입배달" and "--fresh" in said[0]
