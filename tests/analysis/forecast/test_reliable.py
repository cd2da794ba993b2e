"""When a forecast says that nobody can know, and why."""

import numpy as np
import pytest

from nachim.analysis.forecast import forecast, history
from nachim.analysis.forecast.refusal import SENTENCES, Refusal

CHANCE = np.random.default_rng(8)


@pytest.fixture(autouse=True)
def _the_same_draws_whatever_ran_before():
    CHANCE.bit_generator.state = np.random.default_rng(8).bit_generator.state


STEADY = 100 + CHANCE.normal(0, 5, 150)


def changed(where, to):
    values = STEADY.copy()
    values[where] = to
    return values


@pytest.mark.parametrize(
    ("values", "code", "steps", "why"),
    [
        (STEADY[:20], "W", 4, "too_short"),
        (changed(slice(100, 149, 2), np.nan), "W", 4, "gaps"),
        (changed(slice(90, 149), 0), "W", 4, "zeros"),
        (np.full(80, 5.0), "W", 4, "constant"),
        (STEADY[:30], "W", 40, "too_far"),
        (changed(slice(144, 150), 300), "W", 6, "broken"),
    ],
)
def test_a_forecast_that_cannot_be_relied_on_says_why(values, code, steps, why):
    made = forecast(history(values, code), steps)
    assert not made.reliable and made.doubt.code == why
    assert made.doubt.sentence("ko") and made.doubt.sentence("en") and "{" not in made.doubt.sentence("en")


def test_a_steady_series_can_be_relied_on():
    made = forecast(history(STEADY, "W"), 6)
    assert made.reliable and made.origins >= 8
    assert np.isclose(sum(made.models.values()), 1)


def test_every_reason_has_two_sentences_with_the_same_facts():
    for code, (korean, english) in SENTENCES.items():
        facts = dict.fromkeys(("found", "needed", "share", "steps", "time", "code"), 1)
        assert Refusal(code, facts).sentence("ko") != Refusal(code, facts).sentence("en")
        assert sorted(part.split("}")[0].split(":")[0] for part in korean.split("{")[1:]) == sorted(
            part.split("}")[0].split(":")[0] for part in english.split("{")[1:]
        )
