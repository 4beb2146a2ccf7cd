"""`compare` on the real packs: formulas, effects and largest changes worked by hand from the documents."""

from __future__ import annotations

import sys
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from policyeval.compare import Comparison, as_json, compare
from policyeval.domains import figure
from policyeval.library import open_library
from policyeval.problems import Problem, Refusal
from regimes import ask, shipped

DAY = date(2023, 6, 30)
WAN = 10**6  # fen
DRAFT = Path(__file__).parents[1] / "policies" / "ganyu-draft.yaml"


def of(**readings: str) -> Comparison:
    return compare(shipped(), "ganyu-draft", None, DAY, readings)


# Largest loss of support, and largest rise of what the district pays, in 万元, by reading. The city plan alone pays
# 1000 at most (2000 where each payer has its own cap); the draft adds a subsidy of at most 100.
LOSSES = [
    ({"no_duplication": "net_of_city"}, 0, 100),
    ({"no_duplication": "higher_regime"}, 0, 600),
    ({"no_duplication": "city_alone"}, 500, 100),
    ({"no_duplication": "net_of_city", "cap_scope": "each"}, 1000, 100),
    ({"no_duplication": "higher_regime", "cap_scope": "each"}, 0, 600),
    ({"no_duplication": "city_alone", "cap_scope": "each"}, 1000, 100),
]


@pytest.mark.parametrize(("readings", "loss", "rise"), LOSSES)
def test_the_largest_loss_and_what_the_district_pays_more(readings: dict[str, str], loss: int, rise: int) -> None:
    found = of(**readings)
    assert max(c.loss.amount for c in found.classes) == loss * WAN
    assert max(c.gain.amount for c in found.classes) == 100 * WAN
    rises = [
        _host(c.gain.at or c.loss.at, readings, ["ganyu-draft"]) - _host(c.gain.at or c.loss.at, readings, [])
        for c in found.classes
        if c.gain.at or c.loss.at
    ]
    assert max(rises) <= rise * WAN
    assert all(c.effect["city"] in ("same", "never_more") for c in found.classes)


def _host(at: dict[str, str] | None, readings: dict[str, str], with_: list[str]) -> int:
    full = {f"{'lianyungang-2021' if r == 'cap_scope' else 'ganyu-draft'}/{r}": o for r, o in readings.items()}
    host = ask(at or {}, DAY, with_, full)["payers"]["host"]["max"]
    return int((host or "0").replace(".", ""))


def test_the_formulas_of_the_national_class() -> None:
    found = as_json(of())
    (national,) = [c for c in found["classes"] if c["when"] == {"level": ["national"], "performance": ["excellent"]}]
    assert national["from"] == {
        "support": "min(upstream_funding, 1000万元)",
        "payers": {
            "province": "0元",
            "city": "min(50% of upstream_funding, 500万元)",
            "host": "min(50% of upstream_funding, 500万元)",
        },
    }
    assert national["to"]["support"] == "min(upstream_funding, 1000万元) + up to min(10% of contract_turnover, 100万元)"
    assert national["effect"] == {"support": "never_less", "province": "same", "city": "same", "host": "never_less"}
    assert national["largest_gain"]["amount"] == "1000000.00"
    assert national["largest_gain"]["at"]["contract_turnover"] == "10000000.00"
    assert national["largest_loss"] == {"amount": "0.00", "at": None, "begins": {}}
    assert [claim["verdict"] for claim in found["claims"][:2]] == ["proved", "refuted"]
    assert found["from"] == ["lianyungang-2021@1.1.0"]
    assert found["to"] == ["lianyungang-2021@1.1.0", "ganyu-draft@0.2.0"]
    assert found["where"] == ["ganyu"]


@pytest.mark.parametrize(
    "readings", [r for r, _, _ in LOSSES] + [{"higher_scope": "all"}, {"higher_scope": "all", **LOSSES[4][0]}]
)
def test_an_example_shows_the_change_it_names(readings: dict[str, str]) -> None:
    full = {f"{'lianyungang-2021' if r == 'cap_scope' else 'ganyu-draft'}/{r}": o for r, o in readings.items()}
    for one in of(**readings).classes:
        for extreme, end, sign in ((one.gain, "max", 1), (one.loss, "min", -1)):
            if extreme.at is not None:
                sides = [ask(extreme.at, DAY, with_, full)["support"][end] for with_ in ([], ["ganyu-draft"])]
                old, new = (int(side.replace(".", "")) for side in sides)
                assert sign * (new - old) == extreme.amount


def test_a_drafters_first_act(tmp_path: Path) -> None:
    """Copy the draft, lower the subsidy's ceiling from 100 to 80, compare with what is in force and with the draft."""
    mine = tmp_path / "mine.yaml"
    mine.write_text(DRAFT.read_text("utf-8").replace("capped at 100万元 by host", "capped at 80万元 by host"), "utf-8")
    library = open_library(files=[str(mine)], use_cache=False).sound()
    found = compare(library, str(mine), None, DAY, {})
    assert max(c.gain.amount for c in found.classes) == 80 * WAN
    found = compare(library, str(mine), "ganyu-draft", DAY, {})
    assert found.rules == {"added": [], "removed": [], "changed": ["ganyu-draft/performance_subsidy"]}
    assert max(c.loss.amount for c in found.classes) == 0
    assert {c.effect["support"] for c in found.classes} == {"same", "never_more"}


def test_packs_of_places_that_never_meet() -> None:
    with pytest.raises(Refusal) as refused:
        compare(shipped(), "qidong-2023", "ganyu-draft", DAY, {})
    assert [p.code for p in refused.value.problems] == ["L301"]


def test_classes_cover_every_platform_once() -> None:
    found: list[dict[str, Any]] = [c.when for c in of().classes]
    levels = ["none", "municipal", "provincial", "national"]
    for level in levels:
        for performance in ("excellent", "good", "unrated"):
            here = {"level": level, "performance": performance}
            assert sum(all(here[f] in values for f, values in when.items()) for when in found) == 1


def test_where_a_change_begins_to_the_fen() -> None:
    # each: up to 1000万元 from above both plans come to the same, so the loss begins with one fen more (national)
    found = as_json(compare(open_library(), "ganyu-draft", None, date(2023, 6, 30), {"cap_scope": "each"}))
    losses = [c["largest_loss"] for c in found["classes"] if c["when"].get("level") == ["national"]]
    assert losses
    assert {loss["begins"]["upstream_funding"] for loss in losses} == {"10000000.01"}
    assert {loss["amount"] for loss in losses} == {"10000000.00"}
    # 10% of 10 fen is the first fen of a subsidy
    gains = [c["payers"]["host"]["largest_gain"] for c in found["classes"] if c["when"].get("level") == ["municipal"]]
    assert [g["begins"].get("contract_turnover") for g in gains if g["amount"] != "0.00"] == ["0.10"]


def test_a_proportion_that_varies_is_not_claimed_about(tmp_path: Path) -> None:
    # a limit that varies takes off the two payers' parts in proportion to their rounded parts before
    text = (Path(__file__).resolve().parents[1] / "policies" / "ganyu-draft.yaml").read_text(encoding="utf-8")
    old = "up to 10% of contract_turnover capped at 100万元 by host"
    assert old in text
    limit = "  - {rule: performance_subsidy limited to upstream_funding, cite: {section: 六, phrase: 不超过}}\n"
    text = text.replace(old, "contract_turnover matched 1:0.1:0.2 by city, host").replace(
        "precedence:\n", f"precedence:\n{limit}"
    )
    draft = tmp_path / "mine.yaml"
    draft.write_text(text, encoding="utf-8")
    found = as_json(compare(open_library((), [str(draft)]), str(draft), None, date(2023, 6, 30), {}))
    claims = {claim["id"]: claim for claim in found["claims"]}
    assert (claims["city_pays_no_more"]["verdict"], claims["city_pays_no_more"]["reason"]["code"]) == (
        "unknown",
        "R404",
    )
    assert claims["no_platform_receives_less"]["verdict"] == "proved"


def test_a_difference_that_is_no_straight_line_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> Any:
        raise Refusal(Problem("R402"))

    monkeypatch.setattr(sys.modules["policyeval.compare"], "peak", refused)  # the package has a function of this name
    found = as_json(compare(open_library(), "ganyu-draft", None, date(2023, 6, 30), {}))
    assert {effect for c in found["classes"] for effect in c["effect"].values()} == {"unknown"}
    assert found["classes"][0]["largest_gain"] == {"amount": None, "at": None, "begins": {}}


@pytest.mark.parametrize(
    ("kind", "number", "text"),
    [
        ("count", Fraction(10), "10"),
        ("ratio", Fraction(25_000), "2.5%"),
        ("number", Fraction(12_500_000), "12.5"),
        ("number", Fraction(-1), "-0.000001"),
        ("date", Fraction(date(2020, 1, 1).toordinal()), "2020-01-01"),
        ("money", Fraction(1_000_000_000), "1000万元"),
    ],
)
def test_a_figure_is_shown_as_what_it_is(kind: str, number: Fraction, text: str) -> None:
    assert figure(kind, number) == text
