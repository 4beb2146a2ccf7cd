"""What is a change of meaning and what is none: edits of the draft, and random packs under other keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
import random_packs
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from policyeval.check import check
from policyeval.diff import Difference, as_json, diff, parts_of
from policyeval.evaluate import Evaluator
from policyeval.library import Library, open_library
from policyeval.lower import lower
from policyeval.pack import Pack
from policyeval.problems import Refusal, errors
from policyeval.record import replace
from policyeval.renaming import renamed
from policyeval.resolve import resolve
from small_packs import build, vocabulary

DAY = date(2023, 6, 30)
ROOT = Path(__file__).parents[1]
DRAFT = (ROOT / "policies" / "ganyu-draft.yaml").read_text("utf-8")
WAN = 10**6

CASES = yaml.load((ROOT / "tests" / "cases" / "diff" / "draft.yaml").read_bytes(), yaml.BaseLoader)


def edit(text: str, case: Mapping[str, Any]) -> str:
    """The draft after the edits of a case."""
    if "move" in case:
        first, until, before = case["move"]
        start, end = text.index(first), text.index(until)
        lines, text = text[start:end], text[:start] + text[end:]
        at = text.index(before)
        text = text[:at] + lines + text[at:]
    if "drop" in case:
        start, end = map(text.index, case["drop"])
        text = text[:start] + text[end:]
    for old, new in case.get("put", ()):
        assert old in text, old
        text = text.replace(old, new)
    return text


_FOUND: dict[object, Difference] = {}  # several tests look at one edit


def edited(tmp_path: Path, case: Mapping[str, Any], seconds: float = 60, **readings: str) -> Difference:
    text = edit(DRAFT, case)
    assert text != DRAFT
    key = text, seconds, *readings.items()
    if key not in _FOUND:
        mine = tmp_path / "mine.yaml"
        mine.write_text(text, "utf-8")
        library = open_library([], [str(mine)], use_cache=False).sound()
        _FOUND[key] = diff(library, "ganyu-draft", str(mine), DAY, readings, seconds)
    return _FOUND[key]


def put(*edits: tuple[str, str]) -> dict[str, Any]:
    return {"put": edits}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_edit(case: dict[str, Any], tmp_path: Path) -> None:
    expected, found = case["expect"], edited(tmp_path, case)
    assert found.kind == expected["kind"]
    assert found.same == (expected.get("same") != "false")
    assert {change.pair.rule.id: change.pair.how for change in found.changes} == expected.get("rules", {})
    assert {one.pair.rule.id: list(one.what) for one in found.reworded} == expected.get("reworded", {})
    assert {pair.old.id: pair.rule.id for pair in found.moved if pair.old} == expected.get("moved", {})
    assert found.keys == expected.get("keys", {})
    document = {e.name: [e.old.en, e.new.en] for e in found.document if e.name != "cases"}
    assert document == expected.get("document", {})
    if found.same:
        assert found.claims == ()
    elif found.kind != "money":
        assert {verdict.verdict for verdict in found.claims} == {"proved"}
    else:
        assert "refuted" in {verdict.verdict for verdict in found.claims}


# Whom a change touches ------------------------------------------------------------------

NO_MORE = put(("level is provincial and (matching", "level is provincial and level is not none and (matching"))


def test_a_changed_figure_with_whom_it_touches(tmp_path: Path) -> None:
    found = edited(tmp_path, put(("capped at 100万元 by host", "capped at 200万元 by host")))
    assert found.kind == "money"
    (change,) = found.changes
    assert (change.pair.how, change.pair.id) == ("changed", "ganyu-draft/performance_subsidy")
    assert [(part.name, part.figures) for part in parts_of(change.pair)] == [("amount", (("100万元", "200万元"),))]
    assert change.touches is not None
    assert {when["performance"][0] for when in change.touches} == {"excellent"}
    assert {level for when in change.touches for level in when["level"]} == {"national", "provincial", "municipal"}
    by = {verdict.claim.id: (verdict.verdict, verdict.by) for verdict in found.claims}
    # above 1000万元 of contracts, a tenth of them up to 200万元: 100万元 more at most
    assert by["every_platform_receives_the_same"] == ("refuted", 100 * WAN)
    assert by["host_pays_the_same"] == ("refuted", 100 * WAN)
    assert by["city_pays_the_same"] == ("proved", 0)
    witness = found.claims[0].witness
    assert witness is not None
    assert witness.thresholds["contract_turnover"] == 1000 * WAN + 10


def test_each_of_several_changes_has_its_own_platforms(tmp_path: Path) -> None:
    halves = ("upstream_funding matched 1:0.5 by host", "upstream_funding matched 1:0.4 by host")
    found = edited(tmp_path, put(("capped at 100万元 by host", "capped at 200万元 by host"), halves))
    touched = {change.pair.rule.id: change.touches for change in found.changes}
    assert {level for when in touched["provincial_match"] or () for level in when["level"]} == {"provincial"}
    assert {when["performance"][0] for when in touched["performance_subsidy"] or ()} == {"excellent"}
    city = next(verdict for verdict in found.claims if verdict.claim.id == "city_pays_the_same")
    # only where the higher plan stands alone: half of the upstream funding is the city's quarter and the district's
    assert city.verdict == "refuted"
    assert city.by == 250 * WAN


def test_a_change_that_touches_nobody(tmp_path: Path) -> None:
    found = edited(tmp_path, NO_MORE)
    assert [change.touches for change in found.changes] == [()]


def test_another_default_touches_whom_it_is_assumed_for(tmp_path: Path) -> None:
    (case,) = [case for case in CASES if case["name"] == "another default of a reading"]
    (change,) = edited(tmp_path, case).changes
    assert [(part.name, part.old, part.new) for part in parts_of(change.pair)] == [
        ("default", "net_of_city", "city_alone")
    ]
    assert {level for when in change.touches or () for level in when["level"]} == {"national", "provincial"}


def test_where_a_statement_stands_may_matter(tmp_path: Path) -> None:
    """After the rule of the higher amount, what the city pays comes off what stands."""
    later = {"move": ["  - rule: matching net of", "  - rule: matching replaces", "\nguarantees:"]}
    found = edited(tmp_path, later, seconds=3, higher_scope="all")
    assert (found.kind, [change.pair.how for change in found.changes]) == ("money", ["same"])
    assert found.moved == ()


# What cannot be held against each other ------------------------------------------------


def test_refusals(tmp_path: Path) -> None:
    library = open_library(use_cache=False).sound()
    for old, new, code in (
        ("ganyu-draft", "lianyungang-2021", "L302"),
        ("ganyu-draft", "qidong-2023", "L301"),
        ("ganyu-draft", "ganyu-drft", "L102"),
        ("ganyu-draft@9.0.0", "ganyu-draft", "L103"),
    ):
        with pytest.raises(Refusal) as refused:
            diff(library, old, new, DAY, {})
        assert [problem.code for problem in refused.value.problems] == [code]


def test_what_is_not_settled_in_time_is_unknown(tmp_path: Path) -> None:
    found = edited(
        tmp_path,
        put(("level is provincial and (matching", "level is provincial and level is not none and (matching")),
        seconds=1e-6,
    )
    assert found.kind == "unknown"
    assert as_json(found)["change"] == "unknown"


# Random packs -----------------------------------------------------------------------------


def packs_of(words: dict[str, dict[str, Any]]) -> list[Pack]:
    built = {id_: build(id_, dict(pack)) for id_, pack in words.items()}
    found = {id_: resolve(pack, vocabulary(), built) for id_, pack in built.items()}
    packs = {id_: pack for id_, (pack, _) in found.items()}
    problems = [p for _, said in found.values() for p in said]
    problems += [p for pack in packs.values() for p in check(pack, vocabulary(), packs)]
    assume(not errors(problems) and all(p.code != "W402" for p in problems))
    return list(packs.values())


def versions(city: Pack, old: Pack, new: Pack) -> Library:
    """The newer one is 1.3.0."""
    enacted = replace(city, status="enacted", effective_from=date(2020, 1, 1), sha256="c")
    return Library(vocabulary(), (enacted, replace(old, sha256="o"), replace(new, version="1.3.0", sha256="n")))


def under_other_keys(pack: dict[str, Any]) -> dict[str, Any]:
    def other(text: str) -> str:
        return re.sub(r"(?<![\w/])(b|c|d|kin)\b", lambda m: {"b": "x", "c": "y", "d": "z", "kin": "gens"}[m[1]], text)

    awards = {other(id_): {key: other(text) for key, text in award.items()} for id_, award in pack["awards"].items()}
    return {**pack, "awards": awards, "precedence": [other(rule) for rule in pack["precedence"]]}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_other_keys_are_no_change(seed: int) -> None:
    words = random_packs.packs(Random(seed))
    city, old = packs_of(words)
    _, new = packs_of({**words, "here": under_other_keys(words["here"])})
    found = diff(versions(city, old, new), "here@1.2.0", "here@1.3.0", DAY, {})
    assert found.kind == "none"
    assert found.same
    assert set(found.keys["award"]) == set(old.awards)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_what_is_called_the_same_is_the_same_for_every_platform_tried(seed: int) -> None:
    """One award of a random pack is written anew, or divided in two that are alike."""
    rnd = Random(seed)
    words = random_packs.packs(rnd, choices=0.2, figureless=0.0)
    city, old = packs_of(words)
    name, award = rnd.choice(list(words["here"]["awards"].items()))
    writer = random_packs.Writer(rnd, 0.1, 0.0)
    divided = f"if {writer.condition()} then ({award['amount']}) else ({award['amount']})"
    new_award = {**award, "amount": rnd.choice([divided, divided, writer.amount([])])}
    awards = {**words["here"]["awards"], name: new_award}
    _, new = packs_of({**words, "here": {**words["here"], "awards": awards}})
    try:
        found = diff(versions(city, old, new), "here@1.2.0", "here@1.3.0", DAY, {}, 0.5)
    except Refusal as refusal:
        assume(not {"R401", "R403", "X301"} & {problem.code for problem in refusal.problems})
        raise
    plans = [lower([city, pack], vocabulary(), {}, DAY) for pack in (old, new)]
    evaluators = [Evaluator(plan) for plan in plans]
    for _ in range(40):
        facts = random_packs.platform(rnd)
        old_amounts, new_amounts = (evaluator.amounts(facts) for evaluator in evaluators)
        if found.kind in ("none", "no_money"):
            assert old_amounts.support == new_amounts.support
            for payer in {**old_amounts.payers, **new_amounts.payers}:
                sides = [amounts.payers.get(payer, (0, 0)) for amounts in (old_amounts, new_amounts)]
                assert sides[0] == sides[1]


def test_a_pack_under_its_own_keys_is_itself() -> None:
    pack = open_library(use_cache=False).sound().pack("ganyu-draft")
    assert renamed(pack, pack).pack == pack


def test_json(tmp_path: Path) -> None:
    found = as_json(edited(tmp_path, put(("capped at 100万元 by host", "capped at 200万元 by host"))))
    (rule,) = found["rules"]
    assert (rule["rule"], rule["change"], rule["kind"]) == ("ganyu-draft/performance_subsidy", "changed", "award")
    assert rule["figures"] == [["100万元", "200万元"]]
    assert rule["parts"]["amount"]["to"] == "up to 10% of contract_turnover capped at 200万元 by host"
    assert found["claims"][0]["witness"]["to"] == {"min": "0.00", "max": "1001000.00"}
    assert found["digests"]["from"] != found["digests"]["to"]
