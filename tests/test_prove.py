"""Claims over all platforms: verdicts worked by hand, witnesses that evaluate to what is said of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.compare import as_json, compare
from policyeval.library import Library, open_library
from policyeval.money import read_money
from policyeval.problems import Refusal
from policyeval.verdicts import proved

DAY = date(2023, 6, 30)
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "proofs" / "ganyu.yaml").read_text(encoding="utf-8"))
STANDARD = [
    "no_platform_receives_less",
    "no_platform_receives_more",
    "province_pays_no_more",
    "city_pays_no_more",
    "host_pays_no_more",
    "support_never_falls_as_upstream_funding_rises",
    "support_never_falls_as_contract_turnover_rises",
    "within_referenced_standard",
    "no_double_award",
]
WAN = 10**6


@pytest.fixture(scope="module")
def library() -> Library:
    return open_library()


def claims(library: Library, **readings: str) -> dict[str, dict[str, Any]]:
    found = as_json(compare(library, "ganyu-draft", None, DAY, readings))
    return {claim["id"]: claim for claim in found["claims"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["readings"]))
def test_verdicts_worked_by_hand(case: dict[str, Any], library: Library) -> None:
    found = claims(library, **case["readings"])
    for id_, breach in (("no_platform_receives_less", case["least"]), ("host_pays_no_more", case["host"])):
        assert read_money(found[id_]["by_at_most"]) == breach * WAN
        assert found[id_]["verdict"] == ("refuted" if breach else "proved")
    assert found["city_pays_no_more"]["verdict"] == "proved"
    assert found["within_referenced_standard"]["verdict"] == "proved"
    assert found["no_double_award"]["verdict"] == "proved"


def test_every_claim_of_the_contract_is_decided(library: Library) -> None:
    found = claims(library)
    assert list(found)[: len(STANDARD)] == STANDARD
    assert list(found)[len(STANDARD) :] == [f"ganyu-draft/guarantees[{i}]" for i in (1, 2, 3)]
    assert {found[id_]["verdict"] for id_ in list(found)[len(STANDARD) :]} == {"proved"}
    assert not any(claim["vacuous"] for claim in found.values())


def test_the_city_loses_its_part_where_the_draft_stands_alone(library: Library) -> None:
    # 就高: on a tie the draft stands, and the city pays nothing of its 500
    found = claims(library, no_duplication="higher_regime")
    assert found["city_pays_no_more"]["verdict"] == "proved"
    proof = proved(
        library, "city pays under ganyu-draft >= city pays under enacted", DAY, {"no_duplication": "higher_regime"}
    )
    assert (proof.verdict.verdict, proof.verdict.by) == ("refuted", 500 * WAN)


def test_the_smallest_witness_and_the_exact_threshold(library: Library) -> None:
    # each: both plans agree up to 1000万元 from above, so one fen more is the threshold, and 1001 the least in whole
    # 万元. A provincial platform (1:0.25:0.25 against 1:0.5) is the plainest that shows it: 500.5 before, 500 after.
    witness = claims(library, cap_scope="each")["no_platform_receives_less"]["witness"]
    assert witness["platform"]["upstream_funding"] == "10010000.00"
    assert witness["platform"]["contract_turnover"] == "0.00"
    assert witness["platform"]["level"] == "provincial"
    assert witness["threshold"] == {"upstream_funding": "10000000.01"}
    assert (witness["from"]["min"], witness["to"]["min"]) == ("5005000.00", "5000000.00")


def test_every_reading_at_once(library: Library) -> None:
    proof = proved(library, "support of ganyu-draft >= support of enacted", DAY, {}, every_reading=True, seconds=60)
    assert (proof.verdict.verdict, proof.verdict.by) == ("refuted", 1000 * WAN)
    safe = proved(library, "ganyu-draft/performance_subsidy never above 100万元", DAY, {}, every_reading=True)
    assert safe.verdict.verdict == "proved"


def test_what_a_proof_rests_on(library: Library) -> None:
    # Take the cap of 100 away and the subsidy has no bound; no other clause matters.
    proof = proved(library, "ganyu-draft/performance_subsidy never above 100万元", DAY, {})
    assert proof.rests_on == ("ganyu-draft/performance_subsidy",)


@pytest.mark.parametrize(
    ("claim", "where", "by"),
    [
        # national, 1:1 up to 1000; the city's half comes off
        ("ganyu-draft/matching never above 500万元", None, 0),
        ("ganyu-draft/matching never above 400万元", None, 100),
        ("ganyu-draft/matching never above 400万元", "level is provincial", 0),
        ("support of ganyu-draft <= 2 * upstream_funding + 100万元", None, 0),
        ("support of ganyu-draft <= upstream_funding", "performance is not excellent", 0),
        ("support of ganyu-draft <= upstream_funding", None, 100),
        # whichever of the two packs is named first: the city's half and the district's other half, but for rounding
        ("lianyungang-2021/matching <= ganyu-draft/matching + 0.01元", None, 0),
        ("ganyu-draft/matching <= lianyungang-2021/matching + 0.01元", None, 0),
        ("support of enacted < 1000万元", "location is ganyu", 0),  # reached, and not passed
        ("support of enacted is min(upstream_funding, 1000万元)", "location is ganyu and level is national", 0),
        ("50% of support of enacted is city pays under enacted", "location is ganyu and upstream_funding is 4元", 0),
    ],
)
def test_claims_worked_by_hand(claim: str, where: str | None, by: int, library: Library) -> None:
    proof = proved(library, claim, DAY, {}, where)
    refuted = by > 0 or "< 1000" in claim
    assert proof.verdict.verdict == ("refuted" if refuted else "proved")
    assert proof.verdict.by == by * WAN


@pytest.mark.parametrize(
    ("claim", "where", "code"),
    [
        ("support of ganyu-draft >= support of nowhere", None, "N121"),
        ("support of ganyu-draft >= 5%", None, "U214"),
        ("support of ganyu-draft >= fundin", None, "N101"),
        ("support of ganyu-draft", None, "P102"),
        ("support of ganyu-draft >= support of qidong-2023", None, "L301"),
        ("support of ganyu-draft >= 0元", "level is none and level is national", "V405"),
        ("support of ganyu-draft >= if exceptional then 1元 else 2元", None, "P101"),
    ],
)
def test_what_cannot_be_claimed(claim: str, where: str | None, code: str, library: Library) -> None:
    with pytest.raises(Refusal) as caught:
        proved(library, claim, DAY, {}, where)
    assert [p.code for p in caught.value.problems] == [code]


def test_the_time_limit_is_honoured(library: Library) -> None:
    proof = proved(library, "support of ganyu-draft >= support of enacted", DAY, {}, seconds=1e-9)
    assert proof.verdict.verdict == "unknown"
    assert proof.verdict.reason is not None
    assert proof.verdict.reason.code == "V403"
