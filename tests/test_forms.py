"""What each form of the language comes to: cases as data, worked by hand, from the text to the fen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.answer import as_json
from policyeval.cases import dated, typed
from policyeval.digest import digest
from policyeval.evaluate import Evaluator, Span
from policyeval.kinks import peak
from policyeval.library import open_library
from policyeval.load import load_pack
from policyeval.lower import lower
from policyeval.money import read_money
from policyeval.pack import Pack
from policyeval.problems import Refusal
from policyeval.record import replace
from policyeval.regime import Regimes
from policyeval.simplify import Interval, simplify
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
        pack, packs, _ = resolved(words)
        first = first or pack
        assert [(a.amount, a.when) for a in pack.awards.values()] == [
            (a.amount, a.when) for a in first.awards.values()
        ], "the spellings differ in meaning"
    assert first is not None
    loaded = [*(packs[id] for id in case.get("load", ())), first]
    for facts, *expected in case["figures"]:
        asked = {**HERE, **facts}
        as_of = date.fromisoformat(asked.pop("day", "2024-06-30"))
        platform = typed(asked, vocabulary())
        found = Evaluator(lower(loaded, vocabulary(), {}, as_of)).amounts(platform.facts)
        left_open = Evaluator(lower(loaded, vocabulary(), {})).amounts(dated(platform, vocabulary(), as_of).facts)
        assert left_open == found
        ends = [None if end == "null" else read_money(end) for end in expected[:2]]
        assert found.support == Span(ends[0], ends[-1]), facts
        for payer, amount in (expected[2] if len(expected) > 2 else {}).items():
            assert found.payers[payer] == Span(read_money(amount), read_money(amount)), (facts, payer)


def test_a_budget_is_data_of_the_plan() -> None:
    case = {
        "awards": {"a": {"amount": "funding by host", "family": "matching"}, "b": {"amount": "turnover by host"}},
        "budgets": {"year": {"awards": ["matching", "b"], "total": "5000万元"}},
    }
    pack, _, problems = resolved(case)
    assert not problems
    without = lower([resolved({**case, "budgets": {}})[0]], vocabulary(), {})
    plan = lower([pack], vocabulary(), {})
    (budget,) = plan.budgets
    assert (budget.id, budget.awards, budget.total) == ("here/year", ("here/a", "here/b"), read_money("5000万元"))
    assert budget.applied_to == "batch"
    assert replace(plan, budgets=()) == without  # one platform's outcome is not touched
    assert digest(plan) != digest(without)


FILES = {
    "slots": "slots:\n  local:\n    label: {zh: 配套, en: matching}\n    cite: {section: 一, phrase: 由区制定}\n",
    "budgets": "budgets:\n  year:\n    label: {zh: 年度预算, en: budget}\n    cite: {section: 一, phrase: 预算}\n"
    "    awards: [one]\n    total: 5000万元\n",
}
PACK = """pack: city
version: 1.0.0
status: draft
jurisdiction: ganyu
document: {title: {zh: 例, en: example}}
effective: null
payers: [host]
awards:
  one:
    label: {zh: 配套, en: matching}
    cite: {section: 一, phrase: 配套}
    amount: 1万元 by host
    fills: city/local
"""


def test_slots_and_budgets_are_read_from_a_file() -> None:
    pack, problems = load_pack((PACK + FILES["slots"] + FILES["budgets"]).encode(), "city.yaml")
    assert not problems
    assert pack is not None
    assert (list(pack.slots), pack.awards["one"].fills) == (["local"], "city/local")
    assert (pack.budgets["year"].awards, pack.budgets["year"].total) == (("one",), read_money("5000万元"))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("total: 5000万元", "total: much", "M101"),
        ("awards: [one]", "awards: []", "S108"),
        ("fills: city/local", "fills: local", "S104"),
        ("en: budget", "eng: budget", "S101"),
    ],
)
def test_what_a_file_cannot_say(old: str, new: str, code: str) -> None:
    text = PACK + FILES["slots"] + FILES["budgets"]
    assert old in text
    _, problems = load_pack(text.replace(old, new).encode(), "city.yaml")
    assert problems[0].code == code


@pytest.mark.parametrize(("day", "least"), [("2023-12-31", "20万元"), ("2024-01-01", "30万元")])
def test_the_day_of_the_question(tmp_path: Path, day: str, least: str) -> None:
    text = PACK.replace("1万元 by host", "if as_of at least 2024-01-01 then 30万元 by host else 20万元 by host")
    path = tmp_path / "city.yaml"
    path.write_text(text.replace("    fills: city/local\n", ""), encoding="utf-8")
    library = open_library(files=[str(path)])
    regimes = Regimes(library, date.fromisoformat(day), with_=[str(path)])
    answer = regimes.answer(typed({"location": "ganyu", "level": "none"}, library.vocabulary))
    award = next(a for a in answer.awards if a.id == "city/one")
    assert award.amount == Span(read_money(least), read_money(least))
    assert "as_of" not in as_json(answer)["platform"]


def test_the_day_is_shown_where_it_decides(tmp_path: Path) -> None:
    path = tmp_path / "city.yaml"
    path.write_text(PACK.replace("    fills: city/local", "    when: as_of at least 2024-01-01"), encoding="utf-8")
    library = open_library(files=[str(path)])
    regimes = Regimes(library, date(2023, 12, 31), with_=[str(path)])
    answer = regimes.answer(typed({"location": "ganyu", "level": "none"}, library.vocabulary))
    award = next(a for a in answer.awards if a.id == "city/one")
    assert award.because[0].text("en").endswith("(here: day of the question is 2023-12-31)")


@pytest.mark.parametrize(
    "amount", ["30% of funding rounded down to 万元 by host", "funding shared among recipients by host"]
)
def test_what_cannot_be_compared_is_refused_by_name(amount: str) -> None:
    pack, _, _ = resolved({"amount": amount})
    plan = lower([pack], vocabulary(), {})
    bounds = {name: Interval(0, 10**12) for name in plan.facts}
    known = {"location": vocabulary().place_index["county_c"]}
    nodes, (support,) = simplify(plan.nodes, known, bounds, [plan.support])
    with pytest.raises(Refusal) as caught:
        peak(nodes, support, bounds)
    assert [p.code for p in caught.value.problems] == ["R402"]
