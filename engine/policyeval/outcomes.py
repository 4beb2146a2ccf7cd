"""What any platform gets, as formulas: support and payers without free choices, for readers of whole tables.

In: a regime, and which facts a table may leave open. Out: one graph, and in it the least and the most of everything a
table shows. Promise: the same amounts as the evaluator's, platform by platform; a choice that no formula can do without
is refused by name (X402).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from policyeval.branching import Branching
from policyeval.domains import bounds, listed
from policyeval.pack import Pack
from policyeval.partial import SURE, UNKNOWN, Careful, Partial
from policyeval.plan import Builder, Node, Plan, copy_nodes, facts_below
from policyeval.problems import Problem, Refusal
from policyeval.ranges import ranges
from policyeval.record import Record
from policyeval.regime import Regime
from policyeval.vocabulary import Vocabulary

Beside = Callable[[Builder, Sequence[int]], Mapping[str, int]]  # of the plan's nodes, by their numbers

_COVERED = -1  # stands beside the numbers of a plan's nodes
_LIMIT = 20_000  # nodes that working out the choices may add


class Ends(Record):
    """The nodes of a least and of a most. `open`: where it holds, more may come, so that the most is not known."""

    least: int
    most: int
    open: int


class Outcomes(Record):
    """A graph without choices. `covered`: where it holds, some pack applies at the platform's place, if that is known.

    `support` and each payer are what the platform itself receives. `became`: of
    those nodes of the plan that were to be followed, the least and the most in this graph. `beside`: the same of what
    was asked for beside them, by name.
    """

    nodes: tuple[Node, ...]
    support: Ends
    payers: Mapping[str, Ends]
    unquantified: int
    undetermined: int
    covered: int
    became: Mapping[int, tuple[int, int]]
    beside: Mapping[str, tuple[int, int]]

    @property
    def wanted(self) -> list[int]:
        ends = [self.support, *self.payers.values()]
        return [self.covered, self.unquantified, self.undetermined, *(n for e in ends for n in e._key())]

    @property
    def facts(self) -> list[str]:
        """The facts that the amounts depend on, and what was asked for beside them."""
        wanted = [*self.wanted, *(n for pair in self.beside.values() for n in pair)]
        found = (name.removesuffix(SURE) for name in facts_below(self.nodes, wanted) if name != UNKNOWN)
        return list(dict.fromkeys(found))


def outcomes(
    regime: Regime,
    vocabulary: Vocabulary,
    stated: AbstractSet[str],
    open_: AbstractSet[str],
    present: Mapping[str, Sequence[int | bool]] | None = None,
    followed: Iterable[int] = (),
    beside: Beside = lambda _builder, _numbers: {},
    branched: bool = True,
) -> Outcomes:
    """The outcomes of a regime that holds wherever one of its packs applies.

    `stated`: facts that the table says itself although they follow from a place; `open_`: facts that it may leave
    open. `followed`: nodes of the plan of which it is told what they
    became, where they have ends; they add nothing to what the rest is made of. `beside`: what else is asked for, made
    of the plan's nodes; what has no ends is left out. `branched`: whether conditions on listed facts are put before
    amounts, which takes time and saves it over many rows. Raises Refusal X402.
    """
    plan = regime.plan
    missing = frozenset(open_)
    builder: Builder = Careful(missing)
    numbers = _followed(plan, builder, vocabulary, stated)
    covered = _covered(builder, regime.packs, vocabulary, present or {})
    asked = [plan.support, plan.unquantified, plan.undetermined]
    asked += [*plan.payers.values(), *plan.payers_open.values()]
    told = {n: numbers[n] for n in asked}
    more = beside(builder, numbers)
    flat = Plan(**{**plan.__dict__, "nodes": tuple(builder.nodes)})
    inner = {n: numbers[n] for n in followed}
    found = ranges(flat, [*told.values(), covered, *more.values(), *inner.values()], missing, _LIMIT)
    short: dict[int | str, tuple[int, int]] = {n: found.ends[told[n]] for n in asked if told[n] in found.ends}
    if len(short) < len(told):
        raise Refusal(Problem("X402", {"packs": ", ".join(f"`{ref}`" for ref in plan.packs)}))
    asked_ends = short | {_COVERED: found.ends[covered]}
    asked_ends |= {name: found.ends[n] for name, n in more.items() if n in found.ends}
    others = {n: found.ends[inner[n]] for n in inner if n not in short and inner[n] in found.ends}
    builder, at = _folded(found.nodes, asked_ends, others, missing, vocabulary, present or {}, branched)

    def between(node: int, opened: int) -> Ends:
        least, most = at[node]
        return Ends(least, most, opened)

    return Outcomes(
        nodes=tuple(builder.nodes),
        support=between(plan.support, at[plan.undetermined][1]),
        payers={p: between(node, at[plan.payers_open[p]][1]) for p, node in plan.payers.items()},
        unquantified=at[plan.unquantified][1],
        undetermined=at[plan.undetermined][1],
        covered=at[_COVERED][0],
        became={n: at[n] for n in inner if n in at},
        beside={name: at[name] for name in more if name in at},
    )


def _folded(
    nodes: Sequence[Node],
    ends: Mapping[int | str, tuple[int, int]],
    others: Mapping[int, tuple[int, int]],
    missing: AbstractSet[str],
    vocabulary: Vocabulary,
    present: Mapping[str, Sequence[int | bool]],
    branched: bool,
) -> tuple[Builder, dict[int | str, tuple[int, int]]]:
    """The ends, shorter: with all that is certain put in, and conditions on listed facts before amounts.

    Then `others`, as far as they keep to the facts that are certain where all ends do.
    """
    wanted = [n for pair in ends.values() for n in pair]
    whole = missing.isdisjoint(facts_below(nodes, wanted))
    builder = Partial(bounds(vocabulary), missing)
    among = listed_values(vocabulary) | dict(present)
    numbers: list[int] = []
    for node in nodes:
        number = builder.rebuilt(node, tuple(numbers[a] for a in node.args))
        numbers.append(_shorter(builder, number, among, missing))
    branching = Branching(builder, among)
    found = {n: branching.of(numbers[n]) if branched else numbers[n] for n in wanted}
    inner = {key: pair for key, pair in others.items() if not whole or missing.isdisjoint(facts_below(nodes, pair))}
    found |= {n: branching.where_known(numbers[n]) for pair in inner.values() for n in pair if n not in found}
    pairs = [*ends.items(), *inner.items()]
    return builder, {key: (found[least], found[most]) for key, (least, most) in pairs}


def _shorter(
    builder: Builder, number: int, among: Mapping[str, Sequence[int | bool]], missing: AbstractSet[str]
) -> int:
    """That a fact is one of some values, said with the fewest of those that there are."""
    node = builder.nodes[number]
    name = str(builder.nodes[node.args[0]].data) if node.kind == "Member" else ""
    if name not in among:
        return number
    yes = [v for v in among[name] if v in node.data]
    no = [v for v in among[name] if v not in node.data]
    if not (yes and no):
        return number if name in missing else builder.truth(bool(yes))
    fact = node.args[0]
    one = builder.equal(fact, builder.const(yes[0])) if len(yes) == 1 else builder.member(fact, yes)
    if len(no) >= len(yes):
        return one
    return builder.not_(builder.equal(fact, builder.const(no[0])) if len(no) == 1 else builder.member(fact, no))


def listed_values(vocabulary: Vocabulary) -> dict[str, Sequence[int | bool]]:
    """The facts of which all values can be listed; of places all, whether platforms can lie there or not."""
    places = range(len(vocabulary.places))
    facts = vocabulary.facts.items()
    return {n: places if f.kind == "place" else found for n, f in facts if (found := listed(f)) or f.kind == "place"}


def _followed(plan: Plan, builder: Builder, vocabulary: Vocabulary, stated: AbstractSet[str]) -> list[int]:
    """The plan's nodes in the builder, where what is asked of a place's tier is asked of the place itself."""
    leaves: dict[int, int] = {}
    for i, node in enumerate(plan.nodes):
        if node.kind in ("Equal", "Member", "Less"):
            for fact, other in (node.args, node.args[::-1]) if len(node.args) == 2 else ((node.args[0], None),):
                name = str(plan.nodes[fact].data) if plan.nodes[fact].kind == "Fact" else ""
                derived = vocabulary.facts[name].derived if name in vocabulary.facts else None
                if derived is None or name in stated:
                    continue
                among = _values(plan.nodes, node, fact, other, len(vocabulary.facts[name].values))
                if among is not None:
                    tiers = list(vocabulary.facts[name].values)
                    index = vocabulary.place_index
                    nearest = {p: vocabulary.nearest(p, derived.nearest) for p in index}
                    places = [index[p] for p, info in nearest.items() if info and tiers.index(info.tier) in among]
                    leaves[i] = builder.member(builder.fact(derived.source), places)
    return copy_nodes(plan.nodes, builder, leaf=leaves)


def _values(nodes: Sequence[Node], node: Node, fact: int, other: int | None, number: int) -> set[int] | None:
    """The values of a listed fact for which a comparison with something fixed holds."""
    if other is None:
        return set(node.data)
    if nodes[other].kind != "Const":
        return None
    fixed = nodes[other].data
    if node.kind == "Equal":
        return {fixed}
    return {v for v in range(number) if (v < fixed if node.args[0] == fact else fixed < v)}


def _covered(
    builder: Builder, packs: Sequence[Pack], vocabulary: Vocabulary, present: Mapping[str, Sequence[int | bool]]
) -> int:
    """Where the place is not known, some pack may apply."""
    seat = builder.fact(vocabulary.seat)
    index = vocabulary.place_index
    places = {index[p] for pack in packs for p in vocabulary.below(pack.jurisdiction)}
    if places.issuperset(present.get(vocabulary.seat, index.values())):
        return builder.true
    return builder.or_(builder.not_(builder.known(seat)), builder.member(seat, places))
