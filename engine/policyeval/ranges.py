"""Least and most over every free choice, as formulas of the same plan.

In: a plan with choices, and the nodes that are asked for. Out: for each of them two nodes without any choice: its least
and its most (for a condition: whether it always holds, and whether it can). Promise: exact. Between two kinks an amount
is a straight line in a choice, so its ends are at the ends of the choice or where a comparison turns; each of these
points is a formula, put in the choice's place. What cannot be worked out so is refused by name, never approximated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import lcm

from policyeval.amounts import Arithmetic, Exact
from policyeval.lines import Line, Lines
from policyeval.plan import UNBOUNDED, Builder, Node, Plan
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.simplify import Interval, Simplifier

_TRUTHS = frozenset({"Truth", "Less", "Equal", "Member", "And", "Or", "Not", "Known"})
_LIMIT = 4_000  # nodes that working out the choices of a plan may add
_POINTS = 60  # of one choice, at most


class Ranges(Record):
    """A graph without choices, and the least and most in it of each node of the plan that was asked for.

    A node that is not in `ends` has none as a formula that is short enough; `corners` finds them for one platform.
    """

    nodes: tuple[Node, ...]
    ends: dict[int, tuple[int, int]]


def ranges(plan: Plan, asked: Iterable[int], missing: frozenset[str], limit: int = _LIMIT) -> Ranges:
    """For platforms of which the facts in `missing` are not known, and all others are."""
    builder = Builder()
    numbers = _settled(plan.nodes, builder, missing)
    ends = {}
    for n in dict.fromkeys(asked):
        try:
            ends[n] = _Elimination(builder, limit, to_the_fen=True).of(numbers[n])
        except Refusal:
            continue
    return Ranges(tuple(builder.nodes), ends)


def least_and_most(builder: Builder, asked: Sequence[int], limit: int = _LIMIT) -> list[tuple[int, int]]:
    """The same for nodes of a builder that is being filled, as a simplified plan is; it may add `limit` nodes.

    Raises Refusal R401 where a comparison is not linear in a choice, X301 where the formulas grow too long.
    """
    elimination = _Elimination(builder, limit, to_the_fen=False)
    return [elimination.of(number) for number in asked]


def _settled(nodes: Sequence[Node], builder: Builder, missing: frozenset[str]) -> list[int]:
    """The nodes in the builder, where all is known that no missing fact can leave unknown."""
    numbers: list[int] = []
    unsure: set[int] = set()
    for i, node in enumerate(nodes):
        if (node.kind == "Fact" and node.data in missing) or not unsure.isdisjoint(node.args):
            unsure.add(i)
        sure = node.kind == "Known" and i not in unsure
        numbers.append(builder.true if sure else builder.rebuilt(node, tuple(numbers[a] for a in node.args)))
    return numbers


class _Elimination:
    def __init__(self, builder: Builder, limit: int, to_the_fen: bool) -> None:
        self.b = builder
        self.limit = limit
        self.most_nodes = len(builder.nodes) + limit
        self.to_the_fen = to_the_fen
        self.math = Arithmetic(self.b)
        self._ends: dict[int, tuple[int, int]] = {}

    def of(self, number: int) -> tuple[int, int]:
        """The least and the most of a node. Over the terms of a sum that share no choice they add up."""
        if number not in self._ends:
            node = self.b.nodes[number]
            terms = node.args if node.kind == "Add" else (number,)
            found = [self._least_and_most(self.b.add(*group)) for group in self._apart(terms)]
            lows, highs = zip(*found, strict=True)
            self._ends[number] = found[0] if len(found) == 1 else (self.b.add(*lows), self.b.add(*highs))
        return self._ends[number]

    def _least_and_most(self, number: int) -> tuple[int, int]:
        low = high = number
        truth = self._is_truth(number)
        for choice in self._choices([number]):
            lows, highs = self._at(choice, low, -1), self._at(choice, high, 1)
            low = self.b.and_(*lows) if truth else self.b.min(*lows)
            high = self.b.or_(*highs) if truth else self.b.max(*highs)
        return low, high

    def _apart(self, terms: Sequence[int]) -> list[list[int]]:
        """The terms in groups that have no choice in common."""
        groups: list[tuple[set[int], list[int]]] = []
        for term in terms:
            choices = set(self._choices([term]))
            meeting = [group for group in groups if group[0] & choices]
            groups = [group for group in groups if group not in meeting]
            joined = choices.union(*(c for c, _ in meeting))
            groups.append((joined, [t for _, found in meeting for t in found] + [term]))
        return [found for _, found in groups]

    def _choices(self, numbers: Sequence[int]) -> list[int]:
        """The choices below the nodes. Later ones may be bounded by earlier ones, so they go first."""
        below = set(numbers)
        found = []
        for i in range(max(numbers), -1, -1):
            if i in below:
                below.update(self.b.nodes[i].args)
                if self.b.nodes[i].kind == "Choice":
                    found.append(i)
        return found

    def _at(self, choice: int, number: int, end: int) -> list[int]:
        """The node with each point that matters in the choice's place; `end`: 1 for its most, -1 for its least."""
        cone = self._cone(choice, number)
        if not cone:
            return [number]
        points = self._points(choice, number, cone, end)
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

    def _points(self, choice: int, number: int, cone: Sequence[int], end: int) -> list[int]:
        node = self.b.nodes[choice]
        most = node.args[0] if node.args else self.b.const(UNBOUNDED)
        # the least of 0 and the most, not 0, so that it is unknown where the most is
        ends = [self.b.min(self.b.zero, most), most]
        direction = self._direction(choice, number, cone)
        if direction is not None:
            return [ends[direction * end > 0]]
        lines = Lines(self.b.nodes, lambda n, moving=frozenset(cone): n == choice or n not in moving)
        beside = self._period(choice, cone, lines) - 1 if self.to_the_fen else 0
        points = [ends[0], ends[1], *self._kinks(choice, cone, lines)]
        points += [self.b.add(p, self.b.const(s)) for p in tuple(points) for s in range(-beside, beside + 1) if s]
        if len(points) > _POINTS:
            raise Refusal(Problem("X301", {"limit": self.limit}))
        return list(dict.fromkeys(ends[:1] + [self._clamped(p, most) for p in points]))

    def _clamped(self, point: int, most: int) -> int:
        return self.b.max(self.b.min(self.b.zero, most), self.b.min(most, point))

    def _direction(self, choice: int, number: int, cone: Sequence[int]) -> int | None:
        """1 or -1 where the node surely rises or falls with the choice (a truth: comes to hold, or to fail), else None."""
        found: dict[int, int | None] = {choice: 1}
        for i in cone:
            if i != choice:
                found[i] = self._moves(self.b.nodes[i], found)
        return found[number]

    def _moves(self, node: Node, found: dict[int, int | None]) -> int | None:
        moved = [found[a] for a in node.args if a in found]
        if None in moved:
            return None
        same = moved[0] if len(set(moved)) == 1 else None
        match node.kind:
            case "Add" | "Min" | "Max" | "And" | "Or":
                return same
            case "Not":
                return _turned(same)
            case "Less":
                left, right = (found.get(a) for a in node.args)
                return right if left is None else _turned(left) if right is None or right == -left else None
            case "If" if node.args[0] in found:
                # where one side is 0 and the other never below it, the amount comes and goes with the condition
                condition, yes, no = node.args
                comes = 1 if no == self.b.zero and self._never_negative(yes) else None
                comes = -1 if yes == self.b.zero and self._never_negative(no) else comes
                return same if comes == 1 else None if comes is None else self._goes(found, condition, no)
            case "If":
                return same
            case "Mul" | "Div":
                factor = self.b.value(node.args[1])
                return None if factor is None else same if factor > 0 else _turned(same)
        return None

    def _goes(self, found: dict[int, int | None], condition: int, no: int) -> int | None:
        against = _turned(found[condition])
        return against if found.get(no, against) == against else None

    def _never_negative(self, number: int) -> bool:
        bounds = Simplifier({node.data: Interval(0, None) for node in self.b.nodes if node.kind == "Fact"})
        bounds.nodes = self.b.nodes
        low = bounds.interval(number).low
        return low is not None and low >= 0

    def _period(self, choice: int, cone: Sequence[int], lines: Lines) -> int:
        """After so many fen of the choice the rounding of shares repeats; then the same comes again beside each kink."""
        periods = [1]
        for i in cone:
            node = self.b.nodes[i]
            if node.kind in ("Mul", "Div"):
                by = self.b.value(node.args[1])
                pieces = None if by is None else lines.of(node.args[0])
                if by is None or pieces is None:
                    raise self._refusal(choice)
                if node.kind == "Div":
                    periods += [(line.slope(choice) / by).denominator for line in pieces]
        return lcm(*periods)

    def _refusal(self, choice: int) -> Refusal:
        return Refusal(Problem("R401", {"choice": self.b.nodes[choice].data.partition("#")[0]}))

    def _kinks(self, choice: int, cone: Sequence[int], lines: Lines) -> list[int]:
        """Where a comparison in the cone may turn: the whole numbers on either side of the point."""
        found: dict[int, None] = {}
        for i in cone:
            kind = self.b.nodes[i].kind
            if kind in ("Less", "Equal", "Min", "Max"):
                turns = lines.turns(i)
                if turns is None:
                    raise self._refusal(choice)
                for line in turns:
                    slope = line.slope(choice)
                    if slope:
                        root = self._root(line, choice)
                        # `a < b` with a rising turns at the root itself, every other one just after it
                        steps = (-1, 0, 1) if kind == "Equal" or (kind == "Less" and slope > 0) else (0, 1)
                        found.update(dict.fromkeys(self.b.add(root, self.b.const(step)) for step in steps))
                        if len(found) > _POINTS:
                            raise Refusal(Problem("X301", {"limit": self.limit}))
        return list(found)

    def _root(self, line: Line, choice: int) -> int:
        """The whole number at or just below the point where the line is 0."""
        by = -1 / line.slope(choice)
        parts = [self.math.scale(Exact(atom), slope * by) for atom, slope in line.terms if atom != choice]
        return self.math.floor(self.math.add(self.math.number(line.constant * by), *parts)).node

    def _is_truth(self, number: int) -> bool:
        node = self.b.nodes[number]
        while node.kind == "If":
            node = self.b.nodes[node.args[1]]
        return node.kind in _TRUTHS


def _turned(direction: int | None) -> int | None:
    return None if direction is None else -direction
