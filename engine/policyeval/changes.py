"""Two versions of a pack, rule by rule.

In: a pack as it was and as it is; where one of them is absent, every rule of the other was added, or removed. Out: its
rules, each beside what it was. Promises: what has an id is paired by it, statements by what they say, in their order,
and in one place by their clause; `how` compares what rules mean, not their words, labels or places in the file.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal

from policyeval.explain import Item, Kind, Rule, rules_of
from policyeval.pack import Authority, Award, Budget, Entitlement, Guarantee, Pack, Reading, Slot, Statement
from policyeval.provisions import Cite
from policyeval.record import Record, replace

_BY_ID: tuple[Kind, ...] = ("award", "entitlement", "reading", "slot", "budget")
_UNORDERED: tuple[Kind, ...] = ("authority", "guarantee")


class Pair(Record):
    """A rule as it was and as it is; one of them may be absent."""

    old: Rule | None
    new: Rule | None

    @property
    def rule(self) -> Rule:
        """As it is, or, where it was removed, as it was."""
        found = self.new or self.old
        assert found is not None  # a pair has a rule
        return found

    @property
    def id(self) -> str:
        return self.rule.ref

    @property
    def cite(self) -> Cite | None:
        return getattr(self.rule.item, "cite", None)

    @property
    def how(self) -> Literal["same", "added", "removed", "changed"]:
        if self.old is None or self.new is None:
            return "added" if self.old is None else "removed"
        return "same" if meaning(self.old.item) == meaning(self.new.item) else "changed"


def pairs(old: Pack | None, new: Pack | None) -> list[Pair]:
    """All rules of two versions of one pack; those of a kind in the order of the new one."""
    sides = [list(rules_of(pack).values()) if pack else [] for pack in (old, new)]

    def of(kind: Kind) -> tuple[list[Rule], list[Rule]]:
        was, now = ([rule for rule in side if rule.kind == kind] for side in sides)
        return was, now

    found = [pair for kind in _BY_ID for pair in _by_id(*of(kind))]
    found += _in_order(*of("statement"))
    return found + [pair for kind in _UNORDERED for pair in _alike(*of(kind))]


def meaning(item: Item) -> Hashable:
    """What a rule says, and nothing of how it is written."""
    match item:
        case Award():
            return item.when, item.amount, item.family, item.beneficiary, item.per, item.instrument, item.fills
        case Entitlement():
            return item.when, item.beneficiary
        case Statement():
            return item.rule
        case Reading():
            return frozenset(item.options), item.default
        case Budget():
            return frozenset(item.awards), item.total
        case Authority():
            return item.when, item.body, item.does
        case Guarantee():
            return item.claim
        case Slot():
            return None


def _by_id(old: Sequence[Rule], new: Sequence[Rule]) -> Iterable[Pair]:
    was, now = ({rule.id: rule for rule in side} for side in (old, new))
    return (Pair(was.get(id_), now.get(id_)) for id_ in {**now, **was})


def _in_order(old: Sequence[Rule], new: Sequence[Rule]) -> list[Pair]:
    """Statements apply in order, so one that has moved past others was removed and added; one that was replaced in
    its place by another of the same clause was changed."""
    found: list[Pair] = []
    was_said, said = [meaning(rule.item) for rule in old], [meaning(rule.item) for rule in new]
    for _, i, i_end, j, j_end in SequenceMatcher(None, was_said, said, autojunk=False).get_opcodes():
        for n in range(max(i_end - i, j_end - j)):
            was = old[i + n] if i + n < i_end else None
            now = new[j + n] if j + n < j_end else None
            pair = Pair(was, now)
            found += [Pair(was, None), Pair(None, now)] if was and now and not _belong(pair) else [pair]
    return found


def _alike(old: Sequence[Rule], new: Sequence[Rule]) -> Iterable[Pair]:
    """Rules whose order says nothing: first those that say the same, then those of one clause."""
    left, found = list(old), dict[int, Rule]()
    for belong in (_same, _belong):
        for j, now in enumerate(new):
            was = next((rule for rule in left if j not in found and belong(Pair(rule, now))), None)
            if was is not None:
                found[j] = was
                left.remove(was)
    yield from (Pair(found.get(j), now) for j, now in enumerate(new))
    yield from (Pair(rule, None) for rule in left)


def _same(pair: Pair) -> bool:
    return pair.how == "same"


def _belong(pair: Pair) -> bool:
    """The same, or another version of one clause."""
    assert pair.old
    assert pair.new
    cites = [getattr(rule.item, "cite", None) for rule in (pair.old, pair.new)]
    return _same(pair) or cites[0] == cites[1]


def options_of_both(pack: Pack, old: Pack, new: Pack) -> dict[str, Reading]:
    """The readings of two versions, each with the options of both in one order, so that an option has one number;
    what is assumed, as `pack` has it."""
    found = {}
    for id_ in {**new.readings, **old.readings}:
        options = {
            o: label for side in (new, old) if id_ in side.readings for o, label in side.readings[id_].options.items()
        }
        own = next(side.readings[id_] for side in (pack, new, old) if id_ in side.readings)
        found[id_] = replace(own, options=options)
    return found
