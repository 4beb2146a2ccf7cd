"""What each form of the language comes to: cases as data, worked by hand, from the text to the fen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.cases import dated, typed
from policyeval.evaluate import Evaluator, Span
from policyeval.lower import lower
from policyeval.money import read_money
from policyeval.pack import Pack
from small_packs import findings, resolved, vocabulary

CASES = Path(__file__).parent / "cases" / "evaluate"
HERE = {"location": "county_c"}


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['case']}")
        for path in sorted(CASES.glob("*.yaml"))
        for case in yaml.load(path.read_bytes(), yaml.BaseLoader)
    ]


def spelled(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The case, once with each spelling of its amount and of its condition."""
    lists = {key: case[key] for key in ("amount", "when") if isinstance(case.get(key), list)}
    count = max(map(len, lists.values()), default=1)
    return [{**case, **{key: texts[i % len(texts)] for key, texts in lists.items()}} for i in range(count)]


@pytest.mark.parametrize("case", cases())
def test_figures(case: dict[str, Any]) -> None:
    first: Pack | None = None
    for words in spelled(case):
        assert [p.code for p in findings(words)] == []
        pack, _, _ = resolved(words)
        first = first or pack
        assert [(a.amount, a.when) for a in pack.awards.values()] == [
            (a.amount, a.when) for a in first.awards.values()
        ], "the spellings differ in meaning"
    assert first is not None
    for facts, *expected in case["figures"]:
        asked = {**HERE, **facts}
        as_of = date.fromisoformat(asked.pop("day", "2024-06-30"))
        platform = typed(asked, vocabulary())
        found = Evaluator(lower([first], vocabulary(), {}, as_of)).amounts(platform.facts)
        left_open = Evaluator(lower([first], vocabulary(), {})).amounts(dated(platform, vocabulary(), as_of).facts)
        assert left_open == found
        ends = [None if end == "null" else read_money(end) for end in expected[:2]]
        assert found.support == Span(ends[0], ends[-1]), facts
        for payer, amount in (expected[2] if len(expected) > 2 else {}).items():
            assert found.payers[payer] == Span(read_money(amount), read_money(amount)), (facts, payer)
