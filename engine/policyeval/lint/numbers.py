"""Amounts for which a condition holds, and the most that a formula reaches.

In: formulas in which no fact with listed values is left. Out: amounts, or the exact most. Promises: what is found was
evaluated; the most is exact, by cutting the amounts where one of them alone turns a comparison, and by `peak` in each
piece; what is not made of straight lines, or costs too much, raises Undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from fractions import Fraction
from itertools import chain, combinations, cycle, islice, product
from math import floor, prod
from typing import Any

from policyeval.kinks import Peak, peak
from policyeval.money import LIMIT
from policyeval.plan import UNBOUNDED, Builder
from policyeval.problems import Refusal
from policyeval.ranges import least_and_most
from policyeval.simplify import Interval, Simplifier

_TRIES = 60  # platforms that are tried before anything is proved
_LARGE = 2_000  # nodes that working out the choices of one formula may add
_CELLS = 100  # pieces that the amounts are cut into
_PLAIN = 10**10  # fen: an amount that needs no smaller one in its place
_LOOKS = 10_000  # points and meetings of lines that one question may look at
_SOME = (10**9, 10**8, 0, 10**6, LIMIT)  # amounts to try first: 1000万元, 100万元, …, the most there is

Known = Mapping[str, int | bool]
Bounds = Mapping[str, Interval]
Ends = Sequence[tuple[int, int]]  # the least and most of some formulas
Formula = Callable[[Simplifier, Ends], int]
Straight = tuple[str, Fraction, Fraction]  # a fact, a slope, a constant


class Undecided(Exception):
    """A question that is too large, or not one of straight lines."""


def patience() -> Callable[[], None]:
    """What is to be called at each look of one question: it raises Undecided where there have been too many."""
    looks = iter(range(_LOOKS))

    def look() -> None:
        if next(looks, None) is None:
            raise Undecided

    return look


class Whole(Builder):
    """A builder for platforms of which everything is known; what contradicts itself is false."""

    def known(self, a: int) -> int:  # noqa: ARG002
        return self.true

    def _clash(self, args: Sequence[int]) -> bool:
        return super()._clash(args) or _contradicts(self, args)


class _Sharp(Simplifier):
    """The same with bounds of the facts."""

    def _clash(self, args: Sequence[int]) -> bool:
        return super()._clash(args) or _contradicts(self, args)


def _contradicts(b: Builder, args: Sequence[int]) -> bool:
    """Whether conditions rule each other out by their shape: one denies another, or orders the same two otherwise."""
    ordered: set[frozenset[int]] = set()
    for arg in args:
        kind, inner, _ = b.nodes[arg]
        if kind == "Not" and inner[0] in args:
            return True
        if kind in ("Less", "Equal"):
            pair = frozenset(inner)
            if pair in ordered:
                return True
            ordered.add(pair)
    return False


class Numbers:
    """Questions about the formulas of one builder."""

    def __init__(self, builder: Builder, bounds: Bounds) -> None:
        self.b = builder
        self.bounds = bounds
        self._numeric: dict[int, dict[str, int] | None] = {}
        self._simplified: dict[tuple[Any, ...], tuple[Simplifier, dict[int, int]]] = {}

    def met(self, number: int) -> dict[str, int] | None:
        """Amounts for which a condition on amounts alone holds."""
        truth = self.b.value(number)
        if truth is not None:
            return {} if truth else None
        if number not in self._numeric:
            found = self._tried(number)
            found = self._proved(number) if found is None else found
            self._numeric[number] = found and self._nearer(number, found)
        return self._numeric[number]

    def cone(self, roots: Sequence[int], but: Container[int] = ()) -> list[int]:
        """The nodes at or below the roots, in order, without those of `but` and what only they need."""
        nodes = self.b.nodes
        todo = [root for root in dict.fromkeys(roots) if root not in but]
        found = set(todo)
        while todo:
            for a in nodes[todo.pop()].args:
                if a not in found and a not in but:
                    found.add(a)
                    todo.append(a)
        return sorted(found)

    def _tried(self, number: int) -> dict[str, int] | None:
        """The first of some likely platforms that meets the condition."""
        cone = self.cone([number])
        names = [self.b.nodes[i].data for i in cone if self.b.nodes[i].kind == "Fact"]
        tries = self._tries(cone, names)
        choices = any(self.b.nodes[i].kind == "Choice" for i in cone)
        alike = zip(*(islice(cycle(values), max(map(len, tries))) for values in tries), strict=True)
        for values in chain(alike, islice(product(*tries), _TRIES)):
            facts = dict(zip(names, values, strict=True))
            for most in (True, False) if choices else (True,):
                if self.values([number], facts, most, cone)[number]:
                    return facts
        return None

    def _tries(self, cone: Sequence[int], names: Sequence[str]) -> list[list[int]]:
        """For each fact some values: usual ones, and those beside the figures that anything is compared with."""
        figures = [
            value
            for i in cone
            if self.b.nodes[i].kind in ("Less", "Equal", "Min", "Max")
            for a in self.b.nodes[i].args
            if (value := self.b.value(a)) is not None and 0 < value < LIMIT
        ]
        near = [int(f) + step for f in dict.fromkeys(figures[:4]) for step in (0, 1, -1)]
        found = []
        for name in names:
            low, high = _ends(self.bounds[name])
            usual = (*_SOME, *near) if high >= _SOME[0] else (high, low, (low + high) // 2, *near)
            found.append(list(dict.fromkeys(v for v in usual if low <= v <= high)))
        return found

    def values(
        self, roots: Sequence[int], facts: Known, most: bool, cone: Sequence[int] | None = None
    ) -> dict[int, int | bool]:
        """The nodes below the roots for one platform."""
        nodes = self.b.nodes
        found: dict[int, Any] = {}
        for i in self.cone(roots) if cone is None else cone:
            kind, args, data = nodes[i]
            found[i] = _CALCULATED[kind](data, [found[a] for a in args], facts, most)
        return found

    def _proved(self, number: int) -> dict[str, int] | None:
        simple, (root,) = self.simplified([number], {})
        if simple.value(root) is not None:
            return {} if simple.value(root) else None
        best = self.largest([number], lambda b, ends: b.if_(ends[0][1], b.const(1), b.zero), {}, patience(), enough=1)
        return dict(best.at) if best is not None and best.value > 0 else None

    def _nearer(self, number: int, found: Mapping[str, int]) -> dict[str, int]:
        """The same with smaller amounts, each by itself or all in proportion, as long as the condition holds: a
        platform that a person takes for one."""
        cone, facts = self.cone([number]), dict(found)
        rest = {self.b.nodes[i].data: 0 for i in cone if self.b.nodes[i].kind == "Fact"}
        for names in [*([name] for name in facts), list(facts)]:
            while max(facts[name] for name in names) > _PLAIN:
                smaller = facts | {name: facts[name] // 10 for name in names}
                if not self.values([number], rest | smaller, True, cone)[number]:
                    break
                facts = smaller
        return facts

    def largest(
        self, roots: Sequence[int], of: Formula, within: Bounds, look: Callable[[], None], enough: int | None = None
    ) -> Peak | None:
        """The most of a formula made of the least and most of each root; the search may stop at `enough`.

        The numbers are cut where one of them alone turns a comparison, so that in each piece the formulas are short.
        `within`: narrower bounds of some facts; `look`: the patience of the question.
        """
        cone = self.cone(roots)
        choices = any(self.b.nodes[i].kind == "Choice" for i in cone)
        best: Peak | None = None
        try:
            for cell in self._cells(cone, within):
                simple, simplified = self.simplified(roots, {**within, **cell})
                ends = least_and_most(simple, simplified, limit=_LARGE) if choices else [(n, n) for n in simplified]
                number = of(simple, ends)
                value = simple.value(number)
                found = peak(simple.nodes, number, simple.bounds, look) if value is None else Peak(int(value), {})
                if best is None or found.value > best.value:
                    least = {name: interval.low or 0 for name, interval in cell.items()}
                    best = Peak(found.value, {**least, **found.at})
                    if enough is not None and best.value >= enough:
                        break
        except Refusal as refusal:
            raise Undecided from refusal
        return best

    def _cells(self, cone: Sequence[int], within: Bounds) -> list[dict[str, Interval]]:
        """Bounds for the facts of a cone, cut where one of them alone turns a comparison."""
        bounds = {**self.bounds, **within}
        pieces: dict[str, list[Interval]] = {}
        for name, points in self.turns(cone).items():
            low, high = _ends(bounds[name])
            inner = [p for p in sorted(points) if low <= p < high]
            starts, ends = [low, *(p + 1 for p in inner)], [*inner, high]
            pieces[name] = [Interval(*pair) for pair in zip(starts, ends, strict=True)]
        if prod(map(len, pieces.values())) > _CELLS:
            return [{}]
        return [dict(zip(pieces, cell, strict=True)) for cell in product(*pieces.values())]

    def turns(self, cone: Sequence[int]) -> dict[str, set[int]]:
        """For each fact the values at which it alone, as a straight line, turns a comparison."""
        lines: dict[int, Straight | None] = {}
        found: dict[str, set[int]] = {}
        for i in cone:
            node = self.b.nodes[i]
            lines[i] = self._line(i, lines)
            if node.kind == "Fact":
                found.setdefault(node.data, set())
            if node.kind in ("Less", "Equal", "Min", "Max"):
                for x, y in combinations([line for a in node.args if (line := lines[a])], 2):
                    slope = x[1] - y[1]
                    if slope and (not x[0] or not y[0] or x[0] == y[0]):
                        found.setdefault(x[0] or y[0], set()).add(floor((y[2] - x[2]) / slope))
        return found

    def _line(self, number: int, lines: Mapping[int, Straight | None]) -> Straight | None:
        """A node as a straight line in one fact, but for rounding: the fact, the slope, the constant."""
        kind, args, data = self.b.nodes[number]
        match kind:
            case "Const":
                return "", Fraction(0), Fraction(data)
            case "Fact":
                return data, Fraction(1), Fraction(0)
            case "Add":
                parts = [lines[a] for a in args]
                names = {part[0] for part in parts if part and part[0]}
                if None in parts or len(names) > 1:
                    return None
                slope = sum((part[1] for part in parts if part), Fraction(0))
                return "".join(names), slope, sum((part[2] for part in parts if part), Fraction(0))
            case "Mul" | "Div":
                inner, factor = lines[args[0]], self.b.value(args[1])
                if inner is None or not factor:
                    return None
                by = Fraction(factor) if kind == "Mul" else Fraction(1, factor)
                return inner[0], inner[1] * by, inner[2] * by
        return None

    def simplified(self, roots: Sequence[int], within: Bounds) -> tuple[Simplifier, list[int]]:
        """The formulas once more, as far as the bounds of the facts decide them; each node once for the same bounds."""
        key = tuple(sorted((name, interval.low, interval.high) for name, interval in within.items()))
        if key not in self._simplified:
            self._simplified[key] = _Sharp({**self.bounds, **within}), {}
        simple, new = self._simplified[key]
        for i in self.cone(roots, new):
            node = self.b.nodes[i]
            new[i] = simple.rebuilt(node, tuple([new[a] for a in node.args]))
        return simple, [new[root] for root in roots]


def _ends(interval: Interval) -> tuple[int, int]:
    return interval.low or 0, LIMIT if interval.high is None else interval.high


def _divided(rounding: str, a: int, b: int) -> int:
    if b == 0:
        return 0
    return (2 * a + b) // (2 * b) if rounding == "half_up" else a // b


_CALCULATED: dict[str, Any] = {
    "Const": lambda d, _a, _f, _m: d,
    "Truth": lambda d, _a, _f, _m: d,
    "Fact": lambda d, _a, f, _m: f[d],
    "Choice": lambda _d, a, _f, m: max(0, a[0] if a else UNBOUNDED) if m else 0,
    "Add": lambda _d, a, _f, _m: sum(a),
    "Mul": lambda _d, a, _f, _m: a[0] * a[1],
    "Div": lambda d, a, _f, _m: _divided(d, a[0], a[1]),
    "Min": lambda _d, a, _f, _m: min(a),
    "Max": lambda _d, a, _f, _m: max(a),
    "Less": lambda _d, a, _f, _m: a[0] < a[1],
    "Equal": lambda _d, a, _f, _m: a[0] == a[1],
    "Member": lambda d, a, _f, _m: a[0] in d,
    "And": lambda _d, a, _f, _m: all(a),
    "Or": lambda _d, a, _f, _m: any(a),
    "Not": lambda _d, a, _f, _m: not a[0],
    "If": lambda _d, a, _f, _m: a[1] if a[0] else a[2],
    "Known": lambda _d, _a, _f, _m: True,
}
