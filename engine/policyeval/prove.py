"""Claims decided over all platforms: proved, refuted with the smallest platform that shows it, or unknown.

In: the ground of some regimes, and claims about it. Out: verdicts. Promises: "proved" is a proof over every platform
that the vocabulary allows; every witness is evaluated by the engine before anyone sees it, and a mismatch stops the
run; the largest breach is the largest, since the solver confirms that none is larger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from policyeval.claims import NO_MOST, Breach, Claim, End, Ground
from policyeval.domains import Space
from policyeval.evaluate import Evaluator, Span, emit
from policyeval.kinks import peak
from policyeval.plan import facts_below, needed
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.simplify import Simplifier, specialise
from policyeval.solve import Platform, Solver, Undecided

SECONDS = 10.0  # that one claim may take

_UNITS = (10**6, 100, 1)  # a witness is in whole 万元 where one can be, else in whole 元, else in fen


class Mismatch(Exception):
    """The solver and the evaluator disagree: a fault of the engine."""


class Outcome(Record):
    """What a regime gives the witness: fen."""

    support: Span
    payers: Mapping[str, Span]


class Witness(Record):
    """A platform that breaks a claim, as the plan counts it.

    `facts`: every fact that the regimes ask for; `thresholds`: for each of its amounts, the others as they stand, the
    least at which the claim breaks, to the fen; `outcomes` by regime.
    """

    facts: Platform
    thresholds: Mapping[str, int]
    outcomes: Mapping[str, Outcome]


class Verdict(Record):
    """What became of a claim. `by`: the largest breach over all platforms in fen, None where there is no largest or it
    is not known; `end`: of a range, the end at which the claim breaks; `vacuous`: it speaks of no platform at all;
    `reason`: why it is unknown, or why `by` is.
    """

    claim: Claim
    verdict: Literal["proved", "refuted", "unknown"]
    by: int | None = 0
    end: End | None = None
    witness: Witness | None = None
    vacuous: bool = False
    reason: Problem | None = None


class Prover:
    """Decides claims about one ground. `seconds`: the limit for each claim."""

    def __init__(self, ground: Ground, seconds: float = SECONDS) -> None:
        self.ground = ground
        self.b, self.space = ground.b, ground.space
        self.seconds = seconds
        self.solver = Solver(ground.b, ground.space, seconds)

    def decide(self, claim: Claim) -> Verdict:
        self.solver.start()
        try:
            found = [self._broken(breach, claim) for breach in claim.breaches]
            broken = [verdict for verdict in found if verdict is not None]
            if broken:
                return max(broken, key=_severity)
            nothing = claim.about == self.b.false or self.solver.find(claim.about) is None
        except (Undecided, Refusal) as why:
            return Verdict(claim, "unknown", by=None, reason=_reason(why))
        return Verdict(claim, "proved", vacuous=nothing)

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is proved. Raises Undecided, or Refusal R404 or R405."""
        self.solver.start()
        return all(self.solver.find(breach.bad) is None for breach in claim.breaches)

    def _broken(self, breach: Breach, claim: Claim) -> Verdict | None:
        at = self.solver.find(breach.bad)
        if at is None:
            return None
        witness = self._witness(self._smallest(breach.bad, at), breach, claim)
        by: int | None = None
        reason = None
        try:
            by = self._largest(breach.by, at)
        except (Undecided, Refusal) as why:
            reason = _reason(why)
        return Verdict(claim, "refuted", None if by is None or by > NO_MOST else by, breach.end, witness, reason=reason)

    # the largest breach

    def _largest(self, by: int, at: Platform) -> int:
        """The most that a node comes to: the most of one class of platforms after another, until none has more."""
        found: Platform | None = at
        best = 0
        while found is not None:
            best = max(best, self._value(by, found), self._most_of_class(by, found, best))
            found = self.solver.find(self.b.less(self.b.const(best), by))
        return best

    def _most_of_class(self, by: int, at: Platform, least: int) -> int:
        """The most among platforms that share the listed facts of `at`."""
        builder, (number,) = self._class(at, [by])
        try:
            return peak(builder.nodes, number, builder.bounds).value
        except Refusal:
            return self._risen(builder, number, least)

    def _risen(self, builder: Simplifier, number: int, least: int) -> int:
        """The same by the solver alone: twice as high until it cannot be, then halved."""
        solver = Solver(builder, Space(self.space.bounds, {}, ()), self.seconds)
        low, step = least, 1
        while solver.find(builder.less(builder.const(low + step), number)) is not None:
            low, step = low + step, step * 2
        high = low + step
        while low < high:
            middle = (low + high) // 2
            if solver.find(builder.less(builder.const(middle), number)) is None:
                high = middle
            else:
                low = middle + 1
        return low

    # the smallest platform

    def _smallest(self, bad: int, at: Platform) -> Platform:
        """The platform with the least amounts in all that breaks the claim, in whole 万元 where one can be."""
        amounts = [n for n in facts_below(self.b.nodes, [bad]) if n not in self.space.values]
        if not amounts:
            return self._plainest(bad, at)
        money = [n for n in amounts if self.ground.vocabulary.facts[n].kind == "money"]
        for unit in _UNITS:
            whole = self._whole(self.b, money, unit)
            found = self.solver.find(bad, *whole) if unit > 1 else at
            if found is not None:
                return self._plainest(bad, self._least_amounts(bad, found, amounts, money, unit))
        return at

    def _whole(self, builder: Simplifier, money: Sequence[str], unit: int) -> list[int]:
        """The amounts are whole multiples of the unit."""
        by = builder.const(unit)
        facts = [builder.fact(name) for name in money]
        return [builder.equal(builder.mul(builder.div(f, by, "down"), by), f) for f in facts if unit > 1]

    def _least_amounts(self, bad: int, at: Platform, amounts: list[str], money: list[str], unit: int) -> Platform:
        whole = self._whole(self.b, money, unit)
        total = self.b.add(*(self.b.fact(name) for name in amounts))
        found: Platform | None = at
        while found is not None:
            at = self._least_of_class(bad, found, amounts, money, unit)
            least = sum(int(at[name]) for name in amounts)
            found = self.solver.find(bad, *whole, self.b.less(total, self.b.const(least)))
        return at

    def _least_of_class(self, bad: int, at: Platform, amounts: list[str], money: list[str], unit: int) -> Platform:
        """The least of all amounts together, then of each in turn, among platforms with the listed facts of `at`."""
        builder, (wanted,) = self._class(at, [bad])
        solver = Solver(builder, Space(self.space.bounds, {}, ()), self.seconds)
        conditions = [wanted, *self._whole(builder, money, unit)]
        facts = {name: builder.fact(name) for name in amounts}
        total = builder.add(*facts.values())
        least = solver.least(total, 0, sum(int(at[name]) for name in amounts), *conditions)
        conditions.append(builder.at_most(total, builder.const(least)))
        found = dict(at)
        for name, fact in facts.items():
            found[name] = solver.least(fact, self.space.bounds[name].low or 0, least, *conditions)
            conditions.append(builder.equal(fact, builder.const(int(found[name]))))
        return found

    def _plainest(self, bad: int, at: Platform) -> Platform:
        """The same amounts with the listed facts set to what is assumed, or comes first, wherever the claim still
        breaks."""
        holds = emit(self.b.nodes, [bad], frozenset())
        spoken = {f for name in facts_below(self.b.nodes, [bad]) for f in (name, *self._tied(name))}
        found = {**self._plain(), **{name: value for name, value in at.items() if name in spoken}}
        for name, values in self.space.values.items():
            for value in values if name in spoken else ():
                changed = self._with(found, name, value)
                if changed is not None and holds(changed)[0]:
                    found = changed
                    break
        return found

    def _tied(self, name: str) -> Iterable[str]:
        """The facts that go together with one."""
        return (other for table in self.space.tables if name in table.facts for other in table.facts)

    def _plain(self) -> Platform:
        """The plainest platform: every fact that a regime asks for."""
        asked = {name for plan in self.ground.plans.values() for name in plan.facts}
        found: Platform = {}
        for name in asked:
            values = self.space.values.get(name)
            found[name] = values[0] if values else max(0, self.space.bounds[name].low or 0)
        for table in self.space.tables:
            found |= dict(zip(table.facts, table.rows[0], strict=True))
        return found

    def _with(self, at: Platform, name: str, value: int | bool) -> Platform | None:
        """The platform with another value, and what follows from it; None where what it follows from says otherwise."""
        found = {**at, name: value}
        for table in self.space.tables:
            if name == table.facts[0]:
                row = next(row for row in table.rows if row[0] == value)
                found |= dict(zip(table.facts, row, strict=True))
            elif name in table.facts:
                return None
        return found

    # the witness

    def _witness(self, facts: Platform, breach: Breach, claim: Claim) -> Witness:
        if not self._value(breach.bad, facts):
            raise Mismatch(f"{claim.id}: the witness does not break it")
        outcomes = {name: self._outcome(name, facts) for name in claim.regimes}
        return Witness(facts, self._thresholds(breach.bad, facts), outcomes)

    def _outcome(self, regime: str, facts: Platform) -> Outcome:
        """What the engine's own evaluation gives; it must be what the solver spoke of."""
        amounts = self._evaluators[regime].amounts(facts)
        ends = self.ground.outcome(regime)
        pairs = [(ends.support, amounts.support), *((ends.payers[p], span) for p, span in amounts.payers.items())]
        run = emit(self.b.nodes, [number for pair, _ in pairs for number in pair], frozenset())
        said = iter(run(facts))
        for _, span in pairs:
            for value, shown in zip((next(said), next(said)), span, strict=True):
                if value != shown and not (shown is None and value is not None and int(value) > NO_MOST):
                    raise Mismatch(f"{regime}: {shown} by evaluation, {value} by the solver")
        return Outcome(amounts.support, amounts.payers)

    @cached_property
    def _evaluators(self) -> dict[str, Evaluator]:
        return {name: Evaluator(plan) for name, plan in self.ground.plans.items()}

    def _thresholds(self, bad: int, facts: Platform) -> dict[str, int]:
        spoken = {name: facts[name] for name in facts_below(self.b.nodes, [bad])}
        return beginnings(self.b, bad, spoken, self.space, self.seconds)

    # parts of the graph

    def _class(self, at: Platform, wanted: Sequence[int]) -> tuple[Simplifier, list[int]]:
        """Nodes where the listed facts are those of `at`."""
        return specialised(self.b, {n: v for n, v in at.items() if n in self.space.values}, wanted)

    def _value(self, number: int, facts: Mapping[str, Any]) -> int:
        run: Callable[[Any], Sequence[Any]] = emit(self.b.nodes, [number], frozenset())
        return int(run({**self._plain(), **facts})[0])


def beginnings(
    builder: Simplifier, wanted: int, at: Mapping[str, int | bool], space: Space, seconds: float
) -> dict[str, int]:
    """For each amount above 0 of a platform for which a condition holds, the least at which it does, to the fen, the
    others as they stand."""
    found = {}
    for name, value in at.items():
        if name not in space.values and int(value) > 0:
            others = {other: v for other, v in at.items() if other != name}
            alone, (holds,) = specialised(builder, others, [wanted])
            solver = Solver(alone, Space(space.bounds, {}, ()), seconds)
            found[name] = solver.least(alone.fact(name), space.bounds[name].low or 0, int(value), holds)
    return found


def specialised(
    builder: Simplifier, known: Mapping[str, int | bool], wanted: Sequence[int]
) -> tuple[Simplifier, list[int]]:
    """The wanted nodes where some facts are known, in a builder of their own."""
    nodes, numbers = needed(builder.nodes, wanted)
    new = Simplifier(builder.bounds)
    found = specialise(new, nodes, known)
    return new, [found[n] for n in numbers]


def _severity(verdict: Verdict) -> int:
    return NO_MOST if verdict.by is None else verdict.by


def _reason(why: Undecided | Refusal) -> Problem:
    return Problem(why.reason) if isinstance(why, Undecided) else why.problems[0]
