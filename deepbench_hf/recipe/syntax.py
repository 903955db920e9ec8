"""Plain YAML: which of it is read, and what is wrong with the rest, in one line with its place."""

import re
from collections.abc import Hashable
from typing import Any

import yaml

from deepbench_hf.errors import short

TABS = "a tab stands where YAML wants spaces; indent with spaces"
COLON = "mapping values are not allowed"
QUOTES = "; put a text that holds a colon in quotes"

SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""That of libyaml where PyYAML has it: ten times as fast, and the same result."""

DEEPEST, MOST_KEYS = 20, 1000
"""Levels of nesting, and keys of one mapping."""


class Loader(SafeLoader):
    """Plain data only: no tags, no key twice, and 1e-3 is a number."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping as a dict; every key once."""
        if len(node.value) > MOST_KEYS:
            raise yaml.YAMLError(f"more than {MOST_KEYS} keys{at(node.start_mark)}")
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value == "<<":
                raise yaml.YAMLError(f"merge keys (<<) are not allowed{at(key.start_mark)}")
            if key.value in seen:
                raise yaml.YAMLError(f"key {short(key.value)} is given twice{at(key.start_mark)}")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


# Whole numbers are decimal: neither 010 nor 1:30 is a number of another base. Those that no float
# can hold are left as text, of which messages show the beginning.
Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:int"]
    for first, rules in SafeLoader.yaml_implicit_resolvers.items()
}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,307})\Z")
_POWER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+\Z")
Loader.add_implicit_resolver("tag:yaml.org,2002:int", _WHOLE, list("-+0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", _POWER, list("-+.0123456789"))


class Dumper(yaml.SafeDumper):
    """Writes what `Loader` reads back: a text such as 1e5, which it takes for a number, quoted."""


Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _POWER, list("-+.0123456789"))


def yaml_text(data: Any, **style: Any) -> str:
    """Plain data as YAML, in its order, that `Loader` reads back as it was."""
    return yaml.dump(data, Dumper=Dumper, sort_keys=False, allow_unicode=True, **style)


def refuse_odd_parts(text: str) -> None:
    """Stop at aliases, tags and deep nesting before anything is built from them."""
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        depth += isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
        depth -= isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError(f"aliases are not allowed{at(event.start_mark)}")
        if getattr(event, "tag", None) is not None:
            raise yaml.YAMLError(f"tags such as {event.tag} are not allowed{at(event.start_mark)}")
        if depth > DEEPEST:
            raise yaml.YAMLError(f"is nested deeper than {DEEPEST}{at(event.start_mark)}")


def one_line(error: Exception, text: str) -> str:
    """The problem with a text that is no YAML, and where it is.

    Args:
        error: what the parser raised.
        text: the text that it read.
    """
    mark = getattr(error, "problem_mark", None)
    if mark is not None and _is_tab(text, mark):
        return TABS + at(mark)
    problem = " ".join((getattr(error, "problem", None) or str(error)).split())
    problem += QUOTES if problem.startswith(COLON) else ""
    begun = getattr(error, "context_mark", None)
    if mark is not None and begun is not None and begun.line != mark.line:
        problem += f" for what begins in line {begun.line + 1}"
    return problem + at(mark)


def at(mark: Any) -> str:
    """The place that a mark of the parser names; empty without one."""
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""


def _is_tab(text: str, mark: Any) -> bool:
    lines = text.splitlines()
    return mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t"
