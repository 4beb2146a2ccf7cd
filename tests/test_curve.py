"""Curves: pieces and kinks worked by hand from the documents, and never off what evaluation gives."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from policyeval.cases import typed
from policyeval.cli.main import cli
from policyeval.curve import SUPPORT, as_json, curve
from policyeval.library import open_library
from policyeval.problems import Refusal
from policyeval.regime import Regimes

DAY = date(2023, 6, 30)
WAN = 10**6
BASE = {
    "location": "ganyu",
    "kind": "technology_innovation_center",
    "level": "national",
    "upstream_funding": "1200万元",
    "contract_turnover": "3000万元",
    "performance": "excellent",
}


def regimes(**readings: str) -> Regimes:
    return Regimes(open_library(), DAY, with_=["ganyu-draft"], readings=readings)


def platform(**facts: str) -> Any:
    return typed({**BASE, **facts}, open_library().vocabulary)


def lines(course: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(p["from"], p["slope"], p["amount"]) for p in course["pieces"]]


def test_national_matching_rises_yuan_for_yuan_up_to_its_ceiling() -> None:
    # 1:1 in all, half of it each from city and district, up to 1000; the subsidy is up to 100 of a tenth of 3000
    found = as_json(curve(regimes(), platform(), "upstream_funding"))
    assert lines(found["support"]["min"]) == [("0.00", "1", "0.00"), ("10000000.01", "0", "10000000.00")]
    assert lines(found["support"]["max"]) == [("0.00", "1", "1000000.00"), ("10000000.01", "0", "11000000.00")]
    assert lines(found["payers"]["city"]["max"]) == [("0.00", "1/2", "0.00"), ("10000000.01", "0", "5000000.00")]
    assert lines(found["payers"]["host"]["max"]) == [("0.00", "1/2", "1000000.00"), ("10000000.01", "0", "6000000.00")]
    (kink,) = found["support"]["min"]["kinks"]
    assert (kink["at"], kink["amount"], kink["slope_before"], kink["slope_after"], kink["jump"]) == (
        "10000000.00", "10000000.00", "1", "0", "0.00",
    )  # fmt: skip
    assert {c["clause"] for c in kink["clauses"]} == {"lianyungang-2021/national_match", "ganyu-draft/national_match"}


def test_the_subsidy_is_a_tenth_up_to_its_ceiling() -> None:
    found = as_json(curve(regimes(), platform(), "contract_turnover"))
    assert lines(found["support"]["min"]) == [("0.00", "0", "10000000.00")]
    assert lines(found["support"]["max"]) == [("0.00", "1/10", "10000000.00"), ("10000000.01", "0", "11000000.00")]
    assert [c["clause"] for c in found["support"]["max"]["kinks"][0]["clauses"]] == ["ganyu-draft/performance_subsidy"]


def test_each_capped_has_two_kinks_under_the_draft() -> None:
    # each: the city pays its half up to 1000 (from 2000 up); the district tops up to 1000, then falls back
    found = as_json(curve(regimes(cap_scope="each"), platform(performance="good"), "upstream_funding"))
    assert lines(found["payers"]["city"]["min"]) == [("0.00", "1/2", "0.00"), ("20000000.01", "0", "10000000.00")]
    host = lines(found["payers"]["host"]["min"])
    assert [slope for _, slope, _ in host] == ["1/2", "-1/2", "0"]
    assert [start for start, _, _ in host] == ["0.00", "10000000.01", "20000000.01"]
    assert lines(found["support"]["min"]) == [("0.00", "1", "0.00"), ("10000000.01", "0", "10000000.00")]


@pytest.mark.parametrize(
    "readings", [{}, {"cap_scope": "each"}, {"no_duplication": "higher_regime"}, {"higher_scope": "all"}]
)
@pytest.mark.parametrize("over", ["upstream_funding", "contract_turnover"])
@pytest.mark.parametrize("level", ["national", "provincial", "municipal"])
def test_never_more_than_rounding_off_what_evaluation_gives(readings: dict[str, str], over: str, level: str) -> None:
    asked, rnd = regimes(**readings), Random(f"{readings}{over}{level}")
    facts = {"level": level, "upstream_funding": "777.77万元", "contract_turnover": "123.45万元"}
    found = curve(asked, platform(**facts), over)
    turns = {k.x for pair in found.courses.values() for c in pair for k in c.kinks}
    xs = {x + step for x in turns for step in (-2, -1, 0, 1, 2)} | {rnd.randrange(0, 30 * 10**8) for _ in range(20)}
    for x in sorted(x for x in xs if x >= 0):
        answer = asked.answer(platform(**{**facts, over: f"{x / 100:.2f}元"}))
        spans = {SUPPORT: answer.support, **answer.payers}
        for name, (low, high) in found.courses.items():
            assert abs(low.at(x) - (spans[name].min or 0)) <= 2, (name, x)
            assert abs(high.at(x) - (spans[name].max or 0)) <= 2, (name, x)


@pytest.mark.parametrize(
    ("over", "facts", "code"),
    [
        ("level", BASE, "V407"),
        ("upstream_fundin", BASE, "V407"),
        ("upstream_funding", {"location": "ganyu", "upstream_funding": "1万元"}, "V406"),
    ],
)
def test_what_cannot_be_drawn(over: str, facts: dict[str, str], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        curve(regimes(), typed(facts, open_library().vocabulary), over)
    assert [p.code for p in caught.value.problems] == [code]


ARGUMENTS = ["examples/ganyu.yaml", "--over", "上级扶持经费", "--also", "ganyu-draft", "--as-of", "2023-06-30"]


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["curve", *ARGUMENTS, *arguments], catch_exceptions=False)


def test_a_picture_for_any_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[1])
    file = tmp_path / "curve.svg"
    assert run("--lang", "zh", "-o", str(file)).exit_code == 0
    data = file.read_bytes()
    root = ET.fromstring(data)
    texts = ["".join(e.itertext()) for e in root.iter() if e.tag.endswith(("title", "desc", "text"))]
    assert "随上级扶持经费的变化" in texts
    assert any("赣榆区财政" in text for text in texts)
    assert root.attrib["role"] == "img"
    assert not re.search(rb'(href|src)="http', data)
    again = run("--lang", "zh", "-o", str(file))
    assert again.exit_code == 2
    assert file.read_bytes() == data
    assert run("--lang", "zh", "--force", "-o", str(file)).exit_code == 0
    assert file.read_bytes() == data


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page(lang: str, snapshot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[1])
    found = run("--lang", lang)
    assert (found.exit_code, found.output) == (0, snapshot)


def test_a_slope_between_two_fen_is_exact() -> None:
    found = curve(regimes(), platform(level="provincial", performance="good"), "upstream_funding")
    assert found.courses["city"][0].pieces[0].slope == Fraction(1, 4)
