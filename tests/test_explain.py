"""`explain`: rules and expressions read back as sentences, with clause, readings and statements."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policyeval.cli.main import cli
from policyeval.explain import explain, explain_expression, rules_of
from policyeval.functions import TABLE
from policyeval.library import Library, open_library
from policyeval.phrases import COVERED, Phrases
from policyeval.problems import Refusal
from strategies import BY_START

ROOT = Path(__file__).resolve().parents[1]
CASES = yaml.safe_load((ROOT / "tests" / "cases" / "explain" / "expressions.yaml").read_text(encoding="utf-8"))

SLOTS = "--policies tests/cases/explain/slots"

PAGES = {
    "award": "ganyu-draft/national_match",
    "award_zh": "ganyu-draft/national_match --lang zh",
    "award_md": "ganyu-draft/performance_subsidy --format md",
    "award_json": "lianyungang-2021/national_match --format json",
    "award_json_zh": "ganyu-draft/performance_subsidy --format json --lang zh",
    "family": "ganyu-draft/matching",
    "statement": "'ganyu-draft/precedence[2]'",
    "statement_zh": "'ganyu-draft/precedence[1]' --lang zh",
    "reading": "no_duplication",
    "reading_zh": "ganyu-draft/no_duplication --lang zh",
    "reading_json": "ganyu-draft/filing --format json",
    "entitlement": "ganyu-draft/spinoff_preferences",
    "authority": "'ganyu-draft/authority[1]'",
    "guarantee": "'ganyu-draft/guarantees[1]'",
    "slot": f"city-plan/local_match {SLOTS}",
    "slot_zh": f"city-plan/local_match --lang zh {SLOTS}",
    "slot_json": f"city-plan/local_match --format json {SLOTS}",
    "budget": f"city-plan/year {SLOTS}",
    "budget_zh": f"city-plan/year --lang zh {SLOTS}",
    "budget_json": f"city-plan/year --format json {SLOTS}",
    "award_filling_a_slot": f"district-plan/local {SLOTS}",
    "award_by_a_slot_zh": f"district-plan/more --lang zh {SLOTS}",
    "expression": "--expression 'upstream_funding matched 1:1 by host'",
    "expression_json": "ganyu-draft --expression 'matching 从不高于 1000万元' --format json",
}


@pytest.fixture(scope="module")
def library() -> Library:
    return open_library(use_cache=False)


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def run(line: str) -> Result:
    return CliRunner().invoke(cli, ["explain", *shlex.split(line)])


# Sentences ----------------------------------------------------------------------


def test_every_operator_has_its_words() -> None:
    assert set(TABLE) <= COVERED


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_expressions(case: dict[str, str], library: Library) -> None:
    found = explain_expression(case["text"], library, library.pack(case["in"]) if "in" in case else None)
    assert " ".join(found.sentences("en")) == case["en"]
    assert "".join(found.sentences("zh")) == case["zh"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_rule_of_the_shipped_packs_is_read_back(lang: Any, library: Library) -> None:
    for pack in library.packs:
        for id in (*rules_of(pack), *pack.families):
            found = explain(f"{pack.id}/{id}", library)
            for sentence in found.sentences(lang):
                assert sentence.endswith("。" if lang == "zh" else ".")
                assert not sentence[0].islower()
                assert "`" not in sentence.replace("`matching`", "") or "按`" in sentence or "read as `" in sentence
            assert json.dumps(found.as_json(lang))
            if found.kind not in ("reading", "family"):
                assert found.sentences(lang)


def test_both_surfaces_read_back_alike(library: Library) -> None:
    english = explain_expression("upstream_funding matched 1:0.5:0.5 by city, host capped at 1000万元", library)
    chinese = explain_expression("上级扶持经费 配套 1：0.5：0.5 由 市级、属地 最高 １０００万元", library)
    assert english.sentences("zh") == chinese.sentences("zh")
    assert english.written("zh") == {"expression": "上级扶持经费 配套 1:0.5:0.5 由 市级、属地 最高 1000万元"}


@pytest.mark.parametrize("start", list(BY_START))
@pytest.mark.parametrize("lang", ["en", "zh"])
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_tree_is_left_without_words(start: Any, lang: Any, data: Any, library: Library) -> None:
    tree = data.draw(BY_START[start])
    said = Phrases(library.vocabulary, library.pack("ganyu-draft"), lang, {}).anything(tree, start)
    assert all(said)


# What belongs to a rule -----------------------------------------------------------


def test_readings_that_an_award_is_reached_through(library: Library) -> None:
    limited = explain("ganyu-draft/precedence[1]", library)
    assert [rule.ref for rule in limited.readings] == [
        "ganyu-draft/county_standard",
        "lianyungang-2021/matching_kinds",
        "lianyungang-2021/cap_scope",
    ]
    net = explain("ganyu-draft/precedence[2]", library)
    assert [rule.ref for rule in net.readings] == ["ganyu-draft/no_duplication"]


def test_statements_of_other_packs_name_an_award_too(library: Library) -> None:
    found = explain("lianyungang-2021/provincial_match", library)
    assert {rule.pack.id for rule in found.statements} == {"ganyu-draft"}


# The command ------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, snapshot: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = run(PAGES[name])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == snapshot


def test_a_file_stands_for_a_pack(tmp_path: Path) -> None:
    text = (ROOT / "policies" / "ganyu-draft.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("capped at 1000万元", "capped at 1234万元", 1), encoding="utf-8")
    assert "1234万元" in run(f"{path}/national_match").stdout


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "D124"),
        ("ganyu-draft/nat_match", "D121"),
        ("'ganyu-draft/precedence[99]'", "D121"),
        ("nat_match", "D122"),
        ("case_by_case", "D123"),
        ("x/national_match", "L102"),
        ("--expression 'levl is national'", "N101"),
        ("--expression 'x matched'", "P102"),
        ("--expression '10% + 5万元'", "U201"),
        ("--expression ''", "P103"),
        ("nowhere --expression exceptional", "L102"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_refused(line: str, code: str, lang: str) -> None:
    result = run(f"{line} --lang {lang}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert code in result.stderr


def test_refusals_are_data(library: Library) -> None:
    with pytest.raises(Refusal):
        explain("ganyu-draft/none", library)
