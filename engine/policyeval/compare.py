"""What a draft would change: rules, classes of platforms with formulas, gains and losses, and what stays open.

In: a library and a pack, with what to hold it against. Out: a Comparison, and its JSON as the contract fixes it.
Promise: the classes cover every platform of the places concerned; formulas and effects come from the plan, not from
samples; equal formulas are called the same, and only these or ones whose difference is 0 everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from policyeval.answer import Answer, money_json
from policyeval.cases import Platform, Written, as_written
from policyeval.changes import pairs
from policyeval.classes import Box, Cell, Combo, Pair, Piece, Side, Table
from policyeval.domains import Space, homes, spelled
from policyeval.evaluate import Span
from policyeval.kinks import Peak, peak
from policyeval.library import Library
from policyeval.money import yuan
from policyeval.pack import Pack
from policyeval.plan import Node, Plan
from policyeval.problems import Problem, Refusal
from policyeval.prove import SECONDS, Verdict, beginnings
from policyeval.record import Record, field, replace
from policyeval.regime import Regimes, Tell, chosen_readings, planned, sides, silent
from policyeval.simplify import Simplifier
from policyeval.solve import Clock, Solver
from policyeval.verdicts import compared, verdict_json
from policyeval.vocabulary import Vocabulary

Effect = Literal["same", "never_less", "never_more", "mixed", "unknown"]

_RULES = ("award", "entitlement", "statement")
_LOSS, _GAIN = 0, 1  # of how least and most change, that which is shown: the fall of the least, the rise of the most


class Extreme(Record):
    """A largest gain or loss in fen (None where it is not known), and a platform at which it is reached, if any.

    `begins`: for each amount of that platform, the others as they stand, the least at which there is any, to the fen.
    """

    amount: int | None
    at: dict[str, Written] | None
    begins: dict[str, str] = field(default_factory=dict)


class Class(Record):
    """Platforms that share their formulas on both sides. `when`: the values of each fact that tell them apart."""

    when: dict[str, list[str]]
    before: Side
    after: Side
    effect: dict[str, Effect]
    changes: dict[str, tuple[Extreme, Extreme]]  # of the support and each payer: largest gain, largest loss

    @property
    def gain(self) -> Extreme:
        return self.changes["support"][0]

    @property
    def loss(self) -> Extreme:
        return self.changes["support"][1]


class CaseChange(Record):
    """One case under both sides."""

    name: str
    before: Answer
    after: Answer


class Comparison(Record):
    """A pack held against what is in force, or against another. `displaced`: what it sets aside on the old side."""

    vocabulary: Vocabulary
    subject: Pack
    before: tuple[Pack, ...]
    after: tuple[Pack, ...]
    where: tuple[str, ...]
    as_of: date
    readings: dict[str, str]
    rules: dict[str, list[str]]
    displaced: tuple[str, ...]
    classes: tuple[Class, ...]
    unquantified: tuple[str, ...]
    discretionary: tuple[str, ...]
    cases: tuple[CaseChange, ...] = ()
    claims: tuple[Verdict, ...] = ()
    notes: tuple[Problem, ...] = field(default=())
    against: Pack | None = None  # the pack that was named to be compared with


def compare(
    library: Library,
    subject: str,
    against: str | None,
    as_of: date,
    readings: Mapping[str, str],
    cases: Sequence[Platform] = (),
    seconds: float = SECONDS,
    tell: Tell = silent,
) -> Comparison:
    """The comparison of a pack, named by any PACK reference, with `against`, or with what is in force without it.

    `seconds`: the limit for each claim; `tell` hears of the progress. Raises Refusal where a reference means nothing,
    or L301 where the two packs have no place in common.
    """
    held = sides(library, subject, against, as_of)
    chosen = chosen_readings(library, readings)
    plans = [planned(packs, library.vocabulary, chosen, as_of) for packs in (held.before, held.after)]
    both = (held.before, held.after), (plans[0], plans[1])
    claims = compared(library.vocabulary, held.subject, *both, seconds, tell)
    base = {p.id for p in held.before if p in held.after}
    return Comparison(
        vocabulary=library.vocabulary,
        subject=held.subject,
        before=held.before,
        after=held.after,
        where=(held.subject.jurisdiction,),
        as_of=as_of,
        readings={**plans[0].readings, **plans[1].readings},
        rules=_rules(held.before, held.after),
        displaced=_newly(_displaced(plans[0], base), _displaced(plans[1], base)),
        classes=classes(plans[0], plans[1], library.vocabulary, held.subject.jurisdiction),
        unquantified=_unquantified(plans[1]),
        discretionary=_discretionary(plans[1]),
        cases=tuple(_cases(library, as_of, chosen, held.before, held.after, cases)),
        claims=claims,
        notes=held.notes,
        against=held.against,
    )


def classes(before: Plan, after: Plan, vocabulary: Vocabulary, where: str) -> tuple[Class, ...]:
    """The platforms of a place, by what the two plans make of them. Raises Refusal R402, X301 or X302."""
    places = homes(vocabulary, vocabulary.seat, where)
    return tuple(_Held((before, after), vocabulary, places).classes())


# rules


def _rules(before: Sequence[Pack], after: Sequence[Pack]) -> dict[str, list[str]]:
    old, new = ({pack.id: pack for pack in packs} for packs in (before, after))
    found = [pair for id_ in {**new, **old} for pair in pairs(old.get(id_), new.get(id_)) if pair.rule.kind in _RULES]
    return {how: [pair.id for pair in found if pair.how == how] for how in ("added", "removed", "changed")}


def _newly(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(id_ for id_ in new if id_ not in old)


def _displaced(plan: Plan, old: set[str]) -> tuple[str, ...]:
    """Awards of the old packs, or payers' parts of them, that the new side may set aside."""
    truths = {i for i, node in enumerate(plan.nodes) if node == Node("Truth", (), False)}
    found = []
    for award in plan.awards:
        if award.id.partition("/")[0] in old:
            lost = [s for s in award.shares if s.displaced not in truths]
            whole = len(lost) == len(award.shares)
            found += [award.id] if lost and whole else [f"{award.id}.{s.payer}" for s in lost]
    return tuple(found)


def _unquantified(plan: Plan) -> tuple[str, ...]:
    never = {i for i, node in enumerate(plan.nodes) if node == Node("Truth", (), False)}
    return tuple(a.id for a in plan.awards if a.own and a.unquantified not in never)


def _discretionary(plan: Plan) -> tuple[str, ...]:
    chosen = {node.data.partition("#")[0] for node in plan.nodes if node.kind == "Choice" and node.args}
    return tuple(a.id for a in plan.awards if a.own and a.id in chosen)


# classes


class _Held(Table):
    """The classes of two plans held against each other."""

    def classes(self) -> Iterator[Class]:
        for piece, inside, box in self.pieces():
            yield self._class(piece, inside, box)

    def changes(self, cell: Cell, last: bool) -> list[tuple[Pair, Pair]]:
        of = _Peaks(cell.builder)
        old, new = cell.ends
        return [(of.pair(b, a, _GAIN, last), of.pair(a, b, _LOSS, last)) for a, b in zip(old, new, strict=True)]

    def _class(self, piece: Piece, combo: Combo, box: Box) -> Class:
        names = ["support", *self.payers]
        bounds = {**self.bounds, **piece.within}
        example = {name: spelled(self.vocabulary, name, value) for name, value in zip(self.axes, combo, strict=True)}
        example |= {
            n: spelled(self.vocabulary, n, bounds[n].low or 0) for n in self.vocabulary.facts if n in piece.open
        }
        before, after = piece.sides
        return Class(
            when=self.when(piece, box),
            before=before,
            after=after,
            effect={n: _effect(r, f) for n, r, f in zip(names, piece.rises, piece.falls, strict=True)},
            changes={
                n: (self._extreme(r[_GAIN], example), self._extreme(f[_LOSS], example))
                for n, r, f in zip(names, piece.rises, piece.falls, strict=True)
            },
        )

    def _extreme(self, found: Peak | None, example: Mapping[str, str]) -> Extreme:
        if found is None:
            return Extreme(None, None)
        if found.value <= 0:
            return Extreme(0, None)
        at, begins = (
            {name: spelled(self.vocabulary, name, v) for name, v in values.items()}
            for values in (found.at, found.begins)
        )
        return Extreme(found.value, as_written({**example, **at}, self.vocabulary), begins)


class _Peaks:
    """The peaks of nodes of one builder, each worked out once: payers often pay the same, and least is often most."""

    def __init__(self, builder: Simplifier) -> None:
        self.b = builder
        self._solver = Solver(builder, Space(builder.bounds, {}, ()), Clock(SECONDS))
        self._found: dict[tuple[int, bool], Peak] = {}

    def pair(self, high: tuple[int, int], low: tuple[int, int], shown: int, or_none: bool) -> Pair:
        """The most by which least is above least, and most above most; None where that is not made of straight lines.
        Of the one that is shown, also where it begins.

        Raises Refusal R402 in place of None where `or_none` is false.
        """
        try:
            differences = [self.b.sub(a, b) for a, b in zip(high, low, strict=True)]
            first, second = (self._peak(node, i == shown) for i, node in enumerate(differences))
        except Refusal:
            if not or_none:
                raise
            return None, None
        return first, second

    def _peak(self, difference: int, begins: bool) -> Peak:
        key = difference, begins
        if key not in self._found:
            self._found[key] = self._begun(difference) if begins else peak(self.b.nodes, difference, self.b.bounds)
        return self._found[key]

    def _begun(self, difference: int) -> Peak:
        found = self._peak(difference, False)
        if found.value <= 0:
            return found
        self._solver.clock.start()
        return replace(found, begins=beginnings(self._solver, self.b.less(self.b.zero, difference), found.at))


def _effect(rises: Pair, falls: Pair) -> Effect:
    """From how least and most change."""
    if None in (*rises, *falls):
        return "unknown"
    rise, fall = (any(p.value > 0 for p in peaks if p) for peaks in (rises, falls))
    if rise:
        return "mixed" if fall else "never_less"
    return "never_more" if fall else "same"


# cases


def _cases(
    library: Library,
    as_of: date,
    readings: Mapping[str, str],
    before: Sequence[Pack],
    after: Sequence[Pack],
    cases: Sequence[Platform],
) -> Iterable[CaseChange]:
    sides = [Regimes(library, as_of, readings=readings, only=packs) for packs in (before, after)]
    for number, platform in enumerate(cases, 1):
        name = platform.name or str(number)
        yield CaseChange(name, sides[0].answer(platform), sides[1].answer(platform))


# JSON


def as_json(comparison: Comparison, lang: str = "en") -> dict[str, Any]:
    """The JSON object of the contract."""
    return {
        "from": [p.ref for p in comparison.before],
        "to": [p.ref for p in comparison.after],
        "where": list(comparison.where),
        "as_of": comparison.as_of.isoformat(),
        "readings": comparison.readings,
        "rules": comparison.rules,
        "displaced": list(comparison.displaced),
        "classes": [class_json(c, lang) for c in comparison.classes],
        "unquantified_awards": list(comparison.unquantified),
        "discretionary_awards": list(comparison.discretionary),
        "claims": [verdict_json(v, comparison.vocabulary, lang) for v in comparison.claims],
        "cases": [_case_json(c) for c in comparison.cases],
    }


def class_json(c: Class, lang: str) -> dict[str, Any]:
    return {
        "when": c.when,
        "from": _side_json(c.before, lang),
        "to": _side_json(c.after, lang),
        "effect": c.effect,
        "largest_gain": _extreme_json(c.gain),
        "largest_loss": _extreme_json(c.loss),
        "payers": {
            payer: {"largest_gain": _extreme_json(gain), "largest_loss": _extreme_json(loss)}
            for payer, (gain, loss) in c.changes.items()
            if payer != "support"
        },
    }


def _extreme_json(found: Extreme) -> dict[str, Any]:
    return {"amount": None if found.amount is None else yuan(found.amount), "at": found.at, "begins": found.begins}


def _side_json(side: Side, lang: str) -> dict[str, Any]:
    return {"support": side.support[lang], "payers": {payer: words[lang] for payer, words in side.payers.items()}}


def _case_json(change: CaseChange) -> dict[str, Any]:
    def side(answer: Answer) -> dict[str, Any]:
        payers: dict[str, Span] = answer.payers
        return {
            "support": {
                **money_json(answer.support),
                "unquantified": answer.unquantified,
                "undetermined": answer.undetermined,
            },
            "payers": {payer: money_json(span) for payer, span in payers.items()},
        }

    return {
        "case": change.name,
        "platform": dict(change.before.platform.written),
        "from": side(change.before),
        "to": side(change.after),
    }
