"""Cliffs: one more fen of an amount lowers the support.

In: a pack among those around it. Out: W506, a finding for each part of the pack and each fact that is an amount.
Promises: what is reported was evaluated, on the whole support of the platform, before and after the fen; a formula that
surely never falls is passed without looking further, every other one is decided or said to be undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

from policyeval.domains import following
from policyeval.lint.findings import Findings, money
from policyeval.lint.numbers import Ends, Undecided, patience
from policyeval.lint.parts import Around, Key, Part, Planned
from policyeval.lint.search import Case, Search, Witness
from policyeval.plan import Builder
from policyeval.record import Record
from policyeval.simplify import Interval, Simplifier

_JUMP = 100  # fen
_ROUNDS = 3  # times that parts are put together because one makes up for another


class Fall(Record):
    """The largest fall found, and the platform just before it."""

    drop: int
    witness: Witness


def find(findings: Findings) -> None:
    around = findings.around
    amounts = [fact for fact in around.vocabulary.facts.values() if fact.kind == "money"]
    # what holds of the first item of a list holds of each: an expression takes all of them alike
    facts = [fact.name for fact in amounts if fact.within is None or fact.item == 1]
    for part in around.parts:
        own = next((around.award(key) for key in part.awards if key[0] == around.pack.id), None)
        if own is None:
            continue
        if part.statements and (why := around.hindrance(part)):
            findings.undecided("W506", own.id, own.span, why)
            continue
        for fact in facts:
            with findings.deciding("W506", own.id, own.span):
                _look(findings, part, fact)


def _look(findings: Findings, part: Part, fact: str) -> None:
    around = findings.around
    awards = _falling(around, part, fact)
    for round_ in range(_ROUNDS):
        if not awards:
            return
        plan = around.together(awards)
        fall = _fall(plan, fact)
        if fall is None:
            return
        makes_up = _rising(around, awards, fact, fall.witness)
        if makes_up is None:
            _say(findings, awards, plan, fact, fall)
            return
        if round_ == _ROUNDS - 1:
            raise Undecided
        awards = Part((*awards.awards, *makes_up.awards), (*awards.statements, *makes_up.statements))


def _falling(around: Around, part: Part, fact: str) -> Part | None:
    """The part, or of a part without statements the awards, whose support may fall as the fact rises."""
    if part.statements:
        plan = around.together(part)
        return part if _may_fall(plan.search, plan.plan.support, fact) else None
    plan = around.free
    mine = [key for key in part.awards if key in plan.awards and key[0] == around.pack.id and plan.awards[key].own]
    falling = [key for key in mine if _may_fall(plan.search, plan.awards[key].before, fact)]
    return Part(tuple(falling), ()) if falling else None


def _may_fall(search: Search, number: int, fact: str) -> bool:
    return search.depends(number, fact) and not rising(search.b, number, fact, search.bounds)


def _fall(plan: Planned, fact: str) -> Fall | None:
    """The largest fall of the least or the most support, by the default readings if there is one."""
    search = plan.search
    support = plan.plan.support
    above = _shifted(search, support, fact)
    default = {r: 0 for r in search.readings if search.depends(support, r)}
    known: dict[int, Fall | None] = {}
    look = patience()
    for fixed in [default, {}] if default else [{}]:
        best: Fall | None = None
        for case in search.cases([support, above], fixed):
            _, (whole,) = search.numbers.simplified(case.roots[:1], {})
            if whole not in known:
                known[whole] = _fall_of(search, case, fact, look)
            found = known[whole]
            if found is not None and (best is None or found.drop > best.drop):
                best = found
        if best is not None:
            return best
    return None


def _shifted(search: Search, number: int, fact: str) -> int:
    """The formula with one fen more of the fact."""
    b = search.b
    more = b.add(b.fact(fact), b.const(1))
    new: dict[int, int] = {}
    for i in search.below([number], fact):
        node = b.nodes[i]
        new[i] = more if node.kind == "Fact" else b.rebuilt(node, tuple(new.get(a, a) for a in node.args))
    return new.get(number, number)


def _fall_of(search: Search, case: Case, fact: str, look: Callable[[], None]) -> Fall | None:
    simple, (whole,) = search.numbers.simplified(case.roots[:1], {})
    if rising(simple, whole, fact, search.bounds):
        return None
    found: Fall | None = None
    for window, end in product(_windows(search, case, fact), (0, 1)):

        def falls(b: Simplifier, ends: Ends, end: int = end) -> int:
            old, new = ends[0][end], ends[1][end]
            return b.zero if old == new else b.sub(old, new)

        best = search.numbers.largest(case.roots, falls, {fact: window}, look)
        if best is not None and best.value >= _least(search, fact) and (found is None or best.value > found.drop):
            found = Fall(best.value, search.witness(case.known, best.at))
    return found


def _windows(search: Search, case: Case, fact: str) -> list[Interval]:
    """Where to look: everywhere for a fact whose rise must never lower the support, else at fixed bounds alone."""
    last = (search.bounds[fact].high or 1) - 1  # the last fen that a platform may have has none above it
    if search.vocabulary.facts[fact].support_never_falls:
        return [Interval(0, last)]
    points = search.numbers.turns(search.numbers.cone(case.roots[:1])).get(fact, set())
    return [Interval(max(0, t - 1), min(t, last)) for t in sorted(points) if 0 <= t <= last]


def _least(search: Search, fact: str) -> int:
    """How large a fall must be: a fact that may lower the support does so fen by fen, which is no cliff."""
    return 1 if search.vocabulary.facts[fact].support_never_falls else _JUMP


def _rising(around: Around, awards: Part, fact: str, at: Witness) -> Part | None:
    """A part that gains from the same fen, so that the support as a whole may not fall; None where none does."""
    vocabulary = around.vocabulary
    facts = {**dict.fromkeys(around.free.search.bounds, 0), **dict.fromkeys(_bools(around), False)}
    facts |= {vocabulary.seat: around.seats[0], **at.facts, **at.readings}
    facts |= following(vocabulary, vocabulary.seat, int(facts[vocabulary.seat]))
    more = {**facts, fact: int(facts[fact]) + 1}
    gained: list[Key] = []
    for key in around.awards:
        plan = around.planned(key)
        amount = plan.awards[key].after
        if key not in awards.awards and plan.awards[key].own and plan.search.depends(amount, fact):
            before, after = (plan.search.value(amount, each) for each in (facts, more))
            if after > before:
                gained.append(key)
    if not gained:
        return None
    parts = [part for part in around.parts if not set(part.awards).isdisjoint(gained)]
    if any(part.statements and around.hindrance(part) for part in parts):
        raise Undecided
    awards_ = [key for part in parts for key in (part.awards if part.statements else gained) if key in part.awards]
    return Part(tuple(dict.fromkeys(awards_)), tuple(s for part in parts for s in part.statements))


def _bools(around: Around) -> list[str]:
    return [name for name, fact in around.vocabulary.facts.items() if fact.kind == "bool"]


def _say(findings: Findings, part: Part, plan: Planned, fact: str, fall: Fall) -> None:
    around = findings.around
    facts = {name: value for name, value in fall.witness.facts.items() if name != fact}
    point = int(fall.witness.facts[fact])
    keys = [key for key in part.awards if key[0] == around.pack.id]
    dependent = [k for k in keys if plan.search.depends(plan.awards[k].after, fact)]
    award = around.award((dependent or keys)[0])
    at = findings.at(Witness(facts, {}))
    label = around.vocabulary.facts[fact].label
    words = {"under": findings.under(fall.witness), "at": at, "drop": money(fall.drop)}
    words |= {"point": money(point), "next": money(point + 1)}
    findings.say("W506", award.id, award.span, fact={"en": fact, "zh": label.zh},
                 rules=[key[1] for key in keys], **words)  # fmt: skip


# Formulas that surely never fall ---------------------------------------------


def rising(b: Builder, number: int, fact: str, bounds: Mapping[str, Interval]) -> bool:
    """Whether a formula surely never falls as the fact rises, by its shape alone."""
    return _Shape(b, fact, bounds).direction(number) in (0, 1)


class _Shape:
    """Which way each node goes: 0 not at all, 1 never down, -1 never up, None not known."""

    def __init__(self, b: Builder, fact: str, bounds: Mapping[str, Interval]) -> None:
        self.b, self.fact, self.bounds = b, fact, bounds
        self._ways: dict[int, int | None] = {}
        self._signs: dict[int, bool] = {}

    def direction(self, number: int) -> int | None:
        if number not in self._ways:
            self._ways[number] = self._direction(number)
        return self._ways[number]

    def _direction(self, number: int) -> int | None:
        node = self.b.nodes[number]
        if node.kind == "Fact":
            return 1 if node.data == self.fact else 0
        ways = [self.direction(a) for a in node.args]
        if not any(way != 0 for way in ways):
            return 0
        match node.kind:
            case "Add" | "Min" | "Max" | "And" | "Or" | "Choice":
                return _same(ways)
            case "Mul" | "Div":
                return self._scaled(node.args, ways)
            case "Less":
                return _same([_turned(ways[0]), ways[1]])
            case "Not":
                return _turned(ways[0])
            case "If":
                return self._if(node.args, ways)
        return None

    def _scaled(self, args: tuple[int, ...], ways: list[int | None]) -> int | None:
        factor = self.b.value(args[1])
        if factor is not None:
            return ways[0] if factor > 0 else _turned(ways[0])
        if self.b.nodes[args[0]].kind == "Mul" or not all(self.positive(a) for a in args):
            return None
        return _same(ways)

    def _if(self, args: tuple[int, ...], ways: list[int | None]) -> int | None:
        _, yes, no = args
        if ways[0] == 0:
            return _same(ways[1:])
        low, high = (no, yes) if ways[0] == 1 else (yes, no)
        least, most = self.b.value(low), self.b.value(high)
        if ways[0] is not None and least is not None and most is not None:
            return 1 if most >= least else -1
        for way, low, high in ((ways[0], no, yes), (_turned(ways[0]), yes, no)):
            # the condition comes to hold as the fact rises, and what it gives is never less than what it takes
            if way == 1 and self.b.value(low) == 0 and self.positive(high):
                return 1 if self.direction(high) in (0, 1) else None
        return None

    def positive(self, number: int) -> bool:
        """Whether a node is surely never below 0."""
        if number not in self._signs:
            node = self.b.nodes[number]
            match node.kind:
                case "Const":
                    sure = node.data >= 0
                case "Fact":
                    sure = (self.bounds[node.data].low or 0) >= 0 if node.data in self.bounds else False
                case "Choice":
                    sure = True
                case "Add" | "Mul" | "Div" | "Min":
                    sure = all(self.positive(a) for a in node.args)
                case "Max":
                    sure = any(self.positive(a) for a in node.args)
                case "If":
                    sure = self.positive(node.args[1]) and self.positive(node.args[2])
                case _:
                    sure = False
            self._signs[number] = sure
        return self._signs[number]


def _turned(way: int | None) -> int | None:
    return None if way is None else -way


def _same(ways: list[int | None]) -> int | None:
    """The common direction of several; what does not move goes with any."""
    moving = {way for way in ways if way != 0}
    if not moving:
        return 0
    return next(iter(moving)) if len(moving) == 1 else None
