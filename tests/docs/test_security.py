"""The checklist of docs/security.md: every requirement of levels 1 and 2 once, answered, and what it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security.md").read_text("utf-8")
ROW = re.compile(r"^\| V([\d.]+) \| ([12]) \| ([^|]+) \| (met|not applicable|open) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(TEXT)
HEADINGS = {
    re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-") for line in TEXT.splitlines() if line[:1] == "#"
}
# OWASP ASVS 5.0.0: the numbers of levels 1 (with a star) and 2, by section.
ASVS = """
1.1: 1 2; 1.2: 1* 2* 3* 4* 5* 6 7 8 9; 1.3: 1* 2* 3 4 5 6 7 8 9 10 11; 1.4: 1 2 3; 1.5: 1* 2; 2.1: 1* 2 3;
2.2: 1* 2* 3; 2.3: 1* 2 3 4; 2.4: 1; 3.2: 1* 2*; 3.3: 1* 2 3 4; 3.4: 1* 2* 3 4 5 6; 3.5: 1* 2* 3* 4 5;
3.7: 1 2; 4.1: 1* 2 3; 4.2: 1; 4.3: 1 2; 4.4: 1* 2 3 4; 5.1: 1; 5.2: 1* 2* 3; 5.3: 1* 2*; 5.4: 1 2 3;
6.1: 1* 2 3; 6.2: 1* 2* 3* 4* 5* 6* 7* 8* 9 10 11 12; 6.3: 1* 2* 3 4; 6.4: 1* 2* 3 4; 6.5: 1 2 3 4 5;
6.6: 1 2 3; 6.8: 1 2 3 4; 7.1: 1 2 3; 7.2: 1* 2* 3* 4*; 7.3: 1 2; 7.4: 1* 2* 3 4 5; 7.5: 1 2; 7.6: 1 2;
8.1: 1* 2; 8.2: 1* 2* 3; 8.3: 1*; 8.4: 1; 9.1: 1* 2* 3*; 9.2: 1* 2 3 4; 10.1: 1 2; 10.2: 1 2; 10.3: 1 2 3 4;
10.4: 1* 2* 3* 4* 5* 6 7 8 9 10 11; 10.5: 1 2 3 4 5; 10.6: 1 2; 10.7: 1 2 3; 11.1: 1 2; 11.2: 1 2 3;
11.3: 1* 2* 3; 11.4: 1* 2 3 4; 11.5: 1; 11.6: 1; 12.1: 1* 2 3; 12.2: 1* 2*; 12.3: 1 2 3 4; 13.1: 1;
13.2: 1 2 3 4 5; 13.3: 1 2; 13.4: 1* 2 3 4 5; 14.1: 1 2; 14.2: 1* 2 3 4; 14.3: 1* 2 3; 15.1: 1* 2 3;
15.2: 1* 2 3; 15.3: 1* 2 3 4 5 6 7; 16.1: 1; 16.2: 1 2 3 4 5; 16.3: 1 2 3 4; 16.4: 1 2 3; 16.5: 1 2 3;
17.1: 1; 17.2: 1 2 3 4; 17.3: 1 2
"""


def asked() -> dict[str, str]:
    """The level of each number."""
    found = {}
    for part in " ".join(ASVS.split()).split(";"):
        section, numbers = part.split(":")
        found |= {f"{section.strip()}.{one.rstrip('*')}": "1" if one[-1] == "*" else "2" for one in numbers.split()}
    return found


def test_every_requirement_is_answered_once_in_order():
    assert len(asked()) == 253
    assert [(number, level) for number, level, *_rest in ROWS] == list(asked().items())


def test_no_row_escapes_the_reading():
    assert len(re.findall(r"^\| V\d", TEXT, re.MULTILINE)) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_an_answer_names_is_there(row):
    _number, _level, _text, answer, why = row
    named = re.findall(
        r"`([\w./@-]+\.(?:py|md|html|js|txt|toml|yaml|conf|service|gz)|deploy/Containerfile)(?:::(\w+))?`", why
    )
    anchors = re.findall(r"\]\(#([\w-]+)\)", why)
    assert answer != "met" or named or anchors, "met needs a file, a test or a section that shows it"
    assert len(why) > 5
    for path, test in named:
        places = [one for one in (ROOT / path, ROOT / "src/nachim" / path) if one.is_file()]
        assert places, path
        assert not test or f"def {test}(" in places[0].read_text("utf-8"), f"{path}::{test}"
    assert set(anchors) <= HEADINGS


def test_the_sum_is_right():
    said = re.search(r"^Of (\d+): (\d+) met, (\d+) not applicable, (\d+) open\.$", TEXT, re.MULTILINE)
    counts = [sum(row[3] == answer for row in ROWS) for answer in ("met", "not applicable", "open")]
    assert [int(one) for one in said.groups()] == [len(ROWS), *counts]


def test_the_words_no_password_may_be_made_of_are_those_that_are_refused():
    from nachim.app import passwords

    assert re.search(r"name and address, \*([^*]+)\*", TEXT)[1].split(", ") == list(passwords.WORDS)
