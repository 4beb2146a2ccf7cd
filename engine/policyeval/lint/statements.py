"""Lints of statements and readings: ties, statements that change nothing, a higher government's money, their order.

In: a pack among those around it. Out: W502, W505, W510, W512, and the notes W513, W520. Promise: what is said to change
nothing changes nothing for any platform under any reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from policyeval.lint.findings import Findings
from policyeval.lint.numbers import Undecided
from policyeval.lint.parts import Around, Part, Planned, key_of, trees
from policyeval.lint.search import Witness
from policyeval.pack import Reading
from policyeval.plan import PlannedAward, PlannedStatement
from policyeval.tree import Node, Ref, walk


def find(findings: Findings) -> None:
    around = findings.around
    mine = around.pack.id
    for part in around.parts:
        own = [i for owner, i in part.statements if owner == mine]
        if own and (why := around.hindrance(part)):
            statement = around.pack.precedence[own[0]]
            findings.undecided("W505", f"precedence[{own[0] + 1}]", statement.span, why)
        elif own:
            plan = around.together(part)
            for number, planned in plan.own_statements():
                _Statement(findings, plan, number, planned).look()
            if findings.notes:
                _order(findings, part)
    _readings(findings)


class _Statement:
    def __init__(self, findings: Findings, plan: Planned, number: int, statement: PlannedStatement) -> None:
        self.f, self.plan, self.statement = findings, plan, statement
        self.search = plan.search
        self.span = findings.around.pack.precedence[number].span
        self.rule = f"precedence[{number + 1}]"

    def look(self) -> None:
        with self.f.deciding("W502", self.rule, self.span):
            self._ties()
        with self.f.deciding("W505", self.rule, self.span):
            if not self._alive():
                self.f.say("W505", self.rule, self.span)
                return
        with self.f.deciding("W512", self.rule, self.span):
            self._upward()

    def _ties(self) -> None:
        ties = [a.node for a in self.plan.plan.alarms if a.code == "tie" and a.ids[0] == self.statement.id]
        found = self.search.likely(self.search.b.or_(*ties)) if ties else None
        if found is not None:
            self.f.say("W502", self.rule, self.span, under=self.f.under(found), at=self.f.at(found))

    def _alive(self) -> bool:
        """Whether the statement changes anything, or settles that two awards are both paid."""
        undecided: Undecided | None = None
        for node in self._changes():
            try:
                if self.search.possible(node):
                    return True
            except Undecided as found:  # another change may be plain
                undecided = found
        if undecided is not None:
            raise undecided
        return False

    def _changes(self) -> Iterator[int]:
        b, statement = self.search.b, self.statement
        active = statement.active
        applies = [self.plan.awards[key_of(id_)].applies for id_ in statement.awards]
        if statement.op == "stacks_with":
            pairs = ((x, y) for i, x in enumerate(applies) for y in applies[:i])
            yield from (b.and_(active, x, y) for x, y in pairs)
        for effect in statement.effects:
            yield self.search.differs(effect.before, effect.after)
        if statement.op in ("replaces", "take_higher"):
            # a promise without a figure may be set aside too, and no amount shows it
            for id_, here in zip(statement.awards, applies, strict=True):
                promised = self.plan.awards[key_of(id_)].unquantified
                if self.search.b.value(promised) is not False:
                    others = b.or_(*(other for other in applies if other != here))
                    yield b.and_(active, here, others, promised)

    def _upward(self) -> None:
        """What a higher government pays under its own document, changed by this one."""
        around = self.f.around
        depth = around.vocabulary.depth
        own = depth(around.pack.jurisdiction)
        changes: dict[str, list[int]] = {}
        payers: dict[str, None] = {}
        for effect in self.statement.effects:
            pack = effect.award.partition("/")[0]
            place = self._treasury(effect.payer)
            if depth(around.by_id[pack].jurisdiction) < own and place is not None and depth(place) < own:
                different = self.search.differs(effect.before, effect.after)
                changes.setdefault(pack, []).append(different)
                payers[effect.payer or ""] = None
        for pack, nodes in changes.items():
            found = self.search.likely(self.search.b.or_(*nodes))
            if found is not None:
                words = {"under": self.f.under(found), "at": self.f.at(found), "pack": pack}
                labels = [around.vocabulary.payers[p].label for p in payers]
                named = {"en": ", ".join(payers), "zh": "、".join(label.zh for label in labels)}
                self.f.say("W512", self.rule, self.span, payers=named, **words)

    def _treasury(self, payer: str | None) -> str | None:
        """The place whose treasury a payer is, where the pack applies."""
        if payer is None:
            return None
        v = self.f.around.vocabulary
        found = v.nearest(self.f.around.pack.jurisdiction, v.payers[payer].tiers)
        return found.name if found else None


# The written order -----------------------------------------------------------


def _order(findings: Findings, part: Part) -> None:
    """Neighbours that give other amounts the other way round."""
    around = findings.around
    own = [key for key in part.statements if key[0] == around.pack.id]
    plan = around.together(part)
    spoken = {number: set(s.awards) for number, s in plan.own_statements()}
    active = {number: s.active for number, s in plan.own_statements()}
    for first, second in pairwise(own):
        i, j = first[1], second[1]
        if i not in spoken or j not in spoken or spoken[i].isdisjoint(spoken[j]):
            continue
        rule = f"precedence[{j + 1}]"
        statement, before = around.pack.precedence[j], around.pack.precedence[i]
        with findings.deciding("W513", rule, statement.span):
            if plan.search.possible(plan.search.b.and_(active[i], active[j])) is None:
                continue  # never both at work
            at, other = part.statements.index(first), part.statements.index(second)
            order = list(part.statements)
            order[at], order[other] = order[other], order[at]
            found = _otherwise(plan, around.reordered(part, order))
            if found is not None:
                words = {"under": findings.under(found), "at": findings.at(found)}
                findings.say("W513", rule, statement.span, (around.pack, before.span, "W590"), **words)


def _otherwise(plan: Planned, other: Planned) -> Witness | None:
    """A platform for which two plans of the same awards pay other amounts."""
    for key, award in plan.awards.items():
        for mine, theirs in zip(_after(award), _after(other.awards[key]), strict=True):
            if mine != theirs:
                found = plan.search.likely(plan.search.differs(mine, theirs))
                if found is not None:
                    return found
    return None


def _after(award: PlannedAward) -> Sequence[int]:
    return [share.after for share in award.shares]


# Readings --------------------------------------------------------------------


def _readings(findings: Findings) -> None:
    around = findings.around
    id_, provisions = around.pack.id, around.pack.provisions
    used = {(ref.pack, ref.name) for pack in around.packs for tree in trees(pack) for ref in _asked(tree)}
    said = {ref.name for _, tree in provisions.expressions() for ref in _asked(tree)} | {*provisions.comparators()}
    for reading in around.pack.readings.values():
        if reading.id in said:
            continue
        if (id_, reading.id) not in used:
            findings.say("W510", reading.id, reading.span, reading=reading.id)
        elif findings.notes:
            with findings.deciding("W520", reading.id, reading.span):
                if not _matters(around, reading):
                    findings.say("W520", reading.id, reading.span, reading=reading.id)


def _asked(tree: Node) -> Iterable[Ref]:
    return (node for node in walk(tree) if isinstance(node, Ref) and node.role == "reading")


def _matters(around: Around, reading: Reading) -> bool:
    """Whether any amount, entitlement or department differs between two options of the reading."""
    id_ = f"{around.pack.id}/{reading.id}"
    if any(part.statements and around.hindrance(part) for part in around.parts):
        raise Undecided
    entries = around.with_entries(())
    plans = {id(plan): plan for plan in map(around.planned, around.awards)}
    outputs = [(plan, n) for plan in plans.values() for a in plan.plan.awards for n in _outputs(a)]
    outputs += [(entries, entry.applies) for entry in (*entries.plan.entitlements, *entries.plan.authority)]
    return any(plan.search.depends(n, id_) and plan.search.turns_on(n, id_) for plan, n in dict.fromkeys(outputs))


def _outputs(award: PlannedAward) -> Sequence[int]:
    return [award.applies, award.unquantified, *_after(award)]
