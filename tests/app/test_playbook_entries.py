"""The company's own playbook: it is checked whole, findings follow it, files carry it, and it can be taken back."""

import pytest
import yaml
from django.core.exceptions import ValidationError

from nachim.app import policy
from nachim.app.actions import playbook
from nachim.app.definition.apply import apply
from nachim.app.definition.export import current, to_yaml
from nachim.app.definition.form import read
from nachim.app.definition.plan import plan
from nachim.app.models import PlaybookEntry
from nachim.app.queries import findings as queries
from nachim.app.queries.playbook import book, text_of
from nachim.metrics.messages import SpecError
from tests import company as made


def test_a_findings_answer_follows_what_the_company_wrote(company, orders):
    made.play(company.bob, "call-them")
    body = yaml.safe_load(text_of("answers", "sales"))
    playbook.save_entry(company.bob, "answers", "sales", {**body, "plays": ["call-them"]})
    found = made.finding(made.revenue())
    assert [play.name for play, *_rest in queries.page(found).plays] == ["call-them"]
    playbook.remove_entry(company.bob, PlaybookEntry.objects.get(name="sales"))
    assert "call-them" not in [play.name for play, *_rest in queries.page(found).plays]


def test_a_play_that_an_answer_names_stays(company):
    entry = made.play(company.bob)
    body = yaml.safe_load(text_of("answers", "sales"))
    playbook.save_entry(company.bob, "answers", "sales", {**body, "plays": [entry.name]})
    with pytest.raises(ValidationError, match=entry.name):
        playbook.remove_entry(company.bob, entry)


@pytest.mark.parametrize(
    ("part", "body"),
    [
        ("answers", {"metrics": ["no_such"], "causes": [], "plays": ["product-page"]}),
        ("answers", {"unknown": 1}),
        ("plays", {"title": {"ko": "x", "en": "x"}}),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(company, part, body):
    with pytest.raises(ValidationError):
        playbook.save_entry(company.bob, part, "mine", body)
    assert not PlaybookEntry.objects.exists()


@pytest.mark.parametrize("text", ["a: [", "just words", ""])
def test_what_is_no_yaml_of_fields_is_said_so(text):
    with pytest.raises(ValidationError):
        playbook.read_body(text)


def test_a_file_carries_the_entries_and_applied_again_changes_nothing(company):
    made.play(company.bob)
    text = to_yaml(current())
    assert "call-them" in text
    PlaybookEntry.objects.all().delete()
    apply(policy.SYSTEM, read(text))
    assert "call-them" in book().plays and to_yaml(current()) == text
    assert all(step.verb == "keep" for step in plan(read(text)))


def test_an_entry_of_a_file_that_does_not_fit_is_said_with_its_place(company):
    with pytest.raises(SpecError) as error:
        apply(policy.SYSTEM, read("playbook: {answers: {mine: {metrics: [nps], causes: [], plays: []}}}", "x.yaml"))
    assert "playbook" in str(error.value) and not PlaybookEntry.objects.exists()
