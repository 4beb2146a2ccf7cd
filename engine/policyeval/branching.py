"""Formulas as people write them: first which platforms, then the amount.

In: a builder, a node, the values of the facts that can be listed. Out: a node with the same value everywhere, in which
what is known and conditions on listed facts stand outside, and amounts inside. Why: what statements do to several
awards at once is full of conditions that exclude each other; taken one by one most of it folds away. Promise: exact,
for platforms of which facts are missing too; a node for which that would take too many nodes stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policyeval.partial import SURE, Partial
from policyeval.plan import cone

_LIMIT = 3_000  # nodes that one formula may add
_WORK = 100_000  # nodes that may be looked at for it

Among = frozenset[int | bool]  # values of one fact
Known = dict[str, Among]  # which of its values a fact can still have


class _TooLong(Exception):
    pass


class Branching:
    """Branches nodes of one builder. `values`: the listed facts, and what each may be where it is known."""

    def __init__(self, builder: Partial, values: Mapping[str, Sequence[int | bool]]) -> None:
        self.b = builder
        sure = {name: name + SURE if name in builder.open else name for name in values}
        self.all: Known = {sure[name]: frozenset(found) for name, found in values.items()}
        self._done: dict[tuple[int, tuple[tuple[str, Among], ...]], int] = {}
        self._most = self._work = 0

    def of(self, number: int) -> int:
        self._most, self._work = len(self.b.nodes) + _LIMIT, _WORK
        try:
            return self._of(number, self.all)
        except _TooLong:
            return number

    def where_known(self, number: int) -> int:
        """The node for platforms of which every fact is known: what an inner part of a branched formula becomes."""
        below = cone(self.b.nodes, [number])
        facts = {i: self.b.nodes[i].data for i in below if self.b.nodes[i].kind == "Fact"}
        sure = {i: self.b.fact(name + SURE) for i, name in facts.items() if name in self.b.open}
        return self._rebuilt(number, below, sure)

    def _of(self, number: int, known: Known) -> int:
        below = cone(self.b.nodes, [number])
        self._work -= len(below)
        if len(self.b.nodes) > self._most or self._work < 0:
            raise _TooLong
        open_ = next((i for i in below if self.b.nodes[i].kind == "Fact" and self.b.nodes[i].data in self.b.open), None)
        if open_ is not None:
            return self._either(number, below, open_, known)
        facts = {self.b.nodes[i].data for i in below if self.b.nodes[i].kind == "Fact"}
        key = number, tuple(sorted((name, known[name]) for name in facts & known.keys()))
        if key not in self._done:
            self._done[key] = self._branched(number, below, known)
        return self._done[key]

    def _either(self, number: int, below: Sequence[int], fact: int, known: Known) -> int:
        """The node where a fact is known, and where it is not."""
        key = number, ((self.b.nodes[fact].data, frozenset()), *sorted(known.items()))
        if key not in self._done:
            sure = self.b.fact(self.b.nodes[fact].data + SURE)
            yes, no = (self._of(self._rebuilt(number, below, {fact: new}), known) for new in (sure, self.b.unknown))
            self._done[key] = self.b.if_(self.b.known(fact), yes, no)
        return self._done[key]

    def _rebuilt(self, number: int, below: Sequence[int], replaced: Mapping[int, int]) -> int:
        """The node with others in the places of some that it is made of."""
        numbers = dict(replaced)
        for i in below:
            if i not in numbers:
                node = self.b.nodes[i]
                args = tuple([numbers[a] for a in node.args])
                numbers[i] = i if args == node.args else self.b.rebuilt(node, args)
        return numbers[number]

    def _branched(self, number: int, below: Sequence[int], known: Known) -> int:
        asked = {i: found for i in below if (found := self._asks(i))}
        if number in asked or not asked:
            return number
        at, (name, among) = next(iter(asked.items()))
        sides = []
        for left in (known[name] & among, known[name] - among):
            if left:
                still = {**known, name: left}
                sides.append(self._of(self._with(number, below, asked, still), still))
        return self.b.if_(at, *sides) if len(sides) == 2 else sides[0]

    def _with(self, number: int, below: Sequence[int], asked: Mapping[int, tuple[str, Among]], known: Known) -> int:
        """The node where what is asked of listed facts is settled as far as it is known."""
        settled = {
            i: self.b.truth(known[name] <= among)
            for i, (name, among) in asked.items()
            if known[name] <= among or known[name].isdisjoint(among)
        }
        return self._rebuilt(number, below, settled)

    def _asks(self, number: int) -> tuple[str, Among] | None:
        """The listed fact that a condition is about, and the values for which it holds."""
        node = self.b.nodes[number]
        if node.kind == "Fact":
            return (
                (node.data, frozenset({True}))
                if True in self.all.get(node.data, ()) and self._truth(node.data)
                else None
            )
        if node.kind not in ("Equal", "Member", "Less"):
            return None
        values = [self.b.value(a) for a in node.args]
        facts = [self.b.nodes[a].data for a in node.args if self.b.nodes[a].kind == "Fact"]
        if len(facts) != 1 or facts[0] not in self.all or values.count(None) != 1:
            return None
        among = self.all[facts[0]]
        if node.kind == "Member":
            return facts[0], among & frozenset(node.data)
        if node.kind == "Equal":
            return facts[0], among & frozenset(v for v in values if v is not None)
        low, high = values
        held = (v for v in among if (v if low is None else low) < (v if high is None else high))
        return facts[0], frozenset(held)

    def _truth(self, name: str) -> bool:
        return all(isinstance(value, bool) for value in self.all[name])
