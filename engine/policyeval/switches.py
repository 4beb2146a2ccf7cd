"""Packs in which each clause that two sides differ in can be switched on and off.

In: the packs of both sides, in their order. Out: the clauses, and one set of packs, in which a truth of its own stands
for each clause: with all of them false the old side, with all of them true the new one. Promises: the rules of one
clause are switched together; an award that is switched off applies nowhere, so that statements see it as they see any
award that does not apply; a statement about a pack of one side alone is awake where a rule it speaks of is there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from policyeval.changes import Pair, options_of_both, pairs
from policyeval.explain import Rule
from policyeval.library import Library
from policyeval.pack import Award, Pack, Statement
from policyeval.record import Record, replace
from policyeval.tree import Node, Op, Ref, walk


class Clause(Record):
    """Rules that come and go together. `switch`: the fact of the packs that stands for it; `rest`: all the others."""

    pack: Pack
    rules: tuple[Pair, ...]
    switch: str
    rest: bool

    @property
    def section(self) -> str | None:
        """The section that all of them stand in."""
        return _common(pair.cite.section for pair in self.rules if pair.cite)

    @property
    def phrase(self) -> str | None:
        """The key phrase of their clause, where it is one."""
        return _common(pair.cite.phrase for pair in self.rules if pair.cite)


class Switched(Record):
    """The packs with their switches, higher governments first, and the clauses: in their order, all others last."""

    packs: tuple[Pack, ...]
    clauses: tuple[Clause, ...]


Group = Callable[[Pair], Hashable]  # rules of one group are one clause; None is the group of all the others


def by_rule(pair: Pair) -> Hashable:
    return pair.id, pair.how


def by_clause(pair: Pair) -> Hashable:
    return pair.rule.pack.id, pair.cite


def by_section(pair: Pair) -> Hashable:
    return pair.rule.pack.id, pair.cite and pair.cite.section


def switched(library: Library, before: Sequence[Pack], after: Sequence[Pack], group: Group = by_clause) -> Switched:
    """The sides as one."""
    sides = _Sides(before, after, group)
    return Switched(tuple(library.ordered(sides.merged())), sides.clauses())


class _Sides:
    def __init__(self, before: Sequence[Pack], after: Sequence[Pack], group: Group) -> None:
        self.old, self.new = ({pack.id: pack for pack in packs} for packs in (before, after))
        self.pairs = {id_: _with_money(self.old.get(id_), self.new.get(id_)) for id_ in {**self.new, **self.old}}
        self.group = group
        self.groups: dict[Hashable, list[tuple[Pack, Pair]]] = {}
        for id_, found in self.pairs.items():
            for pair in found:
                if pair.how != "same":
                    self.groups.setdefault(group(pair), []).append((self.pack(id_), pair))
        self.switches = {key: f"switch {i}" for i, key in enumerate(self.groups, 1)}

    def pack(self, id_: str) -> Pack:
        return self.new.get(id_) or self.old[id_]

    def clauses(self) -> tuple[Clause, ...]:
        found = [
            Clause(members[0][0], tuple(pair for _, pair in members), self.switches[key], key is None)
            for key, members in self.groups.items()
        ]
        return tuple(sorted(found, key=lambda clause: clause.rest))

    def merged(self) -> Iterable[Pack]:
        for id_, found in self.pairs.items():
            pack, old = self.pack(id_), self.old.get(id_)
            yield replace(
                pack,
                awards={pair.rule.id: self._award(pair) for pair in found if pair.rule.kind == "award"},
                precedence=tuple(statement for pair in found for statement in self._statements(pack, pair)),
                readings=options_of_both(pack, old or pack, pack),
            )

    # rules

    def _switch(self, pair: Pair) -> tuple[Node, Node]:
        """That the rule is as it is, and that it is as it was."""
        on = Ref("fact", self.switches[self.group(pair)])
        return on, Op("not", (on,))

    def _award(self, pair: Pair) -> Award:
        old, new = (rule.item if rule and isinstance(rule.item, Award) else None for rule in (pair.old, pair.new))
        if new is not None and pair.how == "same":
            return new
        on, off = self._switch(pair)
        if new is None or old is None:
            there, switch = (old, off) if new is None else (new, on)
            assert there is not None  # a pair has a rule
            return replace(there, when=_and(switch, there.when))
        when = new.when if old.when == new.when else Op("or", (_and(on, new.when), _and(off, old.when)))
        amount = new.amount if old.amount == new.amount else Op("if", (on, new.amount, old.amount))
        return replace(new, when=when, amount=amount)

    def _statements(self, pack: Pack, pair: Pair) -> Iterable[Statement]:
        """As it is, and, where that is something else, as it was."""
        found: list[tuple[Rule | None, list[Node]]] = [(pair.new, [])]
        if pair.how != "same":
            on, off = self._switch(pair)
            found = [(pair.new, [on]), (pair.old, [off])]
        for rule, switch in found:
            if rule is not None and isinstance(rule.item, Statement):
                conditions = [*switch, *self._awake(pack, rule.item.rule)]
                yield replace(rule.item, rule=_when(rule.item.rule, conditions)) if conditions else rule.item

    def _awake(self, pack: Pack, rule: Node) -> Iterable[Node]:
        """For each pack of one side alone that a statement speaks of: one of the rules that it names is there."""
        named: dict[str, list[Ref]] = {}
        for node in walk(rule):
            if isinstance(node, Ref) and node.pack not in (None, pack.id):
                named.setdefault(str(node.pack), []).append(node)
        for id_, refs in named.items():
            if id_ in self.pairs and (id_ in self.old) != (id_ in self.new):
                awards = {f"{id_}/{award}" for ref in refs for award in self.pack(id_).awards_of([ref.name])}
                meant = [pair for pair in self.pairs[id_] if pair.id in awards] or self.pairs[id_]
                side = 0 if id_ in self.new else 1
                yield Op("or", tuple(self._switch(pair)[side] for pair in meant))


def _with_money(old: Pack | None, new: Pack | None) -> list[Pair]:
    return [pair for pair in pairs(old, new) if pair.rule.kind in ("award", "statement")]


def _common(words: Iterable[str]) -> str | None:
    found = set(words)
    return found.pop() if len(found) == 1 else None


def _and(switch: Node, when: Node | None) -> Node:
    return switch if when is None else Op("and", (switch, when))


def _when(rule: Node, conditions: Sequence[Node]) -> Node:
    """The statement where the conditions hold too."""
    if isinstance(rule, Op) and rule.op == "when":
        return Op("when", (rule.args[0], Op("and", (*conditions, rule.args[1]))))
    return Op("when", (rule, Op("and", tuple(conditions))))
