"""Which platforms there are, as a plan counts them, and whether a condition of a plan can hold for any.

In: a vocabulary, packs, and the place that platforms lie in. Out: the values and bounds of facts, and proofs. Promise:
`never` is a proof: the listed facts and the open readings were tried value by value, each value to the end or to where
it decides, with numbers of any size. Beyond LIMIT values nothing is proved, nor where it matters whether a fact has
been stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from policyeval.money import LIMIT as MOST
from policyeval.money import in_words, yuan
from policyeval.pack import Pack
from policyeval.plan import Node, needed
from policyeval.record import Record
from policyeval.simplify import Interval, Simplifier, specialise
from policyeval.vocabulary import Fact, Vocabulary

LIMIT = 3000  # values that one proof may try

_COMPARED = frozenset({"Less", "Equal", "Member"})

Known = Mapping[str, int | bool]


class Domains(Record):
    """Platforms at `place` and below it, or anywhere, under all readings of `packs`."""

    vocabulary: Vocabulary
    packs: Sequence[Pack]
    place: str | None

    def never(self, nodes: Sequence[Node], top: int, stated: bool = False) -> bool:
        """Whether it is proved that `top` holds for no platform; `stated`: for none whose facts are all stated."""
        formula = _formula(nodes, top)
        return (stated or all(node.kind != "Known" for node in formula)) and _Proof(self).never(formula)

    def values(self, facts: set[str]) -> Iterator[Known]:
        """The values of one of the facts that can be listed, with what follows from each; nothing where none can."""
        v = self.vocabulary
        for name, fact in v.facts.items():
            if fact.kind == "place" and name in facts:
                yield from ({name: p, **following(v, name, p)} for p in homes(v, name, self.place))
            elif fact.derived and name in facts and fact.derived.source not in facts:
                source = fact.derived.source
                tiers = {following(v, source, p)[name] for p in homes(v, source, self.place)}
                yield from ({name: tier} for tier in sorted(tiers))
            elif fact.derived is None and name in facts and (values := listed(fact)):
                yield from ({name: value} for value in values)
            else:
                continue
            return
        for pack in self.packs:
            for reading in pack.readings.values():
                if (id_ := f"{pack.id}/{reading.id}") in facts:
                    yield from ({id_: i} for i in range(len(reading.options)))
                    return

    def space(self) -> Space:
        """The platforms that there are: stated facts, and readings that a plan leaves open."""
        v = self.vocabulary
        values: dict[str, tuple[int | bool, ...]] = {}
        tables: list[Table] = []
        for name, fact in v.facts.items():
            if fact.kind == "place":
                places = homes(v, name, self.place)
                values[name] = tuple(places)
                rows = [{name: place, **following(v, name, place)} for place in places]
                if rows and len(rows[0]) > 1:
                    tables.append(Table(tuple(rows[0]), tuple(tuple(row.values()) for row in rows)))
            elif found := listed(fact):
                assumed = [value for value in found if spelled(v, name, value) == fact.default]
                values[name] = tuple(dict.fromkeys([*assumed, *sorted(found)]))
        for pack in self.packs:
            values |= {f"{pack.id}/{r.id}": tuple(range(len(r.options))) for r in pack.readings.values()}
        return Space(bounds(v), values, tuple(tables))


# Facts as the plan counts them -----------------------------------------------


def bounds(vocabulary: Vocabulary) -> dict[str, Interval]:
    """Between which bounds each fact lies; one that is true or false has none."""
    found = {}
    for name, fact in vocabulary.facts.items():
        match fact.kind:
            case "money" | "count" | "ratio":
                found[name] = Interval(0, MOST)
            case "list":
                found[name] = Interval(0, fact.most)
            case "number":
                found[name] = Interval(-MOST, MOST)
            case "date":
                found[name] = Interval(1, date.max.toordinal())
            case "enumeration" | "ordered":
                found[name] = Interval(0, len(fact.values) - 1)
            case "place":
                found[name] = Interval(0, len(vocabulary.places) - 1)
    return found


def listed(fact: Fact) -> list[int | bool]:
    """The values of a fact that has a few, highest first where they are ordered; of a list how many items it has."""
    match fact.kind:
        case "ordered":
            return list(range(len(fact.values)))[::-1]
        case "enumeration":
            return list(range(len(fact.values)))
        case "bool":
            return [False, True]
        case "list":
            return list(range((fact.most or 0) + 1))
    return []


def homes(vocabulary: Vocabulary, fact: str, within: str | None = None) -> list[int]:
    """The places that a fact may name: all that follows from it must be there, and platforms lie in `within`."""
    inside = vocabulary.below(within) if within and fact == vocabulary.seat else vocabulary.places.keys()
    follow = [f.derived for f in vocabulary.facts.values() if f.derived and f.derived.source == fact]
    index = vocabulary.place_index
    return [
        index[p] for p in vocabulary.places if p in inside and all(vocabulary.nearest(p, d.nearest) for d in follow)
    ]


def following(vocabulary: Vocabulary, fact: str, place: int) -> dict[str, int]:
    """The facts that follow from a place that `fact` names."""
    name = list(vocabulary.places)[place]
    found = {}
    for other in vocabulary.facts.values():
        if other.derived and other.derived.source == fact:
            nearest = vocabulary.nearest(name, other.derived.nearest)
            if nearest:
                found[other.name] = list(other.values).index(nearest.tier)
    return found


# Proofs ----------------------------------------------------------------------


class Table(Record):
    """Facts that belong together: each row is one way in which they can be."""

    facts: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]


class Space(Record):
    """What platforms there are: the ends of facts that are numbers, the values of those that are listed, what is
    assumed first, and which of these go together."""

    bounds: Mapping[str, Interval]
    values: Mapping[str, tuple[int | bool, ...]]
    tables: tuple[Table, ...]


def spelled(vocabulary: Vocabulary, name: str, value: int | bool) -> str:
    """A fact's value, as the plan counts it, in the words of a case file: canonical names, money in yuan."""
    fact = vocabulary.facts[name]
    if isinstance(value, bool):
        return "true" if value else "false"
    match fact.kind:
        case "place":
            return list(vocabulary.places)[value]
        case "enumeration" | "ordered":
            return list(fact.values)[value]
        case "money":
            return yuan(value)
    return figure(fact.kind, Fraction(value))


def figure(kind: str, number: Fraction) -> str:
    """A figure of a fact, as a plan counts it, in the language's own words: `10`, `2.5%`, `2024-01-01`, `1000万元`."""
    match kind:
        case "count" | "list":
            return str(number)
        case "ratio":
            return f"{_decimal(number / 10**4)}%"
        case "number":
            return _decimal(number / 10**6)
        case "date" if number.denominator == 1:
            return date.fromordinal(number.numerator).isoformat()
    return _money(number)


def _decimal(number: Fraction) -> str:
    """Exact: with up to six decimals where they end, else as a fraction."""
    millionths = abs(number) * 10**6
    if millionths.denominator != 1:
        return str(number)
    whole, part = divmod(millionths.numerator, 10**6)
    return f"{'-' if number < 0 else ''}{whole}.{part:06d}".rstrip("0").rstrip(".")


def _money(fen: Fraction) -> str:
    return in_words(int(fen)) if fen.denominator == 1 else f"{in_words(fen.numerator)} / {fen.denominator}"


class _Proof:
    """One proof; what is left of a condition is looked into once, however it was come to."""

    def __init__(self, domains: Domains) -> None:
        self.domains = domains
        self.bounds = bounds(domains.vocabulary)
        self._tried = 0
        self._done: dict[tuple[Node, ...], bool] = {}
        self._left: dict[tuple[Node, ...], bool] = {}

    def never(self, formula: tuple[Node, ...]) -> bool:
        if formula not in self._done:
            self._done[formula] = self._never(formula)
        return self._done[formula]

    def _never(self, formula: tuple[Node, ...]) -> bool:
        if formula[-1].kind == "Truth":
            return not formula[-1].data
        choices = list(self.domains.values({node.data for node in formula if node.kind == "Fact"}))
        self._tried += len(choices)
        if self._tried > LIMIT:
            return False
        # without a listed fact, bounds alone may still decide
        return all(self._with(formula, known, last=not choices) for known in choices or [{}])

    def _with(self, formula: tuple[Node, ...], known: Known, last: bool) -> bool:
        builder = Simplifier(self.bounds)
        top = specialise(builder, formula, known)[-1]
        value = builder.value(top)
        if value is not None:
            return value is False
        rest = _formula(builder.nodes, top)
        return self._rest(rest) if last else self.never(rest)

    def _rest(self, formula: tuple[Node, ...]) -> bool:
        if formula not in self._left:
            self._left[formula] = self._either_way(formula)
        return self._left[formula]

    def _either_way(self, formula: tuple[Node, ...]) -> bool:
        """No listed fact is left: the first comparison of numbers is taken both ways, as if nothing else bore on it."""
        if formula[-1].kind == "Or":
            return all(self._rest(_formula(formula, arg)) for arg in formula[-1].args)
        at = next((i for i, node in enumerate(formula) if node.kind in _COMPARED), None)
        self._tried += 2
        if at is None or at == len(formula) - 1 or self._tried > LIMIT:
            return False
        ways = ((*formula[:at], Node("Truth", (), truth), *formula[at + 1 :]) for truth in (True, False))
        return all(self._with(way, {}, last=True) for way in ways)


def _formula(nodes: Sequence[Node], top: int) -> tuple[Node, ...]:
    """The nodes that `top` needs; it comes last."""
    return needed(nodes, [top])[0]
