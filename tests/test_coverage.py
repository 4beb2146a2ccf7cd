"""What examples reach of a pack, and what is proved out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest
from policyeval.coverage import Coverage, Item, Tally, _Probes, coverage
from policyeval.library import Library, open_library
from policyeval.problems import At
from policyeval.source import Source, Span
from test_examples import ROOT, SHIPPED, SMALL, opened, run, with_cases


def covered(library: Library, reference: str) -> Coverage:
    return coverage(library, library.pack(reference), run(library, reference))


def said(items: tuple[Item, ...]) -> list[tuple[str, str, str]]:
    """Rule, side, and the text that the item stands at."""
    texts = [" ".join(i.at.source.text[i.at.span.start : i.at.span.end].split()) for i in items]
    return [(i.rule.partition("/")[2], i.way, t) for i, t in zip(items, texts, strict=True)]


@pytest.mark.parametrize("pack", ["lianyungang-2021", "ganyu-draft", "qidong-2023"])
def test_the_shipped_examples_reach_every_clause_and_branch(pack: str) -> None:
    found = covered(SHIPPED, pack)
    assert (found.clauses.percent, found.branches.percent) == (100, 100)
    assert (found.clauses.uncovered, found.branches.uncovered, found.clauses.dead) == ((), (), ())


def test_the_drafts_limit_is_proved_never_to_bind() -> None:
    (dead,) = covered(SHIPPED, "ganyu-draft").branches.dead
    assert (dead.rule, dead.way) == ("ganyu-draft/precedence[1]", "binds")


def test_what_is_not_reached_and_what_cannot_be(tmp_path: Path) -> None:
    found = covered(*opened(tmp_path, SMALL))
    assert said(found.clauses.uncovered) == [("bonus", "applies", "bonus"), ("promise", "applies", "promise")]
    assert said(found.clauses.dead) == []
    floor = "10% of upstream_funding at least 5万元"
    assert said(found.branches.uncovered) == [
        ("match", "false", "level at least provincial"),
        ("match", "false", "kind is not professional_institute"),
        ("match", "false", "floor_for is everyone"),
        ("match", "free", floor),
        ("match", "binds", "10% of upstream_funding capped at 30万元"),
        ("match", "free", "10% of upstream_funding capped at 30万元"),
        ("bonus", "false", "known(contract_turnover)"),
        ("bonus", "true", "performance is excellent"),
        ("promise", "true", "exceptional"),
    ]
    assert said(found.branches.dead) == [("match", "true", "level at most municipal")]
    assert (found.clauses.percent, found.branches.percent) == (66, 100 * 19 // 28)


def test_each_branch_is_reached_by_an_example_for_it(tmp_path: Path) -> None:
    cases = """
  - name: all
    readings: {floor_for: [everyone, nobody]}
    platform:
      location: ganyu
      kind: [new_rnd_institution, professional_institute]
      level: [none, provincial, national]
      upstream_funding: [0, 400万元]
      contract_turnover: [null, 1元]
      performance: [excellent, good]
      exceptional: [是, 否]
    expect: {findings: []}
"""
    found = covered(*opened(tmp_path, with_cases(cases)))
    assert said(found.clauses.uncovered) == []
    assert said(found.branches.uncovered) == []
    assert said(found.branches.dead) == [("match", "true", "level at most municipal")]


FORMS = {
    "upstream_funding in brackets 10% to 100万元, 5% above by host": ["taken 10% to 100万元", "taken 5% above"],
    "upstream_funding in steps 1万元 to 100万元, 2万元 above by host": ["taken 1万元 to 100万元", "taken 2万元 above"],
    "(upstream_funding in steps 1% to 100万元, 2% above) of contract_turnover by host": [
        "taken 1% to 100万元",
        "taken 2% above",
    ],
    "higher of (upstream_funding by host), (9万元 by host), (1万元 by host)": [
        "taken upstream_funding by host",
        "taken 9万元 by host",
        "dead 1万元 by host",
    ],
    "top up upstream_funding to 9万元 by host": [
        "binds top up upstream_funding to 9万元",
        "free top up upstream_funding to 9万元",
    ],
    "upstream_funding of which 9万元 by city, rest by host": [
        "binds upstream_funding of which 9万元 by city, rest by host",
        "free upstream_funding of which 9万元 by city, rest by host",
    ],
}


@pytest.mark.parametrize("amount", FORMS)
def test_each_way_that_an_amount_may_go(amount: str, tmp_path: Path) -> None:
    text = with_cases("[]").replace("amount: 20万元 by host", f"amount: {amount}", 1)
    branches = covered(*opened(tmp_path, text)).branches
    found = [f"{way} {text}" for rule, way, text in said(branches.uncovered) if rule == "bonus"]
    found += [f"dead {text}" for rule, _, text in said(branches.dead) if rule == "bonus"]
    assert [item for item in found if item.partition(" ")[2] in amount] == FORMS[amount]


def test_examples_take_each_way(tmp_path: Path) -> None:
    cases = """
  - name: all
    platform:
      location: ganyu
      kind: new_rnd_institution
      level: national
      performance: excellent
      upstream_funding: [8万元, 9万元, 200万元]
      contract_turnover: 1元
    expect: {findings: []}
"""
    for amount, items in FORMS.items():
        text = with_cases(cases).replace("amount: 20万元 by host", f"amount: {amount}", 1)
        left = said(covered(*opened(tmp_path, text)).branches.uncovered)
        assert [way for _, way, text in left if f"{way} {text}" in items] == [], amount


def test_a_statement_changes_an_amount_and_does_not(tmp_path: Path) -> None:
    text = SMALL.replace(
        "match, bonus together capped at (if level is national then 150万元 else 40万元)", "match replaces bonus"
    )
    sides = {
        way for rule, way, _ in said(covered(*opened(tmp_path, text)).branches.uncovered) if rule == "precedence[1]"
    }
    assert sides == {"changes"}


def test_a_slot_that_is_still_to_be_filled_makes_nothing_dead() -> None:
    library = open_library([ROOT / "tests" / "cases" / "explain" / "slots"], use_cache=False)
    branches = covered(library, "city-plan").branches
    assert [(i.rule, i.way) for i in branches.uncovered if "top_up" in i.rule] == [
        ("city-plan/top_up", "binds"),
        ("city-plan/top_up", "free"),
    ]
    assert branches.dead == ()


def test_what_only_a_missing_fact_reaches_is_never_called_dead(tmp_path: Path) -> None:
    library, path = opened(tmp_path, SMALL)
    pack = library.pack(path)
    probes = _Probes([pack], pack, library.vocabulary)
    (unknown,) = [key for key in probes.found if key[0] == "small-plan/bonus" and key[1:] == ("when", 0, "false")]
    assert not probes.never(unknown)


@pytest.mark.parametrize("reference", [pack.ref for pack in SHIPPED.packs])
def test_what_an_example_reaches_is_never_proved_dead(reference: str) -> None:
    results = run(SHIPPED, reference)
    packs = next(r.answer.packs for r in results if any(p.ref == reference for p in r.answer.packs))
    probes = _Probes(packs, SHIPPED.pack(reference), SHIPPED.vocabulary)
    mine = [r for r in results if r.answer.packs == packs]
    assert [key for key in probes.reached(mine) if probes.never(key)] == []


def test_percentages_round_down() -> None:
    item = Item("a", "applies", None, At(Source("x", ""), Span(0, 0)))
    assert Tally((item,) * 199, (item,), ()).percent == 99
    assert Tally((), (), (item,)).percent == 100
    assert Tally((), (item,), ()).percent == 0


def test_a_pack_without_examples_reaches_nothing(tmp_path: Path) -> None:
    found = covered(*opened(tmp_path, with_cases("[]")))
    assert (found.clauses.percent, found.branches.percent) == (0, 0)


def test_the_new_city_is_measured_too() -> None:
    library = open_library([ROOT / "examples" / "new-city"])
    assert covered(library, "qinglan-2024").clauses.percent < 100
