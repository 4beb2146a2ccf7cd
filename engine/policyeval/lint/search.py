"""Whether some platform meets a condition of a plan, over all its facts and all readings.

In: the nodes of a plan whose readings are still facts of it, and the place whose platforms are in question. Out: a
Witness, or None where there is none. Promises: a witness has been evaluated; "none" is exact, found by cases over the
facts with listed values and by `peak` over the numbers; what costs too much, or is not made of straight lines, raises
Undecided. A platform is taken to be wholly known.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import combinations, islice, product
from math import floor, prod
from typing import Any

from policyeval.kinks import Peak, peak
from policyeval.money import LIMIT
from policyeval.plan import UNBOUNDED, Builder, Node
from policyeval.problems import Refusal
from policyeval.ranges import least_and_most
from policyeval.record import Record
from policyeval.simplify import Interval, Simplifier
from policyeval.vocabulary import Fact, Vocabulary

_STEPS = 1_500  # formulas that one question may look at
_TRIES = 60  # platforms that are tried before anything is proved
_LARGE = 2_000  # nodes that working out the choices of one formula may add
_CELLS = 100  # pieces that the numbers are cut into
_SOME = (10**9, 10**8, 10**6, 0, LIMIT)  # amounts to try first: 1000万元, 100万元, 1万元, …

_TRUTHS = frozenset({"Truth", "Less", "Equal", "Member", "And", "Or", "Not", "Known"})

Known = Mapping[str, int | bool]
Ends = Sequence[tuple[int, int]]  # the least and most of some formulas
Bounds = Mapping[str, Interval]
Formula = Callable[[Simplifier, Ends], int]


class Undecided(Exception):
    """A question that is too large, or not one of straight lines."""


class Witness(Record):
    """A platform, as far as it matters: facts by name, and the readings that are not the default."""

    facts: dict[str, int | bool]
    readings: dict[str, int]


class Case(Record):
    """What is known of facts with listed values, and formulas in which none of these is left."""

    known: dict[str, int | bool]
    roots: tuple[int, ...]


class _Whole(Builder):
    """A builder for platforms of which everything is known; what contradicts itself is false."""

    def known(self, a: int) -> int:  # noqa: ARG002
        return self.true

    def and_(self, *args: int) -> int:
        found = super().and_(*args)
        return self.false if self.nodes[found].kind == "And" and _contradicts(self, self.nodes[found].args) else found


class _Sharp(Simplifier):
    """The same with bounds of the facts."""

    def and_(self, *args: int) -> int:
        found = super().and_(*args)
        return self.false if self.nodes[found].kind == "And" and _contradicts(self, self.nodes[found].args) else found


def _contradicts(b: Builder, args: Sequence[int]) -> bool:
    """Whether conditions rule each other out by their shape: one denies another, or orders the same two otherwise."""
    held = set(args)
    ordered: set[tuple[int, ...]] = set()
    for arg in args:
        node = b.nodes[arg]
        if node.kind == "Not" and node.args[0] in held:
            return True
        if node.kind in ("Less", "Equal"):
            pair = tuple(sorted(node.args))
            if pair in ordered:
                return True
            ordered.add(pair)
    return False


class Search:
    """Questions about the nodes of one plan."""

    def __init__(
        self, nodes: Sequence[Node], vocabulary: Vocabulary, place: str, readings: Mapping[str, int], steps: int = _STEPS
    ) -> None:
        self.vocabulary = vocabulary
        self.readings = readings  # how many options each has; the first is the default
        self.steps = steps
        self.b = _Whole()
        self.bounds = bounds_of(vocabulary) | {r: Interval(0, n - 1) for r, n in readings.items()}
        self.seats = _seats(nodes, vocabulary, place)
        self._following = {n for n, f in vocabulary.facts.items() if f.derived and f.derived.source == vocabulary.seat}
        self._bits: dict[str, int] = {}
        self._masks: list[int] = []
        self._numeric: dict[int, dict[str, int] | None] = {}
        self._simplified: dict[tuple[Any, ...], tuple[Simplifier, dict[int, int]]] = {}
        self._found: dict[tuple[int, tuple[tuple[str, int | bool], ...]], Witness | None] = {}
        self._lists: dict[str, list[int | bool]] = {r: list(range(n)) for r, n in readings.items()}
        for name, fact in vocabulary.facts.items():
            if name not in self._following and (values := _listed(fact)):
                self._lists[name] = values
            elif fact.kind == "place":
                self._lists[name] = list(range(len(vocabulary.places)))
        self._lists[vocabulary.seat] = list(self.seats)
        self._at_once: dict[str, int | bool] = {}  # where all platforms are of one place, as far as the plan goes
        if len(self.seats) == 1:
            self._at_once = {vocabulary.seat: self.seats[0], **self.following(self.seats[0])}
        self.numbers = self._copied(nodes, self._at_once)

    # questions

    def possible(self, number: int, fixed: Known | None = None) -> Witness | None:
        """A platform, and readings, for which the condition holds; some of them may be fixed. Raises Undecided."""
        key = (number, tuple(sorted((fixed or {}).items())))
        if key not in self._found:
            self._found[key] = self._search(number, fixed or {})
        return self._found[key]

    def likely(self, number: int) -> Witness | None:
        """The same, with as few readings other than the default as can be."""
        found = self.possible(number)
        if found is None or not found.readings:
            return found
        mine = [r for r in self.readings if self._mask(number) & self._bit(r)]
        default = dict.fromkeys(mine, 0)
        usual = self.possible(number, default)
        for reading in mine:
            for option in range(1, self.readings[reading]):
                usual = usual or self.possible(number, {**default, reading: option})
        return usual or found

    def differs(self, a: int, b: int) -> int:
        """The condition that two amounts of the plan are not equal."""
        return self.b.or_(self.b.less(a, b), self.b.less(b, a))

    def cases(self, roots: Sequence[int], fixed: Known | None = None) -> Iterator[Case]:
        """The formulas for every combination of the facts with listed values, each different one once."""
        left = self.steps
        seen: set[tuple[int, ...]] = set()
        todo = [Case(dict(fixed or {}), self._put(tuple(roots), fixed or {}))]
        while todo:
            case = todo.pop()
            if case.roots in seen:
                continue
            seen.add(case.roots)
            name = self._next(case.roots)
            if name is None:
                yield case
                continue
            for value in reversed(self._lists[name]):
                left -= 1
                if left < 0:
                    raise Undecided
                here: dict[str, int | bool] = {name: value}
                put = here | (self.following(int(value)) if name == self.vocabulary.seat else {})
                todo.append(Case(case.known | here, self._put(case.roots, put)))

    def taken(self, nodes: Sequence[Node]) -> list[int]:
        """The nodes of another plan of the same packs, as numbers of this search."""
        return self._copied(nodes, self._at_once)

    def turns_on(self, number: int, reading: str) -> bool:
        """Whether some platform sees another value under another option of the reading."""
        (first,) = self._put((number,), {reading: 0})
        for option in range(1, self.readings[reading]):
            (other,) = self._put((number,), {reading: option})
            if first != other and self.possible(self._unlike(first, other)):
                return True
        return False

    def _unlike(self, a: int, b: int) -> int:
        if self._is_truth(a) or self._is_truth(b):
            return self.b.or_(self.b.and_(a, self.b.not_(b)), self.b.and_(b, self.b.not_(a)))
        return self.differs(a, b)

    def _is_truth(self, number: int) -> bool:
        node = self.b.nodes[number]
        while node.kind == "If":
            node = self.b.nodes[node.args[1]]
        return node.kind in _TRUTHS or (node.kind == "Fact" and self._lists.get(node.data) == [False, True])

    def witness(self, known: Known, numbers: Mapping[str, int]) -> Witness:
        facts = {n: v for n, v in known.items() if n not in self.readings}
        chosen = {n: int(v) for n, v in known.items() if n in self.readings and v}
        return Witness({**facts, **numbers}, chosen)

    def depends(self, number: int, name: str) -> bool:
        """Whether the formula speaks of the fact or reading."""
        return bool(self._mask(number) & self._bit(name))

    def below(self, roots: Sequence[int], name: str) -> list[int]:
        """The nodes below the roots, in order, that depend on the fact."""
        return self._dependent(roots, self._bit(name))

    def value(self, number: int, facts: Known, most: bool = True) -> int:
        """The value of a formula for one platform; what the authority chooses is the most, or nothing."""
        return int(self._values([number], facts, most)[number])

    # cases

    def _search(self, number: int, fixed: Known) -> Witness | None:
        for case in self.cases([number], fixed):
            numbers = self._met(case.roots[0])
            if numbers is not None:
                return self.witness(case.known, numbers)
        return None

    def _next(self, roots: Sequence[int]) -> str | None:
        """The fact to go through next: the place, since others follow from it, then facts, then readings."""
        mask = 0
        for root in roots:
            mask |= self._mask(root)
        if any(mask & self._bit(name) for name in (self.vocabulary.seat, *self._following)):
            return self.vocabulary.seat
        names = [n for n in self._bits if mask & self._bits[n] and n in self._lists]
        return next((n for n in names if n not in self.readings), names[0] if names else None)

    def following(self, seat: int) -> dict[str, int | bool]:
        """The facts that follow from where a platform is."""
        return following(self.vocabulary, seat)

    def _put(self, roots: tuple[int, ...], known: Known) -> tuple[int, ...]:
        """The formulas with the known facts put in."""
        wanted = 0
        for name in known:
            wanted |= self._bit(name)
        new: dict[int, int] = {}
        for i in self._dependent(roots, wanted):
            node = self.b.nodes[i]
            if node.kind == "Fact":
                value = known[node.data]
                new[i] = self.b.truth(value) if isinstance(value, bool) else self.b.const(value)
            else:
                new[i] = self.b.rebuilt(node, tuple([new.get(a, a) for a in node.args]))
        return tuple([new.get(root, root) for root in roots])

    def _dependent(self, roots: Sequence[int], wanted: int) -> list[int]:
        """The nodes below the roots, in order, that depend on one of the wanted facts."""
        nodes = self.b.nodes
        todo = [root for root in roots if self._mask(root) & wanted]
        found = set(todo)
        while todo:
            for a in nodes[todo.pop()].args:
                if a not in found and self._masks[a] & wanted:
                    found.add(a)
                    todo.append(a)
        return sorted(found)

    def _mask(self, number: int) -> int:
        """The facts that a node depends on, as bits."""
        masks, nodes = self._masks, self.b.nodes
        for i in range(len(masks), len(nodes)):
            node = nodes[i]
            mask = self._bit(node.data) if node.kind == "Fact" else 0
            for a in node.args:
                mask |= masks[a]
            masks.append(mask)
        return masks[number]

    def _bit(self, name: str) -> int:
        return self._bits.setdefault(name, 1 << len(self._bits))

    def _copied(self, nodes: Sequence[Node], known: Known) -> list[int]:
        numbers: list[int] = []
        for node in nodes:
            if node.kind == "Fact" and node.data in known:
                value = known[node.data]
                numbers.append(self.b.truth(value) if isinstance(value, bool) else self.b.const(value))
            else:
                numbers.append(self.b.rebuilt(node, tuple([numbers[a] for a in node.args])))
        return numbers

    # numbers

    def _met(self, number: int) -> dict[str, int] | None:
        """Amounts for which a condition on amounts alone holds."""
        truth = self.b.value(number)
        if truth is not None:
            return {} if truth else None
        if number not in self._numeric:
            found = self._tried(number)
            self._numeric[number] = self._proved(number) if found is None else found
        return self._numeric[number]

    def _cone(self, roots: Sequence[int], but: Container[int] = ()) -> list[int]:
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
        cone = self._cone([number])
        names = [self.b.nodes[i].data for i in cone if self.b.nodes[i].kind == "Fact"]
        tries = self._tries(cone, names)
        choices = any(self.b.nodes[i].kind == "Choice" for i in cone)
        for values in islice(product(*tries), _TRIES):
            facts = dict(zip(names, values, strict=True))
            for most in (True, False) if choices else (True,):
                if self._values([number], facts, most, cone)[number]:
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
            bounds = self.bounds[name]
            low, high = bounds.low or 0, LIMIT if bounds.high is None else bounds.high
            usual = (*_SOME, *near) if high >= _SOME[0] else (high, low, (low + high) // 2, *near)
            found.append(list(dict.fromkeys(v for v in usual if low <= v <= high)))
        return found

    def _values(
        self, roots: Sequence[int], facts: Known, most: bool, cone: Sequence[int] | None = None
    ) -> dict[int, int | bool]:
        """The nodes below the roots for one platform."""
        nodes = self.b.nodes
        found: dict[int, Any] = {}
        for i in self._cone(roots) if cone is None else cone:
            kind, args, data = nodes[i]
            found[i] = _CALCULATED[kind](data, [found[a] for a in args], facts, most)
        return found

    def _proved(self, number: int) -> dict[str, int] | None:
        simple, (root,) = self.simplified([number], {})
        if simple.value(root) is not None:
            return {} if simple.value(root) else None
        best = self.largest([number], lambda b, ends: b.if_(ends[0][1], b.const(1), b.zero), {}, enough=1)
        return dict(best.at) if best is not None and best.value > 0 else None

    def largest(self, roots: Sequence[int], of: Formula, within: Bounds, enough: int | None = None) -> Peak | None:
        """The most of a formula made of the least and most of each root; the search may stop at `enough`.

        The numbers are cut where one of them alone turns a comparison, so that in each piece the formulas are short.
        `within`: narrower bounds of some facts.
        """
        cone = self._cone(roots)
        choices = any(self.b.nodes[i].kind == "Choice" for i in cone)
        best: Peak | None = None
        try:
            for cell in self._cells(cone, within):
                simple, simplified = self.simplified(roots, {**within, **cell})
                ends = least_and_most(simple, simplified, limit=_LARGE) if choices else [(n, n) for n in simplified]
                number = of(simple, ends)
                value = simple.value(number)
                found = peak(simple.nodes, number, simple.bounds) if value is None else Peak(int(value), {})
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
        for name, points in self._turns(cone).items():
            low, high = bounds[name].low or 0, LIMIT if bounds[name].high is None else bounds[name].high
            inner = [p for p in sorted(points) if low <= p < high]
            starts, ends = [low, *(p + 1 for p in inner)], [*inner, high]
            pieces[name] = [Interval(*pair) for pair in zip(starts, ends, strict=True)]
        if prod(map(len, pieces.values())) > _CELLS:
            return [{}]
        return [dict(zip(pieces, cell, strict=True)) for cell in product(*pieces.values())]

    def _turns(self, cone: Sequence[int]) -> dict[str, set[int]]:
        """For each fact the values at which it alone, as a straight line, turns a comparison."""
        lines: dict[int, tuple[str, Fraction, Fraction] | None] = {}
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

    def _line(
        self, number: int, lines: Mapping[int, tuple[str, Fraction, Fraction] | None]
    ) -> tuple[str, Fraction, Fraction] | None:
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
                slopes, constants = ([part[k] for part in parts if part] for k in (1, 2))
                return "".join(names), sum(slopes, Fraction(0)), sum(constants, Fraction(0))
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
        for i in self._cone(roots, new):
            node = self.b.nodes[i]
            new[i] = simple.rebuilt(node, tuple([new[a] for a in node.args]))
        return simple, [new[root] for root in roots]


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


# Facts and places ------------------------------------------------------------


def bounds_of(vocabulary: Vocabulary) -> dict[str, Interval]:
    """Between which bounds each fact may lie, as the plan counts it."""
    found = {}
    for name, fact in vocabulary.facts.items():
        match fact.kind:
            case "money" | "count" | "ratio" | "number":
                found[name] = Interval(0, LIMIT)
            case "date":
                found[name] = Interval(1, date.max.toordinal())
            case "enumeration" | "ordered":
                found[name] = Interval(0, len(fact.values) - 1)
            case "place":
                found[name] = Interval(0, len(vocabulary.places) - 1)
    return found


def following(vocabulary: Vocabulary, seat: int) -> dict[str, int | bool]:
    """The facts that follow from where a platform is."""
    place = list(vocabulary.places)[seat]
    found: dict[str, int | bool] = {}
    for name, fact in vocabulary.facts.items():
        if fact.derived and (nearest := vocabulary.nearest(place, fact.derived.nearest)):
            found[name] = list(fact.values).index(nearest.tier)
    return found


def _listed(fact: Fact) -> list[int | bool]:
    """The values of a fact that has a list of them, highest first where they are ordered."""
    match fact.kind:
        case "ordered":
            return list(range(len(fact.values)))[::-1]
        case "enumeration":
            return list(range(len(fact.values)))
        case "bool":
            return [False, True]
    return []


def _seats(nodes: Sequence[Node], vocabulary: Vocabulary, place: str) -> list[int]:
    """Of the places of platforms, one for each kind that the plan tells apart."""
    derived = [f.derived for f in vocabulary.facts.values() if f.derived]
    inside = vocabulary.below(place)
    index = vocabulary.place_index
    whole = [p for p in vocabulary.places if p in inside and all(vocabulary.nearest(p, d.nearest) for d in derived)]
    asked = {
        n.data if n.kind == "Member" else tuple(a.data for a in (nodes[x] for x in n.args) if a.kind == "Const")
        for n in nodes
        if n.kind in ("Member", "Equal") and any(nodes[a] == Node("Fact", (), vocabulary.seat) for a in n.args)
    }
    sets = [frozenset(values) for values in asked]
    found: dict[Any, int] = {}
    for name in whole or [place]:
        i = index[name]
        kind = (tuple(i in values for values in sets), tuple(following(vocabulary, i).items()))
        found.setdefault(kind, i)
    return list(found.values())
