"""Which version held when."""

from dataclasses import dataclass
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from nachim.core.revision import in_force, next_after


@dataclass(frozen=True)
class V:
    version: int
    valid_from: date


MARCH, JUNE, SEPTEMBER = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)
THREE = [V(1, MARCH), V(2, JUNE), V(3, SEPTEMBER)]


def test_each_day_has_the_version_of_its_day():
    assert [in_force(THREE, day).version for day in (MARCH, date(2026, 5, 31), JUNE, date(2027, 1, 1))] == [1, 1, 2, 3]


def test_before_the_first_the_first_is_what_there_is():
    assert in_force(THREE, date(2025, 1, 1)).version == 1
    assert in_force([], MARCH) is None


def test_of_one_day_the_later_corrects():
    assert in_force([V(1, MARCH), V(2, MARCH)], JUNE).version == 2


def test_what_is_decided_already_is_known():
    assert next_after(THREE, MARCH).version == 2
    assert next_after(THREE, SEPTEMBER) is None


@given(st.lists(st.dates(), min_size=1, max_size=6), st.dates(), st.dates())
def test_a_new_version_never_changes_a_day_before_it(starts, day, begins):
    versions = [V(at, start) for at, start in enumerate(sorted(starts), 1)]
    later = [*versions, V(len(versions) + 1, max(begins, versions[-1].valid_from))]
    if day < later[-1].valid_from:
        assert in_force(later, day) == in_force(versions, day)
