"""Quotients by what differs from platform to platform, taken apart until they are straight lines.

In: a builder, a node, and the values of the facts that can be listed. Out: a node with the same value everywhere, whose
quotients have fixed divisors and whose products have a fixed factor. How: what is divided by an amount turns on a few
listed facts (a tier, a level); with each of their values in its place the quotient folds. Promise: exact; where a
quotient or product is left that does not fold, it is refused by name (R404).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policyeval.plan import Builder, cone, facts_below
from policyeval.problems import Problem, Refusal

LIMIT = 20_000  # nodes that taking apart may add

Values = Mapping[str, Sequence[int | bool]]


class Straight:
    """Straightens nodes of one builder, each once. `values`: the listed facts, and what each may be."""

    def __init__(self, builder: Builder, values: Values) -> None:
        self.b = builder
        self.values = values
        self._done: dict[int, int] = {}
        self._most = len(builder.nodes) + LIMIT

    def of(self, number: int) -> int:
        """Raises Refusal R404 where a quotient or a product cannot be taken apart."""
        for i in cone(self.b.nodes, [number]):
            if i not in self._done:
                node = self.b.nodes[i]
                new = self.b.rebuilt(node, tuple(self._done[a] for a in node.args))
                self._done[i] = self._apart(new) if self._crooked(new, "Div") else new
        found = self._done[number]
        while crooked := [i for i in cone(self.b.nodes, [found]) if self._crooked(i, "Mul", "Div")]:
            found = self._put(found, crooked[-1], self._apart(crooked[-1]))
        return found

    def _crooked(self, number: int, *kinds: str) -> bool:
        node = self.b.nodes[number]
        return node.kind in kinds and self.b.value(node.args[1]) is None

    def _apart(self, number: int) -> int:
        """The node, as one of several for the values of the first listed fact that it turns on."""
        name = next((name for name in facts_below(self.b.nodes, [number]) if name in self.values), None)
        if name is None or len(self.b.nodes) > self._most:
            raise Refusal(Problem("R404", {"kind": self.b.nodes[number].kind}))
        found: int | None = None
        for value in reversed(self.values[name]):
            leaf = self._whole(self._with(number, name, value))
            found = leaf if found is None else self.b.if_(self._is(name, value), leaf, found)
        assert found is not None  # a listed fact has values
        return found

    def _whole(self, number: int) -> int:
        crooked = any(self._crooked(i, "Div") for i in cone(self.b.nodes, [number]))
        return self._apart(number) if crooked else number

    def _is(self, name: str, value: int | bool) -> int:
        fact = self.b.fact(name)
        if isinstance(value, bool):
            return fact if value else self.b.not_(fact)
        return self.b.equal(fact, self.b.const(value))

    def _with(self, number: int, name: str, value: int | bool) -> int:
        fixed = self.b.truth(value) if isinstance(value, bool) else self.b.const(value)
        return self._put(number, self.b.fact(name), fixed)

    def _put(self, number: int, old: int, new: int) -> int:
        """The node with another one in the place of `old`."""
        numbers: dict[int, int] = {}
        for i in cone(self.b.nodes, [number]):
            node = self.b.nodes[i]
            numbers[i] = new if i == old else self.b.rebuilt(node, tuple(numbers[a] for a in node.args))
        return numbers[number]
