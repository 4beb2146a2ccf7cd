"""A pack among those around it, in parts that no rule ties together.

In: a pack of a library, and a day. Out: Around: the packs that count beside it, and its awards in parts; each part, or
all awards by themselves, as a plan with a Search over it. Promises: a part holds every award and statement that can
change one of its awards, so what is found in the part holds for the whole; plans are made once, when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from policyeval.library import Library
from policyeval.lint.search import Search
from policyeval.lower import lower
from policyeval.pack import Award, Pack, Statement
from policyeval.plan import Plan, PlannedAward, PlannedStatement
from policyeval.record import Record, replace
from policyeval.tree import Node, Ref, walk
from policyeval.vocabulary import Vocabulary

MOST_AWARDS = 40  # of one part; beyond, what its statements do together is not worked out
MOST_STATEMENTS = 40

Key = tuple[str, str]  # a pack and an award


class Part(Record):
    """Awards that rules tie together, and the rules: for each pack the numbers of its statements, from 0."""

    awards: tuple[Key, ...]
    statements: tuple[tuple[str, int], ...]

    @property
    def large(self) -> bool:
        return len(self.awards) > MOST_AWARDS or len(self.statements) > MOST_STATEMENTS


class Planned:
    """A plan whose readings are still facts, and questions about it."""

    def __init__(self, plan: Plan, search: Search, statements: Mapping[str, int]) -> None:
        self.plan, self.search = plan, search
        self._at = search.nodes
        self.awards: dict[str, PlannedAward] = {award.id: award for award in plan.awards}
        self._statements = statements

    def __getitem__(self, node: int) -> int:
        """The number in the search of a node of the plan."""
        return self._at[node]

    def own_statements(self) -> Iterator[tuple[int, PlannedStatement]]:
        """The statements of the pack itself, each with its number in the pack."""
        for statement in self.plan.statements:
            if statement.id in self._statements:
                yield self._statements[statement.id], statement


class Around:
    """A pack, and the packs that apply where it does or that it speaks of; higher governments first."""

    def __init__(self, library: Library, pack: Pack, day: date) -> None:
        self.pack = pack
        self.vocabulary: Vocabulary = library.vocabulary
        self.day = _day(pack, day)
        self.packs = tuple(library.ordered([*_beside(library, pack, self.day), pack]))
        self.by_id = {p.id: p for p in self.packs}
        self.readings = {f"{p.id}/{r.id}": len(r.options) for p in self.packs for r in p.readings.values()}
        self._families = {p.id: p.families for p in self.packs}
        self._places = {(p.id, a): i for p in self.packs for i, a in enumerate(p.awards)}
        self._plans: dict[tuple[object, ...], Planned] = {}

    # what there is

    def award(self, key: Key) -> Award:
        return self.by_id[key[0]].awards[key[1]]

    def statement(self, pack: str, number: int) -> Statement:
        return self.by_id[pack].precedence[number]

    def referred(self, tree: Node | None) -> Iterator[Key]:
        """The awards that an expression names, those of a family or that fill a slot one by one."""
        for ref in _named(tree):
            if ref.pack in self.by_id:
                yield from self._meant(ref)

    def _meant(self, ref: Ref) -> Iterator[Key]:
        owner = self.by_id[ref.pack or ""]
        if ref.role == "slot":
            slot = f"{owner.id}/{ref.name}"
            yield from ((p.id, a.id) for p in self.packs for a in p.awards.values() if a.fills == slot)
        else:
            yield from ((owner.id, name) for name in self._families[owner.id].get(ref.name, (ref.name,)))

    def missing(self, key: Key) -> bool:
        """Whether an award builds on a pack that is not there."""
        award = self.award(key)
        return any(ref.pack not in self.by_id for tree in (award.when, award.amount) for ref in _named(tree))

    @cached_property
    def awards(self) -> list[Key]:
        """The awards of the pack that can be planned."""
        keys = [(self.pack.id, id_) for id_ in self.pack.awards]
        return [key for key in keys if not any(self.missing(k) for k in self.closed([key]))]

    # parts

    @cached_property
    def parts(self) -> list[Part]:
        """The parts that hold an award of the pack, in its order."""
        groups = _Groups()
        rules: list[tuple[str, int, list[Key]]] = []
        for pack in self.packs:
            for award in pack.awards.values():
                key = (pack.id, award.id)
                groups.join([key, *self.referred(award.amount), *self.referred(award.when)])
                if award.family:
                    groups.join([key, ("", award.family)])
            for i, statement in enumerate(pack.precedence):
                spoken = list(self.referred(statement.rule))
                groups.join(spoken)
                rules.append((pack.id, i, spoken))
        awards: dict[Key, list[Key]] = {}
        for pack in self.packs:
            for id_ in pack.awards:
                awards.setdefault(groups.of((pack.id, id_)), []).append((pack.id, id_))
        statements: dict[Key, list[tuple[str, int]]] = {}
        for owner, i, spoken in rules:
            if spoken:
                statements.setdefault(groups.of(spoken[0]), []).append((owner, i))
        mine = dict.fromkeys(groups.of(key) for key in self.awards)
        return [Part(tuple(awards[root]), tuple(statements.get(root, ()))) for root in mine]

    def closed(self, keys: Iterable[Key]) -> list[Key]:
        """The awards, and those that their amounts build on."""
        found: dict[Key, None] = {}
        todo = list(keys)
        while todo:
            key = todo.pop()
            if key not in found:
                found[key] = None
                award = self.award(key)
                todo += [*self.referred(award.amount), *self.referred(award.when)]
        return list(found)

    # plans

    @cached_property
    def alone(self) -> Planned:
        """All awards, departments and entitlements of the pack, before any statement."""
        return self._planned(self.awards, (), entries=True)

    def together(self, part: Part, order: Sequence[tuple[str, int]] | None = None) -> Planned:
        """A part as a plan; `order` gives its statements in another order."""
        key = (part.awards, part.statements if order is None else tuple(order))
        if key not in self._plans:
            self._plans[key] = self._planned(part.awards, key[1], entries=False)
        return self._plans[key]

    def _planned(self, awards: Iterable[Key], statements: Sequence[tuple[str, int]], entries: bool) -> Planned:
        rules = [self.statement(owner, i).rule for owner, i in statements]
        keys = self.closed([*awards, *(key for rule in rules for key in self.referred(rule))])
        families = self._families_of(keys, rules)
        wanted: dict[str, list[str]] = {}
        for owner, id_ in sorted(keys, key=self._places.__getitem__):
            wanted.setdefault(owner, []).append(id_)
        packs, numbers = [], {}
        for pack in self.packs:
            mine = [i for owner, i in statements if owner == pack.id]
            if pack is self.pack:
                numbers = {f"{pack.id}/precedence[{j}]": i for j, i in enumerate(mine, 1)}
            kept = {}
            for id_ in wanted.get(pack.id, ()):
                award = pack.awards[id_]
                keeps = statements or award.family is None or (pack.id, award.family) in families
                kept[id_] = award if keeps else replace(award, family=None)
            own = entries and pack is self.pack
            packs.append(
                replace(
                    pack,
                    awards=kept,
                    precedence=tuple(pack.precedence[i] for i in mine),
                    entitlements=pack.entitlements if own else {},
                    authority=pack.authority if own else (),
                )
            )
        plan = lower(packs, self.vocabulary, {})
        search = Search(plan.nodes, self.vocabulary, self.pack.jurisdiction, self.readings)
        return Planned(plan, search, numbers)

    def _families_of(self, awards: Iterable[Key], rules: Iterable[Node]) -> set[tuple[str, str | None]]:
        """The families that an expression names, so that their awards must keep them."""
        trees = [tree for key in awards for tree in (self.award(key).when, self.award(key).amount) if tree is not None]
        refs = (n for tree in (*trees, *rules) for n in walk(tree) if isinstance(n, Ref) and n.role == "family")
        return {(ref.pack or "", ref.name) for ref in refs}


def _named(tree: Node | None) -> Iterator[Ref]:
    for node in walk(tree) if tree is not None else ():
        if isinstance(node, Ref) and node.role in ("award", "family", "slot"):
            yield node


class _Groups:
    """Things that are tied together, by the first of them."""

    def __init__(self) -> None:
        self._up: dict[Key, Key] = {}

    def of(self, key: Key) -> Key:
        root = key
        while (up := self._up.setdefault(root, root)) != root:
            root = up
        while self._up[key] != root:
            self._up[key], key = root, self._up[key]
        return root

    def join(self, keys: Sequence[Key]) -> None:
        for key in keys[1:]:
            self._up[self.of(key)] = self.of(keys[0])
        if keys:
            self.of(keys[0])


def _day(pack: Pack, day: date) -> date:
    """The day to look at a pack: the one asked for, brought into the time that the pack is in force."""
    if pack.status == "draft" or pack.effective_from is None:
        return day
    return max(pack.effective_from, min(day, pack.effective_to or day))


def _beside(library: Library, pack: Pack, day: date) -> list[Pack]:
    """The packs that the pack uses, and those they use, and the enacted ones in force where it applies."""
    around = library.around(pack)
    found: dict[str, Pack] = {}
    todo = list(pack.uses)
    while todo:
        id_ = todo.pop()
        if id_ in around and id_ not in found:
            found[id_] = around[id_]
            todo += around[id_].uses
    for other in library.in_force(pack.jurisdiction, day):
        if other.id != pack.id:
            found.setdefault(other.id, other)
    return list(found.values())
