"""Definitions as text: YAML read with the line of every entry, and nothing in it that surprises.

A word is a word: `on`, `no` and `off` are not truth values and 10:30 is not a number, as they are to YAML of old.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from nachim.metrics.messages import Issue, SpecError

Lines = dict[tuple[str | int, ...], int]
MOST_ENTRIES = 50_000
DEEPEST = 40


class Reader(yaml.SafeLoader):
    """SafeLoader whose only truth values are true and false, and whose numbers have no colons."""


Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:int")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Reader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
Reader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))


def read_yaml(text: str, file: str = "") -> tuple[dict[str, Any], Lines]:
    """Plain data and the line of every entry. Raises SpecError for what is not YAML or names a key twice."""
    try:
        node = yaml.compose(text, Loader=Reader)
        lines, issues = _walk(node, file)
        if issues:
            raise SpecError(issues)
        data = yaml.load(text, Loader=Reader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = str(getattr(error, "problem", None) or error).replace("\n", " ")
        raise SpecError([Issue("yaml", "", mark.line + 1 if mark else None, file, {"detail": detail})]) from error
    except (RecursionError, ValueError) as error:
        code, params = ("too_deep", {}) if isinstance(error, RecursionError) else ("yaml", {"detail": str(error)})
        raise SpecError([Issue(code, "", None, file, params)]) from None
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise SpecError([Issue("not_a_mapping", "", 1, file)])
    return data, lines


def _walk(root: yaml.Node | None, file: str) -> tuple[Lines, list[Issue]]:
    """The line of every entry. References (`*name`) are followed, so what they unfold to is bounded."""
    lines: Lines = {}
    issues: list[Issue] = []

    def walk(node: yaml.Node, path: tuple[str | int, ...]) -> None:
        if len(lines) > MOST_ENTRIES or len(path) > DEEPEST:
            raise RecursionError
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                name = key.value
                if not isinstance(name, str):
                    issues.append(Issue("not_text", ".".join(map(str, path)), key.start_mark.line + 1, file))
                    continue
                if name in seen:
                    where = ".".join(map(str, path))
                    issues.append(Issue("duplicate_key", where, key.start_mark.line + 1, file, {"name": name}))
                seen.add(name)
                lines[*path, name] = key.start_mark.line + 1
                walk(value, (*path, name))
        elif isinstance(node, yaml.SequenceNode):
            for at, value in enumerate(node.value):
                lines[*path, at] = value.start_mark.line + 1
                walk(value, (*path, at))

    if root is not None:
        walk(root, ())
    return lines, issues
