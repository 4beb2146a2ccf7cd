"""Packs of the test suite, as libraries of their own: what `certify` is asked about besides the shipped ones.

In: nothing; every pack follows from its seed. Out: sets of packs, SIZE of them random (`random_packs`), then those
worked by hand that say what none before them did. Promise: together they have every operator and statement of the
language and every kind of node; `said` tells which of these a set has, and a test compares. Random sets of which the
ends are long formulas, where nothing is known, are passed over: their queries take minutes, and `test_properties` tries
their choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

import random_packs
from policyeval.check import check
from policyeval.functions import TABLE
from policyeval.library import Library
from policyeval.pack import Pack
from policyeval.plan import cone
from policyeval.problems import errors
from policyeval.ranges import ranges
from policyeval.record import replace
from policyeval.regime import planned
from policyeval.resolve import resolve
from policyeval.tree import Op, walk
from small_packs import build, vocabulary
from test_evaluate import DAY, packs_of
from test_evaluate import cases as worked
from test_forms import cases as forms

SIZE = 60
LONG = 600  # nodes
CLAIMS = {"never_above", "never_below", "support_of", "pays_under"}  # nothing that a platform is asked about
OPERATORS = set(TABLE) - CLAIMS
# how often an amount is left open, how often it has no figure, and whether there are lists: each set has one of these
_OFTEN: tuple[Mapping[str, Any], ...] = (
    {"choices": 0.0, "figureless": 0.0, "lists": False},
    {"choices": 0.0, "figureless": 0.1, "lists": True},
    {"choices": 0.2, "figureless": 0.1, "lists": False},
    {"choices": 0.1, "figureless": 0.0, "lists": True},
)


class Generated(NamedTuple):
    name: str
    library: Library

    @property
    def ids(self) -> list[str]:
        return [pack.id for pack in self.library.packs]


def generated(size: int = SIZE) -> Iterator[Generated]:
    had: set[str] = set()
    for found in _random(size):
        had |= said(found)
        yield found
    for found in _worked():
        if new := said(found) - had:
            had |= new
            yield found


def _random(size: int) -> Iterator[Generated]:
    seed, made = 0, 0
    while made < size:
        words = random_packs.packs(Random(seed), **_OFTEN[made % len(_OFTEN)])
        built = {id_: build(id_, dict(pack)) for id_, pack in words.items()}
        found = {id_: resolve(pack, vocabulary(), built) for id_, pack in built.items()}
        packs = {id_: pack for id_, (pack, _) in found.items()}
        problems = [p for _, told in found.values() for p in told]
        problems += [p for pack in packs.values() for p in check(pack, vocabulary(), packs)]
        if not errors(problems) and _short(list(packs.values())):
            made += 1
            yield _library(f"random, seed {seed}", packs.values())
        seed += 1


def _short(packs: Sequence[Pack]) -> bool:
    plan = planned(packs, vocabulary(), {}, DAY)
    asked = [plan.support, plan.undetermined, *plan.payers.values(), *plan.payers_open.values()]
    found = ranges(plan, asked, frozenset(plan.facts))
    return len(found.ends) == len({*asked}) and len(cone(found.nodes, sum(found.ends.values(), ()))) < LONG


def _worked() -> Iterator[Generated]:
    for param in worked():
        case = param.values[0]
        if "refused" not in case:
            yield _library(f"worked, {case['case']}", packs_of(case))
    for param in forms():
        case = param.values[0]
        words = {key: case[key][0] for key in ("amount", "when") if key in case}
        yield _library(f"worked, {case['case']}", packs_of(words))


def _library(name: str, packs: Any) -> Generated:
    """With a digest for each pack, by which packs are told apart."""
    told: list[Pack] = [replace(p, sha256=sha256(f"{p.id} {p.source.text}".encode()).hexdigest()) for p in packs]
    return Generated(name, Library(vocabulary(), tuple(told)))


def said(found: Generated) -> set[str]:
    """The operators and statements of the packs, and the kinds of nodes of their plan."""
    packs = found.library.ordered(found.library.packs)
    trees = [tree for p in packs for award in p.awards.values() for tree in (award.amount, award.when) if tree]
    trees += [statement.rule for pack in packs for statement in pack.precedence]
    plan = planned(packs, vocabulary(), {}, DAY)
    return {n.op for t in trees for n in walk(t) if isinstance(n, Op)} | {node.kind for node in plan.nodes}
