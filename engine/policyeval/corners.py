"""Least and most over every free choice, for one platform at a time.

In: a graph in which all that is known of the platform is a number, and nodes of it that depend on choices. Out: the
least and the most of each. It is asked where `ranges` would need formulas too long, or has none: with numbers in the
facts' places the choices are tried where they matter. Promise: exact, or refused by name (R401).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product
from math import comb, lcm

from policyeval.lines import Line, Lines, apart, meet
from policyeval.plan import UNBOUNDED, Node, cone
from policyeval.problems import Problem, Refusal

Value = int | bool | None
Run = Callable[[Mapping[str, Value]], Sequence[Value]]
Compile = Callable[[Sequence[int]], Run]

_TRIES = 100_000  # points that are looked at for one number
_EVERY = 2_000  # so many combinations are simply all tried


def ends(nodes: Sequence[Node], wanted: Sequence[int], compile_: Compile) -> list[tuple[Value, Value]]:
    """Least and most of each wanted node. `compile_` makes the function from choices, by name, to nodes."""
    corners = _Corners(nodes, compile_)
    known: dict[int, tuple[Value, Value]] = {}
    return [known[n] if n in known else known.setdefault(n, corners.ends(n)) for n in wanted]


class _Corners:
    def __init__(self, nodes: Sequence[Node], compile_: Compile) -> None:
        self.nodes = nodes
        self.compile = compile_
        self.lines = Lines(nodes, lambda n: nodes[n].kind == "Choice")

    def ends(self, number: int) -> tuple[Value, Value]:
        """Over the terms of a sum that share no choice, ends add up."""
        node = self.nodes[number]
        terms = node.args if node.kind == "Add" else (number,)
        found = [self._ends(group) for group in apart(terms, lambda term: set(self._choices(cone(self.nodes, [term]))))]
        if len(found) == 1:
            return found[0]
        lows, highs = zip(*found, strict=True)
        return _sum(lows), _sum(highs)

    def _choices(self, below: Sequence[int]) -> list[int]:
        return [i for i in below if self.nodes[i].kind == "Choice"]

    def _ends(self, terms: Sequence[int]) -> tuple[Value, Value]:
        below = cone(self.nodes, terms)
        choices = self._choices(below)
        run = self.compile(terms)
        low: Value = None
        high: Value = None
        for first, at in enumerate(self._points(below, choices)):
            values = run(at)
            value = values[0] if len(values) == 1 else _sum(values)
            if not first:
                low = high = value
            elif isinstance(value, bool) or isinstance(low, bool) or isinstance(high, bool):
                low, high = _both(low, value), _either(high, value)
            else:
                low = None if value is None or low is None else min(low, value)
                high = None if value is None or high is None else max(high, value)
        return low, high

    # points

    def _points(self, below: Sequence[int], choices: Sequence[int]) -> Iterator[dict[str, Value]]:
        if not choices:
            yield {}
            return
        names = [str(self.nodes[c].data) for c in choices]
        mosts = [self._most(c) for c in choices]
        fixed = [most({}) for most, c in zip(mosts, choices, strict=True) if not self._moves(c)]
        if len(fixed) == len(choices) and _product(fixed) <= _EVERY:
            for values in product(*(range((most or 0) + 1) for most in fixed)):
                yield dict(zip(names, values, strict=True))
            return
        seen: set[tuple[int, ...]] = set()
        for rough in self._corners(below, choices):
            at: dict[str, Value] = {}
            for name, value, most in zip(names, rough, mosts, strict=True):
                bound = most(at)
                at[name] = 0 if bound is None else max(min(0, bound), min(value, bound))
            key = tuple(int(value or 0) for value in at.values())
            if key not in seen:
                seen.add(key)
                yield at

    def _moves(self, choice: int) -> bool:
        """Whether the most of a choice depends on another one."""
        args = self.nodes[choice].args
        return bool(args) and bool(self._choices(cone(self.nodes, args)))

    def _most(self, choice: int) -> Callable[[Mapping[str, Value]], int | None]:
        args = self.nodes[choice].args
        if not args:
            return lambda _: UNBOUNDED
        run = self.compile(args)
        return lambda at: run(at)[0]

    def _corners(self, below: Sequence[int], choices: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """Where as many comparisons turn, or bounds are met, as there are choices; and what lies beside these."""
        lines = dict.fromkeys([*self._walls(choices), *self._turns(below, choices)])
        borders = [line.row(choices) for line in lines]
        reach = self._period(below)
        tries = comb(len(borders), len(choices)) * (2 * reach + 1) ** len(choices)
        if tries > _TRIES:
            raise self._refusal(choices)
        steps = list(product(range(-reach, reach + 1), repeat=len(choices)))
        seen: set[tuple[int, ...]] = set()
        for some in combinations(borders, len(choices)):
            corner = meet(some)
            if corner is not None and corner not in seen:
                seen.add(corner)
                for step in steps:
                    yield tuple(v + s for v, s in zip(corner, step, strict=True))

    def _refusal(self, choices: Sequence[int]) -> Refusal:
        return Refusal(Problem("R401", {"choice": str(self.nodes[choices[-1]].data).partition("#")[0]}))

    def _walls(self, choices: Sequence[int]) -> Iterator[Line]:
        """Where a choice is 0, or at its most."""
        for choice in choices:
            yield Line(((choice, Fraction(1)),))
            args = self.nodes[choice].args
            tops = self.lines.of(args[0]) if args else (Line((), Fraction(UNBOUNDED)),)
            if tops is None:
                raise self._refusal(choices)
            for top in tops:
                terms = {choice: Fraction(1)} | {atom: -slope for atom, slope in top.terms}
                yield Line(tuple(sorted(terms.items())), -top.constant)

    def _turns(self, below: Sequence[int], choices: Sequence[int]) -> Iterator[Line]:
        for i in below:
            if self.nodes[i].kind in ("Less", "Equal", "Min", "Max") and self._choices(cone(self.nodes, [i])):
                turns = self.lines.turns(i)
                if turns is None:
                    raise self._refusal(choices)
                yield from (line for line in turns if line.terms)

    def _period(self, below: Sequence[int]) -> int:
        """After so many fen the rounding of shares repeats: so far beside a corner is looked at."""
        periods = [1]
        for i in below:
            node = self.nodes[i]
            den = self.nodes[node.args[1]].data if node.kind == "Div" else None
            if isinstance(den, int):
                for line in self.lines.of(node.args[0]) or ():
                    periods += [(slope / den).denominator for _, slope in line.terms]
        return lcm(*periods)


def _sum(values: Sequence[Value]) -> Value:
    return None if any(v is None for v in values) else sum(v for v in values if v is not None)


def _product(values: Sequence[int | None]) -> int:
    size = 1
    for value in values:
        size *= max(value or 0, 0) + 1
    return size


def _both(a: Value, b: Value) -> Value:
    return False if a is False or b is False else None if a is None or b is None else True


def _either(a: Value, b: Value) -> Value:
    return True if a is True or b is True else None if a is None or b is None else False
