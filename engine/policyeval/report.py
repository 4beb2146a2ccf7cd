"""What a review meeting needs to know of a draft: a comparison with its rules read back, and what follows from it.

In: a library and a comparison made with it. Out: a Report, in no language yet. Promise: every figure is one of the
comparison's; sentences about rules are made from the trees that are evaluated, as `explain` makes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from policyeval.cases import Given, RawCase, typed
from policyeval.compare import Class, Comparison, Extreme
from policyeval.curve import Curve, curve
from policyeval.digest import digest
from policyeval.explain import Explained, rules_of
from policyeval.library import Library
from policyeval.pack import Pack
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.regime import Regimes, planned
from policyeval.sensitivity import Turn
from policyeval.vocabulary import Vocabulary

Change = Literal["added", "removed", "changed", "sets_aside"]


class RuleChange(Record):
    """A rule on both sides. Beside an added rule stands, where there is one, the rule of that name that another pack
    has on the old side. `aside`: the payers whose part of the old rule may be set aside, "" for all of it."""

    kind: Change
    before: Explained | None
    after: Explained | None
    aside: tuple[str, ...] = ()


class Burden(Record):
    """How what a payer pays changes, over all classes: by how much more and less at most, and where."""

    payer: str
    more: Extreme
    less: Extreme


class Drawing(Record):
    """What a platform gets on both sides as one of its amounts changes: of a class, where its change is largest.

    `why_not`: in place of curves, why none are drawn over the fact `over`.
    """

    when: Mapping[str, list[str]]
    over: str
    curves: tuple[Curve, Curve] | None
    why_not: Problem | None = None


class Report(Record):
    """A comparison, and what a summary needs. `verdicts`: how many claims came out which way; `turns`: what each open
    reading changes, where that was asked for."""

    comparison: Comparison
    rules: tuple[RuleChange, ...]
    guarantees: Mapping[str, Explained]
    gain: Extreme
    loss: Extreme
    burdens: tuple[Burden, ...]
    verdicts: Mapping[str, int]
    digests: tuple[str, str]  # of the plans of both sides
    turns: Mapping[str, Turn]
    drawings: tuple[Drawing, ...]


def report(library: Library, comparison: Comparison, turns: Sequence[Turn] = ()) -> Report:
    """The report on a comparison, and on what each reading of its open clauses changes, where that is known."""
    vocabulary, sides = comparison.vocabulary, (comparison.before, comparison.after)
    before, after = (_explained(vocabulary, packs) for packs in sides)
    plans = [planned(packs, vocabulary, comparison.readings, comparison.as_of) for packs in sides]
    return Report(
        comparison=comparison,
        rules=tuple(_changes(comparison, before, after)),
        guarantees={ref: one for ref, one in after.items() if one.kind == "guarantee"},
        gain=_largest(one.gain for one in comparison.classes),
        loss=_largest(one.loss for one in comparison.classes),
        burdens=tuple(_burdens(comparison.classes)),
        verdicts=Counter(verdict.verdict for verdict in comparison.claims),
        digests=(digest(plans[0]), digest(plans[1])),
        turns={turn.id: turn for turn in turns},
        drawings=tuple(_drawings(library, comparison)),
    )


def _explained(vocabulary: Vocabulary, packs: Sequence[Pack]) -> dict[str, Explained]:
    """Every rule of one side, by its full name."""
    by_id = {pack.id: pack for pack in packs}
    rules = (rule for pack in packs for rule in rules_of(pack).values())
    return {rule.ref: Explained(rule.ref, rule.kind, rule.pack, vocabulary, by_id, rule) for rule in rules}


def _changes(
    comparison: Comparison, before: Mapping[str, Explained], after: Mapping[str, Explained]
) -> Iterator[RuleChange]:
    """Rules in the order of the comparison; then those of the old side that are set aside and stand beside no other."""
    aside: dict[str, list[str]] = {}
    for id_ in comparison.displaced:
        ref, _, payer = id_.partition(".")
        aside.setdefault(ref, []).append(payer)
    for id_ in comparison.rules["changed"]:
        yield RuleChange("changed", before[id_], after[id_], tuple(aside.pop(id_, ())))
    for id_ in comparison.rules["added"]:
        old = _counterpart(after[id_], before)
        yield RuleChange("added", old, after[id_], tuple(aside.pop(old.ref, ())) if old else ())
    for id_ in comparison.rules["removed"]:
        yield RuleChange("removed", before[id_], None)
    for id_, payers in aside.items():
        yield RuleChange("sets_aside", before[id_], None, tuple(payers))


def _counterpart(new: Explained, before: Mapping[str, Explained]) -> Explained | None:
    """The award or entitlement of that name in another pack."""
    if new.kind not in ("award", "entitlement") or new.rule is None:
        return None
    same = (old for old in before.values() if old.rule and (old.rule.id, old.kind) == (new.rule.id, new.kind))
    return next(same, None)


def _drawings(library: Library, comparison: Comparison) -> Iterator[Drawing]:
    """For each class that changes, over each of its amounts; where that is no straight line, that this is so."""
    vocabulary = comparison.vocabulary
    sides = [
        Regimes(library, comparison.as_of, readings=comparison.readings, only=packs)
        for packs in (comparison.before, comparison.after)
    ]
    for one in comparison.classes:
        at = one.gain.at or one.loss.at or {}
        platform = typed(RawCase(()), vocabulary, [Given(name, value) for name, value in at.items()])
        for name in at:
            if vocabulary.facts[name].kind == "money":
                try:
                    yield Drawing(one.when, name, (curve(sides[0], platform, name), curve(sides[1], platform, name)))
                except Refusal as refusal:
                    yield Drawing(one.when, name, None, refusal.problems[0])


def _burdens(classes: Sequence[Class]) -> Iterator[Burden]:
    for payer in classes[0].before.payers if classes else ():
        changes = [one.changes[payer] for one in classes]
        yield Burden(payer, _largest(more for more, _ in changes), _largest(less for _, less in changes))


def _largest(extremes: Iterable[Extreme]) -> Extreme:
    """The largest of all classes; not known where it is not known of one."""
    found = [*extremes, Extreme(0, None)]
    unknown = next((one for one in found if one.amount is None), None)
    return unknown or max(found, key=lambda one: one.amount or 0)
