"""Why a platform gets what it gets: what binds, what was lost, what would raise it, what would reach an amount.

In: a platform and the regime that applies to it. Out: Reasons. Promises: "nothing raises it" is a proof over all values
of that fact, the others as they are; the least value that raises the support, or reaches an amount, is the least to the
fen; both are checked by evaluation before anyone sees them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policyeval.answer import Answer, money_json
from policyeval.cases import Platform, dated
from policyeval.domains import Space, bounds, listed, spelled
from policyeval.evaluate import Evaluator, Span, Trace
from policyeval.money import half_up, yuan
from policyeval.pack import Pack
from policyeval.plan import Plan, PlannedStatement
from policyeval.problems import Problem, Refusal
from policyeval.prove import SECONDS, Mismatch
from policyeval.provisions import Cite
from policyeval.ranges import ends_of
from policyeval.record import Record
from policyeval.regime import Regimes
from policyeval.simplify import Simplifier, specialise
from policyeval.solve import Clock, Solver, Undecided
from policyeval.tree import Node
from policyeval.vocabulary import Fact, Vocabulary

_LIMIT = 20_000  # nodes that working out the choices may add
_BOUNDS = frozenset({"cap", "cap_each", "at_least"})


class Clause(Record):
    """A ceiling, a floor or a statement at work. `without`: the amount as it stood before the clause was applied."""

    id: str
    award: str
    op: str
    pack: Pack
    cite: Cite
    tree: Node
    amount: Span
    without: Span


class Turn(Record):
    """One fact alone with another value, as in a case file, and the support that comes of it."""

    fact: str
    value: str
    support: Span


class Reach(Record):
    """What reaches an amount by one fact alone.

    `possible`: the least value at which the most support does, `certain`: at which the least does, each None where no
    value does; `values`: for a listed fact those that do, with the support.
    """

    fact: str
    possible: str | None = None
    certain: str | None = None
    values: tuple[Turn, ...] = ()


class Reasons(Record):
    """`raises`: for each fact the least change that raises the support; `idle`: facts of which no value does;
    `undecided`: those for which that could not be settled. `wanted`: the amount that was asked for."""

    vocabulary: Vocabulary
    answer: Answer
    binding: tuple[Clause, ...]
    lost: tuple[Clause, ...]
    raises: tuple[Turn, ...]
    idle: tuple[str, ...]
    undecided: tuple[str, ...]
    wanted: int | None = None
    reached: tuple[Reach, ...] = ()


def why(regimes: Regimes, platform: Platform, wanted: int | None = None, seconds: float = SECONDS) -> Reasons:
    """`wanted`: an amount of support in fen. Raises Refusal V406 where a fact is missing or no policy is in force."""
    answer = regimes.answer(platform)
    if answer.undetermined or answer.missing:
        raise Refusal(Problem("V406", {"facts": _named(answer.missing, regimes.library.vocabulary)}))
    return _Asked(regimes, platform, answer, wanted, seconds).reasons()


def _named(names: Sequence[str], vocabulary: Vocabulary) -> dict[str, str]:
    labels = [vocabulary.facts[name].label for name in names]
    return {
        "en": ", ".join(label.en for label in labels) or "a policy",
        "zh": "、".join(label.zh for label in labels) or "政策",
    }


class _Asked:
    def __init__(
        self, regimes: Regimes, platform: Platform, answer: Answer, wanted: int | None, seconds: float
    ) -> None:
        self.regimes, self.answer, self.wanted, self.seconds = regimes, answer, wanted, seconds
        self.vocabulary = regimes.library.vocabulary
        self.platform = dated(platform, self.vocabulary, regimes.as_of)
        self.plan: Plan = regimes.at(platform.written.get(self.vocabulary.seat)).plan
        self.evaluator = Evaluator(self.plan)
        self.packs = {pack.id: pack for pack in answer.packs}
        self.trace: Trace = self.evaluator.trace(self.platform.facts)

    def reasons(self) -> Reasons:
        raises, idle, undecided = [], [], []
        for fact in self._facts():
            try:
                turn = self._raising(fact)
            except (Undecided, Refusal):
                undecided.append(fact.name)
                continue
            if turn is None:
                idle.append(fact.name)
            else:
                raises.append(turn)
        return Reasons(
            self.vocabulary,
            self.answer,
            tuple(self._binding()),
            tuple(self._lost()),
            tuple(raises),
            tuple(idle),
            tuple(undecided),
            self.wanted,
            tuple(self._reached()) if self.wanted is not None else (),
        )

    def _facts(self) -> Iterator[Fact]:
        """The facts that a platform can change: not its place, nor what follows from it or from the day. Of a list the
        fields of its items; how many it has where that alone matters, since a further item has fields too."""
        asked = [fact for name, fact in self.vocabulary.facts.items() if name in self.plan.facts]
        with_fields = {fact.within for fact in asked}
        for fact in asked:
            there = fact.item is None or fact.item <= self.platform.facts[fact.within or ""]
            changes = fact.kind != "place" and fact.derived is None and fact.given is None
            if there and changes and fact.name not in with_fields:
                yield fact

    # clauses at work

    def _binding(self) -> Iterator[Clause]:
        """Ceilings and floors of awards that changed an amount."""
        for award in self.plan.awards:
            pack, written = self._award(award.id)
            if not award.own or not self.trace.holds(award.applies):
                continue
            for step in award.steps:
                if step.op in _BOUNDS and self.trace.holds(step.guard):
                    amount, without = self._fen(step.node, step.den), self._fen(step.operand, step.operand_den)
                    if amount != without:
                        yield Clause(award.id, award.id, step.op, pack, written, step.tree, amount, without)

    def _lost(self) -> Iterator[Clause]:
        """What statements took off an award."""
        own = {award.id for award in self.plan.awards if award.own and self.trace.holds(award.applies)}
        for statement in self.plan.statements:
            for award in dict.fromkeys(effect.award for effect in statement.effects if effect.award in own):
                before, after = self._around(statement, award)
                if before != after:
                    pack, cite = self._statement(statement.id)
                    yield Clause(statement.id, award, statement.op, pack, cite, statement.tree, after, before)

    def _around(self, statement: PlannedStatement, award: str) -> tuple[Span, Span]:
        """What an award came to before a statement and after it; of ranges the ends of its payers are added up."""
        effects = [effect for effect in statement.effects if effect.award == award]
        before, after = (
            _sum([self.trace.span(node) for node in nodes])
            for nodes in ([e.before for e in effects], [e.after for e in effects])
        )
        return before, after

    def _award(self, id_: str) -> tuple[Pack, Cite]:
        pack, _, award = id_.partition("/")
        return self.packs[pack], self.packs[pack].awards[award].cite

    def _statement(self, id_: str) -> tuple[Pack, Cite]:
        pack, _, number = id_.partition("/")
        index = int(number.removeprefix("precedence[").removesuffix("]")) - 1
        return self.packs[pack], self.packs[pack].precedence[index].cite

    def _fen(self, node: int, den: int) -> Span:
        low, high = self.trace.span(node)
        return Span(None if low is None else half_up(low, den), None if high is None else half_up(high, den))

    # what would change it

    def _raising(self, fact: Fact) -> Turn | None:
        """The least change of a fact that raises the least or the most support."""
        now = self.answer.support
        if values := listed(fact):
            better = [t for t in self._turns(fact, values) if _above(t.support, now)]
            return better[0] if better else None
        b, least, most, at = self._open(fact)
        gains = [b.less(b.const(end), node) for end, node in zip(now, (least, most), strict=True) if end is not None]
        value = self._least(b, fact, b.or_(*gains), b.less(b.const(at), b.fact(fact.name)))
        if value is None:
            return None
        found = self._with(fact, value)
        if not _above(found, now):
            raise Mismatch(f"{fact.name}: {value} does not raise the support")
        return Turn(fact.name, spelled(self.vocabulary, fact.name, value), found)

    def _reached(self) -> Iterator[Reach]:
        """By which value of one fact alone the wanted amount is reached."""
        assert self.wanted is not None
        for fact in self._facts():
            if values := listed(fact):
                found = [t for t in self._turns(fact, values) if _reaches(t.support.max, self.wanted)]
                yield Reach(fact.name, values=tuple(found))
                continue
            try:
                b, least, most, _ = self._open(fact)
                ends = [self._least(b, fact, b.at_most(b.const(self.wanted), node)) for node in (most, least)]
            except (Undecided, Refusal):
                continue  # told among the undecided
            for end, value in zip(("max", "min"), ends, strict=True):
                if value is not None and not _reaches(getattr(self._with(fact, value), end), self.wanted):
                    raise Mismatch(f"{fact.name}: {value} does not reach {self.wanted}")
            possible, certain = (None if v is None else spelled(self.vocabulary, fact.name, v) for v in ends)
            yield Reach(fact.name, possible, certain)

    def _turns(self, fact: Fact, values: Sequence[int | bool]) -> list[Turn]:
        """The support under each other value, the lowest first."""
        now = self.platform.facts.get(fact.name)
        others = [value for value in sorted(values) if value != now]
        return [Turn(fact.name, spelled(self.vocabulary, fact.name, v), self._with(fact, v)) for v in others]

    def _with(self, fact: Fact, value: int | bool) -> Span:
        return self.evaluator.amounts({**self.platform.facts, fact.name: value}).support

    def _open(self, fact: Fact) -> tuple[Simplifier, int, int, int]:
        """The support's least and most as nodes of that fact alone, and its value now. Raises Refusal X301."""
        now = self.platform.facts.get(fact.name)
        known = {n: v for n, v in self.platform.facts.items() if v is not None and n != fact.name}
        builder = Simplifier(bounds(self.vocabulary))
        support = specialise(builder, self.plan.nodes, known)[self.plan.support]
        ends = ends_of(builder, [support], _LIMIT)
        if support not in ends:
            raise Refusal(Problem("X301", {"limit": _LIMIT}))
        return builder, *ends[support], int(now or 0)

    def _least(self, b: Simplifier, fact: Fact, *conditions: int) -> int | None:
        """The least value of the fact for which the conditions hold, or None: proved."""
        solver = Solver(b, Space(b.bounds, {}, ()), Clock(self.seconds))
        found = solver.find(*conditions)
        if found is None:
            return None
        low = b.bounds[fact.name].low or 0
        return solver.least(b.fact(fact.name), low, int(found.get(fact.name, low)), *conditions)


def _sum(spans: Sequence[Span]) -> Span:
    lows, highs = [s.min for s in spans], [s.max for s in spans]
    return Span(
        None if None in lows else sum(v for v in lows if v is not None),
        None if None in highs else sum(v for v in highs if v is not None),
    )


def _above(found: Span, now: Span) -> bool:
    """The least or the most is higher."""
    pairs = zip(found, now, strict=True)
    return any(b is not None and (a is None or a > b) for a, b in pairs)


def _reaches(amount: int | None, wanted: int) -> bool:
    return amount is None or amount >= wanted


# JSON


def as_json(found: Reasons) -> dict[str, Any]:
    answer = found.answer
    reached = {
        "amount": None if found.wanted is None else yuan(found.wanted),
        "reached": found.wanted is not None and _reaches(answer.support.max, found.wanted),
        "certain": found.wanted is not None and _reaches(answer.support.min or 0, found.wanted),
        "by": [
            {
                "fact": r.fact,
                "possible_from": r.possible,
                "certain_from": r.certain,
                "values": [{"value": t.value, "support": money_json(t.support)} for t in r.values],
            }
            for r in found.reached
        ],
    }
    return {
        "platform": dict(answer.platform.written),
        "as_of": answer.as_of.isoformat(),
        "packs": [pack.ref for pack in answer.packs],
        "readings": answer.readings,
        "support": money_json(answer.support),
        "binding": [_clause_json(c) for c in found.binding],
        "lost": [_clause_json(c) for c in found.lost],
        "raises": [{"fact": t.fact, "value": t.value, "support": money_json(t.support)} for t in found.raises],
        "idle": list(found.idle),
        "undecided": list(found.undecided),
        "why_not": None if found.wanted is None else reached,
    }


def _clause_json(clause: Clause) -> dict[str, Any]:
    return {
        "clause": clause.id,
        "award": clause.award,
        "kind": clause.op,
        "cite": {"section": clause.cite.section, "phrase": clause.cite.phrase},
        "amount": money_json(clause.amount),
        "without": money_json(clause.without),
    }
