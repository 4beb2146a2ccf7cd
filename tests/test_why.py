"""Why a platform gets what it gets: what binds and what would change it, worked by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.cases import typed
from policyeval.library import open_library
from policyeval.money import read_money, yuan
from policyeval.problems import Refusal
from policyeval.regime import Regimes
from policyeval.why import as_json, why

CASES = yaml.load((Path(__file__).parent / "cases" / "why.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
DAY = date(2023, 6, 30)
WAN = 10**6


def found(platform: dict[str, str], wanted: str | None = None) -> dict[str, Any]:
    library = open_library()
    regimes = Regimes(library, DAY, with_=["ganyu-draft"])
    amount = None if wanted is None else int(wanted) * WAN
    return as_json(why(regimes, typed(platform, library.vocabulary), amount))


def span(low: str, high: str | None = None) -> dict[str, str]:
    return {"min": yuan(int(low) * WAN), "max": yuan(int(high or low) * WAN)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_worked_by_hand(case: dict[str, Any]) -> None:
    reasons = found(case["platform"], case["wanted"])
    assert reasons["support"] == span(*case["support"])
    binding = [(c["award"], c["amount"]["max"], c["without"]["max"]) for c in reasons["binding"]]
    assert binding == [(a, yuan(int(to) * WAN), yuan(int(without) * WAN)) for a, to, without in case["binding"]]
    lost = [(c["clause"], c["award"], c["amount"]["max"], c["without"]["max"]) for c in reasons["lost"]]
    assert lost == [(s, a, yuan(int(to) * WAN), yuan(int(was) * WAN)) for s, a, to, was in case["lost"]]
    assert {t["fact"]: t["value"] for t in reasons["raises"]} == case["raises"]
    assert not {*case["raises"]} & {*reasons["idle"]}
    by = {}
    for reach in reasons["why_not"]["by"]:
        values = [t["value"] for t in reach["values"]]
        amounts = [reach["possible_from"], reach["certain_from"]]
        if values or amounts != [None, None]:
            by[reach["fact"]] = values or amounts
    assert by == case["reached"]
    assert reasons["undecided"] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_least_is_the_least(case: dict[str, Any]) -> None:
    """One fen less than the value that is said does not do it, by evaluation."""
    library = open_library()
    regimes = Regimes(library, DAY, with_=["ganyu-draft"])
    reasons = found(case["platform"], case["wanted"])
    for reach in reasons["why_not"]["by"]:
        if reach["possible_from"] is not None:
            fen = read_money(reach["possible_from"])
            for amount, reached in ((fen, True), (fen - 1, False)):
                platform = typed({**case["platform"], reach["fact"]: yuan(amount)}, library.vocabulary)
                assert (regimes.answer(platform).support.max >= int(case["wanted"]) * WAN) is reached


def test_a_missing_fact_is_asked_for() -> None:
    with pytest.raises(Refusal) as caught:
        found({"location": "ganyu", "level": "national"})
    assert [p.code for p in caught.value.problems] == ["V406"]


def test_no_policy_in_force() -> None:
    library = open_library()
    platform = typed({"location": "ganyu"}, library.vocabulary)
    with pytest.raises(Refusal) as caught:
        why(Regimes(library, date(1999, 1, 1)), platform)
    assert [p.code for p in caught.value.problems] == ["V406"]
