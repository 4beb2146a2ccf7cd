"""Claims about random small packs, held against trying everything.

In: a seed. Out: for each pack and claim what the Prover said, and what is wrong with it. The world is tiny: a few fen
of each amount, and every platform with every choice of the authority is evaluated, so that what is the largest breach
and the smallest platform is known without any solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from random import Random
from typing import Any

import random_packs
from policyeval.check import check
from policyeval.claims import Claim, Ground
from policyeval.domains import Domains, Space
from policyeval.evaluate import emit
from policyeval.lower import lower
from policyeval.plan import NO_MOST, UNBOUNDED, Node, Plan
from policyeval.problems import errors
from policyeval.prove import Prover, Verdict
from policyeval.record import replace
from policyeval.resolve import resolve
from policyeval.simplify import Interval
from policyeval.verdicts import AFTER, BEFORE, guarantees
from small_packs import build, vocabulary

FEN = 6  # the most of each amount
FEN_OF_ITEMS = 2  # the same where platforms have lists, of as many items
ITEMS = 2
TRIES = 40_000  # platforms with choices, that are all tried
SECONDS = 20.0
CLAIMS = 3  # about each pack
OPS = {"at most": "ENDS", "at least": "ENDS", "never above": "most", "never below": "least", "below": "ENDS"}

Facts = dict[str, Any]
Ends = tuple[int, int]
Side = tuple[str, str, Any]  # its words, its kind, and what it speaks of


class World:
    """Two regimes of random packs, and every platform of a tiny vocabulary."""

    def __init__(self, seed: int, lists: bool = False) -> None:
        self.rnd = Random(seed)
        self.lists = lists
        self.words = random_packs.packs(self.rnd, lists=lists)
        self.claims = [self._claim() for _ in range(CLAIMS)]
        self.words["here"]["guarantees"] = [f"{left[0]} {op} {right[0]}" for left, op, right in self.claims]
        built = {id_: build(id_, dict(pack)) for id_, pack in self.words.items()}
        resolved = {id_: resolve(pack, vocabulary(), built) for id_, pack in built.items()}
        self.packs = {id_: pack for id_, (pack, _) in resolved.items()}
        problems = [p for _, said in resolved.values() for p in said]
        problems += [p for pack in self.packs.values() for p in check(pack, vocabulary(), self.packs)]
        self.sound = not errors(problems) and all(p.code != "W402" for p in problems)

    # claims

    def _claim(self) -> tuple[Side, str, Side]:
        left = self._output()
        ops = [op for op in OPS if left[1] == "award" or not op.startswith("never")]
        return left, self.rnd.choice(ops), self.rnd.choice([self._output, self._bound])()

    def _output(self) -> Side:
        payer = self.rnd.choice(random_packs.PAYERS)
        award = self.rnd.choice([*self.words["here"]["awards"]])
        regime = self.rnd.choice(["here", "here", "enacted"])
        return self.rnd.choice(
            [
                (f"support of {regime}", "support", regime),
                (f"{payer} pays under {regime}", "payer", (regime, payer)),
                (award, "award", (f"here/{award}", None)),
                (f"{award}.{payer}", "award", (f"here/{award}", payer)),
            ]
        )

    def _bound(self) -> Side:
        fact = self.rnd.choice(random_packs.MONEY)
        fen = self.rnd.randrange(8)
        return self.rnd.choice(
            [(f"0.0{fen}元", "fen", fen), (fact, "fact", (fact, 1)), (f"50% of {fact}", "fact", (fact, 2))]
        )

    # everything that there is

    def plans(self) -> dict[str, Plan]:
        before = [self.packs["city-plan"]]
        return {
            name: lower(packs, vocabulary(), {}) for name, packs in ((BEFORE, before), (AFTER, [*self.packs.values()]))
        }

    def space(self) -> Space:
        space = Domains(vocabulary(), [*self.packs.values()], self.packs["here"].jurisdiction).space()
        most = FEN_OF_ITEMS if self.lists else FEN
        few = {name: Interval(0, most) for name in random_packs.MONEY}
        values = dict(space.values)
        for name, fact in vocabulary().facts.items():
            there = fact.item is not None and fact.item <= ITEMS
            if fact.kind == "list":
                values[name] = tuple(range(ITEMS + 1))
            elif fact.item is not None and name in values:
                values[name] = values[name] if there else values[name][:1]
            elif fact.item is not None:
                low = space.bounds[name].low or 0
                few[name] = Interval(low, low + FEN_OF_ITEMS * there)
        return replace(space, bounds={**space.bounds, **few}, values=values)


def platforms(space: Space, asked: Sequence[str]) -> list[Facts] | None:
    """Every platform, as far as the facts that are asked for tell them apart; None where there are too many."""
    ((place, tier), rows) = (space.tables[0].facts, space.tables[0].rows)
    placed = [{place: row[0], tier: row[1]} for row in rows]
    if place not in asked and tier not in asked:
        placed = placed[:1]
    rest = [name for name in asked if name not in (place, tier)]
    ends = {name: space.bounds[name] for name in rest if name not in space.values}
    values = [space.values.get(n) or range(ends[n].low or 0, (ends[n].high or 0) + 1) for n in rest]
    if len(placed) * prod(map(len, values)) > TRIES:
        return None
    return [{**at, **dict(zip(rest, others, strict=True))} for at, others in product(placed, product(*values))]


def held(seed: int, lists: bool = False) -> Iterator[tuple[str, list[str] | None]]:
    """For claim after claim what was said of it, and what is wrong with that; None where it cannot be tried."""
    while True:
        world = World(seed, lists)
        seed += 1
        if world.sound:
            yield from _world(world, seed - 1)


def _world(world: World, seed: int) -> Iterator[tuple[str, list[str] | None]]:
    plans, space = world.plans(), world.space()
    ground = Ground(vocabulary(), space, plans)
    prover = Prover(ground, SECONDS)
    ways = {name: Choices(plan) for name, plan in plans.items()}
    asked = sorted({name for plan in plans.values() for name in plan.facts} | _spoken(world.claims))
    every = platforms(space, asked)
    if every is None:
        yield from (("too many platforms and choices to try", None) for _ in world.claims)
        return
    many = len(every) * max(way.size(dict.fromkeys(asked, FEN) | every[-1]) for way in ways.values())
    said = guarantees(ground, world.packs["here"], world.packs)
    for (left, op, right), claim in zip(world.claims, said, strict=True):
        if many > TRIES:
            yield "too many platforms and choices to try", None
            continue
        if not isinstance(claim, Claim):
            yield f"not said: {claim.reason and claim.reason.code}", None
            continue
        verdict = prover.decide(claim)
        if verdict.verdict == "unknown":
            yield f"unknown: {verdict.reason and verdict.reason.code}", None
            continue
        true = Truth(every, [lambda at, s=s: ends(s, at, ways) for s in (left, right)], op)
        wrong = true.against(verdict)
        yield verdict.verdict, [f"seed {seed}: {left[0]} {op} {right[0]}: {what}" for what in wrong]


def _spoken(claims: Sequence[tuple[Side, str, Side]]) -> set[str]:
    return {side[2][0] for left, _, right in claims for side in (left, right) if side[1] == "fact"}


class Choices:
    """A plan with each choice as a fact of its own, all of which are tried."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.choices = [i for i, node in enumerate(plan.nodes) if node.kind == "Choice"]
        self.nodes = [Node("Fact", (), f"choice {i}") if n.kind == "Choice" else n for i, n in enumerate(plan.nodes)]
        self.mosts = [emit(self.nodes, plan.nodes[i].args, frozenset()) for i in self.choices]
        support, payers = plan.support, plan.payers
        self.outputs: dict[Any, list[int]] = {"support": [support], **{("pays", p): [n] for p, n in payers.items()}}
        for award in plan.awards:
            self.outputs[award.id, None] = [s.after for s in award.shares]
            self.outputs |= {(award.id, s.payer): [s.after] for s in award.shares if s.payer}
        self.run = emit(self.nodes, [n for nodes in self.outputs.values() for n in nodes], frozenset())
        self._known: dict[tuple[Any, ...], dict[Any, Ends]] = {}

    def size(self, at: Facts) -> int:
        nothing = {**at, **{f"choice {i}": 0 for i in self.choices}}
        return prod(len(self._values(most, nothing)) for most in self.mosts)

    def _values(self, most: Any, at: Facts) -> Sequence[int]:
        bound = most(at)
        return range(max(bound[0], 0) + 1) if bound else [*range(20), UNBOUNDED]

    def _every(self, at: Facts, left: int = 0) -> Iterator[Facts]:
        if left == len(self.choices):
            yield at
            return
        for value in self._values(self.mosts[left], at):
            yield from self._every({**at, f"choice {self.choices[left]}": value}, left + 1)

    def ends(self, at: Facts) -> dict[Any, Ends]:
        """The least and the most of every output over all choices."""
        key = tuple(at[name] for name in self.plan.facts)
        if key not in self._known:
            columns = list(zip(*(self._sums(self.run(way)) for way in self._every(at)), strict=True))
            found = {name: (min(c), max(c)) for name, c in zip(self.outputs, columns, strict=True)}
            self._known[key] = found
        return self._known[key]

    def _sums(self, values: Sequence[int]) -> list[int]:
        left = iter(values)
        return [sum(next(left) for _ in nodes) for nodes in self.outputs.values()]


def ends(side: Side, at: Facts, ways: Mapping[str, Choices]) -> Ends:
    """Least and most of one side of a claim, in half fen."""
    _, kind, what = side
    match kind:
        case "fen":
            return 2 * what, 2 * what
        case "fact":
            return (2 * at[what[0]] // what[1],) * 2
        case "support":
            found = ways[AFTER if what == "here" else BEFORE].ends(at)["support"]
        case "payer":
            found = ways[AFTER if what[0] == "here" else BEFORE].ends(at).get(("pays", what[1]), (0, 0))
        case _:
            found = ways[AFTER].ends(at).get(what, (0, 0))
    return 2 * found[0], 2 * found[1]


class Truth:
    """What is true of a claim, by looking at every platform."""

    def __init__(self, every: Sequence[Facts], sides: Sequence[Any], op: str) -> None:
        self.breaches: dict[str, list[tuple[int, Facts]]] = {}
        which = ("least", "most") if OPS[op] == "ENDS" else (OPS[op],)
        for at in every:
            left, right = (side(at) for side in sides)
            for end in which:
                i = ("least", "most").index(end)
                over = right[i] - left[i] if op in ("at least", "never below") else left[i] - right[i]
                if over > 0 or (over == 0 and op == "below"):
                    self.breaches.setdefault(end, []).append(((over + 1) // 2, at))

    def against(self, verdict: Verdict) -> Iterator[str]:
        """What is wrong with a verdict."""
        if verdict.verdict == "proved":
            if self.breaches:
                yield f"proved, but {next(iter(self.breaches.values()))[0]} breaks it"
            return
        witness = verdict.witness
        assert witness is not None
        broken = self.breaches.get(str(verdict.end), [])
        worst = max((by for by, _ in broken), default=None)
        no_most = worst is not None and worst > NO_MOST
        if verdict.reason is None and verdict.by != (None if no_most else worst):
            yield f"by at most {verdict.by}, not {worst}"
        if worst is not None and any(by > worst for found in self.breaches.values() for by, _ in found):
            yield f"a larger breach at the other end than {verdict.end}"
        same = [at for _, at in broken if all(witness.facts.get(name, value) == value for name, value in at.items())]
        if not same:
            yield f"the witness {witness.facts} does not break it"
        sizes = [_size(at) for _, at in broken]
        if witness.smallest and sizes and _size(witness.facts) != min(sizes):
            yield f"the witness {witness.facts} is not the smallest: {min(sizes)}"


def _size(at: Mapping[str, Any]) -> tuple[int, bool, int]:
    """The fewest items, then no money at all, which is in whole 万元, then the least amounts."""
    facts = vocabulary().facts
    numbers = {n: at[n] for n in at if n in facts and facts[n].kind in ("money", "count")}
    return at.get("projects", 0), any(v for n, v in numbers.items() if facts[n].kind == "money"), sum(numbers.values())
