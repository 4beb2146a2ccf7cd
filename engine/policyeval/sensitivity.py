"""Which readings of open clauses change which verdict about a draft, so that a drafter sees which clause to write anew.

In: a pack, held against what is in force. Out: for each reading what every option would do to the verdicts, the claims
whose verdict it can turn whatever the others are, and whether it changes anything at all. Promise: a reading is called
harmless only where it is proved that no platform receives, and no payer pays, another amount under any of its options,
whatever the other readings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from math import prod
from typing import Any

from policyeval.claims import Claim, standard
from policyeval.evaluate import emit
from policyeval.library import Library
from policyeval.money import yuan
from policyeval.pack import Pack, Reading
from policyeval.plan import copy_nodes, facts_below
from policyeval.problems import Problem, Refusal
from policyeval.prove import Prover, Verdict
from policyeval.record import Record
from policyeval.regime import Tell, bearing, chosen_readings, in_force_around, silent
from policyeval.solve import Undecided
from policyeval.verdicts import AFTER, BEFORE, Asked, compared, own_claims

LIMIT = 4096  # combinations of readings

Combination = tuple[int, ...]


class Turn(Record):
    """One reading. `options`: the verdicts under each option, the others as assumed; `changes`: claims whose verdict it
    turns for some choice of the others; `harmless`: proved to change no amount, or not; both None where undecided."""

    id: str
    reading: Reading
    options: Mapping[str, tuple[Verdict, ...]]
    changes: tuple[str, ...] | None
    harmless: bool | None


class Sensitivity(Record):
    """What the open clauses of a draft, and of what it is held against, can change."""

    subject: Pack
    packs: tuple[Pack, ...]
    as_of: date
    fixed: Mapping[str, str]
    assumed: tuple[Verdict, ...]
    turns: tuple[Turn, ...]


def sensitivity(
    library: Library, subject: str, as_of: date, readings: Mapping[str, str], seconds: float, tell: Tell = silent
) -> Sensitivity:
    """`readings`: those that are settled and not varied; `tell` hears of the progress.

    Raises Refusal X305 beyond LIMIT combinations.
    """
    pack = library.pack(subject)
    around = [p for p in in_force_around(library, pack.jurisdiction, as_of) if p.id != pack.id]
    sides = (library.ordered(around), library.ordered([*around, pack]))
    fixed = chosen_readings(library, readings)
    open_ = {id_: reading for id_, reading in bearing(sides[1]).items() if id_ not in fixed}
    if (size := prod(len(r.options) for r in open_.values())) > LIMIT:
        raise Refusal(Problem("X305", {"size": size, "limit": LIMIT}))

    def verdicts(changed: Mapping[str, str]) -> tuple[Verdict, ...]:
        asked = Asked(library, {}, pack.jurisdiction, as_of, {**fixed, **changed})
        plans = asked.plan(sides[0]), asked.plan(sides[1])
        return compared(library.vocabulary, pack, sides, plans, seconds)

    assumed = verdicts({})
    tried = _Tried(library, pack, sides, as_of, open_, fixed, seconds)
    turns: list[Turn] = []
    for id_, reading in open_.items():
        tell(len(turns) + 1, len(open_) + 2)
        options = {o: assumed if o == reading.default else verdicts({id_: o}) for o in reading.options}
        turns.append(Turn(id_, reading, options, tried.changes(id_), tried.harmless(id_)))
    return Sensitivity(pack, tuple(sides[1]), as_of, fixed, assumed, tuple(turns))


class _Tried:
    """The claims with every open reading left open, as facts that a solver may choose."""

    def __init__(
        self,
        library: Library,
        pack: Pack,
        sides: tuple[Sequence[Pack], Sequence[Pack]],
        as_of: date,
        open_: Mapping[str, Reading],
        fixed: Mapping[str, str],
        seconds: float,
    ) -> None:
        self.open = open_
        asked = Asked(library, {BEFORE: tuple(sides[0]), AFTER: tuple(sides[1])}, pack.jurisdiction, as_of, None, fixed)
        self.ground = asked.ground()
        self.prover = Prover(self.ground, seconds)
        packs = {p.id: p for p in sides[1]}
        claims = [*standard(self.ground, BEFORE, AFTER, pack), *own_claims(self.ground, pack, packs)]
        self.broken = {claim.id: self._decided(claim) for claim in claims}

    def changes(self, id_: str) -> tuple[str, ...] | None:
        """The claims whose verdict differs between two combinations that differ in this reading alone."""
        if any(found is None for found in self.broken.values()):
            return None
        return tuple(claim for claim, found in self.broken.items() if found is not None and self._turned(id_, found))

    def _turned(self, id_: str, broken: frozenset[Combination]) -> bool:
        at = list(self.open).index(id_)
        return any(
            (*one[:at], other, *one[at + 1 :]) not in broken
            for one in broken
            for other in range(len(self.open[id_].options))
        )

    def _decided(self, claim: Claim) -> frozenset[Combination] | None:
        """The combinations under which a claim is refuted; None where that could not be settled."""
        try:
            with self.prover.timed():
                return frozenset().union(*(self._breaking(breach.bad) for breach in claim.breaches()))
        except (Undecided, Refusal):
            return None

    def _breaking(self, bad: int) -> set[Combination]:
        """A platform breaks a claim under many combinations at once: each is looked at under all, until none is new."""
        run = emit(self.ground.b.nodes, [bad], frozenset())
        turning = facts_below(self.ground.b.nodes, [bad])
        found: set[Combination] = set()
        rest = list(product(*(range(len(r.options)) for r in self.open.values())))
        while rest and (at := self.prover.solver.find(bad, self._among(rest, turning))) is not None:
            broken = {c for c in rest if run({**at, **dict(zip(self.open, c, strict=True))})[0]}
            found |= broken
            rest = [c for c in rest if c not in broken]
        return found

    def _among(self, combinations: Sequence[Combination], turning: Sequence[str]) -> int:
        """One of the combinations, as far as the readings matter."""
        b = self.ground.b
        kept = [(i, id_) for i, id_ in enumerate(self.open) if id_ in turning]
        parts = {tuple((id_, c[i]) for i, id_ in kept) for c in combinations}
        return b.or_(*(b.and_(*(b.equal(b.fact(id_), b.const(v)) for id_, v in part)) for part in sorted(parts)))

    def harmless(self, id_: str) -> bool | None:
        """Whether no outcome differs between its options, for any platform and any choice of the other readings."""
        try:
            with self.prover.timed():
                return all(
                    self.prover.solver.find(self._differ(id_, option)) is None
                    for option in range(1, len(self.open[id_].options))
                )
        except (Undecided, Refusal):
            return None

    def _differ(self, id_: str, option: int) -> int:
        """Some amount under the option is not the one under the first."""
        ground, b = self.ground, self.ground.b
        differences = []
        for plan in ground.plans.values():
            wanted = [plan.support, *plan.payers.values()]
            sides = []
            for value in (0, option):
                numbers = copy_nodes(plan.nodes, b, facts={id_: b.const(value)})
                sides.append([end for n in wanted for end in ground.ends(numbers[n])])
            differences += [b.not_(b.equal(x, y)) for x, y in zip(*sides, strict=True)]
        return b.or_(*differences)


# JSON


def as_json(found: Sensitivity, lang: str = "en") -> dict[str, Any]:
    return {
        "pack": found.subject.ref,
        "packs": [pack.ref for pack in found.packs],
        "as_of": found.as_of.isoformat(),
        "fixed": dict(found.fixed),
        "claims": {v.claim.id: v.claim.words[lang] for v in found.assumed},
        "readings": {turn.id: _turn_json(turn, lang) for turn in found.turns},
    }


def _turn_json(turn: Turn, lang: str) -> dict[str, Any]:
    return {
        "ask": turn.reading.ask[lang],
        "default": turn.reading.default,
        "changes": None if turn.changes is None else list(turn.changes),
        "harmless": turn.harmless,
        "options": {
            option: {
                v.claim.id: {"verdict": v.verdict, "by_at_most": None if v.by is None else yuan(v.by)} for v in verdicts
            }
            for option, verdicts in turn.options.items()
        },
    }


def differing(turn: Turn) -> Iterator[tuple[str, list[Verdict]]]:
    """The claims whose verdict or largest breach differs between the options, the others as assumed."""
    for verdicts in zip(*turn.options.values(), strict=True):
        if len({(v.verdict, v.by) for v in verdicts}) > 1:
            yield verdicts[0].claim.id, list(verdicts)
