"""The largest value of a formula over all platforms, and the least platform that reaches it.

In: a graph, a node of it, and between which bounds each of its facts lies. Out: the most, and where it is reached.
Promise: exact for formulas of straight lines: their ends are at the bounds and where comparisons turn. Rounding to the
fen repeats with the denominators of the formula, so each such point is tried with its neighbours over one period.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import lcm

from policyeval.evaluate import Facts, Value, emit
from policyeval.lines import Line, Lines
from policyeval.plan import Node
from policyeval.problems import Problem, Refusal
from policyeval.simplify import Interval

_PERIOD = 40  # fen on either side of a kink
_POINTS = 200_000


@dataclass(frozen=True)
class Peak:
    """The most that a formula reaches, and the facts (least first) at which it does."""

    value: int
    at: dict[str, int]


def peak(nodes: Sequence[Node], number: int, bounds: Mapping[str, Interval]) -> Peak:
    """Raises Refusal R402 where the formula is not made of straight lines, or has too many kinks."""
    below = _below(nodes, number)
    facts = {nodes[i].data: i for i in below if nodes[i].kind == "Fact"}
    run: Callable[[Facts], Sequence[Value]] = emit(nodes, [number], frozenset())
    points = _points(nodes, below, facts, bounds)
    size = 1
    for found in points.values():
        size *= len(found)
    if size > _POINTS:
        raise Refusal(Problem("R402", {"points": size}))
    best: Peak | None = None
    for values in product(*points.values()):
        at = dict(zip(points, values, strict=True))
        value = run(at)[0] or 0
        if best is None or value > best.value:
            best = Peak(value, at)
    assert best is not None
    return best


def _points(
    nodes: Sequence[Node], below: Sequence[int], facts: Mapping[str, int], bounds: Mapping[str, Interval]
) -> dict[str, list[int]]:
    """For each fact the points that matter, least first."""
    turns = _turns(nodes, below)
    ends = {name: (bounds[name].low or 0, bounds[name].high or 0) for name in facts}
    points = {name: set(ends[name]) for name in facts}
    for _ in range(len(facts)):
        for line in turns:
            for name in facts:
                for root in _roots(line, name, facts, points):
                    if ends[name][0] <= root <= ends[name][1]:
                        points[name].add(root)
    period = _period(nodes, below)
    return {
        name: sorted(
            {
                point + step
                for point in found
                for step in range(-period, period + 1)
                if ends[name][0] <= point + step <= ends[name][1]
            }
        )
        for name, found in points.items()
    }


def _turns(nodes: Sequence[Node], below: Sequence[int]) -> list[Line]:
    lines = Lines(nodes, lambda n: nodes[n].kind == "Fact")
    found: dict[Line, None] = {}
    for i in below:
        if nodes[i].kind in ("Less", "Equal", "Min", "Max"):
            turns = lines.turns(i)
            if turns is None:
                raise Refusal(Problem("R402", {"points": 0}))
            found.update(dict.fromkeys(turns))
    return list(found)


def _roots(line: Line, name: str, facts: Mapping[str, int], points: Mapping[str, set[int]]) -> list[int]:
    """Where the line is 0 in one fact, the others at each of their points."""
    slope = line.slope(facts[name])
    if not slope:
        return []
    others = [(fact, s) for fact, n in facts.items() if fact != name and (s := line.slope(n))]
    roots = []
    for values in product(*(points[fact] for fact, _ in others)):
        rest = line.constant + sum((s * v for (_, s), v in zip(others, values, strict=True)), Fraction(0))
        roots.append(int(-rest / slope))
    return roots


def _period(nodes: Sequence[Node], below: Sequence[int]) -> int:
    dens = [nodes[nodes[i].args[1]].data for i in below if nodes[i].kind == "Div"]
    fixed = [d for d in dens if isinstance(d, int)]
    return min(lcm(*fixed), _PERIOD) if fixed else 1


def _below(nodes: Sequence[Node], number: int) -> list[int]:
    below = {number}
    for i in range(number, -1, -1):
        if i in below:
            below.update(nodes[i].args)
    return sorted(below)
