"""Whether a file fits its schema is known without the validator, and never otherwise than the validator has it."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from policyeval.data_files import data_file
from policyeval.nodes import plain, read_yaml
from policyeval.schema import _rules, _validator, fits

SHIPPED = sorted(path.name for path in data_file("policies").glob("*.yaml"))
ODD = ("", "x", "1.0.0", "ä" * 9999, None, [], {}, ["x"], {"x": "y"}, {"zh": "甲", "en": "a"}, [[]], "national")
FEW = 4


def _content(name: str) -> tuple[Any, str]:
    root, _ = read_yaml(data_file("policies", name).read_bytes(), name)
    value = plain(root)
    return value, "pack" if "pack" in value else "vocabulary"


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_fits_without_the_validator(name: str) -> None:
    value, schema = _content(name)
    assert fits(value, _rules(schema), _rules(schema))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_validator_says_the_same(name: str) -> None:
    whole, schema = _content(name)
    rules, validator, random = _rules(schema), _validator(schema), Random(7)
    seen = set()
    for _ in range(150):
        value = _some(whole, random)
        _spoil(value, random)
        seen.add(fits(value, rules, rules))
        assert fits(value, rules, rules) == validator.is_valid(value)
    assert seen == {True, False}


def _some(value: Any, random: Random) -> Any:
    """A copy with a few of what a file has many of: the validator takes long over a whole one."""
    if isinstance(value, list):
        return [_some(part, random) for part in random.sample(value, min(len(value), FEW))]
    if not isinstance(value, dict):
        return value
    named = len(value) > FEW and all(isinstance(part, dict) for part in value.values())
    kept = set(random.sample(list(value), FEW)) if named else value
    return {key: _some(part, random) for key, part in value.items() if key in kept}


def _spoil(value: Any, random: Random) -> None:
    """Changes, adds or takes out one thing anywhere."""
    inside = random.choice(list(_containers(value)))
    key = random.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
    match random.randrange(3):
        case 0:
            inside[key] = random.choice(ODD)
        case 1:
            del inside[key]
        case 2 if isinstance(inside, dict):
            inside[random.choice(("x", "note", "when", "label", "Ä b"))] = random.choice(ODD)


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list) and value:
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from _containers(part)


def test_a_keyword_that_is_not_known_goes_to_the_validator() -> None:
    assert not fits("x", {"type": "string", "format": "date"}, {})
