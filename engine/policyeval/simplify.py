"""Partial evaluation: a plan, and what is known of the platform, to a smaller plan.

In: nodes, facts that are known, and what is known of the others (their least and most). Out: nodes that give the same
values for every platform that agrees with what is known. Promise: exact, and no fact that is left may be missing: what
is unknown is settled before a plan is simplified.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import inf, lcm

from policyeval.plan import UNBOUNDED, Builder, Node
from policyeval.record import Record


class Interval(Record):
    """From `low` to `high`, both included; None is without an end."""

    low: int | None
    high: int | None


class Line(Record):
    """A sum of multiples of other nodes, exact but for an error between `low` and `high` that rounding brings in; all
    of it is `over` one whole number above 0, since fractions are slow to add up."""

    terms: tuple[tuple[int, int], ...]
    constant: int
    low: int = 0
    high: int = 0
    over: int = 1


class Simplifier(Builder):
    """A builder that also knows between which bounds its numbers lie, and folds what these decide."""

    def __init__(self, bounds: Mapping[str, Interval]) -> None:
        self.bounds = bounds
        self._lines: dict[int, Line] = {}
        self._intervals: dict[int, Interval] = {}
        self._gaps: dict[tuple[int, int], Interval] = {}
        super().__init__()

    def known(self, a: int) -> int:  # noqa: ARG002  # what is unknown was settled before, so all is known now
        return self.true

    def less(self, a: int, b: int) -> int:
        gap = self._gap(a, b)
        if gap.low is not None and gap.low >= 0:
            return self.false
        if gap.high is not None and gap.high < 0:
            return self.true
        return super().less(*self._without_common(a, b))

    def _without_common(self, a: int, b: int) -> tuple[int, int]:
        """`min(c, x) < min(d, x)`, d above c, says no more than `c < x`."""
        left, right = self.nodes[a], self.nodes[b]
        if left.kind == right.kind == "Min" and len(left.args) == len(right.args) == 2:
            common = set(left.args) & set(right.args)
            if len(common) == 1:
                (x,) = common
                c, d = (next(n for n in node.args if n != x) for node in (left, right))
                gap = self._gap(d, c)
                if gap.low is not None and gap.low > 0:
                    return c, x
        return a, b

    def equal(self, a: int, b: int) -> int:
        gap = self._gap(a, b)
        if (gap.low is not None and gap.low > 0) or (gap.high is not None and gap.high < 0):
            return self.false
        return super().equal(a, b)

    def add(self, *args: int) -> int:
        """The sum; two amounts that turn on one condition are put together under it."""
        terms = list(self._flat("Add", args))
        by: dict[int, list[int]] = {}
        for term in terms:
            node = self.nodes[self._multiple(term)[0]]
            if node.kind == "If":
                by.setdefault(node.args[0], []).append(term)
        for condition, alike in by.items():
            if len(alike) > 1:
                rest = [t for t in terms if t not in alike]
                branches = [self.add(*(self._branch(t, side) for t in alike)) for side in (1, 2)]
                return self.add(*rest, self.if_(condition, *branches))
        return super().add(*terms)

    def _branch(self, number: int, side: int) -> int:
        node, factor = self._multiple(number)
        return self.mul(self.nodes[node].args[side], self.const(factor))

    def if_(self, condition: int, yes: int, no: int) -> int:
        """The lower or the higher of two is called so."""
        node = self.nodes[condition]
        if node.kind == "Less" and yes != no:
            if node.args == (no, yes):
                return self.max(yes, no)
            if node.args == (yes, no):
                return self.min(yes, no)
        return super().if_(condition, yes, no)

    def min(self, *args: int) -> int:
        return super().min(*self._undominated(args, keep_low=True))

    def max(self, *args: int) -> int:
        return super().max(*self._undominated(args, keep_low=False))

    def _undominated(self, args: Sequence[int], keep_low: bool) -> list[int]:
        """The arguments without those that another one always beats."""
        rest = list(dict.fromkeys(args))
        for a, b in combinations(tuple(rest), 2):
            if a in rest and b in rest:
                gap = self._gap(a, b)
                if gap.low is not None and gap.low >= 0:  # a is never below b
                    rest.remove(a if keep_low else b)
                elif gap.high is not None and gap.high <= 0:
                    rest.remove(b if keep_low else a)
        return rest

    def _gap(self, a: int, b: int) -> Interval:
        """Between which bounds a - b lies; what both have in common is gone before any bound is taken."""
        if (a, b) not in self._gaps:
            self._gaps[a, b] = self._bounds(self.sub(a, b), depth=2)
        return self._gaps[a, b]

    def _bounds(self, number: int, depth: int) -> Interval:
        """The bounds of a node; a sum with a highest in it is the highest of sums, whose bounds may be narrower."""
        found = self._bounds_of(self.line(number))
        if depth == 0 or (found.low is not None and found.low == found.high):
            return found
        low, high = _open(found)
        terms = self.nodes[number].args if self.nodes[number].kind == "Add" else (number,)
        for term in terms:
            atom, factor = self._multiple(term)
            node = self.nodes[atom]
            if node.kind in ("Min", "Max"):
                rest = self.sub(number, term)
                sums = [self.add(rest, self.mul(arg, self.const(factor))) for arg in node.args]
                lows, highs = zip(*(_open(self._bounds(n, depth - 1)) for n in sums), strict=True)
                pick = max if (node.kind == "Max") == (factor > 0) else min
                low, high = max(low, pick(lows)), min(high, pick(highs))
        return Interval(None if low == -inf else int(low), None if high == inf else int(high))

    def _bounds_of(self, line: Line) -> Interval:
        low: int | None = line.constant + line.low
        high: int | None = line.constant + line.high
        for node, factor in line.terms:
            inside = self.interval(node)
            least, most = (inside.low, inside.high) if factor > 0 else (inside.high, inside.low)
            low = None if low is None or least is None else low + factor * least
            high = None if high is None or most is None else high + factor * most
        # the nodes are whole numbers, so bounds between two of them tighten
        return Interval(None if low is None else -(-low // line.over), None if high is None else high // line.over)

    def line(self, number: int) -> Line:
        """The node as a sum of multiples of nodes that are not sums themselves."""
        if number not in self._lines:
            self._lines[number] = self._line(number)
        return self._lines[number]

    def _line(self, number: int) -> Line:
        node = self.nodes[number]
        match node.kind:
            case "Const":
                return Line((), node.data)
            case "Add":
                return self._sum([self.line(a) for a in node.args])
            case "Mul" | "Div":
                factor = self.value(node.args[1])
                if factor is not None:
                    return self._scaled(self.line(node.args[0]), node, int(factor))
        return Line(((number, 1),), 0)

    def _sum(self, parts: Sequence[Line]) -> Line:
        over = lcm(*(part.over for part in parts))
        terms: dict[int, int] = {}
        constant = low = high = 0
        for part in parts:
            by = over // part.over
            for n, f in part.terms:
                terms[n] = terms.get(n, 0) + f * by
            constant, low, high = constant + part.constant * by, low + part.low * by, high + part.high * by
        return Line(tuple((n, f) for n, f in terms.items() if f), constant, low, high, over)

    def _scaled(self, line: Line, node: Node, factor: int) -> Line:
        by = factor if node.kind == "Mul" else 1 if factor > 0 else -1
        low, high = sorted((line.low * by, line.high * by))
        over = line.over
        if node.kind == "Div":
            half_up = node.data == "half_up"  # what a whole number over `factor` can be off by, once rounded
            low -= abs((factor - 1) // 2 if half_up else factor - 1) * over
            high += abs(factor // 2 if half_up else 0) * over
            over *= abs(factor)
        return Line(tuple((n, f * by) for n, f in line.terms), line.constant * by, low, high, over)

    def interval(self, number: int) -> Interval:
        """Between which bounds the node lies."""
        if number not in self._intervals:
            self._intervals[number] = self._interval(number)
        return self._intervals[number]

    def _interval(self, number: int) -> Interval:
        node = self.nodes[number]
        args = [self.interval(a) for a in node.args] if node.kind in ("Min", "Max", "Choice") else []
        match node.kind:
            case "Const":
                return Interval(node.data, node.data)
            case "Fact":
                return self.bounds.get(node.data, Interval(None, None))
            case "Choice":
                return Interval(0, args[0].high if args else UNBOUNDED)
            case "Min":
                highs = [a.high for a in args if a.high is not None]
                lows = [a.low for a in args if a.low is not None]
                return Interval(min(lows) if len(lows) == len(args) else None, min(highs) if highs else None)
            case "Max":
                lows = [a.low for a in args if a.low is not None]
                highs = [a.high for a in args if a.high is not None]
                return Interval(max(lows) if lows else None, max(highs) if len(highs) == len(args) else None)
            case "If":
                yes, no = self.interval(node.args[1]), self.interval(node.args[2])
                low = None if yes.low is None or no.low is None else min(yes.low, no.low)
                high = None if yes.high is None or no.high is None else max(yes.high, no.high)
                return Interval(low, high)
            case "Add" | "Mul" | "Div":
                line = self.line(number)
                if line.terms != ((number, 1),):
                    return self._bounds_of(line)
                return self._product(node)
        return Interval(None, None)

    def _product(self, node: Node) -> Interval:
        """A product is within the products of the ends, a quotient never farther from 0 than what is divided."""
        a, b = (self.interval(arg) for arg in node.args)
        positive = a.low is not None and a.low >= 0 and b.low is not None and b.low >= 0
        if a.low is None or a.high is None or b.low is None or b.high is None:
            return Interval(0 if positive else None, a.high if positive and node.kind == "Div" else None)
        if node.kind == "Mul":
            ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
            return Interval(min(ends), max(ends))
        most = max(abs(a.low), abs(a.high))
        return Interval(0 if positive else -most, min(most, self._part(node)) if positive else most)

    def _part(self, node: Node) -> int:
        """The most of `x * y / (x + z)` where nothing is below 0: what is shared out, y, has no more than itself.

        So has what is divided by no less than it is multiplied by.
        """
        product, divisor = (self.nodes[arg] for arg in node.args)
        whole = divisor.args if divisor.kind == "Add" else (node.args[1],)
        found = [self.interval(node.args[0]).high]
        if product.kind == "Mul" and all((self.interval(term).low or -1) >= 0 or term == self.zero for term in whole):
            x, y = product.args
            found += [self.interval(other).high for one, other in ((x, y), (y, x)) if one in whole]
        least = self.interval(node.args[1]).low
        ends = [self.interval(arg) for arg in product.args] if product.kind == "Mul" else []
        if least is not None and all(end.low is not None and end.low >= 0 for end in ends):
            found += [y.high for x, y in zip(ends, ends[::-1], strict=True) if x.high is not None and x.high <= least]
        return min(most for most in found if most is not None)


def _open(interval: Interval) -> tuple[float, float]:
    """The ends, infinite where there is none; whole numbers stay whole."""
    return -inf if interval.low is None else interval.low, inf if interval.high is None else interval.high


def simplify(
    nodes: Sequence[Node], known: Mapping[str, int | bool], bounds: Mapping[str, Interval], wanted: Sequence[int]
) -> tuple[tuple[Node, ...], list[int]]:
    """The graph with `known` facts put in and every other fact within its bounds; and the new numbers of `wanted`."""
    builder = Simplifier(bounds)
    numbers = specialise(builder, nodes, known)
    return tuple(builder.nodes), [numbers[i] for i in wanted]


def specialise(builder: Builder, nodes: Sequence[Node], known: Mapping[str, int | bool]) -> list[int]:
    """Rebuild `nodes` in `builder` with the known facts put in; the new number of each."""
    numbers: list[int] = []
    for node in nodes:
        if node.kind == "Fact" and node.data in known:
            value = known[node.data]
            numbers.append(builder.truth(value) if isinstance(value, bool) else builder.const(value))
        else:
            numbers.append(builder.rebuilt(node, tuple(numbers[a] for a in node.args)))
    return numbers
