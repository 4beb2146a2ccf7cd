"""A class of platforms under every reading: worked by hand, and held against single platforms."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.alternatives import alternatives
from policyeval.cases import read_setting, typed
from policyeval.class_readings import ClassReadings, Part, as_json, class_readings
from policyeval.money import yuan
from policyeval.problems import Problem, Refusal
from policyeval.prove import Mismatch
from policyeval.regime import Regimes
from test_examples import SHIPPED

DAY = date(2023, 6, 30)
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "readings" / "classes.yaml").read_text("utf-8"))
WAN = 10**6


def asked(case: Mapping[str, Any]) -> ClassReadings:
    given = typed({}, SHIPPED.vocabulary, [read_setting(text) for text in case.get("set", ())])
    regimes = Regimes(SHIPPED, DAY, (), case["with"], case.get("readings", {}))
    return class_readings(regimes, case["class"], given, 60.0)


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case["name"])
def worked(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Part]:
    (part,) = asked(request.param).parts
    return request.param, part


def short(way: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {id_.partition("/")[2]: list(options) for id_, options in way.items()}


def test_the_formulas_worked_by_hand(worked: tuple[dict[str, Any], Part]) -> None:
    case, part = worked
    assert part.combinations == case["combinations"]
    assert [one.when for one in part.classes] == [one["when"] for one in case["classes"]]
    assert [place for place in part.places if place in case["places"]] == case["places"]
    for one, wanted in zip(part.classes, case["classes"], strict=True):
        sides = [(outcome.ways, outcome.side) for outcome in one.outcomes]
        amounts = [[side.support["en"], *(side.payers[p]["en"] for p in ("city", "host"))] for _, side in sides]
        found = list(zip([list(map(short, ways)) for ways, _ in sides], amounts, strict=True))
        assert found == [(row["ways"], row["is"]) for row in wanted["rows"]]
        assert [o.default for o in one.outcomes] == [True, *[False] * (len(one.outcomes) - 1)]


def test_the_readings_that_matter_worked_by_hand(worked: tuple[dict[str, Any], Part]) -> None:
    case, part = worked
    matter = {turn.id.partition("/")[2]: turn for turn in part.turns if turn.matters}
    assert set(matter) == set(case["matter"])
    assert all(turn.matters is False for turn in part.turns if turn not in matter.values())
    for name, (at, by) in case["matter"].items():
        turn = matter[name]
        written = {fact: typed({fact: words}, SHIPPED.vocabulary).written[fact] for fact, words in at.items()}
        assert {fact: turn.at[fact] for fact in at} == written
        assert (turn.verdict.by, turn.verdict.witness and turn.verdict.witness.smallest) == (by * WAN, True)


def test_the_smallest_platform_gets_what_is_said(worked: tuple[dict[str, Any], Part]) -> None:
    case, part = worked
    for turn in (turn for turn in part.turns if turn.matters):
        given = {name: value for name, value in turn.at.items() if name != "as_of"}
        platform, seen = typed(given, SHIPPED.vocabulary), set()
        for option, there in turn.options.items():
            readings = {**case.get("readings", {}), **turn.others, turn.id: option}
            answer = Regimes(SHIPPED, DAY, (), case["with"], readings).answer(platform)
            assert (there.support, there.payers) == (answer.support, answer.payers)
            assert list(there.promised) == answer.unquantified_awards
            seen.add((there.support, tuple(there.payers.items()), there.promised))
        assert len(seen) > 1


GENERAL = {"class": "level at least municipal and upstream_funding at most 3000万元", "set": ["location=ganyu"],
           "with": ["ganyu-draft"], "readings": {"cap_scope": "each", "no_duplication": "higher_regime"}}  # fmt: skip


def test_it_agrees_with_single_platforms() -> None:
    """A reading that does not matter to the class matters to none of it; formulas are what each platform gets."""
    (part,) = asked(GENERAL).parts
    idle = {turn.id for turn in part.turns if turn.matters is False}
    assert idle == {"ganyu-draft/county_standard"}
    drawn = random.Random(7)
    seen: set[str] = set()
    for _ in range(25):
        facts = {
            "location": "ganyu",
            "kind": drawn.choice(list(SHIPPED.vocabulary.facts["kind"].values)),
            "level": drawn.choice(["municipal", "provincial", "national"]),
            "performance": drawn.choice(["excellent", "good"]),
            "upstream_funding": yuan(
                drawn.choice([0, 1, 999, drawn.randrange(3000) * WAN, drawn.randrange(3000 * WAN)])
            ),
            "contract_turnover": yuan(drawn.choice([0, 9, drawn.randrange(2000 * WAN)])),
            "exceptional": drawn.choice(["true", "false"]),
        }
        platform = typed(facts, SHIPPED.vocabulary)
        found = alternatives(Regimes(SHIPPED, DAY, (), GENERAL["with"], GENERAL["readings"]), platform)
        assert idle.isdisjoint(found.matter)
        seen |= set(found.matter)
        (one,) = [c for c in part.classes if _among(c.when, facts)]
        defaults = {turn.id: turn.reading.default for turn in part.turns}
        for outcome in found.outcomes:
            chosen = {**defaults, **{id_: options[0] for id_, options in outcome.ways[0].items()}}
            (row,) = [o for o in one.outcomes if any(_leads(way, chosen) for way in o.ways)]
            spans = [outcome.answer.support, *outcome.answer.payers.values()]
            words = [row.side.support, *(row.side.payers[p] for p in outcome.answer.payers)]
            for span, formula in zip(spans, words, strict=True):
                assert span == pytest.approx(_ends(formula["en"], facts), abs=3)  # but for rounding to the fen
    assert seen == {turn.id for turn in part.turns if turn.matters}


def _among(when: Mapping[str, list[str]], facts: Mapping[str, str]) -> bool:
    return all(_fits(words, facts[name]) for name, words in when.items())


def _fits(words: list[str], value: str) -> bool:
    limits = [w for w in words if w.startswith(("above ", "at most "))]
    if not limits:
        return value in words
    number = float(value)
    return all(number > _yuan(w[6:]) if w.startswith("above ") else number <= _yuan(w[8:]) for w in limits)


def _yuan(words: str) -> float:
    return float(words.removesuffix("万元")) * 10_000 if words.endswith("万元") else float(words.removesuffix("元"))


def _leads(way: Mapping[str, tuple[str, ...]], chosen: Mapping[str, str]) -> bool:
    return all(chosen[id_] in options for id_, options in way.items())


def _ends(words: str, facts: Mapping[str, str]) -> tuple[float, float]:
    """The ends of a formula at a platform, in fen, by arithmetic of another kind than the engine's."""
    if words.startswith("up to "):
        low, more = "0元", words.removeprefix("up to ")
    else:
        low, _, more = words.partition(" + up to ")

    def value(text: str) -> float:
        text = re.sub(r"([\d.]+)万元", r"(\1*1000000)", text)
        text = re.sub(r"([\d.]+)元", r"(\1*100)", text)
        text = re.sub(r"([\d.]+)% of", r"(\1/100)*", text)
        names = {name: float(facts[name]) * 100 for name in ("upstream_funding", "contract_turnover")}
        return float(eval(text, {"min": min, "max": max, **names}))

    least = value(low)
    return least, least + (value(more) if more else 0)


def test_places_with_other_policies_are_parts_of_their_own() -> None:
    found = asked({"class": "level is national and kind is technology_innovation_center", "with": ["ganyu-draft"],
                   "readings": {"no_duplication": "net_of_city", "higher_scope": "subsidies"}})  # fmt: skip
    assert [[pack.id for pack in part.packs] for part in found.parts] == [
        ["lianyungang-2021"],
        ["lianyungang-2021", "ganyu-draft"],
        ["qidong-2023"],
    ]
    assert "ganyu" in found.parts[1].places
    assert "ganyu" not in found.parts[0].places
    assert found.notes == ()  # the draft applies to some of them


def test_a_draft_of_another_place_is_noted() -> None:
    found = asked({"class": "level is national", "set": ["location=donghai"], "with": ["ganyu-draft"]})
    assert [note.code for note in found.notes] == ["L201"]


def test_a_promise_that_a_reading_takes_away_matters() -> None:
    # 启政办发〔2023〕10号: the reward for institutions and the city's support are promised without a figure
    (part,) = asked(
        {"class": "kind is public_technology_service_platform", "set": ["location=qidong"], "with": []}
    ).parts
    matter = [turn for turn in part.turns if turn.matters]
    promised = {turn.id: [len(there.promised) for there in turn.options.values()] for turn in matter}
    assert promised == {"qidong-2023/rnd_scope": [2, 1], "qidong-2023/platform_site": [2, 1]}
    assert [turn.verdict.by for turn in matter] == [0, 0]
    assert len(part.unquantified) == 2


def test_nothing_in_force() -> None:
    given = typed({"location": "ganyu"}, SHIPPED.vocabulary)
    found = class_readings(Regimes(SHIPPED, date(2000, 1, 1)), "level is national", given)
    assert found.undecided
    assert as_json(found)["parts"][0]["classes"] == []


def test_what_there_is_no_time_for_is_not_settled() -> None:
    given = typed({"location": "haizhou"}, SHIPPED.vocabulary)
    found = class_readings(Regimes(SHIPPED, DAY), "level is national", given, seconds=1e-9)
    assert found.undecided
    (part,) = found.parts
    assert {(turn.matters, turn.verdict.reason and turn.verdict.reason.code) for turn in part.turns} == {(None, "V403")}
    assert as_json(found)["parts"][0]["readings"]["lianyungang-2021/cap_scope"]["matters"] is None


def test_a_platform_that_shows_nothing_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyeval.class_readings._Asked._matters", lambda *_: False)
    with pytest.raises(Mismatch):
        asked({"class": "level is national", "set": ["location=haizhou"], "with": []})


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("levle is national", "N101"),
        ("level is nationall", "N102"),
        ("location is nanjing", "N105"),
        ("level is", "P102"),
        ("", "P103"),
        ("upstream_funding", "U208"),
        ("cap_scope is each", "V408"),
        ("lianyungang-2021/cap_scope is each", "V408"),
        ("ganyu-draft/matching above 5万元", "V408"),
        ("level is national and level is none", "V409"),
        ("upstream_funding above contract_turnover and contract_turnover above upstream_funding", "V409"),
    ],
)
def test_conditions_that_tell_no_class(condition: str, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        asked({"class": condition, "with": ["ganyu-draft"]})
    assert [problem.code for problem in refusal.value.problems] == [code]


def test_facts_that_contradict_the_condition() -> None:
    with pytest.raises(Refusal) as refusal:
        asked({"class": "level is national", "set": ["level=municipal"], "with": []})
    assert [problem.code for problem in refusal.value.problems] == ["V409"]


def test_too_many_combinations_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyeval.class_readings.LIMIT", 10)
    with pytest.raises(Refusal) as refusal:
        asked({"class": "location is ganyu", "with": ["ganyu-draft"]})
    assert refusal.value.problems[0] == Problem("T109", {"count": 192, "limit": 10})
