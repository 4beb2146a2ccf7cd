"""The largest value of a formula over all platforms, and the least platform that reaches it.

In: a graph, a node of it, and between which bounds each of its facts lies. Out: the most, and where it is reached.
Promise: exact for formulas of straight lines: their ends are at the bounds and where comparisons turn. Rounding to the
fen repeats with the denominators of the formula, so each such point is tried with its neighbours over one period.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product
from math import comb, floor, lcm
from typing import Any

from policyeval.evaluate import Facts, emit
from policyeval.lines import Line, Lines, apart, meet
from policyeval.plan import Node, cone
from policyeval.problems import Problem, Refusal
from policyeval.record import Record, field
from policyeval.simplify import Interval

CONDITIONS = ("Less", "Equal")
COMPARISONS = (*CONDITIONS, "Min", "Max")

_PERIOD = 40  # fen on either side of a kink, at most
_REACH = 2  # the same where several facts meet
_CORNERS = 20_000
_WAN = 10**6  # fen in 1万元


class Peak(Record):
    """The most that a formula reaches, and the facts (least first) at which it does; `begins`: for those facts, the
    least at which it is above 0, where that was asked for."""

    value: int
    at: dict[str, int]
    begins: dict[str, int] = field(default_factory=dict)


def peak(
    nodes: Sequence[Node], number: int, bounds: Mapping[str, Interval], watch: Callable[[], None] = lambda: None
) -> Peak:
    """Raises Refusal R402 where the formula is not made of straight lines, or has too many kinks. `watch` is called
    again and again, and may raise to stop it."""
    value = 0
    at: dict[str, int] = {}
    whole = nodes[number].args if nodes[number].kind == "Add" else (number,)
    for terms in apart(whole, lambda term: {i for i in cone(nodes, [term]) if nodes[i].kind == "Fact"}):
        found = _peak(nodes, terms, bounds, watch)
        value += found.value
        at |= found.at
    return Peak(value, at)


def _peak(
    nodes: Sequence[Node], terms: Sequence[int], bounds: Mapping[str, Interval], watch: Callable[[], None]
) -> Peak:
    below = cone(nodes, terms)
    if any(_is_rough(nodes, i) for i in below):
        raise Refusal(Problem("R402"))
    facts = {nodes[i].data: i for i in below if nodes[i].kind == "Fact"}
    run: Callable[[Facts], Sequence[Any]] = emit(nodes, terms, frozenset())
    best: Peak | None = None
    for values in sorted(_points(nodes, below, facts, bounds, watch), key=_plainness):
        watch()
        at = dict(zip(facts, values, strict=True))
        value = sum(run(at))
        if best is None or value > best.value:
            best = Peak(value, at)
    assert best is not None
    return best


def _is_rough(nodes: Sequence[Node], number: int) -> bool:
    """Rounded to more than the fen, so that it jumps between kinks; or divided by a fact, so that it is no line."""
    node = nodes[number]
    if node.kind == "Mul":
        inner, factor = (nodes[a] for a in node.args)
        by = nodes[inner.args[1]].data if inner.kind == "Div" and nodes[inner.args[1]].kind == "Const" else 0
        return inner.kind == "Div" and factor.kind == "Const" and abs(factor.data) > _PERIOD and by >= abs(factor.data)
    if node.kind == "Div":
        divisor = nodes[node.args[1]]
        return divisor.kind == "Fact" or (divisor.kind == "Mul" and nodes[divisor.args[0]].kind == "Fact")
    return False


def _plainness(values: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """Whole 万元 first, then the least: the example that a person follows best."""
    return sum(1 for v in values if v % _WAN), values


def _points(
    nodes: Sequence[Node],
    below: Sequence[int],
    facts: Mapping[str, int],
    bounds: Mapping[str, Interval],
    watch: Callable[[], None],
) -> set[tuple[int, ...]]:
    """Where as many comparisons turn, or bounds are met, as there are facts; and what lies beside these points."""
    ends = [(bounds[name].low or 0, bounds[name].high or 0) for name in facts]
    met = zip(facts.values(), ends, strict=True)
    walls = [Line(((n, Fraction(1)),), Fraction(-end)) for n, pair in met for end in pair]
    atoms = list(facts.values())
    borders = [line.row(atoms) for line in dict.fromkeys([*walls, *_turns(nodes, below)])]
    if comb(len(borders), len(facts)) > _CORNERS:
        raise Refusal(Problem("R402"))
    corners: set[tuple[int, ...]] = set()
    for some in combinations(borders, len(facts)):
        watch()
        corner = meet(some)
        if corner and all(low - 1 <= v <= high + 1 for v, (low, high) in zip(corner, ends, strict=True)):
            corners.add(corner)
    reach = _REACH if len(facts) > 1 else _period(nodes, below)
    found: set[tuple[int, ...]] = set()
    for corner in corners or {()}:
        watch()
        beside = (
            dict.fromkeys(min(max(v + step, low), high) for step in range(-reach, reach + 1))
            for v, (low, high) in zip(corner, ends, strict=True)
        )
        found.update(product(*beside))
    return found


def thresholds(nodes: Sequence[Node], numbers: Sequence[int], kinds: Sequence[str]) -> dict[str, list[int]]:
    """For each fact below the nodes, the values at which it alone turns a comparison of these kinds, least first."""
    below = cone(nodes, numbers)
    lines = Lines(nodes, lambda n: nodes[n].kind == "Fact")
    cuts: dict[str, set[int]] = {nodes[i].data: set() for i in below if nodes[i].kind == "Fact"}
    for i in below:
        if nodes[i].kind in kinds:
            for line in lines.turns(i) or ():
                if len(line.terms) == 1:
                    ((fact, slope),) = line.terms
                    cuts[nodes[fact].data].add(floor(-line.constant / slope))
    return {name: sorted(points) for name, points in cuts.items()}


def _turns(nodes: Sequence[Node], below: Sequence[int]) -> list[Line]:
    lines = Lines(nodes, lambda n: nodes[n].kind == "Fact")
    found: dict[Line, None] = {}
    for i in below:
        if nodes[i].kind in COMPARISONS:
            turns = lines.turns(i)
            if turns is None:
                raise Refusal(Problem("R402"))
            found.update(dict.fromkeys(turns))
    return list(found)


def _period(nodes: Sequence[Node], below: Sequence[int]) -> int:
    dens = [nodes[nodes[i].args[1]].data for i in below if nodes[i].kind == "Div"]
    fixed = [d for d in dens if isinstance(d, int)]
    return min(lcm(*fixed), _PERIOD) if fixed else 1
