"""Every text of the pages has its Korean, the compiled catalogue says the same, and none is left out of it."""

import gettext
import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "src/nachim/web"
CATALOGUE = WEB / "locale/ko/LC_MESSAGES/django.po"
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def entries() -> list[dict[str, str]]:
    """The catalogue as a list of {msgctxt, msgid, msgid_plural, msgstr, msgstr[0], flags}."""
    found = []
    for block in CATALOGUE.read_text("utf-8").split("\n\n")[1:]:
        entry, name = {"flags": ""}, ""
        for line in block.splitlines():
            if line.startswith("#,"):
                entry["flags"] += line
            elif not line.startswith("#"):
                name = line.split(" ", 1)[0] if not line.startswith('"') else name
                entry[name] = entry.get(name, "") + text(line)
        if "msgid" in entry:
            found.append(entry)
    return found


def text(line: str) -> str:
    return QUOTED.search(line)[1].encode().decode("unicode_escape").encode("latin-1").decode("utf-8")


def test_no_korean_message_is_empty_or_fuzzy():
    every = entries()
    assert len(every) > 200
    for entry in every:
        assert "fuzzy" not in entry["flags"], entry["msgid"]
        said = [value for name, value in entry.items() if name.startswith("msgstr")]
        assert said and all(said), f"no Korean for {entry['msgid']!r}"


def test_the_compiled_catalogue_says_what_the_written_one_says():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in entries():
        if "msgid_plural" in entry:
            assert compiled.ngettext(entry["msgid"], entry["msgid_plural"], 2) == entry["msgstr[0]"]
        elif "msgctxt" in entry:
            assert compiled.pgettext(entry["msgctxt"], entry["msgid"]) == entry["msgstr"]
        else:
            assert compiled.gettext(entry["msgid"]) == entry["msgstr"], "run make messages"


@pytest.mark.parametrize("path", sorted(WEB.rglob("templates/**/*.html")), ids=lambda path: path.name)
def test_every_text_of_a_template_is_in_the_catalogue(path):
    known = {entry["msgid"] for entry in entries()}
    for found in re.findall(r"""{% trans(?:late)? (?:"([^"]*)"|'([^']*)')""", path.read_text("utf-8")):
        assert "".join(found) in known, "run make messages"
