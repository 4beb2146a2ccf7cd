"""Formulas of rows, worked out once for all rows that are alike.

In: a graph, truth values and amounts in it. Out: `keys`, the conditions that rows are told apart by, `leaves`, the
amounts to be added up of a stratum, which is all rows whose keys are the same, and the same truth values and amounts as
formulas of keys and of sums of leaves. Why: a sum of choices is a choice of sums, and there are few kinds of rows.
Promise: exact; where rows would fall into too many strata, the truth values themselves are the keys and the amounts the
leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policyeval.plan import Builder, Node

ROWS = "rows"  # the number of rows of a stratum, as a fact

_KEYS = 16
_LEAVES = 48


class Strata:
    """`builder` has the formulas of a stratum, of the facts ROWS, `k1` for key 1 and `s1` for the sum of leaf 1.

    `unsure`: nodes that may be unknown, of which a sum leaves rows out.
    """

    def __init__(
        self, nodes: Sequence[Node], truths: Iterable[int], amounts: Iterable[int], unsure: Iterable[int]
    ) -> None:
        self._nodes, self._unsure = nodes, frozenset(unsure)
        self._truths, self._amounts = [*dict.fromkeys(truths)], [*dict.fromkeys(amounts)]
        self._open(nested=True)
        if len(self.keys) > _KEYS or len(self.leaves) > _LEAVES:
            self._open(nested=False)

    def _open(self, nested: bool) -> None:
        self.builder = Builder()
        self.keys: list[int] = []
        self.leaves: list[int] = []
        self._nested = nested
        self._done: dict[tuple[bool, int], int] = {}
        self.truths = {n: self._truth(n) for n in self._truths}
        self.amounts = {n: self._amount(n) for n in self._amounts}

    def _truth(self, number: int) -> int:
        if (True, number) not in self._done:
            self._done[True, number] = self._truth_of(number, self._nodes[number])
        return self._done[True, number]

    def _truth_of(self, number: int, node: Node) -> int:
        if node.kind == "Truth":
            return self.builder.truth(node.data)
        if self._nested and node.kind in ("If", "And", "Or", "Not"):
            return self.builder.rebuilt(node, tuple(map(self._truth, node.args)))
        self.keys.append(number)
        return self.builder.fact(f"k{number}")

    def _amount(self, number: int) -> int:
        if (False, number) not in self._done:
            self._done[False, number] = self._amount_of(number, self._nodes[number])
        return self._done[False, number]

    def _amount_of(self, number: int, node: Node) -> int:
        b = self.builder
        if node.kind == "Const":
            return b.mul(b.fact(ROWS), b.const(node.data))
        if self._nested and node.kind == "If":
            condition, yes, no = node.args
            return b.if_(self._truth(condition), self._amount(yes), self._amount(no))
        if self._nested and number not in self._unsure:
            if node.kind == "Add":
                return b.add(*map(self._amount, node.args))
            if node.kind == "Mul" and self._nodes[node.args[1]].kind == "Const":
                return b.mul(self._amount(node.args[0]), b.const(self._nodes[node.args[1]].data))
        self.leaves.append(number)
        return b.fact(f"s{number}")
