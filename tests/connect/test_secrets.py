"""Passwords at rest: what the file and the tokens are, and how keys change."""

import stat

import pytest
from cryptography.fernet import Fernet

from nachim.connect.secrets import Keys, Unreadable

WORD = "비밀 s3cret=word"


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path / "connections.key")


def test_a_secret_comes_back_and_its_token_does_not_show_it(keys):
    token = keys.encrypt(WORD)
    assert keys.decrypt(token) == WORD
    assert "s3cret" not in token and keys.encrypt(WORD) != token


def test_the_key_file_is_its_owners_alone_and_is_made_once(keys):
    keys.encrypt(WORD)
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    text = keys.path.read_text()
    Keys(keys.path).encrypt(WORD)
    assert keys.path.read_text() == text


def test_a_new_key_reads_the_old_until_the_old_one_goes(keys):
    old = keys.encrypt(WORD)
    keys.add()
    assert keys.decrypt(old) == WORD
    new = keys.renewed(old)
    keys.drop_old()
    assert len(keys.path.read_text().split()) == 1 and stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert keys.decrypt(new) == WORD
    with pytest.raises(Unreadable):
        keys.decrypt(old)
    with pytest.raises(Unreadable):
        keys.renewed(old)


def test_another_installations_key_opens_nothing(keys, tmp_path):
    token = keys.encrypt(WORD)
    with pytest.raises(Unreadable):
        Keys(tmp_path / "other.key").decrypt(token)
    with pytest.raises(Unreadable):
        keys.decrypt(token[:-4] + "AAA=")
    keys.path.write_text("no key\n")
    with pytest.raises(Unreadable) as told:
        keys.decrypt(token)
    assert "s3cret" not in str(told.value)


def test_keys_may_come_from_outside(tmp_path):
    first, second = (Keys(tmp_path / name) for name in ("a", "b"))
    token = first.encrypt(WORD)
    second.encrypt(WORD)
    given = Keys(tmp_path / "c", f"{second.path.read_text().strip()}, {first.path.read_text()}")
    assert given.decrypt(token) == WORD
    given.add()
    given.drop_old()
    assert given.decrypt(given.renewed(token)) == WORD
    assert not given.path.exists()


def test_what_was_sealed_the_old_way_opens_and_is_renewed_into_the_new(tmp_path):
    keys = Keys(tmp_path / "connections.key")
    keys.encrypt("x")
    old = Fernet(keys._lines()[0]).encrypt(b"hunter2").decode()
    assert keys.decrypt(old) == "hunter2"
    new = keys.renewed(old)
    assert new.startswith("gcm1.") and keys.decrypt(new) == "hunter2"


@pytest.mark.parametrize("bent", ["flip", "cut", "mark", "nonsense", "empty"])
def test_what_has_been_changed_opens_nothing(tmp_path, bent):
    keys = Keys(tmp_path / "connections.key")
    token = keys.encrypt("hunter2")
    last = "A" if token[-6] != "A" else "B"
    changed = {
        "flip": token[:-6] + last + token[-5:], "cut": token[:20], "mark": token.removeprefix("gcm1."),
        "nonsense": "gcm1.비밀", "empty": "gcm1.",
    }[bent]  # fmt: skip
    with pytest.raises(Unreadable):
        keys.decrypt(changed)
