"""Solver and evaluator never disagree: `bench/agree.py` on a small share of what it compares, and planted faults."""

from __future__ import annotations

import importlib.util
import shlex
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from policyeval import claims, solve
from policyeval.cli.main import cli
from policyeval.compare import compare
from policyeval.evaluate import Amounts, Evaluator, Span
from policyeval.library import Library, open_library
from policyeval.prove import Mismatch
from policyeval.verdicts import proved
from regimes import shipped

DAY = date(2023, 6, 30)
WAN = 10**6


def _module() -> Any:
    path = Path(__file__).resolve().parents[1] / "bench" / "agree.py"
    spec = importlib.util.spec_from_file_location("agree", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


agree = _module()
CASES = Path(__file__).parent / "cases"


def data(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((CASES / "proofs" / f"{name}.yaml").read_bytes())
    return found


def test_they_agree_on_the_shipped_packs() -> None:
    found = agree.shipped(900)
    assert found.wrong == []
    assert (found.compared.total(), found.left_out.total()) == (900, 0)
    assert len(found.compared) == 3


def test_proofs_about_small_packs_are_what_trying_everything_shows() -> None:
    found = agree.small(90)
    assert found.wrong == []
    assert min(found.compared["proved"], found.compared["refuted"]) > 10
    assert found.left_out.total() < 30, found.left_out


# Planted faults ---------------------------------------------------------------


@pytest.fixture
def _a_fen_off(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Evaluator.amounts

    def wrong(self: Evaluator, facts: Any) -> Amounts:
        found = right(self, facts)
        least, most = found.support
        return found._replace(support=Span(least, None if most is None else most + 1))

    monkeypatch.setattr(Evaluator, "amounts", wrong)


@pytest.mark.usefixtures("_a_fen_off")
def test_a_disagreement_stops_the_run() -> None:
    with pytest.raises(Mismatch):
        proved(shipped(), "support of ganyu-draft <= support of enacted", DAY, {})
    assert len(agree.shipped(6).wrong) == 6


@pytest.mark.usefixtures("_a_fen_off")
@pytest.mark.parametrize("command", ["prove 'support of ganyu-draft <= support of enacted'", "compare ganyu-draft"])
def test_a_disagreement_is_told_as_a_fault_of_the_engine(command: str) -> None:
    result = CliRunner().invoke(cli, [*shlex.split(command), "--as-of", "2023-06-30", "--lang", "en"])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("C110 ")
    assert "Mismatch" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_award_that_a_claim_names_is_evaluated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = "ganyu-draft/performance_subsidy never above 10万元"
    assert proved(shipped(), claim, DAY, {}).verdict.by == 90 * WAN
    trace = Evaluator.trace

    class Off:
        def __init__(self, found: Any) -> None:
            self.found = found

        def span(self, node: int) -> Span:
            least, most = self.found.span(node)
            return Span(least, most + 1)

    monkeypatch.setattr(Evaluator, "trace", lambda self, facts: Off(trace(self, facts)))
    with pytest.raises(Mismatch):
        proved(shipped(), claim, DAY, {})


# What a proof may not do ------------------------------------------------------


def test_amounts_that_no_formula_says_leave_claims_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "ends_of", lambda *_: {})
    verdicts = compare(shipped(), "ganyu-draft", None, DAY, {}).claims
    assert {v.verdict for v in verdicts if v.claim.id == "no_platform_receives_more"} == {"unknown"}
    assert {v.reason.code for v in verdicts if v.reason} == {"X301"}
    assert proved(shipped(), "support of ganyu-draft <= support of enacted", DAY, {}).verdict.verdict == "unknown"


def test_a_claim_about_a_fact_that_no_policy_asks_for() -> None:
    proof = proved(shipped(), "0元 - 1元 >= contract_turnover", DAY, {})
    assert proof.verdict.by == 10**15 + 100
    assert proof.verdict.witness is not None
    assert proof.verdict.witness.facts["contract_turnover"] == 0


def test_a_breach_of_half_a_fen_is_not_called_nothing() -> None:
    where = "location is ganyu and level is national and upstream_funding is 0.01元"
    proof = proved(shipped(), "support of enacted <= 50% of upstream_funding", DAY, {}, where)
    assert (proof.verdict.verdict, proof.verdict.by) == ("refuted", 1)


@pytest.fixture
def with_copy(tmp_path: Path) -> Library:
    (tmp_path / "copy.yaml").write_text(COPY, encoding="utf-8")
    return open_library([tmp_path]).sound()


def test_a_copy_of_another_award_is_let_go_like_any(with_copy: Library) -> None:
    proof = proved(with_copy, "copy/twin never above 800万元", DAY, {})
    assert proof.verdict.verdict == "proved"
    assert proof.rests_on == ("copy/twin",)


COPY = """
pack: copy
version: 1.0.0
status: draft
jurisdiction: ganyu
uses: {lianyungang-2021: ^1}
document: {title: {zh: 例, en: an example}}
effective: null
payers: [host]
awards:
  twin:
    label: {zh: 例, en: an example}
    cite: {section: 一, phrase: 例}
    amount: lianyungang-2021/national_match as if host_tier is county capped at 800万元
  other:
    label: {zh: 又例, en: another example}
    cite: {section: 一, phrase: 例}
    amount: lianyungang-2021/national_match as if host_tier is county
"""


@pytest.mark.parametrize("seconds", [1, 30, 300, 1_000, 3_000, 6_000, 10_000, 20_000, 50_000, 100_000])
def test_all_that_is_done_for_a_claim_shares_its_time(seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on by a second whenever somebody looks at it."""
    ticks = count()
    shown: list[int] = []

    def look() -> float:
        shown.append(next(ticks))
        return shown[-1]

    monkeypatch.setattr(solve, "monotonic", look)
    verdict = proved(shipped(), "support of ganyu-draft <= support of enacted", DAY, {}, seconds=seconds).verdict
    assert len(shown) < 2 * seconds + 100  # once over, it is over for all
    if verdict.verdict == "unknown":
        assert verdict.reason is not None
        assert verdict.reason.code == "V403"
    else:
        assert verdict.witness is not None
        assert (verdict.by, verdict.reason and verdict.reason.code) in [(100 * WAN, None), (None, "V403")]
        assert verdict.reason is not None or verdict.witness.smallest  # what is said is true, however short the time


def test_a_proof_rests_on_an_award_that_is_looked_at_on_another_platform(with_copy: Library) -> None:
    """What the city's award comes to in a county is not what it comes to here, whatever it says."""
    proof = proved(
        with_copy, "copy/other at most lianyungang-2021/national_match", DAY, {}, "level is national and exceptional"
    )
    assert proof.verdict.verdict == "proved"
    assert proof.rests_on == ("lianyungang-2021/national_match", "copy/other")


# Facts below 0 ------------------------------------------------------------------


@pytest.mark.parametrize("case", data("numbers"), ids=lambda case: f"{case['claim']} {case['where']}")
def test_the_smallest_number_may_be_below_0(case: dict[str, Any]) -> None:
    found = proved(_kinds(), case["claim"], date(2024, 6, 30), {}, case["where"], seconds=60.0).verdict
    assert found.verdict == ("refuted" if "growth" in case else "proved")
    if found.witness:
        assert found.witness.smallest
        assert found.witness.facts["growth"] == case["growth"]


@cache
def _kinds() -> Library:
    return open_library([CASES / "batch" / "policies"], use_cache=False).sound()


# Payers whose ends are not exact --------------------------------------------------

DRAFT = """
pack: draft
version: 1.0.0
status: draft
jurisdiction: ganyu
document:
  title: {zh: 草案（虚构）, en: A draft (invented)}
effective: {from: 2024-01-01, to: null}
payers: [city, host]
awards:
  aid:
    label: {zh: 补助, en: Aid}
    cite: {section: 一, phrase: 补助}
    amount: AMOUNT
"""


@pytest.mark.parametrize("case", data("payers"), ids=lambda case: case["case"])
def test_what_is_shared_out_in_proportion_is_left_open(case: dict[str, Any], tmp_path: Path) -> None:
    rule = (
        f"precedence:\n  - {{rule: {case['rule']}, cite: {{section: 二, phrase: 不超过}}}}\n" if "rule" in case else ""
    )
    draft = tmp_path / "draft.yaml"
    draft.write_text(DRAFT.replace("AMOUNT", case["amount"]).lstrip() + rule, encoding="utf-8")
    found = compare(open_library((), [str(draft)]).sound(), str(draft), None, date(2024, 6, 30), {})
    said = {v.claim.id: v for v in found.claims}
    city = said["city_pays_no_more"]
    assert (city.verdict, city.reason and city.reason.code) == (
        ("unknown", case["reason"]) if "reason" in case else ("refuted", None)
    )
    assert said["no_platform_receives_less"].verdict == "proved"  # the sum of all payers is exact
