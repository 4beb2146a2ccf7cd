"""Claims decided over all platforms: proved, refuted with the smallest platform that shows it, or unknown.

In: the ground of some regimes, and claims about it. Out: verdicts. Promises: "proved" is a proof over every platform
that the vocabulary allows; every witness is evaluated by the engine before anyone sees it, and a mismatch stops the
run; the largest breach is the largest, since the solver confirms that none is larger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, Literal

from policyeval.claims import Breach, Claim, End, Ground
from policyeval.evaluate import Evaluator, Span, emit
from policyeval.kinks import peak
from policyeval.plan import NO_MOST, facts_below, needed
from policyeval.problems import Problem, Refusal
from policyeval.record import Record, replace
from policyeval.simplify import Simplifier, specialise
from policyeval.solve import Clock, Platform, Solver, Undecided

SECONDS = 10.0  # that one claim may take

UNITS = (10**6, 100, 1)  # a witness is in whole 万元 where one can be, else in whole 元, else in fen


class Mismatch(Exception):
    """The solver and the evaluator disagree: a fault of the engine."""


class Outcome(Record):
    """What a regime gives the witness: fen."""

    support: Span
    payers: Mapping[str, Span]


class Witness(Record):
    """A platform that breaks a claim, as the plan counts it.

    `facts`: every fact that the regimes or the claim ask for; `thresholds`: for each of its amounts, the others as they
    stand, the least at which the claim breaks, to the fen; `outcomes` by regime; `smallest`: there is no smaller one,
    which is not known where the time was over before it was found.
    """

    facts: Platform
    thresholds: Mapping[str, int]
    outcomes: Mapping[str, Outcome]
    smallest: bool = True


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
    """Decides claims about one ground. `seconds`: the limit for each claim, from working out what it says to the
    largest breach."""

    def __init__(self, ground: Ground, seconds: float = SECONDS) -> None:
        self.ground = ground
        self.b, self.space = ground.b, ground.space
        self.clock = Clock(seconds)
        self.solver = Solver(ground.b, ground.space, self.clock)

    def decide(self, claim: Claim) -> Verdict:
        with self.timed():
            return self._decided(claim)

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is proved. Raises Undecided, or Refusal as `Ground.ends` and `Solver.find` do."""
        with self.timed():
            return all(self.solver.find(breach.bad) is None for breach in claim.breaches())

    @contextmanager
    def timed(self) -> Iterator[None]:
        """The time of one claim, which all that is asked in between shares."""
        self.clock.start()
        self.b.watch = self.clock.check
        try:
            yield
        finally:
            self.b.watch = None

    def _decided(self, claim: Claim) -> Verdict:
        broken: list[Verdict] = []
        open_: Problem | None = None  # why one of the ways to break it is not settled
        try:
            for breach in claim.breaches():
                try:
                    broken += self._broken(breach, claim)
                except (Undecided, Refusal) as why:
                    open_ = open_ or _reason(why)
        except (Undecided, Refusal) as why:
            open_ = open_ or _reason(why)
        if broken:
            worst = max(broken, key=_severity)
            return worst if open_ is None else replace(worst, by=None, reason=open_)
        if open_ is not None:
            return Verdict(claim, "unknown", by=None, reason=open_)
        return Verdict(claim, "proved", vacuous=not self._speaks(claim))

    def _speaks(self, claim: Claim) -> bool:
        """Whether the claim is known to be about any platform, or may be."""
        try:
            return claim.about != self.b.false and self.solver.find(claim.about) is not None
        except (Undecided, Refusal):
            return True

    def _broken(self, breach: Breach, claim: Claim) -> Iterator[Verdict]:
        """The verdict that the claim is broken in this way, if it is."""
        at = self.solver.find(breach.bad)
        if at is None:
            return
        at = {**self.plain, **at}
        facts, smallest = self._smallest(breach, at)
        witness = self._witness(facts, smallest, breach, claim)
        by: int | None = None
        reason = None
        try:
            by = self._largest(breach.by, at)
        except (Undecided, Refusal) as why:
            reason = _reason(why)
        none = by is None or by > NO_MOST
        yield Verdict(claim, "refuted", None if none else by, breach.end, witness, reason=reason)

    # the largest breach

    def _largest(self, by: int, at: Platform) -> int:
        """The most that a node comes to: the most of one class of platforms after another, until none has more."""
        found: Platform | None = at
        best = 0
        peaks: set[frozenset[tuple[str, int | bool]]] = set()  # of these classes the kinks have been looked at
        while found is not None and best <= NO_MOST:
            at = {**self.plain, **found}
            best = max(best, self._value(by, at))
            class_ = frozenset(self._listed(at).items())
            best = max(best, self._most_of_class(by, at, best, by_kinks=class_ not in peaks))
            peaks.add(class_)
            found = self.solver.find(self.b.less(self.b.const(best), by))
        return best

    def _most_of_class(self, by: int, at: Platform, least: int, by_kinks: bool) -> int:
        """The most among platforms that share the listed facts of `at`, where it is no less than `least`."""
        builder, (number,) = self._class(at, [by])
        if by_kinks:
            with suppress(Refusal):
                return peak(builder.nodes, number, builder.bounds, self.clock.check).value
        return self._risen(builder, number, least)

    def _risen(self, builder: Simplifier, number: int, least: int) -> int:
        """The same by the solver alone: twice as high until it cannot be, then between the last two."""
        solver = Solver(builder, self.space, self.clock)
        step = 1
        while solver.find(builder.less(builder.const(least + step), number)) is not None:
            step *= 2
        return -solver.least(builder.mul(number, builder.const(-1)), -least - step, -least)

    # the smallest platform

    def _smallest(self, breach: Breach, at: Platform) -> tuple[Platform, bool]:
        """The smallest platform that breaks the claim, or one that does; and whether it is the smallest."""
        smallest = False
        with suppress(Undecided, Refusal):
            at, smallest = self._least_platform(breach.bad, at), True
        return self._plainest(breach, at), smallest

    def _least_platform(self, bad: int, at: Platform) -> Platform:
        """The platform with the fewest items of lists, then the least amounts in all, that breaks the claim, in whole
        万元 where one can be."""
        counts = self._fewest(bad, at)
        if counts:
            bad = self._under(bad, counts)
            found = self.solver.find(bad)
            assert found is not None  # there is one with so many items
            at = {**self.plain, **found}
        at = {**self._least_of_all(bad, at), **counts}
        return {**at, **self._not_there(bad, at)} if counts else at

    def _fewest(self, bad: int, at: Platform) -> dict[str, int]:
        """Of each list how many items it has, with as few in all as can be."""
        lists = [name for name in facts_below(self.b.nodes, [bad]) if name in self.ground.vocabulary.lists]
        if not lists:
            return {}
        total = self.b.add(*(self.b.fact(name) for name in lists))
        least = self.solver.least(total, 0, sum(int(at[name]) for name in lists), bad)
        found = self.solver.find(bad, self.b.at_most(total, self.b.const(least)))
        return {name: int(found[name]) for name in lists} if found else {}

    def _not_there(self, bad: int, at: Platform) -> Platform:
        """The fields of items that nothing asks for, as they are plainest."""
        facts, asked = self.ground.vocabulary.facts, facts_below(self.b.nodes, [bad])
        return {name: self.plain[name] for name in at if name in facts and facts[name].item and name not in asked}

    def _under(self, number: int, known: Platform) -> int:
        """The node where some facts are known: of an item that is not there it asks no more."""
        nodes, (wanted,) = needed(self.b.nodes, [number])
        return specialise(self.b, nodes, known)[wanted]

    def _least_of_all(self, bad: int, at: Platform) -> Platform:
        """The platform with the least amounts in all that breaks the claim, in whole 万元 where one can be."""
        amounts = [n for n in facts_below(self.b.nodes, [bad]) if n not in self.space.values]
        money = [n for n in amounts if self.ground.vocabulary.facts[n].kind == "money"]
        for unit in UNITS if amounts else ():
            found = self.solver.find(bad, *self._whole(self.b, money, unit)) if unit > 1 else at
            if found is not None:
                return self._least_amounts(bad, found, amounts, money, unit)
        return at

    def _whole(self, builder: Simplifier, money: Sequence[str], unit: int) -> list[int]:
        """The amounts are whole multiples of the unit."""
        by = builder.const(unit)
        facts = [builder.fact(name) for name in money]
        return [builder.equal(builder.mul(builder.div(f, by, "down"), by), f) for f in facts if unit > 1]

    def _least_amounts(self, bad: int, at: Platform, amounts: list[str], money: list[str], unit: int) -> Platform:
        whole = self._whole(self.b, money, unit)
        total = self.b.add(*(self._size(self.b, name) for name in amounts))
        found: Platform | None = at
        while found is not None:
            at = self._least_of_class(bad, {**self.plain, **found}, amounts, money, unit)
            least = sum(abs(int(at[name])) for name in amounts)
            found = self.solver.find(bad, *whole, self.b.less(total, self.b.const(least)))
        return at

    def _least_of_class(self, bad: int, at: Platform, amounts: list[str], money: list[str], unit: int) -> Platform:
        """The least of all amounts together, then of each in turn, among platforms with the listed facts of `at`."""
        builder, (wanted,) = self._class(at, [bad])
        solver = Solver(builder, self.space, self.clock)
        conditions = [wanted, *self._whole(builder, money, unit)]
        sizes = {name: self._size(builder, name) for name in amounts}
        total = builder.add(*sizes.values())
        least = solver.least(total, 0, sum(abs(int(at[name])) for name in amounts), *conditions)
        conditions.append(builder.at_most(total, builder.const(least)))
        found = dict(at)
        for name, size in sizes.items():
            found[name] = solver.least(size, 0, least, *conditions)
            same = builder.equal(builder.fact(name), builder.const(int(found[name])))
            if size != builder.fact(name) and solver.find(*conditions, same) is None:
                found[name] = -int(found[name])
            conditions.append(builder.equal(builder.fact(name), builder.const(int(found[name]))))
        return found

    def _size(self, builder: Simplifier, name: str) -> int:
        """How large an amount is; only some numbers may be below 0."""
        fact, low = builder.fact(name), self.space.bounds[name].low
        return fact if low is not None and low >= 0 else builder.max(fact, builder.mul(fact, builder.const(-1)))

    def _plainest(self, breach: Breach, at: Platform) -> Platform:
        """The same amounts with the listed facts set to what is assumed, or comes first, wherever the claim still
        breaks."""
        holds = emit(self.b.nodes, [breach.bad], frozenset())
        spoken = self._with_tied(facts_below(self.b.nodes, [breach.bad]))
        asked = self._with_tied([name for plan in self.ground.plans.values() for name in plan.facts])
        asked |= spoken | self._with_tied(facts_below(self.b.nodes, [breach.by]))
        found = {name: (at if name in spoken else self.plain)[name] for name in self.plain if name in asked}
        for name, values in self.space.values.items():
            for value in values if name in spoken else ():
                changed = self.moved(found, name, value)
                if changed is not None and holds(changed)[0]:
                    found = changed
                    break
        return found

    def _with_tied(self, names: Iterable[str]) -> set[str]:
        """Facts, and those that go together with them."""
        found = set(names)
        return found.union(*(table.facts for table in self.space.tables if not found.isdisjoint(table.facts)))

    @cached_property
    def plain(self) -> Platform:
        """The plainest platform there is, with all facts."""
        found: Platform = {name: max(0, bounds.low or 0) for name, bounds in self.space.bounds.items()}
        found |= {name: values[0] for name, values in self.space.values.items() if values}
        for table in self.space.tables:
            found |= dict(zip(table.facts, table.rows[0], strict=True))
        return found

    def moved(self, at: Platform, name: str, value: int | bool) -> Platform | None:
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

    def _witness(self, facts: Platform, smallest: bool, breach: Breach, claim: Claim) -> Witness:
        if not self._value(breach.bad, facts):
            raise Mismatch(f"{claim.id}: the witness does not break it")
        for regime in dict.fromkeys(regime for regime, _ in claim.speaks_of):
            trace = self._evaluators[regime].trace(facts)
            nodes = [node for name, node in claim.speaks_of if name == regime]
            self._compare(regime, [(node, trace.span(node)) for node in nodes], facts)
        outcomes = {name: self._outcome(name, facts) for name in claim.regimes}
        return Witness(facts, self._thresholds(breach.bad, facts), outcomes, smallest)

    def _outcome(self, regime: str, facts: Platform) -> Outcome:
        """What the engine's own evaluation gives; it must be what the solver spoke of."""
        plan, amounts = self.ground.plans[regime], self._evaluators[regime].amounts(facts)
        shown = [(plan.support, amounts.support), *((plan.payers[p], span) for p, span in amounts.payers.items())]
        self._compare(regime, shown, facts)
        return Outcome(amounts.support, amounts.payers)

    def _compare(self, regime: str, spans: Iterable[tuple[int, Span]], facts: Platform) -> None:
        """Holds evaluated amounts against the formulas of the ground; what has none there, no claim can speak of."""
        pairs: list[tuple[int, int | None]] = []
        for node, span in spans:
            with suppress(Refusal, Undecided):
                pairs += zip(self.ground.ends(self.ground.of(regime, node)), span, strict=True)
        run = emit(self.b.nodes, [end for end, _ in pairs], frozenset())
        for (_, shown), value in zip(pairs, run({**self.plain, **facts}), strict=True):
            if value != shown and not (shown is None and value is not None and value > NO_MOST):
                raise Mismatch(f"{regime}: {shown} by evaluation, {value} by the solver")

    @cached_property
    def _evaluators(self) -> dict[str, Evaluator]:
        return {name: Evaluator(plan) for name, plan in self.ground.plans.items()}

    def _thresholds(self, bad: int, facts: Platform) -> dict[str, int]:
        spoken = {name: facts[name] for name in facts_below(self.b.nodes, [bad])}
        return beginnings(Solver(self.b, self.space, self.clock), bad, spoken)

    # parts of the graph

    def _class(self, at: Platform, wanted: Sequence[int]) -> tuple[Simplifier, list[int]]:
        """Nodes where the listed facts are those of `at`."""
        return specialised(self.b, self._listed(at), wanted)

    def _listed(self, at: Platform) -> Platform:
        """The listed facts of a platform, which say what class it belongs to."""
        return {name: value for name, value in at.items() if name in self.space.values}

    def _value(self, number: int, facts: Mapping[str, Any]) -> int:
        run: Callable[[Any], Sequence[Any]] = emit(self.b.nodes, [number], frozenset())
        return int(run({**self.plain, **facts})[0])


def beginnings(solver: Solver, wanted: int, at: Mapping[str, int | bool]) -> dict[str, int]:
    """For each amount above 0 of a platform for which a condition holds, the least at which it does, to the fen, the
    others as they stand; as far as there is time."""
    b, space = solver.b, solver.space
    nodes, (condition,) = needed(b.nodes, [wanted])
    found = {}
    for name, value in at.items():
        if name not in space.values and int(value) > 0:
            with suppress(Undecided, Refusal):
                others = {other: v for other, v in at.items() if other != name}
                holds = specialise(b, nodes, others)[condition]
                found[name] = solver.least(b.fact(name), space.bounds[name].low or 0, int(value), holds)
    return found


def specialised(
    builder: Simplifier, known: Mapping[str, int | bool], wanted: Sequence[int]
) -> tuple[Simplifier, list[int]]:
    """The wanted nodes where some facts are known, in a builder of their own that is watched like the other."""
    nodes, numbers = needed(builder.nodes, wanted)
    new = Simplifier(builder.bounds)
    new.watch = builder.watch
    found = specialise(new, nodes, known)
    return new, [found[n] for n in numbers]


def _severity(verdict: Verdict) -> int:
    return NO_MOST if verdict.by is None else verdict.by


def _reason(why: Undecided | Refusal) -> Problem:
    return Problem(why.reason) if isinstance(why, Undecided) else why.problems[0]
