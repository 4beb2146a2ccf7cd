"""Facts of platforms as the plan counts them: their values, their bounds, and the places that a plan tells apart.

In: a vocabulary. Out: whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from policyeval.money import LIMIT
from policyeval.simplify import Interval
from policyeval.vocabulary import Fact, Vocabulary


def bounds_of(vocabulary: Vocabulary) -> dict[str, Interval]:
    """Between which bounds each fact may lie, as the plan counts it."""
    found = {}
    for name, fact in vocabulary.facts.items():
        match fact.kind:
            case "money" | "count" | "ratio" | "number":
                found[name] = Interval(0, LIMIT)
            case "date":
                found[name] = Interval(1, date.max.toordinal())
            case "enumeration" | "ordered":
                found[name] = Interval(0, len(fact.values) - 1)
            case "place":
                found[name] = Interval(0, len(vocabulary.places) - 1)
    return found


def following(vocabulary: Vocabulary, seat: int) -> dict[str, int | bool]:
    """The facts that follow from where a platform is."""
    place = list(vocabulary.places)[seat]
    found: dict[str, int | bool] = {}
    for name, fact in vocabulary.facts.items():
        if fact.derived and (nearest := vocabulary.nearest(place, fact.derived.nearest)):
            found[name] = list(fact.values).index(nearest.tier)
    return found


def listed(fact: Fact) -> list[int | bool]:
    """The values of a fact that has a list of them, highest first where they are ordered."""
    match fact.kind:
        case "ordered":
            return list(range(len(fact.values)))[::-1]
        case "enumeration":
            return list(range(len(fact.values)))
        case "bool":
            return [False, True]
    return []


def seats(vocabulary: Vocabulary, place: str, named: Iterable[str], derived: bool) -> list[int]:
    """Of the places of platforms in `place`, one for each kind: which of the `named` places they lie in, and, where
    anything asks for it, what follows from them."""
    needed = [f.derived.nearest for f in vocabulary.facts.values() if f.derived]
    inside = vocabulary.below(place)
    index = vocabulary.place_index
    whole = [p for p in vocabulary.places if p in inside and all(vocabulary.nearest(p, tiers) for tiers in needed)]
    sets = [vocabulary.below(name) for name in sorted(named)]
    found: dict[Any, int] = {}
    for name in whole or [place]:
        follows = following(vocabulary, index[name]) if derived else {}
        found.setdefault((tuple(name in inside for inside in sets), tuple(follows.items())), index[name])
    return list(found.values())
