"""The support of a platform, and what each payer pays, as one fact changes: exact pieces of straight lines.

In: a platform, a regime, and the fact that is left open. Out: a Curve: for the least and the most of each amount the
lines it follows, with every kink, the slope on either side and the clauses that cause it. Promises: the lines are exact
rationals of the formulas, before the rounding to the fen that every amount has; each piece is checked against the
evaluator at both ends and within; what is not made of straight lines is refused by name (R407).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from policyeval.answer import Answer
from policyeval.cases import Platform, dated
from policyeval.domains import bounds
from policyeval.evaluate import Evaluator, Facts, Trace, emit
from policyeval.kinks import COMPARISONS, thresholds
from policyeval.lines import Line, Lines
from policyeval.money import yuan
from policyeval.pack import Pack
from policyeval.plan import Node, Plan, cone
from policyeval.problems import Problem, Refusal
from policyeval.provisions import Cite
from policyeval.ranges import ends_of
from policyeval.record import Record
from policyeval.regime import Regimes
from policyeval.simplify import Simplifier, specialise
from policyeval.vocabulary import Fact, Vocabulary

SUPPORT = "support"
_LIMIT = 20_000  # nodes that working out the choices may add
_OFF = 2  # fen that rounding may move an amount off its line
_BEYOND = Fraction(3, 2)  # how far the picture goes on after the last kink

KINDS = ("money", "count", "number", "ratio")


class Piece(NamedTuple):
    """From `start` to `end`, both included and counted as the plan does: slope * x + constant, in fen."""

    start: int
    end: int
    slope: Fraction
    constant: Fraction

    def at(self, x: int) -> Fraction:
        return self.slope * x + self.constant


class Cause(Record):
    """A clause at a kink: an award or a statement, and what of it begins or stops there."""

    id: str
    pack: Pack
    cite: Cite


class Kink(Record):
    """Where a line ends and another begins: at `x` the first is still followed. `causes`: clauses that turn there."""

    x: int
    amount: Fraction
    before: Fraction
    after: Fraction
    jump: Fraction
    causes: tuple[Cause, ...]


class Course(Record):
    """One amount over the fact, at one end of its range: its pieces, and a kink between each two."""

    pieces: tuple[Piece, ...]
    kinks: tuple[Kink, ...]

    def at(self, x: int) -> Fraction:
        return next(p for p in self.pieces if p.start <= x <= p.end).at(x)


class Curve(Record):
    """A platform's amounts over one fact: `support` and each payer, least and most, the same where there is no range.

    `shown`: how far a picture should go.
    """

    vocabulary: Vocabulary
    answer: Answer
    over: Fact
    courses: Mapping[str, tuple[Course, Course]]
    shown: int


def curve(regimes: Regimes, platform: Platform, over: str) -> Curve:
    """The curve of a platform.

    Raises Refusal V407 for a fact that is no number, V406 for missing facts, R407 for a formula that is not made of
    straight lines.
    """
    vocabulary = regimes.library.vocabulary
    fact = vocabulary.facts.get(vocabulary.fact_spellings.get(over, over))
    of_every_item = fact is not None and fact.within is not None and fact.item is None
    if fact is None or fact.kind not in KINDS or fact.given is not None or of_every_item:
        known = [name for name, f in vocabulary.declared.items() if f.kind in KINDS and f.given is None]
        raise Refusal(Problem("V407", {"fact": over, "known": ", ".join(f"`{name}`" for name in known)}))
    return _Drawn(regimes, platform, fact).curve()


class _Drawn:
    def __init__(self, regimes: Regimes, platform: Platform, over: Fact) -> None:
        self.vocabulary, self.over = regimes.library.vocabulary, over
        self.answer = regimes.answer(platform)
        self.platform = dated(platform, self.vocabulary, regimes.as_of)
        if not self.answer.packs:
            raise Refusal(Problem("V406", {"facts": {"en": "a policy in force", "zh": "施行中的政策"}}))
        self.plan: Plan = regimes.at(platform.written.get(self.vocabulary.seat)).plan
        self.evaluator = Evaluator(self.plan)
        known = {n: v for n, v in self.platform.facts.items() if v is not None and n != over.name}
        self.b = Simplifier(bounds(self.vocabulary))
        numbers = specialise(self.b, self.plan.nodes, known)
        self.outputs = {SUPPORT: numbers[self.plan.support], **{p: numbers[n] for p, n in self.plan.payers.items()}}
        limit = self.b.bounds[over.name]
        self.low, self.high = limit.low or 0, limit.high or 0
        self._runs: dict[int, Callable[[Facts], Sequence[Any]]] = {}

    def curve(self) -> Curve:
        ends = ends_of(self.b, list(self.outputs.values()), _LIMIT)
        if any(number not in ends for number in self.outputs.values()):
            raise Refusal(Problem("X301", {"limit": _LIMIT}))
        missing = self._missing([n for pair in ends.values() for n in pair])
        if missing:
            raise Refusal(Problem("V406", {"facts": missing}))
        courses = {name: tuple(self._course(n) for n in ends[number]) for name, number in self.outputs.items()}
        last = max((k.x for pair in courses.values() for c in pair for k in c.kinks), default=0)
        now = self.platform.facts.get(self.over.name)
        shown = max(int(last * _BEYOND), int(now or 0)) or 10**8
        found = {name: (pair[0], pair[1]) for name, pair in courses.items()}
        return Curve(self.vocabulary, self.answer, self.over, found, min(shown, self.high))

    def _missing(self, numbers: Sequence[int]) -> dict[str, str] | None:
        facts = {node.data for i in numbers for node in self._cone(i) if node.kind == "Fact"} - {self.over.name}
        labels = [self.vocabulary.facts[name].label for name in self.vocabulary.facts if name in facts]
        return {"en": ", ".join(x.en for x in labels), "zh": "、".join(x.zh for x in labels)} if labels else None

    def _cone(self, number: int) -> Iterable[Node]:
        return (self.b.nodes[i] for i in cone(self.b.nodes, [number]))

    # pieces

    def _course(self, number: int) -> Course:
        nodes = self.b.nodes
        turns = thresholds(nodes, [number], COMPARISONS).get(self.over.name, [])
        cuts = sorted({t + step for t in turns for step in (-1, 0) if self.low <= t + step < self.high})
        starts, ends = [self.low, *(c + 1 for c in cuts)], [*cuts, self.high]
        lines = Lines(nodes, lambda n: nodes[n].kind == "Fact").of(number)
        if lines is None:
            raise Refusal(Problem("R407", {"fact": self.over.name}))
        pieces = self._joined([self._piece(number, lines, *pair) for pair in zip(starts, ends, strict=True)])
        return Course(tuple(pieces), tuple(self._kink(a, b) for a, b in pairwise(pieces)))

    def _piece(self, number: int, lines: Sequence[Line], start: int, end: int) -> Piece:
        """The line that the formula follows from one turn to the next."""
        some = sorted({start, (start + end) // 2, end})
        values = [self._value(number, x) for x in some]
        fact = self.b.fact(self.over.name)
        for line in lines:
            piece = Piece(start, end, line.slope(fact), line.constant)
            if all(abs(piece.at(x) - value) <= _OFF for x, value in zip(some, values, strict=True)):
                return piece
        raise Refusal(Problem("R407", {"fact": self.over.name}))

    def _joined(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Neighbours on one line as one piece; one of a few steps is rounding at a turn, and joins its neighbour."""
        found: list[Piece] = []
        for piece in pieces:
            if found and self._follows(found[-1], piece):
                found[-1] = found[-1]._replace(end=piece.end)
            elif found and self._follows(piece, found[-1]) and found[-1].end - found[-1].start < _OFF:
                found[-1] = piece._replace(start=found[-1].start)
            else:
                found.append(piece)
        return found

    def _follows(self, line: Piece, piece: Piece) -> bool:
        same = (line.slope, line.constant) == (piece.slope, piece.constant)
        return same or (
            piece.end - piece.start < _OFF and all(abs(line.at(x) - piece.at(x)) <= _OFF for x in piece[:2])
        )

    def _value(self, number: int, x: int) -> int:
        if number not in self._runs:
            self._runs[number] = emit(self.b.nodes, [number], frozenset())
        return int(self._runs[number]({self.over.name: x})[0] or 0)

    # kinks

    def _kink(self, before: Piece, after: Piece) -> Kink:
        x = before.end
        return Kink(
            x,
            before.at(x),
            before.slope,
            after.slope,
            after.at(x + 1) - before.at(x) - after.slope,
            self._causes(before, after),
        )

    def _causes(self, before: Piece, after: Piece) -> tuple[Cause, ...]:
        """The clauses that are at work within one piece and not within the other."""
        old, new = (self._at_work(self._trace((p.start + p.end) // 2)) for p in (before, after))
        packs = {pack.id: pack for pack in self.answer.packs}
        found = []
        for id_ in dict.fromkeys(key[0] for key in (*old, *new) if (key in old) != (key in new)):
            pack, _, name = id_.partition("/")
            if name in packs[pack].awards:
                cite = packs[pack].awards[name].cite
            else:
                cite = packs[pack].precedence[int(name.removeprefix("precedence[").removesuffix("]")) - 1].cite
            found.append(Cause(id_, packs[pack], cite))
        return tuple(found)

    def _trace(self, x: int) -> Trace:
        return self.evaluator.trace({**self.platform.facts, self.over.name: x})

    def _at_work(self, trace: Trace) -> dict[tuple[str, ...], None]:
        """Which awards apply, which ceilings, floors and branches of theirs count, which statements change anything."""
        found: dict[tuple[str, ...], None] = {}
        for award in self.plan.awards:
            if award.own and trace.holds(award.applies):
                found[(award.id, "applies")] = None
                for i, step in enumerate(award.steps):
                    if not trace.holds(step.guard):
                        continue
                    if step.den == 0:
                        found[(award.id, str(i), str(trace.holds(step.node)))] = None
                    elif step.op in ("cap", "cap_each", "at_least"):
                        sides = [
                            Fraction(v or 0, den)
                            for v, den in (
                                (trace.span(step.node).max, step.den),
                                (trace.span(step.operand).max, step.operand_den),
                            )
                        ]
                        if sides[0] != sides[1]:
                            found[(award.id, str(i), "binds")] = None
        for statement in self.plan.statements:
            if any(trace.span(e.before) != trace.span(e.after) for e in statement.effects):
                found[(statement.id, "changes")] = None
        return found


# JSON


def as_json(found: Curve) -> dict[str, Any]:
    answer = found.answer
    return {
        "platform": dict(answer.platform.written),
        "as_of": answer.as_of.isoformat(),
        "packs": [pack.ref for pack in answer.packs],
        "readings": answer.readings,
        "over": found.over.name,
        **{
            name: {end: _course_json(c, found.over) for end, c in zip(("min", "max"), pair, strict=True)}
            for name, pair in found.courses.items()
            if name == SUPPORT
        },
        "payers": {
            name: {end: _course_json(c, found.over) for end, c in zip(("min", "max"), pair, strict=True)}
            for name, pair in found.courses.items()
            if name != SUPPORT
        },
    }


def _course_json(course: Course, over: Fact) -> dict[str, Any]:
    return {
        "pieces": [
            {
                "from": place(p.start, over),
                "to": place(p.end, over),
                "slope": str(p.slope * unit(over)),
                "amount": money(p.at(p.start)),
            }
            for p in course.pieces
        ],
        "kinks": [
            {
                "at": place(k.x, over),
                "amount": money(k.amount),
                "slope_before": str(k.before * unit(over)),
                "slope_after": str(k.after * unit(over)),
                "jump": money(k.jump),
                "clauses": [{"clause": c.id, "section": c.cite.section, "phrase": c.cite.phrase} for c in k.causes],
            }
            for k in course.kinks
        ],
    }


def unit(over: Fact) -> Fraction:
    """What turns a slope, in fen for a step of the plan, into one that people read: yuan for a yuan, or for one."""
    return Fraction(1) if over.kind == "money" else Fraction(1, 100) * (1 if over.kind == "count" else 10**6)


def place(x: int, over: Fact) -> str:
    return yuan(x) if over.kind == "money" else str(x if over.kind == "count" else Fraction(x, 10**6))


def money(fen: Fraction) -> str:
    """Exact yuan: two decimals, or a fraction of a yuan where it falls between two fen."""
    return yuan(int(fen)) if fen.denominator == 1 else str(fen / 100)
