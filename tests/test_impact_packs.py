"""Totals over any packs are the sums of the evaluator's answers, however rows are put into classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import random_packs
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from policyeval.batch.terms import harmless
from policyeval.batch.typed import Facts, Source
from policyeval.columns import Column
from policyeval.evaluate import Evaluator, Span
from policyeval.impact.both import tally
from policyeval.impact.sums import added
from policyeval.impact.tally import WAYS
from policyeval.outcomes import outcomes
from policyeval.problems import Refusal
from policyeval.regime import Regime
from small_packs import vocabulary
from test_impact import summed
from test_sql import MAY_BE_OPEN, random_rows, regime_of, stored

TOP = 3


def facts_of(regimes: Sequence[Regime], open_: frozenset[str], stated: frozenset[str]) -> Facts:
    columns = {}
    for regime in regimes:
        for name in outcomes(regime, vocabulary(), stated, open_).facts:
            fact = vocabulary().facts[name]
            values = tuple(vocabulary().places) if fact.kind == "place" else tuple(fact.values)
            columns[name] = Column(name, values, fact.kind == "bool", name in open_)
    source = Source(("*", "p.id AS number"), "platforms AS p")
    return Facts(source, columns, open_ & columns.keys(), {}, 0, "")


def answers(regime: Regime, rows: Sequence[Mapping[str, Any]]) -> list[SimpleNamespace]:
    places = list(vocabulary().places)
    covered = {p for pack in regime.packs for p in vocabulary().below(pack.jurisdiction)}
    found = []
    for row, amounts in zip(rows, map(Evaluator(regime.plan).amounts, rows), strict=True):
        here = row["location"] is None or places[row["location"]] in covered
        found.append(SimpleNamespace(packs=here, **{n: getattr(amounts, n) for n in SPOKEN_OF}))
    return found


SPOKEN_OF = ("support", "payers", "unquantified", "undetermined")


def furthest(found: Sequence[Sequence[SimpleNamespace]]) -> dict[str, list[tuple[int, int, int]]]:
    """The rows that gain and lose most, each with the order that it stands in."""
    far: dict[str, list[tuple[int, int, int]]] = {"gain": [], "lose": []}
    for row, (before, after) in enumerate(found):
        known = [side for side in (before, after) if side.packs]
        spans = [side.support if side.packs else Span(0, 0) for side in (before, after)]
        ends = [end for span in spans for end in (span.min, span.max)]
        if not known or any(side.undetermined for side in known) or None in ends:
            continue
        low, high = ends[2] - ends[0], ends[3] - ends[1]
        if min(low, high) >= 0 < max(low, high):
            far["gain"].append((-high, -low, row))
        elif max(low, high) <= 0 > min(low, high):
            far["lose"].append((low, high, row))
    return {way: sorted(some)[:TOP] for way, some in far.items()}


@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.integers(0, 2**32))
@pytest.mark.parametrize("kind", ["choices", "open"])
def test_totals_of_any_packs(kind: str, seed: int) -> None:
    rnd = Random(seed)
    often = {"choices": 0.1, "figureless": 0.1} if kind == "choices" else {"choices": 0.0, "figureless": 0.0}
    try:
        words = random_packs.packs(rnd, **often, lists=False)
        sides = [regime_of({"city-plan": words["city-plan"]}), regime_of(words)]
        open_ = frozenset(rnd.sample(MAY_BE_OPEN, rnd.choice([2, len(MAY_BE_OPEN)])) if kind == "open" else [])
        stated = frozenset({"host_tier"})
        rows = random_rows(rnd, open_, stated, 40)
        facts = facts_of(sides, open_, stated)
        ends = [outcomes(side, vocabulary(), stated, open_) for side in sides]
        found = [tally(ends, vocabulary(), facts)]
        with pytest.MonkeyPatch.context() as patched:  # rows are told apart by what comes of them alone
            patched.setattr("policyeval.impact.strata._KEYS", 0)
            found.append(tally(ends, vocabulary(), facts))
    except Refusal as refusal:
        assume(not {"R401", "R403", "X301", "X401", "X402"} & {problem.code for problem in refusal.problems})
        raise
    types = {n: "VARCHAR" if c.values else "BOOLEAN" if c.truth else "BIGINT" for n, c in facts.columns.items()}
    assert harmless(term for both in found for term in both.terms)  # or they would be made anew each time
    texts = [
        {n: c.values[row[n]] if c.values and row[n] is not None else row[n] for n, c in facts.columns.items()}
        for row in rows
    ]
    expected = list(zip(*(answers(side, rows) for side in sides), strict=True))
    payers = tuple(dict.fromkeys(p for side in sides for p in side.plan.payers))
    with duckdb.connect() as connection:
        stored(connection, texts, types)
        for both in found:
            lines = connection.execute(both.totals(facts.source.sql(), [], "number", TOP)).fetchall()
            total: dict[str, int] = {}
            far: dict[str, list[tuple[int, int, int]]] = {"gain": [], "lose": []}
            for line in map(both.counted, lines):
                total = added(total, line.counts)
                for way in WAYS:
                    far[way] += [each.order(way) for each in line.furthest.get(way, ())]
            plain = {name: value for name, value in total.items() if value and not name.startswith("missing.")}
            assert plain == summed(expected, payers)  # type: ignore[arg-type]
            assert {way: sorted(some)[:TOP] for way, some in far.items()} == furthest(expected)
