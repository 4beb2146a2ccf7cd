"""The straight lines that a node's value may follow.

In: a node, and which nodes are taken as they are (atoms). Out: sums of multiples of atoms; between two kinks the value
is one of them, but for rounding. A node that is not made of straight lines has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction
from itertools import combinations, product
from math import lcm

from policyeval.plan import Node
from policyeval.record import Record

_LIMIT = 512  # lines of one node; more is "not made of straight lines" here

Pieces = tuple["Line", ...] | None


class Line(Record):
    """A sum of multiples of atoms, and a constant."""

    terms: tuple[tuple[int, Fraction], ...]
    constant: Fraction = Fraction(0)

    def slope(self, atom: int) -> Fraction:
        return dict(self.terms).get(atom, Fraction(0))

    def row(self, atoms: Sequence[int]) -> tuple[int, ...]:
        """The slopes and the constant's opposite, times what makes them whole: `meet` takes thousands of them."""
        values = [*map(self.slope, atoms), -self.constant]
        by = lcm(*(v.denominator for v in values))
        return tuple(int(v * by) for v in values)


def total(lines: Sequence[tuple[Line, Fraction]]) -> Line:
    """The sum of lines, each times a factor."""
    terms: dict[int, Fraction] = {}
    for line, factor in lines:
        for atom, slope in line.terms:
            terms[atom] = terms.get(atom, Fraction(0)) + slope * factor
    constant = sum((line.constant * factor for line, factor in lines), Fraction(0))
    return Line(tuple(sorted((a, s) for a, s in terms.items() if s)), constant)


def meet(rows: Sequence[Sequence[int]]) -> tuple[int, ...] | None:
    """The whole point at, or just below, the one where as many lines as there are atoms are 0, each given as its row;
    None where there is no one such point."""
    left = list(rows)
    for column in range(len(left)):
        pivot = next((r for r in range(column, len(left)) if left[r][column]), None)
        if pivot is None:
            return None
        left[column], left[pivot] = left[pivot], left[column]
        lead = left[column]
        for other, row in enumerate(left):
            if other != column and row[column]:
                left[other] = [v * lead[column] - w * row[column] for v, w in zip(row, lead, strict=True)]
    return tuple(row[-1] // row[column] for column, row in enumerate(left))


def apart(terms: Sequence[int], needs: Callable[[int], AbstractSet[int]]) -> list[list[int]]:
    """The terms of a sum in groups that need nothing in common, so that each group has its ends by itself."""
    groups: list[tuple[AbstractSet[int], list[int]]] = []
    for term in terms:
        needed = needs(term)
        meeting = [group for group in groups if group[0] & needed]
        groups = [group for group in groups if group not in meeting]
        joined = frozenset().union(needed, *(n for n, _ in meeting))
        groups.append((joined, [t for _, found in meeting for t in found] + [term]))
    return [found for _, found in groups]


class Lines:
    """Works out lines over one graph, each node once."""

    def __init__(self, nodes: Sequence[Node], is_atom: Callable[[int], bool]) -> None:
        self.nodes = nodes
        self.is_atom = is_atom
        self._known: dict[int, Pieces] = {}

    def of(self, number: int) -> Pieces:
        """The lines of a node, or None where it is not made of straight lines."""
        if number not in self._known:
            found = self._work_out(number)
            self._known[number] = None if found is None or len(found) > _LIMIT else found
        return self._known[number]

    def turns(self, number: int) -> Iterator[Line] | None:
        """Lines that are 0 where the comparison `number` may turn; None where its sides are not straight lines."""
        sides = [self.of(a) for a in self.nodes[number].args]
        if any(side is None for side in sides):
            return None
        pairs = combinations([side for side in sides if side is not None], 2)
        return (total([(x, Fraction(1)), (y, Fraction(-1))]) for left, right in pairs for x, y in product(left, right))

    def _work_out(self, number: int) -> Pieces:
        node = self.nodes[number]
        if node.kind == "Const":
            return (Line((), Fraction(node.data)),)
        if self.is_atom(number):
            return (Line(((number, Fraction(1)),)),)
        match node.kind:
            case "Add":
                return self._sums([self.of(a) for a in node.args])
            case "Mul" | "Div":
                factor = self.nodes[node.args[1]]
                inner = self.of(node.args[0])
                if factor.kind != "Const" or inner is None:
                    return None
                by = Fraction(factor.data) if node.kind == "Mul" else Fraction(1, factor.data)
                return tuple(total([(line, by)]) for line in inner)
            case "Min" | "Max":
                return _joined([self.of(a) for a in node.args])
            case "If":
                return _joined([self.of(a) for a in node.args[1:]])
        return None

    def _sums(self, parts: Sequence[Pieces]) -> Pieces:
        sums: tuple[Line, ...] = (Line(()),)
        for part in parts:
            if part is None or len(sums) * len(part) > _LIMIT:
                return None
            sums = tuple(dict.fromkeys(total([(a, Fraction(1)), (b, Fraction(1))]) for a in sums for b in part))
        return sums


def _joined(parts: Sequence[Pieces]) -> Pieces:
    if any(part is None for part in parts):
        return None
    return tuple(dict.fromkeys(line for part in parts if part is not None for line in part))
