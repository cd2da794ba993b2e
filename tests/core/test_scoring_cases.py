"""Every line of the public case file."""

import pytest
from scoring_case import CASES, CHECKS


@pytest.mark.parametrize(
    ("check", "case"), [case[1:] for case in CASES], ids=[f"{title}: {case['say']}" for title, _check, case in CASES]
)
def test_case(check, case):
    CHECKS[check](case)


def test_there_are_enough_cases_and_no_two_are_told_alike():
    told = [(title, case["say"]) for title, _check, case in CASES]
    assert len(told) == len(set(told)) >= 250
