"""Least and most over every free choice, as formulas of the same plan.

In: a plan with choices, and the nodes that are asked for. Out: for each of them two nodes without any choice: its least
and its most (for a condition: whether it always holds, and whether it can). Promise: exact. Between two kinks an amount
is a straight line in a choice, so its ends are at the ends of the choice or where a comparison turns; each of these
points is a formula, put in the choice's place. What cannot be worked out so is refused by name, never approximated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policyeval.amounts import Arithmetic, Exact
from policyeval.lines import Line, Lines
from policyeval.plan import UNBOUNDED, Builder, Node, Plan, copy_nodes
from policyeval.problems import Problem, Refusal

_TRUTHS = frozenset({"Truth", "Less", "Equal", "Member", "And", "Or", "Not", "Known"})
_LIMIT = 50_000  # nodes that working out the choices of a plan may add


@dataclass(frozen=True)
class Ranges:
    """A graph without choices, and the least and most in it of each node of the plan that was asked for."""

    nodes: tuple[Node, ...]
    ends: dict[int, tuple[int, int]]


def ranges(plan: Plan, asked: Iterable[int]) -> Ranges:
    """Raises Refusal R401 where a comparison is not linear in a choice, X301 where the plan grows too large."""
    builder = Builder()
    numbers = copy_nodes(plan.nodes, builder)
    wanted = list(dict.fromkeys(asked))
    found = least_and_most(builder, [numbers[n] for n in wanted])
    return Ranges(tuple(builder.nodes), dict(zip(wanted, found, strict=True)))


def least_and_most(builder: Builder, asked: Sequence[int], limit: int = _LIMIT) -> list[tuple[int, int]]:
    """The same for nodes of a builder that is being filled, as a simplified plan is; it may add `limit` nodes."""
    return _Elimination(builder, limit).run(asked)


class _Elimination:
    def __init__(self, builder: Builder, limit: int) -> None:
        self.b = builder
        self.limit = limit
        self.most_nodes = len(builder.nodes) + limit
        self.math = Arithmetic(self.b)
        # later choices may be bounded by earlier ones, so they go first
        self.choices = [i for i, node in enumerate(self.b.nodes) if node.kind == "Choice"][::-1]

    def run(self, asked: Sequence[int]) -> list[tuple[int, int]]:
        ends = []
        for number in asked:
            low = high = number
            if self._is_truth(low):
                for choice in self.choices:
                    low, high = self.b.and_(*self._at(choice, low)), self.b.or_(*self._at(choice, high))
            else:
                for choice in self.choices:
                    low, high = self.b.min(*self._at(choice, low)), self.b.max(*self._at(choice, high))
            ends.append((low, high))
        return ends

    def _at(self, choice: int, number: int) -> list[int]:
        """The node with each point that matters in the choice's place."""
        cone = self._cone(choice, number)
        if not cone:
            return [number]
        points = self._points(choice, number, cone)
        return list(dict.fromkeys(self._with(cone, choice, point, number) for point in points))

    def _cone(self, choice: int, number: int) -> list[int]:
        """The nodes below `number` that depend on the choice, in order."""
        below = {number}
        for i in range(number, choice, -1):
            if i in below:
                below.update(self.b.nodes[i].args)
        reached = {choice}
        for i in range(choice + 1, number + 1):
            if i in below and not reached.isdisjoint(self.b.nodes[i].args):
                reached.add(i)
        return sorted(reached - {choice}) + ([choice] if number == choice else []) if choice in below else []

    def _with(self, cone: Sequence[int], choice: int, point: int, number: int) -> int:
        new = {choice: point}
        for i in cone:
            if i != choice:
                node = self.b.nodes[i]
                new[i] = self.b.rebuilt(node, tuple(new.get(a, a) for a in node.args))
        if len(self.b.nodes) > self.most_nodes:
            raise Refusal(Problem("X301", {"limit": self.limit}))
        return new[number]

    def _points(self, choice: int, number: int, cone: Sequence[int]) -> list[int]:
        node = self.b.nodes[choice]
        most = node.args[0] if node.args else self.b.const(UNBOUNDED)
        # the least of 0 and the most, not 0, so that it is unknown where the most is
        ends = [self.b.min(self.b.zero, most), most]
        if self._direction(choice, number, cone) is not None:
            return ends
        return [*ends, *(self._clamped(k, most) for k in self._kinks(choice, cone))]

    def _clamped(self, point: int, most: int) -> int:
        return self.b.max(self.b.zero, self.b.min(most, point))

    def _direction(self, choice: int, number: int, cone: Sequence[int]) -> int | None:
        """1 or -1 where the node surely rises or falls with the choice, else None."""
        found: dict[int, int | None] = {choice: 1}
        for i in cone:
            if i == choice:
                continue
            node = self.b.nodes[i]
            moved = [found[a] for a in node.args if a in found]
            same = moved[0] if len(set(moved)) == 1 else None
            match node.kind:
                case "Add" | "Min" | "Max":
                    found[i] = same
                case "If":
                    found[i] = None if node.args[0] in found else same
                case "Mul" | "Div":
                    factor = self.b.value(node.args[1])
                    found[i] = None if factor is None or same is None else same * (1 if factor > 0 else -1)
                case _:
                    found[i] = None
        return found[number]

    def _kinks(self, choice: int, cone: Sequence[int]) -> list[int]:
        """Where a comparison in the cone may turn: the points at which its two sides are equal, and beside them."""
        moving = frozenset(cone)
        lines = Lines(self.b.nodes, lambda n: n == choice or n not in moving)
        found: dict[int, None] = {}
        for i in cone:
            if self.b.nodes[i].kind in ("Less", "Equal", "Min", "Max"):
                turns = lines.turns(i)
                if turns is None:
                    raise Refusal(Problem("R401", {"choice": self.b.nodes[choice].data.partition("#")[0]}))
                for line in turns:
                    if line.slope(choice):
                        found.update(dict.fromkeys(self._beside(self._root(line, choice))))
        return list(found)

    def _root(self, line: Line, choice: int) -> int:
        """The whole number at or just below the point where the line is 0."""
        by = -1 / line.slope(choice)
        parts = [self.math.scale(Exact(atom), slope * by) for atom, slope in line.terms if atom != choice]
        return self.math.floor(self.math.add(self.math.number(line.constant * by), *parts)).node

    def _beside(self, point: int) -> list[int]:
        return [self.b.add(point, self.b.const(step)) for step in (-1, 0, 1)]

    def _is_truth(self, number: int) -> bool:
        node = self.b.nodes[number]
        while node.kind == "If":
            node = self.b.nodes[node.args[1]]
        return node.kind in _TRUTHS
