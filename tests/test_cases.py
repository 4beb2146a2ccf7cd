"""Platforms from case files, settings and mappings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.cases import Platform, read_cases, read_day, read_setting, typed
from policyeval.data_files import data_file
from policyeval.load import load_vocabulary
from policyeval.problems import Problem, Refusal, as_json, render
from policyeval.vocabulary import Fact, Label, Vocabulary

CASES = Path(__file__).parent / "cases" / "facts"


def data(name: str) -> Any:
    return yaml.load((CASES / f"{name}.yaml").read_bytes(), yaml.BaseLoader)


@cache
def vocabulary() -> Vocabulary:
    found, problems = load_vocabulary([("vocabulary.yaml", data_file("policies", "vocabulary.yaml").read_bytes())])
    assert not problems
    return found


def read(text: str) -> list[Platform]:
    return [typed(case, vocabulary()) for case in read_cases(text.encode(), "case.yaml")]


def refused(text: str, *settings: str) -> tuple[Problem, ...]:
    def read_all() -> None:
        for case in read_cases(text.encode(), "case.yaml"):
            typed(case, vocabulary(), [read_setting(s) for s in settings])

    with pytest.raises(Refusal) as refusal:
        read_all()
    return refusal.value.problems


@pytest.mark.parametrize("case", data("good"), ids=lambda case: case["case"])
def test_what_people_write(case: dict[str, Any]) -> None:
    platform = {k: None if v == "null" else v for k, v in case["platform"].items()}
    found = typed(platform, vocabulary())
    assert found.assumed == case["assumed"]
    assert {k: found.written.get(k) for k in case["written"]} == case["written"]
    assert list(found.facts) == list(found.written) == [f for f in vocabulary().facts if f in found.facts]


@pytest.mark.parametrize("case", data("bad"), ids=lambda case: f"{case['code']} {case['platform']}")
def test_what_cannot_be_read(case: dict[str, Any]) -> None:
    lines = ["platform:", *(f"  {fact}: {value}" for fact, value in case["platform"].items())]
    problems = refused("\n".join(lines))
    assert [p.code for p in problems] == [case["code"]]
    shown = render(problems[0])
    assert [word for word in case["holds"] if word not in shown] == []
    assert shown.startswith("case.yaml:")
    assert "{" not in problems[0].message("zh") + problems[0].help("zh")


def test_plan_values() -> None:
    found = read("platform: {location: ganyu, level: national, upstream_funding: 0.01, exceptional: yes}")[0]
    words = vocabulary()
    assert found.facts["location"] == words.place_index["ganyu"]
    assert found.facts["level"] == list(words.facts["level"].values).index("national")
    assert found.facts["upstream_funding"] == 1
    assert found.facts["exceptional"] is True
    assert found.derived == ["host_tier"]


def test_several_problems_come_in_one_run() -> None:
    assert [p.code for p in refused("platform: {levl: a, level: b, upstream_funding: c}")] == ["N301", "N302", "M101"]


def test_a_list_is_a_case_file_too() -> None:
    text = "- {location: ganyu}\n- platform: {location: qidong}\n  name: 启东\n"
    cases = read_cases(text.encode(), "case.yaml")
    assert [(case.name, case.listed) for case in cases] == [(None, True), ("启东", True)]
    assert [found.written["location"] for found in read(text)] == ["ganyu", "qidong"]


def test_json_keeps_the_digits() -> None:
    text = '{"platform": {"upstream_funding": 12000000.10, "exceptional": true, "location": "\\u8d63\\u6986\\u533a"}}'
    found = read(text)
    assert found[0].written["upstream_funding"] == "12000000.10"
    assert found[0].written["location"] == "ganyu"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("platfrom: {location: ganyu}", "N309"),
        ("pack: mine\nawards: {a: {}}\nprecedence: []", "N312"),
        ("vocabulary: mine\nfacts: {}", "N313"),
        ("[]", "N308"),
        ("3", "N308"),
        ("platform: 3", "N308"),
        ("- 3", "N308"),
        ("platform: {level: [national]}", "N310"),
        ("platform: {}\nname: [a]", "N310"),
        ('{"platform": {"upstream_funding": Infinity}}', "M101"),
        ("platform: {level: national, level: none}", "F121"),
        ("platform: {level: !!str national, a: !x 1}", "F118"),
        ("", "F107"),
    ],
)
def test_what_is_no_case(text: str, code: str) -> None:
    problems = refused(text)
    assert problems[0].code == code
    assert "case.yaml" in render(problems[0])


def test_settings_come_before_the_file() -> None:
    case = read_cases("platform: {level: none, exceptional: 是}".encode(), "case.yaml")[0]
    settings = [read_setting(s) for s in ("级别＝省级", "upstream_funding = 3万元", "exceptional=")]
    found = typed(case, vocabulary(), settings)
    assert (found.written["level"], found.written["upstream_funding"]) == ("provincial", "30000.00")
    assert found.assumed == ["performance", "exceptional"]


def test_what_a_setting_cannot_say() -> None:
    with pytest.raises(Refusal) as refusal:
        read_setting("level")
    assert refusal.value.problems[0].code == "N307"
    problem = refused("platform: {}", "level=nationl")[0]
    assert as_json(problem)["text"] == "nationl"
    assert render(problem).startswith("--set:1:7: N302")


def test_days() -> None:
    assert read_day("2023-06-30") == read_day("2023年6月30日") == read_day("２０２３/6/30") == date(2023, 6, 30)
    assert [read_day(text) for text in ("2023-02-30", "2023-13-01", "20230630", "0000-01-01", "")] == [None] * 5


@pytest.mark.parametrize(
    ("kind", "text", "value", "written"),
    [
        ("date", "2023-06-30", date(2023, 6, 30).toordinal(), "2023-06-30"),
        ("date", "2023-02-30", "M106", ""),
        ("ratio", "10%", 100_000, "0.1"),
        ("ratio", "０．５", 500_000, "0.5"),
        ("ratio", "-1%", "M108", ""),
        ("number", "-1,000.25", -1_000_250_000, "-1000.25"),
        ("number", "0.0000001", "M108", ""),
        ("number", "1" * 60, "M108", ""),
        ("number", "inf", "M108", ""),
        ("count", "12", 12, "12"),
        ("count", "1.5", "M109", ""),
        ("count", "-1", "M109", ""),
        ("count", "100%", "M109", ""),
        ("count", "twelve", "M108", ""),
    ],
)
def test_kinds(kind: Any, text: str, value: Any, written: str) -> None:
    facts: Mapping[str, Fact] = {"x": Fact("x", kind, Label("某", "x"))}
    words = Vocabulary(facts, {}, {}, {})
    if isinstance(value, str):
        with pytest.raises(Refusal) as refusal:
            typed({"某": text}, words)
        assert refusal.value.problems[0].code == value
        assert "`某`" in refusal.value.problems[0].message()
    else:
        found = typed({"x": text}, words)
        assert (found.facts, found.written) == ({"x": value}, {"x": written})
