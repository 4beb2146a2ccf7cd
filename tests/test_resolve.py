"""Names: what they mean by position, on both surfaces, and what is said of one that means nothing."""

from __future__ import annotations

from typing import Any

import pytest
from policyeval.pack import Pack
from policyeval.problems import Problem
from policyeval.tree import Name, Node, Op, Ref, walk
from policyeval.versions import bounds, meets
from small_packs import cases, findings, known_packs, resolved, said, vocabulary


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in cases("names")])
def test_what_is_said_of_a_name(case: dict[str, Any]) -> None:
    assert [said(p) for p in findings(case)] == case.get("finds", [])


OTHERS = [pytest.param(case, id=name) for name, case in cases("types", "amounts", "statements")]


@pytest.mark.parametrize("case", OTHERS)
def test_all_names_of_the_other_cases_are_resolved(case: dict[str, Any]) -> None:
    pack, _, problems = resolved(case)
    assert not problems
    assert not [node for tree in trees(pack) for node in walk(tree) if isinstance(node, Name)]


def trees(pack: Pack) -> list[Node]:
    found: list[Node | None] = [tree for award in pack.awards.values() for tree in (award.amount, award.when)]
    found += [entitlement.when for entitlement in pack.entitlements.values()]
    found += [statement.rule for statement in pack.precedence] + [guarantee.claim for guarantee in pack.guarantees]
    return [tree for tree in found if tree is not None]


def amount(text: str, **case: Any) -> Node:
    pack, _, problems = resolved({"amount": text, **case})
    assert not problems
    return pack.awards["one"].amount


def refs(node: Node) -> list[Ref]:
    return [n for n in walk(node) if isinstance(n, Ref)]


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("funding matched 1:0.5:0.5 by city, host", "上级扶持经费 配套 1:0.5:0.5 由 市级、属地"),
        ("funding matched 1:1 by host capped at 100元", "上级资金 配套 1:1 由 地方 最高 100元"),
        ("if level is municipal then 1元 by city else 0元", "如果 级别 为 市级 则 1元 由 市级 否则 0元"),
        ("if location is city_b then 1元 by host else 0元", "如果 所在地 为 乙市 则 1元 由 属地 否则 0元"),
        ("if exceptional is true then 1元 by host else 0元", "如果 特别重大 为 真 则 1元 由 属地 否则 0元"),
        ("city-plan/base_match as if host_tier is county", "city-plan/base_match之奖 视同 属地类别 为 县"),
    ],
)
def test_both_surfaces_give_the_same_tree(english: str, chinese: str) -> None:
    assert amount(english) == amount(chinese)


def test_position_decides() -> None:
    tree = amount("if level is municipal then funding matched 1:1 by city else 0元")
    assert refs(tree) == [
        Ref("fact", "level"),
        Ref("value", "municipal", of="level"),
        Ref("fact", "funding"),
        Ref("payer", "city"),
    ]


def test_a_spelling_that_is_a_payer_and_a_value() -> None:
    tree = amount("if 级别 is 市级 then 1元 by 市级 else 0元")
    assert refs(tree)[1:] == [Ref("value", "municipal", of="level"), Ref("payer", "city")]


def test_awards_families_and_readings_carry_their_pack() -> None:
    pack, _, problems = resolved(
        {
            "readings": {"scope": ["together", "each"]},
            "awards": {"first": {"family": "both"}},
            "rule": "both net of city-plan/matching.city when scope is each and city-plan/scope is together",
        }
    )
    assert not problems
    assert refs(pack.precedence[0].rule) == [
        Ref("family", "both", "here"),
        Ref("family", "matching", "city-plan", "city"),
        Ref("reading", "scope", "here"),
        Ref("value", "each", of="here/scope"),
        Ref("reading", "scope", "city-plan"),
        Ref("value", "together", of="city-plan/scope"),
    ]


def test_a_fact_stands_before_an_award_of_its_name_in_an_amount() -> None:
    assert refs(amount("funding by host", awards={"funding": {}}))[0] == Ref("fact", "funding")
    pack, _, _ = resolved({"awards": {"funding": {}, "first": {}}, "rule": "first replaces funding"})
    assert refs(pack.precedence[0].rule)[1] == Ref("award", "funding", "here")


def test_an_award_in_an_amount_and_under_as_if() -> None:
    tree = amount("first as if funding is turnover", awards={"first": {}})
    assert refs(tree) == [Ref("award", "first", "here"), Ref("fact", "funding"), Ref("fact", "turnover")]
    assert refs(amount("first", awards={"first": {}})) == [Ref("award", "first", "here")]


def test_a_label_that_two_awards_share_means_neither() -> None:
    pack, _, problems = resolved({"awards": {"first": {}, "second": {}}, "rule": "first之奖 replaces second之奖"})
    assert not problems
    assert refs(pack.precedence[0].rule)[1] == Ref("award", "second", "here")


def test_a_pack_that_is_not_there_is_told_by_position() -> None:
    pack, _, problems = resolved(
        {
            "uses": {"lower-plan": "^1"},
            "awards": {"first": {}},
            "rule": "first replaces lower-plan/anything.host when lower-plan/clause is wide",
        }
    )
    assert not problems
    assert refs(pack.precedence[0].rule)[1:] == [
        Ref("award", "anything", "lower-plan", "host"),
        Ref("reading", "clause", "lower-plan"),
        Ref("value", "wide", of="lower-plan/clause"),
    ]


def test_what_is_left_of_a_name_that_means_nothing() -> None:
    pack, _, problems = resolved({"when": "levle is natonal"})
    assert [p.code for p in problems] == ["N101"]
    assert pack.awards["one"].when == Op("is", (Name("levle"), Name("natonal")))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_nearest_name_is_offered(lang: Any) -> None:
    (problem,) = findings({"when": "level is natonal"})
    assert "`national`" in problem.help(lang)
    (problem,) = findings({"amount": "fundng matched 1:1 by host"})
    assert "`funding`" in problem.help(lang)


def test_what_may_stand_there_is_listed_where_no_name_is_near() -> None:
    (problem,) = findings({"when": "level is xyz"})
    assert problem.help() == "known here: `none`, `municipal`, `national`"


def test_nothing_but_names_changes() -> None:
    packs = known_packs({"amount": "funding matched 1:1 by host capped at 100万元"})
    pack, _, _ = resolved({"amount": "funding matched 1:1 by host capped at 100万元"})
    assert pack.source.text == packs["here"].source.text
    spans = [node.span for node in walk(pack.awards["one"].amount)]
    assert spans == [node.span for node in walk(packs["here"].awards["one"].amount)]
    assert vocabulary().facts["funding"].label.zh == "上级扶持经费"


@pytest.mark.parametrize(
    ("wanted", "met", "unmet"),
    [
        ("^1", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0"]),
        ("^1.2", ["1.2.0", "1.10.0"], ["1.1.9", "2.0.0"]),
        ("^0.2", ["0.2.0", "0.2.9"], ["0.3.0", "0.1.0", "1.0.0"]),
        ("^0", ["0.0.0", "0.9.0"], ["1.0.0"]),
        ("~1.2", ["1.2.0", "1.2.7"], ["1.3.0", "1.1.0"]),
        ("~1", ["1.0.0", "1.7.0"], ["2.0.0"]),
        ("1.0.0", ["1.0.0"], ["1.0.1", "0.9.9"]),
        ("1.2", ["1.2.0", "1.2.5"], ["1.3.0"]),
    ],
)
def test_ranges_of_versions(wanted: str, met: list[str], unmet: list[str]) -> None:
    assert all(meets(version, wanted) for version in met)
    assert not any(meets(version, wanted) for version in unmet)


@pytest.mark.parametrize("wanted", ["", "newest", "^", ">=1", "1.x", "1.2.3.4", "^1.2-rc"])
def test_what_is_no_range(wanted: str) -> None:
    assert bounds(wanted) is None
    assert not meets("1.0.0", wanted)


def test_every_problem_has_a_place() -> None:
    problems: list[Problem] = [p for _, case in cases("names") for p in findings(case)]
    assert all(p.at is not None and p.at.span.end > p.at.span.start for p in problems)
