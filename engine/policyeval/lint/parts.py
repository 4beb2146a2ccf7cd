"""A pack among those around it, in parts that no rule ties together.

In: a pack of a library, and a day. Out: Around: the packs that count beside it, and its awards in parts; each part that
statements tie together, and all other awards, as a plan with a Search over it. Promises: a part holds every award and
statement that can change one of its awards, so what is found in the part holds for the whole; an award is lowered once,
where its part is not too large.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from policyeval.domains import following, homes
from policyeval.infer import conditions
from policyeval.library import Library
from policyeval.lint.search import Search
from policyeval.lower import lower, open_slots
from policyeval.pack import Award, Pack, Statement
from policyeval.plan import Plan, PlannedAward, PlannedStatement
from policyeval.record import Record, replace
from policyeval.tree import Node, Ref, walk
from policyeval.vocabulary import Vocabulary

MOST_AWARDS = 40  # of one part; beyond, what its statements do together is not worked out
MOST_STATEMENTS = 40
MOST_NEEDED = 100  # awards that one award's amount may build on

TOO_LARGE = {
    "en": "too many awards and statements are tied together",
    "zh": "相互牵连的奖补和规则太多",
}
ABSENT = {"en": "a pack that it speaks of is not there", "zh": "它所引用的文件不在"}

Key = tuple[str, str]  # a pack and an award
Words = dict[str, str]  # by language


class Part(Record):
    """Awards that rules tie together, and the rules: for each pack the numbers of its statements, from 0."""

    awards: tuple[Key, ...]
    statements: tuple[tuple[str, int], ...]


class Planned:
    """Awards as a plan whose readings are still facts of it, and questions about its nodes."""

    def __init__(self, plan: Plan, search: Search, statements: Mapping[str, int]) -> None:
        self.plan, self.search = plan, search
        self.awards: dict[Key, PlannedAward] = {key_of(award.id): award for award in plan.awards}
        self._statements = statements

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
        self._order = {(p.id, a): i for p in self.packs for i, a in enumerate(p.awards)}
        self._plans: dict[Part, Planned] = {}
        self._named: dict[int, list[Ref]] = {}
        self._needed: dict[Key, list[Key]] = {}
        self._obstacles: dict[Key, Words | None] = {}
        self._without: dict[str, list[int]] = {}

    # what there is

    def award(self, key: Key) -> Award:
        return self.by_id[key[0]].awards[key[1]]

    def statement(self, pack: str, number: int) -> Statement:
        return self.by_id[pack].precedence[number]

    def referred(self, tree: Node) -> list[Key]:
        """The awards that an expression names, those of a family or that fill a slot one by one."""
        return [key for ref in self._refs(tree) if ref.pack in self.by_id for key in self._meant(ref)]

    def needed(self, key: Key) -> list[Key]:
        """The awards that an award's own expressions name."""
        if key not in self._needed:
            self._needed[key] = [other for tree in self._trees(key) for other in self.referred(tree)]
        return self._needed[key]

    def missing(self, key: Key) -> bool:
        """Whether an award builds on a pack that is not there."""
        return any(ref.pack not in self.by_id for tree in self._trees(key) for ref in self._refs(tree))

    def _trees(self, key: Key) -> tuple[Node, ...]:
        award = self.award(key)
        return (award.amount,) if award.when is None else (award.when, award.amount)

    def _refs(self, tree: Node) -> list[Ref]:
        """The names of awards, families and slots in an expression of these packs, which stay the same objects."""
        if id(tree) not in self._named:
            roles = ("award", "family", "slot")
            self._named[id(tree)] = [n for n in walk(tree) if isinstance(n, Ref) and n.role in roles]
        return self._named[id(tree)]

    def _meant(self, ref: Ref) -> Iterator[Key]:
        owner = self.by_id[ref.pack or ""]
        if ref.role == "slot":
            slot = f"{owner.id}/{ref.name}"
            yield from ((p.id, a.id) for p in self.packs for a in p.awards.values() if a.fills == slot)
        else:
            yield from ((owner.id, name) for name in self._families[owner.id].get(ref.name, (ref.name,)))

    @cached_property
    def awards(self) -> list[Key]:
        """The awards of the pack that can be planned."""
        return [key for id_ in self.pack.awards if self.obstacle(key := (self.pack.id, id_)) is None]

    def obstacle(self, key: Key) -> Words | None:
        """Why an award is not planned; None where it is."""
        if key not in self._obstacles:
            needed = self.closed([key], MOST_NEEDED)
            why = TOO_LARGE if len(needed) > MOST_NEEDED else ABSENT if any(map(self.missing, needed)) else None
            self._obstacles[key] = why
        return self._obstacles[key]

    # parts

    @cached_property
    def parts(self) -> list[Part]:
        """The parts that hold an award of the pack, or that a statement of it speaks of."""
        groups = _Groups()
        rules: list[tuple[str, int, list[Key]]] = []
        for pack in self.packs:
            for award in pack.awards.values():
                key = (pack.id, award.id)
                groups.join([key, *self.needed(key)])
                if award.family:
                    groups.join([key, ("", award.family)])
            for i, statement in enumerate(pack.precedence):
                spoken = self.referred(statement.rule)
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
        own = [*self.awards, *(spoken[0] for owner, _, spoken in rules if owner == self.pack.id and spoken)]
        mine = dict.fromkeys(map(groups.of, own))
        return [Part(tuple(awards[root]), tuple(statements.get(root, ()))) for root in mine]

    def closed(self, keys: Iterable[Key], most: int | None = None) -> list[Key]:
        """The awards, and those that their amounts build on; no more than a few beyond `most`."""
        found: dict[Key, None] = {}
        todo = list(keys)
        while todo and (most is None or len(found) <= most):
            key = todo.pop()
            if key not in found:
                found[key] = None
                todo += self.needed(key)
        return list(found)

    def hindrance(self, part: Part) -> Words | None:
        """Why the statements of a part are not worked out together; None where they are."""
        if len(part.awards) > MOST_AWARDS or len(part.statements) > MOST_STATEMENTS:
            return TOO_LARGE
        return next((why for key in part.awards if (why := self.obstacle(key))), None)

    # plans

    def planned(self, key: Key) -> Planned:
        """The plan that an award of the pack, or one tied to it, stands in: its part's, if that can be had."""
        return self._homes.get(key, self.free)

    @cached_property
    def _homes(self) -> dict[Key, Planned]:
        tied = [part for part in self.parts if part.statements and self.hindrance(part) is None]
        return {key: plan for part in tied for plan in [self.together(part)] for key in part.awards}

    @cached_property
    def free(self) -> Planned:
        """The awards that no statement speaks of, and those whose statements are not worked out, as they are by
        themselves."""
        keys = dict.fromkeys([*(key for part in self.parts for key in part.awards), *self.awards])
        alone = [key for key in keys if key not in self._homes and self.obstacle(key) is None]
        return self._lowered(alone, ())

    def together(self, part: Part) -> Planned:
        """A part by itself as a plan."""
        if part not in self._plans:
            self._plans[part] = self._lowered(part.awards, part.statements)
        return self._plans[part]

    def reordered(self, part: Part, statements: Sequence[tuple[str, int]]) -> Planned:
        """A part with its statements in another order; its nodes are those of the same search."""
        return self._lowered(part.awards, statements, self.together(part).search)

    def with_entries(self, awards: Iterable[Key]) -> Planned:
        """Some awards by themselves, and the departments and entitlements of the pack."""
        return self._lowered(list(awards), (), entries=True)

    def _lowered(
        self,
        awards: Sequence[Key],
        statements: Sequence[tuple[str, int]],
        search: Search | None = None,
        entries: bool = False,
    ) -> Planned:
        rules = [self.statement(owner, i).rule for owner, i in statements]
        keys = self.closed([*awards, *(key for rule in rules for key in self.referred(rule))])
        families = self._families_of(keys, rules)
        wanted: dict[str, list[str]] = {}
        for owner, id_ in sorted(keys, key=self._order.__getitem__):
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
        search = search or Search(self.vocabulary, self.seats, self.readings, open_slots(self.packs))
        plan = lower(packs, self.vocabulary, {}, builder=search.b, given=search.given)
        return Planned(plan, search, numbers)

    @cached_property
    def seats(self) -> list[int]:
        """Of the places of platforms, one for each kind that these packs tell apart."""
        named = {pack.jurisdiction for pack in self.packs}
        derived = False
        for pack in self.packs:
            for node in (node for tree in trees(pack) for node in walk(tree)):
                if isinstance(node, Ref):
                    named |= {node.name} if node.role == "place" else set()
                    derived |= node.role == "fact" and self.vocabulary.facts[node.name].derived is not None
        return _seats(self.vocabulary, self.pack.jurisdiction, named, derived)

    def without(self, payer: str) -> list[int]:
        """The places of platforms in which the payer is not there."""
        if payer not in self._without:
            v, tiers = self.vocabulary, self.vocabulary.payers[payer].tiers
            places, inside = list(v.places), homes(v, v.seat, self.pack.jurisdiction)
            self._without[payer] = [home for home in inside if not v.nearest(places[home], tiers)]
        return self._without[payer]

    def _families_of(self, awards: Iterable[Key], rules: Iterable[Node]) -> set[tuple[str, str | None]]:
        """The families that an expression names, so that their awards must keep them."""
        expressions = [*(tree for key in awards for tree in self._trees(key)), *rules]
        refs = (ref for tree in expressions for ref in self._refs(tree) if ref.role == "family")
        return {(ref.pack or "", ref.name) for ref in refs}


def _seats(vocabulary: Vocabulary, place: str, named: Iterable[str], derived: bool) -> list[int]:
    """Of the places of platforms in `place`, one for each kind: which of the `named` places they lie in, and, where
    anything asks for it, what follows from them."""
    sets = [{vocabulary.place_index[p] for p in vocabulary.below(name)} for name in sorted(named)]
    found: dict[Any, int] = {}
    for home in homes(vocabulary, vocabulary.seat, place) or [vocabulary.place_index[place]]:
        follows = following(vocabulary, vocabulary.seat, home) if derived else {}
        found.setdefault((tuple(home in inside for inside in sets), tuple(follows.items())), home)
    return list(found.values())


def key_of(id_: str) -> Key:
    pack, _, award = id_.partition("/")
    return pack, award


def trees(pack: Pack) -> Iterator[Node]:
    """Every expression of a pack."""
    yield from (award.amount for award in pack.awards.values())
    yield from conditions(pack)
    yield from (statement.rule for statement in pack.precedence)
    yield from (guarantee.claim for guarantee in pack.guarantees)


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
