"""Platforms by classes: those that share their formulas under all of several plans, with the formulas as text.

In: plans, and the places where platforms are. Out: for each class the values of the facts that tell it apart, and what
each plan comes to. Promise: the classes cover every platform of these places; formulas come from the plans, not from
samples, and are cut into pieces where one would be long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from policyeval.domains import Space, bounds, figure, following, homes, listed, spelled
from policyeval.formula import Formulas
from policyeval.kinks import COMPARISONS, CONDITIONS, Peak, thresholds
from policyeval.plan import Node, Plan, facts_below, needed
from policyeval.problems import Problem, Refusal
from policyeval.ranges import least_and_most
from policyeval.record import Record, replace
from policyeval.simplify import Interval, Simplifier, specialise
from policyeval.solve import Clock, Solver, Undecided
from policyeval.vocabulary import Label, Vocabulary

_MOST_CLASSES = 200_000  # combinations of discrete facts that are looked at, each under every plan
_MOST_OF_ITEMS = 100  # combinations of how many items a list has, and of their own discrete facts
_ITEM_NUMBERS = 3  # amounts and other numbers of items: their corners multiply
_SHORT = 240  # characters of a formula that a person still reads
_CUTS = (CONDITIONS, COMPARISONS)
_FEW = 5_000  # nodes that a class may take before it is looked at piece by piece

Combo = tuple[int | bool, ...]
Box = tuple[frozenset[Any], ...]
Pair = tuple[Peak | None, Peak | None]  # of the least, and of the most


class Side(Record):
    """What a class of platforms gets under one plan, as formulas in the language's words, and from whom."""

    support: dict[str, str]
    payers: dict[str, dict[str, str]]


class Cell(Record):
    """What plans come to for platforms of one class whose other facts lie `within` bounds, as nodes of a builder.

    `left`: what is left of the condition on platforms; `outputs`: for each plan the support and each payer, choices
    still in; `ends`: the least and the most of these.
    """

    combo: Combo
    within: dict[str, Interval]
    builder: Simplifier
    left: int
    outputs: tuple[Sequence[int], ...]
    ends: tuple[Sequence[tuple[int, int]], ...]


class Piece(Record):
    """A part of a class, between bounds of the facts that are still open, where the formulas are short.

    `cells`: those that it was put together from; `open`: its facts. `rises` and `falls`, where changes are looked for:
    for the support and each payer the most by which least and most change.
    """

    within: dict[str, Interval]
    sides: tuple[Side, ...]
    cells: tuple[Cell, ...]
    open: set[str]
    rises: list[Pair]
    falls: list[Pair]


class Among(Record):
    """Those platforms of a space for which a node holds, of a graph without free choices; `seconds` to look for one."""

    nodes: tuple[Node, ...]
    wanted: int
    space: Space
    seconds: float

    def left(self, builder: Simplifier, known: Mapping[str, Any]) -> int:
        """What is left of the condition where some facts are known."""
        return specialise(builder, self.nodes, known)[self.wanted]

    def any(self, builder: Simplifier, left: int) -> bool:
        """Whether there may be a platform for which that holds, within the bounds of the builder."""
        value = builder.value(left)
        if value is not None:
            return value is True
        space = Space({**self.space.bounds, **builder.bounds}, self.space.values, self.space.tables)
        with suppress(Undecided, Refusal):
            return Solver(builder, space, Clock(self.seconds)).find(left) is not None
        return True


class Table:
    """The classes of platforms at `places` in which plans differ or agree; of all of them, or `among` some."""

    def __init__(
        self, plans: Sequence[Plan], vocabulary: Vocabulary, places: Sequence[int], among: Among | None = None
    ) -> None:
        self.vocabulary = vocabulary
        self.among = among
        self.bounds = dict(among.space.bounds) if among else bounds(vocabulary)
        self.builder = Simplifier(self.bounds)
        self.payers = [p for p in vocabulary.payers if any(p in plan.payers for plan in plans)]
        self.sides = [self._outputs(plan) for plan in plans]
        self.asked = {n for nodes, wanted in self.sides for n in facts_below(nodes, wanted)}
        self.axes = self._axes(places)

    def _outputs(self, plan: Plan) -> tuple[tuple[Node, ...], list[int]]:
        """The plan's graph, and its outputs: the support and each payer."""
        zero = next(i for i, node in enumerate(plan.nodes) if node == Node("Const", (), 0))
        return needed(plan.nodes, [plan.support, *(plan.payers.get(p, zero) for p in self.payers)])

    def _axes(self, places: Sequence[int]) -> dict[str, list[Any]]:
        """The discrete facts that the formulas depend on, with their values; the place stands for what follows it."""
        v, asked = self.vocabulary, self.asked
        sources = {f.derived.source if f.derived and n in asked else n for n, f in v.facts.items() if n in asked}
        axes: dict[str, list[Any]] = {}
        for name, fact in v.facts.items():
            if name in sources and fact.derived is None:
                values = list(places) if name == v.seat else homes(v, name) if fact.kind == "place" else listed(fact)
                if values:
                    axes[name] = values
        return axes

    def pieces(self) -> Iterator[tuple[Piece, Combo, Box]]:
        """Each class: its formulas, one combination of the discrete facts, and the values of all that are in it."""
        self._refuse_many()
        groups: dict[tuple[int, ...], list[Combo]] = {}
        for combo in product(*self.axes.values()):
            if self._any(self.builder, combo):
                groups.setdefault(self._specialised(self.builder, combo), []).append(combo)
        for outputs, combos in groups.items():
            pieces = self._pieces(combos[0], outputs)
            for box in _boxes(combos):
                inside = next(c for c in combos if all(v in values for v, values in zip(c, box, strict=True)))
                for piece in pieces:
                    yield piece, inside, box

    def outputs(self, _builder: Simplifier, found: Sequence[int]) -> tuple[Sequence[int], ...]:
        """The outputs that are shown side by side, from those of the plans."""
        size = 1 + len(self.payers)
        return tuple(found[i : i + size] for i in range(0, len(found), size))

    def changes(self, _cell: Cell, _last: bool) -> Sequence[tuple[Pair, Pair]]:
        """How the support and each payer rise and fall between two plans; `last`: there is no cutting any further."""
        return ()

    def when(self, piece: Piece, box: Box) -> dict[str, list[str]]:
        """The values of the facts that tell a class apart."""
        found = {
            name: [spelled(self.vocabulary, name, v) for v in self.axes[name] if v in values]
            for name, values in zip(self.axes, box, strict=True)
            if len(values) < len(self.axes[name])
        }
        return found | {name: words for name, w in piece.within.items() if (words := self._limits(name, w))}

    def _refuse_many(self) -> None:
        facts = self.vocabulary.facts
        fields = [facts[name] for name in self.asked if name in facts and facts[name].within]
        lists = dict.fromkeys(f"`{fact.within}`" for fact in fields)
        kinds = prod(len(values) for name, values in self.axes.items() if facts[name].within or facts[name].most)
        if lists and (kinds > _MOST_OF_ITEMS or sum(f.name not in self.axes for f in fields) > _ITEM_NUMBERS):
            raise Refusal(Problem("X306", {"lists": ", ".join(lists)}))
        size = prod(map(len, self.axes.values()))
        if size > _MOST_CLASSES:
            raise Refusal(Problem("X302", {"classes": size, "limit": _MOST_CLASSES}))

    def _specialised(self, builder: Simplifier, combo: Combo) -> tuple[int, ...]:
        """What is left of the condition for one combination of the discrete facts, then the outputs of all plans,
        choices still in."""
        known = self.known(combo)
        found = [self._left(builder, combo)]
        for nodes, wanted in self.sides:
            numbers = specialise(builder, nodes, known)
            found += [numbers[i] for i in wanted]
        return tuple(found)

    def _left(self, builder: Simplifier, combo: Combo) -> int:
        return self.among.left(builder, self.known(combo)) if self.among else builder.true

    def _any(self, builder: Simplifier, combo: Combo) -> bool:
        return self.among is None or self.among.any(builder, self._left(builder, combo))

    def _pieces(self, combo: Combo, outputs: tuple[int, ...]) -> list[Piece]:
        """One piece where the formulas are short; otherwise as few as they need.

        The facts are cut where one alone turns a condition, or, where that is not enough, any comparison.
        """
        nodes, left = self.builder.nodes, outputs[0]
        shown = [n for side in self.outputs(self.builder, outputs[1:]) for n in side]
        cuts = [thresholds(nodes, [left], CONDITIONS), *(thresholds(nodes, [left, *shown], kinds) for kinds in _CUTS)]
        for i, cut in enumerate(cuts):
            last = i == len(cuts) - 1
            try:
                return _joined([piece for within in self._cells(cut) for piece in self._piece(combo, within, last)])
            except Refusal:
                if last:
                    raise
        return []

    def _piece(self, combo: Combo, within: dict[str, Interval], last: bool) -> Iterator[Piece]:
        """The piece, if there are platforms in it.

        Raises Refusal where the formulas grow beyond what a person reads, or what can be worked out.
        """
        builder = Simplifier({**self.bounds, **within}) if within else self.builder
        if not self._any(builder, combo):
            return
        left, *found = self._specialised(builder, combo)
        outputs = self.outputs(builder, found)
        every = [n for side in outputs for n in side]
        ends = iter(least_and_most(builder, every) if last else least_and_most(builder, every, limit=_FEW))
        cell = Cell(combo, within, builder, left, outputs, tuple([next(ends) for _ in side] for side in outputs))
        said = {pairs: self._side(builder, pairs) for pairs in dict.fromkeys(map(tuple, cell.ends))}
        sides = tuple(said[tuple(pairs)] for pairs in cell.ends)
        if not last and max(map(_length, sides)) > _SHORT:
            raise Refusal(Problem("X301", {"limit": _SHORT}))
        changes = self.changes(cell, last)
        open_ = {*facts_below(builder.nodes, [n for pairs in cell.ends for pair in pairs for n in pair]), *within}
        yield Piece(within, sides, (cell,), open_, [c[0] for c in changes], [c[1] for c in changes])

    def _cells(self, cuts: Mapping[str, Sequence[int]]) -> Iterable[dict[str, Interval]]:
        """Bounds for the facts that are cut, least first; without a cut one cell without bounds."""
        pieces: dict[str, list[Interval]] = {}
        for name, points in cuts.items():
            low, high = self.bounds[name].low or 0, self.bounds[name].high or 0
            inner = [p for p in points if low <= p < high]
            if inner:
                starts, ends = [low, *(p + 1 for p in inner)], [*inner, high]
                pieces[name] = [Interval(*pair) for pair in zip(starts, ends, strict=True)]
        for cell in product(*pieces.values()):
            yield dict(zip(pieces, cell, strict=True))

    def known(self, combo: Combo) -> dict[str, Any]:
        """The discrete facts with what follows from them."""
        known: dict[str, Any] = dict(zip(self.axes, combo, strict=True))
        places = [name for name in known if self.vocabulary.facts[name].kind == "place"]
        return known | {k: v for name in places for k, v in following(self.vocabulary, name, known[name]).items()}

    def _limits(self, name: str, within: Interval) -> list[str]:
        """Between which figures a piece of a class lies; nothing where it is all there is."""
        whole, kind = self.bounds[name], self.vocabulary.facts[name].kind
        words = []
        if within.low is not None and within.low != whole.low:
            words.append(f"above {figure(kind, Fraction(within.low - 1))}")
        if within.high is not None and within.high != whole.high:
            words.append(f"at most {figure(kind, Fraction(within.high))}")
        return words

    def _side(self, builder: Simplifier, ends: Sequence[tuple[int, int]]) -> Side:
        words = {lang: Formulas(builder, self.vocabulary, lang) for lang in ("en", "zh")}
        texts = [{lang: f.amount(*pair) for lang, f in words.items()} for pair in ends]
        return Side(texts[0], dict(zip(self.payers, texts[1:], strict=True)))


def _length(side: Side) -> int:
    """How long the longest formula is; one with a condition in it reads better in pieces, however short."""
    texts = [words["en"] for words in (side.support, *side.payers.values())]
    return max(_SHORT + 1 if "(if " in text else len(text) for text in texts)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours with the same formulas as one; pieces come least first."""
    found: list[Piece] = []
    for piece in pieces:
        for i, other in enumerate(found):
            within = _both(other.within, piece.within)
            if within is not None and other.sides == piece.sides:
                found[i] = Piece(
                    within,
                    piece.sides,
                    other.cells + piece.cells,
                    other.open | piece.open,
                    [_higher(a, b) for a, b in zip(other.rises, piece.rises, strict=True)],
                    [_higher(a, b) for a, b in zip(other.falls, piece.falls, strict=True)],
                )
                break
        else:
            found.append(piece)
    return found if len(found) == len(pieces) else _joined(found)


def _both(a: Mapping[str, Interval], b: Mapping[str, Interval]) -> dict[str, Interval] | None:
    """The bounds of two pieces that meet in one fact and agree in the others."""
    apart = [name for name in a if a[name] != b[name]]
    if len(apart) != 1:
        return None
    name = apart[0]
    first, second = sorted((a[name], b[name]), key=lambda i: i.low or 0)
    if first.high is None or first.high + 1 != second.low:
        return None
    return {**a, name: Interval(first.low, second.high)}


def _higher(a: Pair, b: Pair) -> Pair:
    """Of each kind the higher, of equal ones the first; it begins where either does."""
    return _higher_of(a[0], b[0]), _higher_of(a[1], b[1])


def _higher_of(a: Peak | None, b: Peak | None) -> Peak | None:
    if a is None or b is None:
        return None
    found = max(a, b, key=lambda p: p.value)
    if a.value <= 0 or b.value <= 0:
        return found
    return replace(found, begins={name: min(v, b.begins.get(name, v)) for name, v in a.begins.items()})


def _boxes(combos: Sequence[Combo]) -> list[Box]:
    """The combinations as few products of sets of values: two that differ in one fact alone are joined."""
    boxes: dict[Box, None] = dict.fromkeys(tuple(frozenset([v]) for v in combo) for combo in combos)
    axes = len(next(iter(boxes))) if boxes else 0
    for axis in range(axes - 1, -1, -1):
        joined: dict[tuple[Any, ...], set[Any]] = {}
        for box in boxes:
            joined.setdefault((*box[:axis], *box[axis + 1 :]), set()).update(box[axis])
        boxes = {(*rest[:axis], frozenset(values), *rest[axis:]): None for rest, values in joined.items()}
    return list(boxes)


def describe(when: Mapping[str, Sequence[str]], vocabulary: Vocabulary) -> Label:
    """A class in words: each fact with the labels of its values."""
    parts = []
    for name, values in when.items():
        fact = vocabulary.facts[name]
        labels = [vocabulary.places[v].label if fact.kind == "place" else fact.values.get(v) for v in values]
        shown = [label or _limit(v) for label, v in zip(labels, values, strict=True)]
        parts.append(
            Label(
                f"{fact.label.zh}：{'、'.join(s.zh for s in shown)}",
                f"{fact.label.en}: {', '.join(s.en for s in shown)}",
            )
        )
    return Label("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))


def _limit(words: str) -> Label:
    """`above 1000万元` in both languages; other words as they are."""
    return Label(words.replace("above ", "高于").replace("at most ", "不超过"), words)
