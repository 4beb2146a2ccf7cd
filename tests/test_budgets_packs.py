"""Budgets over any packs: what rows are said to get is what they get under all choices of the table, or is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, product
from math import prod
from random import Random
from typing import Any

import pytest
import random_packs
from hypothesis import Phase, assume, event, given, settings
from hypothesis import strategies as st
from policyeval.budgets import Budgets, Columns, exceeded, totals
from policyeval.evaluate import emit
from policyeval.plan import NO_MOST, Node, Plan, PlannedBudget
from policyeval.problems import Refusal
from policyeval.record import replace
from policyeval.regime import Regime
from small_packs import vocabulary
from test_properties import MANY, every_choice, how_many, without_choices
from test_sql import regime_of

OPEN = ("funding", "turnover", "level", "performance", "exceptional")
STATED = frozenset({"host_tier"})
Shares = tuple[int | None, ...]  # of all awards, one after the other
Row = Mapping[str, Any]


def with_budgets(rnd: Random, words: Mapping[str, Any]) -> Regime:
    """Packs with a budget over some awards of theirs, and now and then another one."""
    regime = regime_of(words)
    awards = [a.id for a in regime.plan.awards]
    rnd.shuffle(awards)
    cut = rnd.randrange(1, len(awards) + 1)
    groups = [group for group in (awards[:cut], awards[cut:][: rnd.randrange(2)]) if group]
    budgets = tuple(PlannedBudget(f"b{i}", tuple(g), rnd.randrange(25)) for i, g in enumerate(groups))
    return Regime(regime.packs, replace(regime.plan, budgets=budgets))


def missing(nodes: Sequence[Node], at: Row) -> frozenset[str]:
    return frozenset(n.data for n in nodes if n.kind == "Fact" and at.get(n.data) is None)


def valued(nodes: Sequence[Node], wanted: Sequence[int], row: Row) -> Sequence[Any]:
    at = {**row, **{f"{name}!": value for name, value in row.items()}}
    return emit(nodes, wanted, missing(nodes, at))(at)


def of_choices(plan: Plan, row: Row) -> list[Shares]:
    """What the shares of all awards come to under each choice."""
    nodes, asked = without_choices(plan), [s.after for a in plan.awards for s in a.shares]
    return list(
        dict.fromkeys(tuple(emit(nodes, asked, missing(nodes, at))(at)) for at in every_choice(plan, dict(row)))
    )


def by_award(plan: Plan, shares: Shares) -> Iterator[tuple[Any, list[int | None]]]:
    left = iter(shares)
    for award in plan.awards:
        yield award, [next(left) for _ in award.shares]


def kept(plan: Plan, table: Sequence[Shares]) -> list[dict[str, int]]:
    """The support and the payers of each row, budgets kept: what is known of them."""
    under = {award: budget for budget in plan.budgets for award in budget.awards}
    stands = dict.fromkeys((b.id for b in plan.budgets), 0)
    for award, parts in (pair for row in table for pair in by_award(plan, row)):
        if award.id in under and None not in parts:
            stands[under[award.id].id] += sum(p for p in parts if p is not None)
    found = []
    for row in table:
        amounts = dict.fromkeys(("support", *plan.payers), 0)
        for award, parts in by_award(plan, row):
            if not award.own:
                continue
            budget = under.get(award.id)
            new = [p or 0 for p in parts]
            if budget and None not in parts and stands[budget.id] > budget.total:
                whole = int(Fraction(sum(new) * budget.total, stands[budget.id]))
                upto = [
                    int(Fraction(whole * sum(new[:i]), sum(new) or 1) + Fraction(1, 2)) for i in range(len(new) + 1)
                ]
                new = [b - a for a, b in pairwise(upto)]
            amounts["support"] += sum(new)
            for share, part in zip(award.shares, new, strict=True):
                if share.payer is not None:
                    amounts[share.payer] += part
        found.append(amounts)
    return found


def claimed(regime: Regime, open_: frozenset[str], rows: Sequence[Row]) -> list[dict[str, tuple[Any, Any]]]:
    """What the engine says of each row. Raises Refusal."""
    plan = regime.plan
    of = Budgets(regime, vocabulary(), plan.budgets, STATED, open_)

    def look(columns: Callable[[Budgets], Columns]) -> dict[str, int]:
        asked = columns(of)
        wanted = {**asked.amounts, **asked.conditions}
        found = [valued(asked.nodes, [*wanted.values()], row) for row in rows]
        return {
            name: sum(int(value) for value in values)
            for name, values in zip(wanted, zip(*found, strict=True), strict=True)
        }

    over = exceeded(totals(plan, look))
    event(f"{len(over)} exceeded")
    result = Budgets(regime, vocabulary(), [t.budget for t in over], STATED, open_).outcomes(over)
    spans = {"support": result.support, **result.payers}
    asked = [n for ends in spans.values() for n in (ends.least, ends.most)]
    found = []
    for row in rows:
        values = iter(valued(result.nodes, asked, row))
        found.append({of: (next(values), next(values)) for of in spans})
    return found


@settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.integers(0, 2**32))
@pytest.mark.parametrize("kind", ["choices", "open"])
def test_any_packs_under_budgets(kind: str, seed: int) -> None:
    rnd = Random(seed)
    often = {"choices": 0.3, "figureless": 0.02} if kind == "choices" else {"choices": 0.0, "figureless": 0.0}
    words = random_packs.packs(rnd, **often, lists=False)
    rows = [random_packs.platform(rnd) for _ in range(3)]
    open_ = frozenset(rnd.sample(OPEN, 2)) if kind == "open" else frozenset[str]()
    rows = [{n: None if n in open_ and rnd.random() < 0.5 else v for n, v in row.items()} for row in rows]
    codes = {"R401", "R403", "X301", "X401", "X402", "B463", "B464", "B465", "B466", "B467"}
    try:
        regime = with_budgets(rnd, words)
        assume(all(how_many(regime.plan, dict(row)) <= MANY for row in rows))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("policyeval.outcomes._LIMIT", 1_500)  # packs that need more take long, to be refused
            found = claimed(regime, open_, rows)
    except Refusal as refusal:
        said = {problem.code for problem in refusal.problems}
        event(f"refused {said}")
        assume(not codes & said)
        raise
    every = [of_choices(regime.plan, row) for row in rows]
    assume(prod(map(len, every)) <= MANY)
    tables = [kept(regime.plan, table) for table in product(*every)]
    for i, row in enumerate(found):
        for of, (least, most) in row.items():
            true = [table[i][of] for table in tables]
            if kind == "choices":
                assert (least, most) == (min(true), max(true)) or most > NO_MOST, (i, of)
            else:
                assert least == true[0], (i, of)
