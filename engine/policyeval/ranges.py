"""Least and most over every free choice, as formulas of the same plan.

In: a plan with choices, and the nodes that are asked for. Out: for each of them two nodes without any choice: its least
and its most (for a condition: whether it always holds, and whether it can). Promise: exact. Between two kinks an amount
is a straight line in a choice, so its ends are at the ends of the choice or where a comparison turns; each of these
points is a formula, put in the choice's place. What cannot be worked out so is refused by name, never approximated;
but where a choice is shared out in proportion, which is no straight line, the end of one payer's part may be a fen off.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm

from policyeval.amounts import Arithmetic, Exact
from policyeval.lines import Line, Lines, apart
from policyeval.partial import Careful
from policyeval.plan import UNBOUNDED, Builder, Node, Plan, cone, copy_nodes
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.simplify import Interval, Simplifier

_TRUTHS = frozenset({"Truth", "Less", "Equal", "Member", "And", "Or", "Not", "Known"})
_LIMIT = 4_000  # nodes that working out the choices of a plan may add
_POINTS = 60  # of one choice, at most

LEAST, MOST = -1, 1


class Ranges(Record):
    """A graph without choices, and the least and most in it of each node of the plan that was asked for.

    A node that is not in `ends` has none as a formula that is short enough; `corners` finds them for one platform.
    """

    nodes: tuple[Node, ...]
    ends: dict[int, tuple[int, int]]


def ranges(plan: Plan, asked: Sequence[int], missing: frozenset[str], limit: int = _LIMIT) -> Ranges:
    """For platforms of which the facts in `missing` may not be known, and all others are."""
    builder = Careful(missing)
    numbers = copy_nodes(plan.nodes, builder)
    found = ends_of(builder, [numbers[n] for n in asked], limit)
    return Ranges(tuple(builder.nodes), {n: found[numbers[n]] for n in asked if numbers[n] in found})


def ends_of(builder: Builder, asked: Sequence[int], limit: int) -> dict[int, tuple[int, int]]:
    """The least and the most of each node that has them as formulas for which at most `limit` nodes are added."""
    elimination = _Elimination(builder, limit, to_the_fen=True)
    ends = {}
    for number in dict.fromkeys(asked):
        elimination.most_nodes = len(builder.nodes) + limit
        try:
            ends[number] = elimination.of(number)
        except Refusal:
            continue  # told by its absence
    return ends


def least_and_most(builder: Builder, asked: Sequence[int], limit: int = _LIMIT) -> list[tuple[int, int]]:
    """The same for nodes of a builder that is being filled, as a simplified plan is; it may add `limit` nodes.

    Raises Refusal R401 where a comparison is not linear in a choice, X301 where the formulas grow too long.
    """
    elimination = _Elimination(builder, limit, to_the_fen=False)
    return [elimination.of(number) for number in asked]


class _Elimination:
    """Works out ends over one builder; `LEAST` or `MOST` says which."""

    def __init__(self, builder: Builder, limit: int, to_the_fen: bool) -> None:
        self.b = builder
        self.limit = limit
        self.most_nodes = len(builder.nodes) + limit
        self.to_the_fen = to_the_fen
        self.math = Arithmetic(self.b)
        self._choices: list[frozenset[int]] = []
        self._known: dict[tuple[int, int], int] = {}
        self.unsure = builder.unsure if isinstance(builder, Careful) else frozenset[int]()
        if isinstance(builder, Simplifier):
            self.bounds = builder
        else:  # no fact that an amount is made of is ever below 0
            self.bounds = Simplifier({node.data: Interval(0, None) for node in builder.nodes if node.kind == "Fact"})
            self.bounds.nodes = builder.nodes

    def of(self, number: int) -> tuple[int, int]:
        return self.end(number, LEAST), self.end(number, MOST)

    def end(self, number: int, side: int) -> int:
        if not self.choices(number):
            return number
        if (number, side) not in self._known:
            found = self._by_parts(number, side)
            self._known[number, side] = self._by_points(number, side) if found is None else found
        return self._known[number, side]

    def choices(self, number: int) -> frozenset[int]:
        """The choices that a node depends on."""
        found = self._choices
        for i in range(len(found), number + 1):
            node = self.b.nodes[i]
            below = [found[a] for a in node.args if found[a]]
            found.append(frozenset([i] * (node.kind == "Choice")).union(*below))
        return found[number]

    def _by_parts(self, number: int, side: int) -> int | None:
        """The end of a node from the ends of its arguments, where that is exact."""
        b, node = self.b, self.b.nodes[number]
        match node.kind:
            case "Choice":
                most = self.end(node.args[0], side) if node.args else b.const(UNBOUNDED)
                # the least of 0 and the most, not 0, so that it is unknown where the most is
                return most if side == MOST else b.min(b.zero, most)
            case "Not":
                return b.not_(self.end(node.args[0], -side))
            case "Add":
                groups = apart(node.args, self.choices)
                return b.add(*(self.end(b.add(*group), side) for group in groups)) if len(groups) > 1 else None
            case "Mul" | "Div":
                factor = b.value(node.args[1])
                if factor is None:
                    return None
                return b.rebuilt(node, (self.end(node.args[0], side if factor > 0 else -side), node.args[1]))
            case "Min" | "And" if side == LEAST or self._independent(node.args):
                return b.rebuilt(node, tuple(self.end(a, side) for a in node.args))
            case "Max" | "Or" if side == MOST or self._independent(node.args):
                return b.rebuilt(node, tuple(self.end(a, side) for a in node.args))
            case "Less" if number not in self.unsure and self._independent(node.args):
                return b.less(self.end(node.args[0], -side), self.end(node.args[1], side))
            case "If" if not self.choices(node.args[0]):
                return b.if_(node.args[0], self.end(node.args[1], side), self.end(node.args[2], side))
        return None

    def _independent(self, args: Sequence[int]) -> bool:
        found = [self.choices(a) for a in args]
        return sum(map(len, found)) == len(frozenset().union(*found))

    def _by_points(self, number: int, side: int) -> int:
        """The end over the points that matter of one choice: the last, for earlier ones may bound it."""
        choice = max(self.choices(number))
        dependent = self._dependent(choice, number)
        points = self._points(choice, number, dependent, side)
        found = [self.end(n, side) for n in dict.fromkeys(self._with(dependent, choice, p, number) for p in points)]
        if self._is_truth(number):
            return self.b.and_(*found) if side == LEAST else self.b.or_(*found)
        return self.b.min(*found) if side == LEAST else self.b.max(*found)

    def _dependent(self, choice: int, number: int) -> list[int]:
        """The nodes of which `number` is made that depend on the choice, in order, without the choice itself."""
        below = cone(self.b.nodes, [number])
        return [i for i in below if i != choice and choice in self.choices(i)]

    def _with(self, dependent: Sequence[int], choice: int, point: int, number: int) -> int:
        new = {choice: point}
        for i in dependent:
            node = self.b.nodes[i]
            new[i] = self.b.rebuilt(node, tuple(new.get(a, a) for a in node.args))
        if len(self.b.nodes) > self.most_nodes:
            raise Refusal(Problem("X301", {"limit": self.limit}))
        return new[number]

    def _points(self, choice: int, number: int, dependent: Sequence[int], side: int) -> list[int]:
        node = self.b.nodes[choice]
        most = node.args[0] if node.args else self.b.const(UNBOUNDED)
        ends = [self.b.min(self.b.zero, most), most]
        direction = self._direction(choice, number, dependent)
        if direction is not None:
            return [ends[1] if direction == side else ends[0]]
        moving = frozenset(dependent)
        lines = Lines(self.b.nodes, lambda n: n not in moving)
        beside = self._period(choice, dependent, lines) - 1 if self.to_the_fen else 0
        rough = [*ends, *self._kinks(choice, dependent, lines)]
        steps = range(-beside, beside + 1)
        if len(rough) * len(steps) > 2 * _POINTS:
            raise Refusal(Problem("X301", {"limit": self.limit}))
        points = {self._clamped(self.b.add(p, self.b.const(s)), most): None for p in rough for s in steps}
        if len(points) > _POINTS:
            raise Refusal(Problem("X301", {"limit": self.limit}))
        return list(points)

    def _clamped(self, point: int, most: int) -> int:
        """The point within the choice. Where it is not known, nothing turns there, and 0 stands for it."""
        b = self.b
        inside = b.max(b.zero, b.min(most, point))
        return b.if_(b.known(point), inside, b.min(b.zero, most)) if point in self.unsure else inside

    def _direction(self, choice: int, number: int, dependent: Sequence[int]) -> int | None:
        """1 or -1 where the node surely rises or falls with the choice, else None; a truth rises to true."""
        found: dict[int, int | None] = {choice: 1}
        for i in dependent:
            found[i] = self._moves(i, self.b.nodes[i], found)
        return found[number]

    def _moves(self, number: int, node: Node, found: dict[int, int | None]) -> int | None:
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
                # what is not known comes and goes too, and has no place among numbers
                return None if number in self.unsure else self._comes(node, found)
            case "If":
                return same
            case "Mul" | "Div":
                factor = self.b.value(node.args[1])
                return None if factor is None else same if factor > 0 else _turned(same)
        return None

    def _comes(self, node: Node, found: dict[int, int | None]) -> int | None:
        """Where one side is 0 and the other never below it, an amount comes and goes with the condition."""
        condition, yes, no = node.args
        if no == self.b.zero:
            amount, comes = yes, found[condition]
        elif yes == self.b.zero:
            amount, comes = no, _turned(found[condition])
        else:
            return None
        low = self.bounds.interval(amount).low
        return comes if found.get(amount, comes) == comes and low is not None and low >= 0 else None

    def _period(self, choice: int, dependent: Sequence[int], lines: Lines) -> int:
        """After so many fen of the choice the rounding of shares repeats; then the same comes again beside each kink.

        What is shared out in proportion has no period of its own: between two kinks it rises, or falls, throughout.
        """
        periods = [1]
        for i in dependent:
            node = self.b.nodes[i]
            by = self.b.value(node.args[1]) if node.kind == "Div" else None
            if by is not None:
                periods += [(line.slope(choice) / by).denominator for line in lines.of(node.args[0]) or ()]
        return lcm(*periods)

    def _refusal(self, choice: int) -> Refusal:
        return Refusal(Problem("R401", {"choice": self.b.nodes[choice].data.partition("#")[0]}))

    def _kinks(self, choice: int, dependent: Sequence[int], lines: Lines) -> list[int]:
        """Where a comparison among them may turn: the whole numbers on either side of the point."""
        found: dict[int, None] = {}
        for i in dependent:
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
