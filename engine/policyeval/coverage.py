"""What the examples of a pack reach: its clauses, and the two sides of each of its conditions, ceilings and statements.

In: a library, and the results of a pack's examples. Out: a Coverage: what some example reaches, what none does, and
what no platform can. Promises:

- A clause is an award, a statement, an entitlement or a department; an example reaches it where it applies or is in
  effect. Branches are each condition that `and` joins in a `when`, true and false; each `if`, true and false, where it
  is come to; each band and each of several amounts, where it is the one that is taken; each ceiling, floor and limit,
  binding and not; each statement, in effect and not, and changing an amount and not.
- Only what is proved is called dead: no platform reaches it, under any reading, be the pack alone, with the packs that
  it uses, or as its examples ran it.
- What an authority chooses counts where it chooses all or nothing.

The pack's own plan says what is reached, with the readings left open. Each statement, entitlement and department joins
it as an award for nobody, since awards alone keep their conditions and steps one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from policyeval.domains import Domains
from policyeval.evaluate import emit
from policyeval.examples import Result
from policyeval.library import Library
from policyeval.lower import lower, open_slots
from policyeval.pack import Award, Pack
from policyeval.plan import UNBOUNDED, Builder, Node, Plan, PlannedAward, copy_nodes
from policyeval.problems import At
from policyeval.provisions import Cite
from policyeval.record import Record, replace
from policyeval.source import Span
from policyeval.tree import Node as Tree
from policyeval.tree import Op, Ref, walk
from policyeval.vocabulary import Label, Vocabulary

Way = Literal["applies", "true", "false", "taken", "binds", "free", "changes", "spares", "active", "idle"]
Sides = tuple[Way, Way]

_NOBODY = Label("", "")
_CHANGING = ("take_higher", "replaces", "net_of")
_BOUNDED = ("limited_to", "together", "together_in_order")


class Item(Record):
    """A clause, or one side of a branch. `tree` is the condition, amount or statement that it is about."""

    rule: str
    way: Way
    tree: Tree | None
    at: At


class Tally(Record):
    """What was reached of clauses, or of branches. What is dead is in no count."""

    covered: tuple[Item, ...]
    uncovered: tuple[Item, ...]
    dead: tuple[Item, ...]

    @property
    def total(self) -> int:
        return len(self.covered) + len(self.uncovered)

    @property
    def percent(self) -> int:
        """Rounded down; 100 where there is nothing to reach."""
        return 100 * len(self.covered) // self.total if self.total else 100


class Coverage(Record):
    pack: Pack
    clauses: Tally
    branches: Tally


class Probe(Record):
    """An item, and the node that says whether a platform reaches it."""

    item: Item
    node: int


def coverage(library: Library, pack: Pack, results: Sequence[Result]) -> Coverage:
    """What the results of a pack's examples reach of it."""
    vocabulary = library.vocabulary
    regimes: dict[tuple[str, ...], tuple[Sequence[Pack], list[Result]]] = {}
    for result in results:
        packs = result.answer.packs
        if any(p.id == pack.id for p in packs):
            regimes.setdefault(tuple(p.sha256 for p in packs), (packs, []))[1].append(result)
    probed = [(_Probes(packs, pack, vocabulary), found) for packs, found in regimes.values()]
    reached = {key for probes, found in probed for key in probes.reached(found)}
    everywhere = [probes for probes, _ in probed]
    everywhere += [_Probes(packs, pack, vocabulary) for packs in _around(library, pack)]
    items = {key: probe.item for probes in everywhere for key, probe in probes.found.items()}
    items = dict(sorted(items.items(), key=lambda pair: pair[1].at.span))
    left = [key for key in items if key not in reached]
    dead = {key for key in left if all(probes.never(key) for probes in everywhere)}
    tallies = []
    for clauses in (True, False):
        mine = [key for key in items if (items[key].way == "applies") == clauses]
        tallies.append(
            Tally(
                tuple(items[k] for k in mine if k in reached),
                tuple(items[k] for k in mine if k not in reached and k not in dead),
                tuple(items[k] for k in mine if k in dead),
            )
        )
    return Coverage(pack, *tallies)


def _around(library: Library, pack: Pack) -> Iterator[list[Pack]]:
    """The pack alone, and with all that it uses."""
    yield [pack]
    used: dict[str, Pack] = {}
    waiting = list(pack.uses)
    while waiting:
        id_ = waiting.pop()
        named = [p for p in library.named.values() if p.id == id_]
        found = next(iter([*named, *library.versions.get(id_, ())]), None)
        if found and id_ not in used and id_ != pack.id:
            used[id_] = found
            waiting += found.uses
    if used:
        yield library.ordered([pack, *used.values()])


# Probes ----------------------------------------------------------------------

Key = tuple[str, str, int, Way]  # the rule, what of it, which of these, and which side


class _Probes:
    """The items of one pack in one set of packs."""

    def __init__(self, packs: Sequence[Pack], pack: Pack, vocabulary: Vocabulary) -> None:
        self.packs, self.pack = packs, pack
        ids = {p.id for p in packs}
        mine = replace(pack, awards={**pack.awards, **dict(_for_nobody(pack, ids))})
        self.slots = open_slots(packs)
        builder = Builder()
        slots = {slot: builder.fact(slot) for slot in self.slots}
        planned = [mine if p.id == pack.id else p for p in packs]
        self.plan: Plan = lower(planned, vocabulary, {}, builder=builder, given=slots)
        self.b = Builder()
        self.n = copy_nodes(self.plan.nodes, self.b)
        self.found = dict(self._probes())
        self.domains = Domains(vocabulary, packs, pack.jurisdiction)

    # from the plan

    def _probes(self) -> Iterator[tuple[Key, Probe]]:
        awards = {a.id: a for a in self.plan.awards}
        for award in self.pack.awards.values():
            rule = f"{self.pack.id}/{award.id}"
            yield self._item(rule, "", 0, "applies", None, award.span, self.n[awards[rule].applies])
            yield from self._inside(rule, awards[rule])
        for section in ("entitlements", "authority"):
            entries = {e.id: self.n[e.applies] for e in getattr(self.plan, section)}
            for name, key, span in _entries(self.pack, section):
                rule = f"{self.pack.id}/{name}"
                yield self._item(rule, "", 0, "applies", None, span, entries[f"{self.pack.id}/{key}"])
                yield from self._inside(rule, awards[rule])
        statements = {s.id: s for s in self.plan.statements}
        for i, statement in enumerate(self.pack.precedence, 1):
            rule = f"{self.pack.id}/precedence[{i}]"
            if rule in statements:
                planned = statements[rule]
                tree, span, active = statement.rule, statement.span, self.n[planned.active]
                yield self._item(rule, "", 0, "applies", tree, span, active)
                yield self._item(rule, "", 0, "active", tree, span, active)
                if _may_be_idle(tree):
                    yield self._item(rule, "", 0, "idle", tree, span, self.b.not_(active))
                if planned.op in (*_BOUNDED, *_CHANGING):
                    kept = (self.b.equal(self.n[e.before], self.n[e.after]) for e in planned.effects)
                    changed = self.b.or_(*map(self.b.not_, kept))
                    here = self.b.and_(active, self.b.or_(*(self.n[awards[a].applies] for a in planned.awards)))
                    sides: Sides = ("binds", "free") if planned.op in _BOUNDED else ("changes", "spares")
                    yield from self._sides(rule, "effect", 0, tree, span, here, changed, sides)
                yield from self._inside(rule, awards[rule])

    def _inside(self, rule: str, award: PlannedAward) -> Iterator[tuple[Key, Probe]]:
        """The conditions of a `when`, and the `if`s, ceilings and floors of an amount."""
        b, n = self.b, self.n
        for i, condition in enumerate(award.conditions[1:]):  # the first is the place
            yield from self._ways(rule, "when", i, condition.tree, b.true, n[condition.node])
        for i, step in enumerate(award.steps):
            here = b.and_(n[award.applies], n[step.guard])
            if step.op == "if":
                yield from self._ways(rule, "step", i, step.tree, here, n[step.node])
            elif step.op in ("cap", "cap_each", "at_least"):
                after = b.mul(n[step.node], b.const(step.operand_den))
                changed = b.not_(b.equal(after, b.mul(n[step.operand], b.const(step.den))))
                yield from self._sides(rule, "step", i, step.tree, step.tree.span, here, changed)
            elif step.op == "limit":
                yield from self._sides(rule, "step", i, step.tree, step.tree.span, here, n[step.node])
            elif step.op == "way":
                taken = b.and_(here, n[step.node])
                yield self._item(rule, "step", i, "taken", step.tree, step.tree.span, taken)

    def _ways(self, rule: str, what: str, i: int, tree: Tree, here: int, held: int) -> Iterator[tuple[Key, Probe]]:
        yield self._item(rule, what, i, "true", tree, tree.span, self.b.and_(here, held))
        yield self._item(rule, what, i, "false", tree, tree.span, self.b.and_(here, self.b.not_(held)))

    def _sides(
        self,
        rule: str,
        what: str,
        i: int,
        tree: Tree,
        span: Span,
        here: int,
        changed: int,
        sides: Sides = ("binds", "free"),
    ) -> Iterator[tuple[Key, Probe]]:
        yield self._item(rule, what, i, sides[0], tree, span, self.b.and_(here, changed))
        yield self._item(rule, what, i, sides[1], tree, span, self.b.and_(here, self.b.not_(changed)))

    def _item(
        self, rule: str, what: str, i: int, way: Way, tree: Tree | None, span: Span, node: int
    ) -> tuple[Key, Probe]:
        return (rule, what, i, way), Probe(Item(rule, way, tree, At(self.pack.source, span)), node)

    # what examples reach

    def reached(self, results: Iterable[Result]) -> set[Key]:
        keys = list(self.found)
        builder = Builder()
        ends = [_chosen(self.b.nodes, builder, most) for most in (False, True)]
        wanted = [numbers[self.found[key].node] for key in keys for numbers in ends]
        names = {node.data for node in builder.nodes if node.kind == "Fact"}
        done: set[Key] = set()
        for result in results:
            facts = {**result.answer.platform.facts, **self._readings(result.answer.readings)}
            facts |= dict.fromkeys(self.slots, 0)
            missing = frozenset(name for name in names if name not in facts)
            values = iter(emit(builder.nodes, wanted, missing)(facts))
            done |= {key for key, low, high in zip(keys, values, values, strict=False) if low is True or high is True}
        return done

    def _readings(self, chosen: Mapping[str, str]) -> dict[str, int]:
        options = {f"{p.id}/{r.id}": list(r.options) for p in self.packs for r in p.readings.values()}
        return {id_: options[id_].index(option) for id_, option in chosen.items()}

    def never(self, key: Key) -> bool:
        """Whether it is proved that no platform reaches it."""
        return key not in self.found or self.domains.never(self.b.nodes, self.found[key].node)


def _for_nobody(pack: Pack, packs: set[str]) -> Iterator[tuple[str, Award]]:
    """An award with the condition, and for a statement the bound, of each rule that is no award."""
    for section in ("entitlements", "authority"):
        for name, key, _ in _entries(pack, section):
            item = pack.entitlements[key] if section == "entitlements" else pack.authority[int(key)]
            yield name, _award(name, Op("unspecified"), item.when)
    for i, statement in enumerate(pack.precedence, 1):
        rule = statement.rule
        if all(n.pack in packs for n in walk(rule) if isinstance(n, Ref) and n.role in ("award", "family")):
            inner, when = (rule.args[0], rule.args[1]) if isinstance(rule, Op) and rule.op == "when" else (rule, None)
            yield f"precedence[{i}]", _award(f"precedence[{i}]", _bound(inner) or Op("unspecified"), when)


def _award(name: str, amount: Tree, when: Tree | None) -> Award:
    return Award(name, _NOBODY, Cite("", ""), amount, when, beneficiary="")


def _entries(pack: Pack, section: str) -> Iterator[tuple[str, str, Span]]:
    """Name, key in the plan and place of each entitlement or department."""
    if section == "entitlements":
        yield from ((name, name, item.span) for name, item in pack.entitlements.items())
    else:
        yield from ((f"authority[{i + 1}]", str(i), item.span) for i, item in enumerate(pack.authority))


def _bound(rule: Tree) -> Tree | None:
    """The amount that a statement holds its awards to."""
    if not isinstance(rule, Op) or rule.op not in _BOUNDED:
        return None
    return rule.args[1] if rule.op == "limited_to" else rule.args[0]


def _may_be_idle(rule: Tree) -> bool:
    """Whether a statement says when it holds, or is bound to another award that may not apply."""
    if isinstance(rule, Op) and rule.op == "when":
        return True
    bound = _bound(rule)
    return bound is not None and any(isinstance(n, Ref) and n.role in ("award", "family") for n in walk(bound))


def _chosen(nodes: Sequence[Node], builder: Builder, most: bool) -> list[int]:
    """The nodes with every choice at its most, or at nothing."""
    numbers: list[int] = []
    for node in nodes:
        if node.kind != "Choice":
            numbers.append(builder.rebuilt(node, tuple(numbers[a] for a in node.args)))
        elif most:
            numbers.append(numbers[node.args[0]] if node.args else builder.const(UNBOUNDED))
        else:
            numbers.append(builder.zero)
    return numbers
