"""Which platforms there are, as a plan counts them, and whether a condition of a plan can hold for any.

In: a vocabulary, packs, and the place that platforms lie in. Out: proofs. Promise: `never` is a proof: the listed facts
and the open readings were tried value by value, each value to the end or to where it decides, with numbers of any size.
Beyond LIMIT values nothing is proved, nor where it matters whether a fact has been stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from policyeval.money import LIMIT as MOST
from policyeval.pack import Pack
from policyeval.plan import Node
from policyeval.record import Record
from policyeval.simplify import Interval, Simplifier, specialise
from policyeval.vocabulary import Vocabulary

LIMIT = 3000  # values that one proof may try

_COMPARED = frozenset({"Less", "Equal", "Member"})

Known = Mapping[str, int | bool]


class Domains(Record):
    """Platforms at `place` and below it, under all readings of `packs`."""

    vocabulary: Vocabulary
    packs: Sequence[Pack]
    place: str

    def never(self, nodes: Sequence[Node], top: int, stated: bool = False) -> bool:
        """Whether it is proved that `top` holds for no platform; `stated`: for none whose facts are all stated."""
        cone = _cone(nodes, top)
        return (stated or all(node.kind != "Known" for node in cone)) and _Proof(self).never(cone)

    def values(self, facts: set[str]) -> Iterator[Known]:
        """The values of one of the facts that can be listed, with what follows from each; nothing where none can."""
        v = self.vocabulary
        for name, fact in v.facts.items():
            if fact.kind == "place" and name in facts:
                yield from ({name: v.place_index[p], **self._following(name, p)} for p in self._places(name))
            elif fact.derived and name in facts and fact.derived.source not in facts:
                tiers = {self._following(fact.derived.source, p)[name] for p in self._places(fact.derived.source)}
                yield from ({name: tier} for tier in sorted(tiers))
            elif fact.kind == "bool" and name in facts:
                yield from ({name: truth} for truth in (False, True))
            elif fact.values and fact.derived is None and name in facts:
                yield from ({name: i} for i in range(len(fact.values)))
            else:
                continue
            return
        for pack in self.packs:
            for reading in pack.readings.values():
                if (id_ := f"{pack.id}/{reading.id}") in facts:
                    yield from ({id_: i} for i in range(len(reading.options)))
                    return

    def bounds(self) -> dict[str, Interval]:
        """Between which bounds the facts lie that cannot be listed."""
        found = {}
        for name, fact in self.vocabulary.facts.items():
            match fact.kind:
                case "money" | "count" | "ratio":
                    found[name] = Interval(0, MOST)
                case "number":
                    found[name] = Interval(-MOST, MOST)
                case "date":
                    found[name] = Interval(1, date.max.toordinal())
        return found

    def _following(self, source: str, place: str) -> dict[str, int]:
        """The facts that follow from a place."""
        found = {}
        for name, fact in self.vocabulary.facts.items():
            if fact.derived and fact.derived.source == source:
                nearest = self.vocabulary.nearest(place, fact.derived.nearest)
                assert nearest  # `_places` gives no other place
                found[name] = list(fact.values).index(nearest.tier)
        return found

    def _places(self, fact: str) -> list[str]:
        """Where a platform may lie: all that follows from the place must be there."""
        v, inside = self.vocabulary, self.vocabulary.below(self.place)
        follow = [f.derived for f in v.facts.values() if f.derived and f.derived.source == fact]
        return [p for p in v.places if p in inside and all(v.nearest(p, d.nearest) for d in follow)]


class _Proof:
    """One proof; what is left of a condition is looked into once, however it was come to."""

    def __init__(self, domains: Domains) -> None:
        self.domains = domains
        self.bounds = domains.bounds()
        self._tried = 0
        self._done: dict[tuple[Node, ...], bool] = {}
        self._left: dict[tuple[Node, ...], bool] = {}

    def never(self, cone: tuple[Node, ...]) -> bool:
        if cone not in self._done:
            self._done[cone] = self._never(cone)
        return self._done[cone]

    def _never(self, cone: tuple[Node, ...]) -> bool:
        if cone[-1].kind == "Truth":
            return not cone[-1].data
        choices = list(self.domains.values({node.data for node in cone if node.kind == "Fact"}))
        self._tried += len(choices)
        if self._tried > LIMIT:
            return False
        # without a listed fact, bounds alone may still decide
        return all(self._with(cone, known, last=not choices) for known in choices or [{}])

    def _with(self, cone: tuple[Node, ...], known: Known, last: bool) -> bool:
        builder = Simplifier(self.bounds)
        top = specialise(builder, cone, known)[-1]
        value = builder.value(top)
        if value is not None:
            return value is False
        rest = _cone(builder.nodes, top)
        return self._rest(rest) if last else self.never(rest)

    def _rest(self, cone: tuple[Node, ...]) -> bool:
        if cone not in self._left:
            self._left[cone] = self._either_way(cone)
        return self._left[cone]

    def _either_way(self, cone: tuple[Node, ...]) -> bool:
        """No listed fact is left: the first comparison of numbers is taken both ways, as if nothing else bore on it."""
        if cone[-1].kind == "Or":
            return all(self._rest(_cone(cone, arg)) for arg in cone[-1].args)
        at = next((i for i, node in enumerate(cone) if node.kind in _COMPARED), None)
        self._tried += 2
        if at is None or at == len(cone) - 1 or self._tried > LIMIT:
            return False
        ways = ((*cone[:at], Node("Truth", (), truth), *cone[at + 1 :]) for truth in (True, False))
        return all(self._with(way, {}, last=True) for way in ways)


def _cone(nodes: Sequence[Node], top: int) -> tuple[Node, ...]:
    """The nodes that `top` needs, renumbered; it comes last."""
    below = {top}
    for i in range(top, -1, -1):
        if i in below:
            below.update(nodes[i].args)
    new = {old: i for i, old in enumerate(sorted(below))}
    return tuple(Node(nodes[old].kind, tuple(new[a] for a in nodes[old].args), nodes[old].data) for old in new)
