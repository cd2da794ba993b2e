"""Passwords that anybody would try are refused; any others are welcome, whatever is in them."""

import hashlib
import os

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from nachim.app import passwords
from nachim.app.models import Team, User
from tests import company as made


@pytest.fixture
def person(db):
    company = made.people()
    Team.objects.create(name="seoul", label="서울지점")
    return company.bob


@pytest.mark.parametrize("password", [
    "correct horse battery", "바다 건너 나무 스무 그루", "8342 9910 4718", "제일좋아하는노래열두곡", "~~~ %% ## @! ~~",
    "a" * 60 + " b c d", "\u0001 odd \u2603 signs", "x7", "북북서로 진로를 돌려라", "kpi is what my grandmother sang",
])  # fmt: skip
def test_any_composition_is_welcome(password, person):
    if len(password) < 10:
        with pytest.raises(ValidationError):
            validate_password(password, person)
    else:
        validate_password(password, person)


@pytest.mark.parametrize("password", [
    "1234567890", "qwertyuiop", "Password12", "iloveyou12", "PASSWORD123", "q1w2e3r4t5", "basketball",
])  # fmt: skip
def test_what_is_known_from_a_breach_is_refused(password, person):
    with pytest.raises(ValidationError):
        validate_password(password, person)


@pytest.mark.parametrize("password", [
    "모아옷장2026!", "서울지점1234", "bob@example.com", "nachim-2026", "Nachim!kpi!1", "비밀번호1234!", "qlalfqjsgh1!",
    "example12345", "welcome@nachim", "나침나침나침나침나침",
])  # fmt: skip
def test_what_is_little_more_than_a_word_of_ours_is_refused(password, person):
    with pytest.raises(ValidationError):
        validate_password(password, person)


def test_the_list_holds_more_than_the_three_thousand_that_are_asked_for():
    assert len(passwords._listed()) > 40_000 and min(map(len, passwords._listed())) >= 10


@given(st.lists(st.text(min_size=1, max_size=8), max_size=40, unique=True), st.text(max_size=8))
def test_a_larger_list_is_halved_until_it_is_found(settings_file, names, other):
    lines = sorted(
        hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest().upper() + f":{len(name)}" for name in names
    )
    settings_file.write_text("".join(line + "\r\n" for line in lines))
    for name in [*names, other]:
        assert passwords._in_file(name) == (name in names), name


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory):
    from django.conf import settings
    from django.test import override_settings

    path = tmp_path_factory.mktemp("leaked") / "pwned.txt"
    with override_settings(LEAKED_PASSWORDS=os.fspath(path)):
        assert settings.LEAKED_PASSWORDS
        yield path


def test_an_operators_list_is_asked_too(person, settings, tmp_path):
    path = tmp_path / "pwned.txt"
    path.write_text(hashlib.sha1(b"correct horse battery", usedforsecurity=False).hexdigest().upper() + ":7\r\n")
    validate_password("correct horse battery", person)
    settings.LEAKED_PASSWORDS = str(path)
    with pytest.raises(ValidationError):
        validate_password("correct horse battery", User(email="x@y.example", name="X"))
