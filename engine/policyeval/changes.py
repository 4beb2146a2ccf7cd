"""Two versions of a pack, rule by rule.

In: a pack as it was and as it is; where one of them is absent, every rule of the other was added, or removed. Out: its
awards, entitlements and statements, each beside what it was. Promises: awards and entitlements are paired by their id,
statements by what they say, in their order, and in one place by their clause; `how` compares what rules mean, not their
words, their labels or their places in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal

from policyeval.pack import Award, Cite, Entitlement, Pack, Statement
from policyeval.record import Record

Rule = Award | Entitlement | Statement


class Pair(Record):
    """A rule as it was and as it is; one of them may be absent.

    `id` is its full id in the new version, or, where it was removed, in the old one.
    """

    id: str
    old: Rule | None
    new: Rule | None

    @property
    def how(self) -> Literal["same", "added", "removed", "changed"]:
        if self.old is None or self.new is None:
            return "added" if self.old is None else "removed"
        return "same" if meaning(self.old) == meaning(self.new) else "changed"

    @property
    def cite(self) -> Cite:
        rule = self.new or self.old
        assert rule is not None  # a pair has a rule
        return rule.cite


def pairs(old: Pack | None, new: Pack | None) -> list[Pair]:
    """All rules of two versions of one pack: awards, entitlements, statements; those of the new one in its order."""
    return [*_by_id(old, new, "awards"), *_by_id(old, new, "entitlements"), *_in_order(old, new)]


def meaning(rule: Rule) -> object:
    """What a rule says, and nothing of how it is written."""
    match rule:
        case Award():
            return rule.when, rule.amount, rule.family, rule.beneficiary, rule.per, rule.instrument, rule.fills
        case Entitlement():
            return rule.when, rule.beneficiary
        case Statement():
            return rule.rule


def _by_id(old: Pack | None, new: Pack | None, section: Literal["awards", "entitlements"]) -> list[Pair]:
    was: Mapping[str, Rule] = getattr(old, section) if old else {}
    now: Mapping[str, Rule] = getattr(new, section) if new else {}
    return [Pair(f"{_id(old, new)}/{id_}", was.get(id_), now.get(id_)) for id_ in {**now, **was}]


def _in_order(old: Pack | None, new: Pack | None) -> list[Pair]:
    """Statements apply in order, so one that has moved past others was removed and added; one that was replaced in
    its place by another of the same clause was changed."""
    was: Sequence[Statement] = old.precedence if old else ()
    now: Sequence[Statement] = new.precedence if new else ()
    stem = f"{_id(old, new)}/precedence"
    found: list[Pair] = []
    matcher = SequenceMatcher(None, [s.rule for s in was], [s.rule for s in now], autojunk=False)
    for _, i, i_end, j, j_end in matcher.get_opcodes():
        for n in range(max(i_end - i, j_end - j)):
            before = was[i + n] if i + n < i_end else None
            after = now[j + n] if j + n < j_end else None
            if before and after and before.cite != after.cite and before.rule != after.rule:
                found += [Pair(f"{stem}[{i + n + 1}]", before, None), Pair(f"{stem}[{j + n + 1}]", None, after)]
            else:
                found.append(Pair(f"{stem}[{(j if after else i) + n + 1}]", before, after))
    return found


def _id(old: Pack | None, new: Pack | None) -> str:
    pack = new or old
    assert pack is not None  # a change is of some pack
    return pack.id
