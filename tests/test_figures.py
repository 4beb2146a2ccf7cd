"""Figures worked by hand from the documents, to the fen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from regimes import ask

FIGURES = Path(__file__).parent / "cases" / "figures"


def figures() -> Iterator[Any]:
    for path in sorted(FIGURES.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text("utf-8")):
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize("case", list(figures()))
def test_figure(case: dict[str, Any]) -> None:
    as_of = case["as_of"]
    as_of = as_of if isinstance(as_of, date) else date.fromisoformat(as_of)
    found = ask(case["platform"], as_of, case.get("with", ()), case.get("readings"))
    expected = case["expect"]
    support = dict(expected.get("support", {}))
    assert sorted(found["support"]["unquantified_awards"]) == sorted(
        support.pop("unquantified_awards", found["support"]["unquantified_awards"])
    )
    assert {key: found["support"][key] for key in support} == support
    # what a pack of the place does not name is not in the answer
    paid = {payer: span for payer, span in expected.get("payers", {}).items() if payer in found["payers"]}
    assert {payer: found["payers"][payer] for payer in paid} == paid
    outcomes = {award["award"]: award["outcome"] for award in found["awards"]}
    assert {award: outcomes.get(award) for award in expected.get("awards", {})} == expected.get("awards", {})


def test_there_are_figures_for_every_reading() -> None:
    """The files were read, and no reading of the contract goes without a figure."""
    cases = [case.values[0] for case in figures()]
    assert len(cases) > 100
    options = {option for case in cases for option in case.get("readings", {}).values()}
    assert options >= {"each", "higher_regime", "city_alone", "all"}
