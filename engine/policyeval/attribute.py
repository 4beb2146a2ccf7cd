"""The change that a pack makes for some platforms, split over its clauses.

In: a library, a pack, with what to hold it against, and platforms. Out: an Attribution: the total before and after, and
each clause's part of the change of the support and of every payer, least and most apart; and its JSON. Promises: a part
is the Shapley value, what the clause changes on average over all orders in which the clauses can be brought in, so it
depends on no order, and a clause that never changes anything has none; exact, from the plan, for at most LIMIT clauses
that bear on one platform, else a refusal; the parts add up to the change to the fen; with none of the clauses and with
all of them the outcome is that of `eval`. A platform of which a fact is missing is listed, and left out of every sum.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import factorial, floor
from typing import Any, Literal, TypeVar

from policyeval.answer import NOTHING, Answer, document_name, money_json
from policyeval.cases import Platform
from policyeval.changes import Pair
from policyeval.evaluate import Amounts, Evaluator, Span
from policyeval.library import Library
from policyeval.lower import lower
from policyeval.near import did_you_mean
from policyeval.plan import Plan, facts_below, with_facts
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.regime import Regimes, Sides, Tell, chosen_readings, sides, silent
from policyeval.switches import Clause, Group, Switched, by_clause, switched

LIMIT = 12  # clauses that bear on one platform; one more doubles the work

Named = dict[str, Span]  # the support, and each payer by name
Column = list[Fraction] | None  # of each clause; None where the most of some platform is not known

SUPPORT = "support"

N = TypeVar("N", int, Fraction)


class Part(Record):
    """One clause's part of the change: exactly, and in fen so that the parts of all clauses add up."""

    clause: Clause
    exact: dict[str, tuple[Fraction | None, Fraction | None]]
    amounts: Named
    unquantified: tuple[str, ...]  # its awards that a platform has without a figure


class CaseChange(Record):
    """One platform: `counted`, `untouched` since no clause reaches its place, or `undetermined` for want of facts."""

    name: str
    outcome: Literal["counted", "untouched", "undetermined"]
    before: Answer
    after: Answer
    missing: tuple[str, ...] = ()


class Attribution(Record):
    """The total of the platforms that count, on both sides, and each clause's part of the change; amounts in fen.

    `change`: by how much the least changes, and by how much the most.
    """

    sides: Sides
    as_of: date
    readings: dict[str, str]
    before: Named
    after: Named
    change: Named
    parts: tuple[Part, ...]
    cases: tuple[CaseChange, ...]
    unquantified: tuple[str, ...]


def attribute(
    library: Library,
    subject: str,
    against: str | None,
    as_of: date,
    readings: Mapping[str, str],
    cases: Sequence[Platform],
    by: Group = by_clause,
    apart: Sequence[str] = (),
    tell: Tell = silent,
) -> Attribution:
    """The split of what a pack changes for `cases`, against what is in force or against another pack.

    `by`: which rules are one clause; with `apart`, only the clauses of the rules that it names are told apart, and all
    others are one; `tell` hears of the progress. Raises Refusal.
    """
    held = sides(library, subject, against, as_of)
    split = _Split(library, held, _grouped(library, held, by, apart), as_of, chosen_readings(library, readings))
    for number, platform in enumerate(cases, 1):
        tell(number - 1, len(cases))
        split.add(platform.name or str(number), platform)
    return split.whole()


def _grouped(library: Library, held: Sides, by: Group, apart: Sequence[str]) -> Switched:
    found = switched(library, held.before, held.after, by)
    if not apart:
        return found
    keys: dict[str, Hashable] = {}
    for clause in found.clauses:
        for pair in clause.rules:
            keys |= dict.fromkeys((pair.rule.id, pair.id), by(pair))
    if unknown := [name for name in apart if name not in keys]:
        known = ", ".join(f"`{name}`" for name in keys if "/" not in name)
        raise Refusal(*(Problem("C121", {"name": n, "near": did_you_mean(n, keys), "known": known}) for n in unknown))
    kept = {keys[name] for name in apart}

    def group(pair: Pair) -> Hashable:
        key = by(pair)
        return key if key in kept else None

    return switched(library, held.before, held.after, group)


class _Split:
    """Platforms being added up."""

    def __init__(
        self, library: Library, held: Sides, found: Switched, as_of: date, readings: Mapping[str, str]
    ) -> None:
        self.library, self.held, self.found, self.as_of = library, held, found, as_of
        self._regimes = [Regimes(library, as_of, readings=readings, only=side) for side in (held.before, held.after)]
        self._plans: dict[tuple[str, ...], Plan] = {}
        self.readings: dict[str, str] = {}
        self.cases: list[CaseChange] = []
        self._columns: dict[tuple[str, int], Column] = {}  # of the support or a payer, in the least or the most

    def add(self, name: str, platform: Platform) -> None:
        """One more platform. Raises Refusal where too many clauses bear on it."""
        before, after = (regimes.answer(platform) for regimes in self._regimes)
        self.readings |= {**before.readings, **after.readings}
        place = platform.written.get(self.library.vocabulary.seat)
        concerned = [pack for pack in (self.held.subject, self.held.against) if pack]
        if place is not None and not any(self.library.reaches(pack, place) for pack in concerned):
            self.cases.append(CaseChange(name, "untouched", before, after))
            return
        missing = [fact for side in (before, after) if side.packs and side.undetermined for fact in side.missing]
        if not missing:
            missing = self._count(name, before, after)
        outcome: Literal["undetermined", "counted"] = "undetermined" if missing else "counted"
        names = tuple(fact for fact in self.library.vocabulary.facts if fact in missing)
        self.cases.append(CaseChange(name, outcome, before, after, names))

    def _count(self, name: str, before: Answer, after: Answer) -> list[str]:
        """Adds the clauses' parts at one platform, or gives the facts for want of which some are not known."""
        plan = with_facts(self._plan(before, after), before.platform.facts)
        asked = facts_below(
            plan.nodes, [plan.support, plan.undetermined, *plan.payers.values(), *plan.payers_open.values()]
        )
        bearing = [i for i, clause in enumerate(self.found.clauses) if clause.switch in asked]
        if len(bearing) > LIMIT:
            raise Refusal(self._too_many(name, bearing))
        worths = self._worths(plan, bearing)
        if any(worth.undetermined for worth in worths):
            return [fact for fact in asked if fact in self.library.vocabulary.facts]
        found = [_named(worth, plan.payers) for worth in worths]
        if [found[0], found[-1]] != [_named(before, plan.payers), _named(after, plan.payers)]:
            raise Refusal(self._beyond_clauses(name))
        for of in found[0]:
            for end in (0, 1):
                self._put((of, end), bearing, [amounts[of][end] for amounts in found])
        return []

    def _put(self, key: tuple[str, int], bearing: Sequence[int], worths: Sequence[int | None]) -> None:
        column = self._columns.setdefault(key, [Fraction(0)] * len(self.found.clauses))
        known = [worth for worth in worths if worth is not None]
        if column is None or len(known) < len(worths):
            self._columns[key] = None
            return
        for i, part in zip(bearing, shapley(known, len(bearing)), strict=True):
            column[i] += part

    def _plan(self, before: Answer, after: Answer) -> Plan:
        """The plan of the packs that reach a platform, with a switch for each clause."""
        place = before.platform.written.get(self.library.vocabulary.seat)
        packs = [pack for pack in self.found.packs if place is None or self.library.reaches(pack, place)]
        key = tuple(pack.id for pack in packs)
        if key not in self._plans:
            readings = {**before.readings, **after.readings}
            self._plans[key] = lower(packs, self.library.vocabulary, readings, self.as_of)
        return self._plans[key]

    def _worths(self, plan: Plan, bearing: Sequence[int]) -> list[Amounts]:
        """What the platform gets with each set of the clauses that bear on it, a bit a clause."""
        evaluator = Evaluator(plan)
        off = {clause.switch: False for clause in self.found.clauses}
        names = [self.found.clauses[i].switch for i in bearing]
        return [
            evaluator.amounts({**off, **{name: bool(mask >> i & 1) for i, name in enumerate(names)}})
            for mask in range(1 << len(names))
        ]

    def whole(self) -> Attribution:
        """All platforms so far."""
        counted = [case for case in self.cases if case.outcome == "counted"]
        names = [SUPPORT, *(p for p in self.library.vocabulary.payers if (p, 0) in self._columns)]
        before, after = (
            {of: _total([_named(side, names[1:])[of] for side in answers]) for of in names}
            for answers in ([case.before for case in counted], [case.after for case in counted])
        )
        promised = {
            id_: None for case in counted for side in (case.before, case.after) for id_ in side.unquantified_awards
        }
        return Attribution(
            sides=self.held,
            as_of=self.as_of,
            readings=self.readings,
            before=before,
            after=after,
            change={of: _less(after[of], before[of]) for of in names},
            parts=tuple(self._parts(names, promised)),
            cases=tuple(self.cases),
            unquantified=tuple(promised),
        )

    def _parts(self, names: Sequence[str], promised: Container[str]) -> Iterator[Part]:
        nothing = [Fraction(0)] * len(self.found.clauses)
        exact = {of: [self._columns.get((of, end), nothing) for end in (0, 1)] for of in names}
        in_fen = {of: [None if column is None else rounded(column) for column in exact[of]] for of in names}
        for i, clause in enumerate(self.found.clauses):
            yield Part(
                clause=clause,
                exact={of: (_at(low, i), _at(high, i)) for of, (low, high) in exact.items()},
                amounts={of: Span(_at(low, i), _at(high, i)) for of, (low, high) in in_fen.items()},
                unquantified=tuple(pair.id for pair in clause.rules if pair.id in promised),
            )

    # refusals

    def _too_many(self, name: str, bearing: Sequence[int]) -> Problem:
        ids = ", ".join(f"`{self.found.clauses[i].rules[0].id}`" for i in bearing)
        return Problem("X303", {"case": name, "count": len(bearing), "limit": LIMIT, "clauses": ids})

    def _beyond_clauses(self, name: str) -> Problem:
        old = ", ".join(pack.ref for pack in self.held.before)
        return Problem("X304", {"case": name, "pack": self.held.subject.ref, "against": old})


def shapley(worths: Sequence[int], players: int) -> list[Fraction]:
    """Each player's part, from the worth of every set of players, a bit a player."""
    weights = [factorial(size) * factorial(players - 1 - size) for size in range(players)]
    sums = [0] * players
    for mask, worth in enumerate(worths):
        size = mask.bit_count()
        for i in range(players):
            sums[i] += weights[size - 1] * worth if mask >> i & 1 else -weights[size] * worth
    return [Fraction(total, factorial(players)) for total in sums]


def rounded(parts: Sequence[Fraction]) -> list[int]:
    """Whole fen that add up to the parts, which add up to whole fen: each down, and the fen that are then lacking go to
    those that lost most, of equal ones to the first."""
    found = [floor(part) for part in parts]
    lacking = int(sum(parts, Fraction(0))) - sum(found)
    for i in sorted(range(len(parts)), key=lambda i: found[i] - parts[i])[:lacking]:
        found[i] += 1
    return found


def _named(side: Answer | Amounts, payers: Iterable[str]) -> Named:
    """The support and what each of the payers pays; nothing where no policy is in force."""
    if isinstance(side, Answer) and not side.packs:
        return dict.fromkeys((SUPPORT, *payers), NOTHING)
    return {SUPPORT: side.support, **{payer: side.payers.get(payer, NOTHING) for payer in payers}}


def _at(column: Sequence[N] | None, i: int) -> N | None:
    return None if column is None else column[i]


def _total(spans: Sequence[Span]) -> Span:
    highs = [span.max for span in spans if span.max is not None]
    return Span(sum(span.min or 0 for span in spans), sum(highs) if len(highs) == len(spans) else None)


def _less(a: Span, b: Span) -> Span:
    """By how much the ends differ."""
    return Span((a.min or 0) - (b.min or 0), None if a.max is None or b.max is None else a.max - b.max)


# JSON


def as_json(found: Attribution) -> dict[str, Any]:
    return {
        "from": [pack.ref for pack in found.sides.before],
        "to": [pack.ref for pack in found.sides.after],
        "as_of": found.as_of.isoformat(),
        "readings": found.readings,
        "total": {
            "from": _amounts_json(found.before),
            "to": _amounts_json(found.after),
            "change": _amounts_json(found.change),
        },
        "clauses": [_part_json(part) for part in found.parts],
        "unquantified_awards": list(found.unquantified),
        "cases": [_case_json(case) for case in found.cases],
    }


def _amounts_json(amounts: Named) -> dict[str, Any]:
    """The support, and each payer."""
    spans = {of: money_json(span) for of, span in amounts.items()}
    return {SUPPORT: spans.pop(SUPPORT), "payers": spans}


def _part_json(part: Part) -> dict[str, Any]:
    clause = part.clause
    exact = {of: {"min": _fraction(low), "max": _fraction(high)} for of, (low, high) in part.exact.items()}
    return {
        "rules": [{"rule": pair.id, "change": pair.how} for pair in clause.rules],
        "cite": None
        if clause.rest
        else {"document": document_name(clause.pack, "zh"), "section": clause.section, "phrase": clause.phrase},
        **_amounts_json(part.amounts),
        "exact": {SUPPORT: exact.pop(SUPPORT), "payers": exact},
        "unquantified_awards": list(part.unquantified),
    }


def _fraction(fen: Fraction | None) -> str | None:
    """In yuan, as `1000000/3`."""
    return None if fen is None else str(fen / 100)


def _case_json(case: CaseChange) -> dict[str, Any]:
    payers = dict.fromkeys((*case.before.payers, *case.after.payers))
    return {
        "case": case.name,
        "platform": dict(case.before.platform.written),
        "outcome": case.outcome,
        "missing": list(case.missing),
        "from": _amounts_json(_named(case.before, payers)),
        "to": _amounts_json(_named(case.after, payers)),
    }
