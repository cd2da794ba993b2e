"""The words of goal sentences fit the catalogue, and every name of a metric is found."""

import copy

import pytest
import yaml

from nachim.catalog import catalogue, vocabulary
from nachim.catalog import vocabulary as shipped
from nachim.catalog.vocabulary import VocabularyError, _file, build
from nachim.core.sentence_text import Text, squeeze

WORDS = vocabulary()


def test_the_facts_of_every_metric_are_the_catalogues():
    entries = catalogue().entries
    assert list(WORDS.metrics) == list(entries)
    for name, known in WORDS.metrics.items():
        one = entries[name]
        assert (known.unit, known.better, known.outcomes) == (one.unit, one.better, one.outcomes)
        assert (known.typical, known.down, known.up, known.by) == (
            one.typical,
            one.monthly.down,
            one.monthly.up,
            one.monthly.by,
        )
        assert known.label == {"ko": one.label.ko, "en": one.label.en}


def test_every_name_of_a_metric_finds_it():
    lost = {}
    for metric in WORDS.metrics.values():
        for name in metric.names:
            found = {one.name for one in WORDS.find(Text.of(name))}
            if found != {metric.name}:
                lost[name] = (metric.name, found)
    assert lost == {}


def test_no_name_belongs_to_two():
    owners: dict[str, set[str]] = {}
    for metric in WORDS.metrics.values():
        for name in metric.names:
            owners.setdefault(squeeze(name), set()).add(metric.name)
    for alias in WORDS.aliases:
        for name in alias.names:
            owners.setdefault(squeeze(name), set()).add(alias.kind + alias.names[0])
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}


def test_every_look_alike_is_told_from_the_metric_in_it():
    for alias in WORDS.aliases:
        for name in alias.names:
            assert [(one.kind, one.name) for one in WORDS.find(Text.of(name))] == [(alias.kind, "")], name


def test_what_is_read_is_there_in_both_languages():
    for name, known in WORDS.metrics.items():
        assert any(one.isascii() for one in known.names) and any(not one.isascii() for one in known.names), name
        assert not known.instead or (known.why["ko"] and known.why["en"])
        assert not set(known.instead) & {name}


def test_it_is_read_once():
    assert shipped() is vocabulary()


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda words: words["metrics"].update(nothing=["x"]), "nothing"),
        (lambda words: words["proxies"][0].update(instead=["nothing"]), "nothing"),
        (lambda words: words.update(sideways=[]), "sideways"),
        (lambda words: words["directions"].update(sideways=[]), "sideways"),
        (lambda words: words["either_way"].append("nothing"), "nothing"),
    ],
)
def test_words_that_contradict_the_catalogue_are_refused_by_name(change, message):
    words = copy.deepcopy(_file("vocabulary.yaml"))
    change(words)
    with pytest.raises(VocabularyError, match=message):
        build(words, _file("metrics.yaml")["metrics"])


def test_the_file_names_nothing_twice():
    """YAML keeps the last of two keys, silently."""
    node = yaml.compose((vocabulary_file()).read_text("utf-8"))
    for _key, value in node.value:
        if isinstance(value, yaml.MappingNode):
            keys = [key.value for key, _value in value.value]
            assert len(keys) == len(set(keys))


def vocabulary_file():
    from importlib.resources import files

    return files("nachim").joinpath("catalog", "vocabulary.yaml")
