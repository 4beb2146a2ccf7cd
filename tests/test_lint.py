"""What `check` finds doubtful: whole messages and what is underlined, the pages, `allow`, the forms, and its truth."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from lint_oracle import looked, tried
from lint_packs import DAY, cases, library, linted, said
from policyeval import __version__
from policyeval.check import check
from policyeval.cli.main import cli
from policyeval.library import Library, open_library
from policyeval.lint import lint
from policyeval.load import load_files
from policyeval.messages_lint import LINTS
from policyeval.problems import Problem, render
from policyeval.resolve import resolve
from policyeval.sarif import as_sarif

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs" / "lints").glob("W*.md"))
ALL = [pytest.param(case, id=name) for name, case in cases()]
FINDINGS = {code for code in LINTS if code < "W590"}


# Cases ------------------------------------------------------------------------


@pytest.mark.parametrize("case", ALL)
def test_what_is_said(case: dict[str, Any]) -> None:
    found = linted(case)
    assert [said(p) for p in found.problems] == case.get("finds", [])
    assert [p.code for p, _ in found.allowed] == case.get("allowed", [])


def test_every_code_is_found_and_not_found() -> None:
    found = {p["code"] for _, case in cases() for p in case.get("finds", ())}
    assert found == FINDINGS
    for file in ("awards", "statements", "cliffs", "texts", "allow", "guarantees"):
        assert any(name.startswith(file) and not case.get("finds") for name, case in cases())


def test_each_finding_names_its_rule() -> None:
    ids = re.compile(r"[a-z_]+|(authority|precedence|guarantees)\[\d+\]|uses\.[a-z-]+")
    for _, case in cases():
        for problem in linted(case).problems:
            assert ids.fullmatch(problem.words["rule"]), problem


def test_messages_as_a_person_reads_them(snapshot: Any) -> None:
    shown = [
        (name, [render(p, lang) for p in linted(case).problems for lang in ("en", "zh")]) for name, case in cases()
    ]
    assert "\n\n".join("\n".join([f"# {name}", *texts]) for name, texts in shown if texts) == snapshot


# Pages ------------------------------------------------------------------------

_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_AROUND = {
    "pack": "example",
    "version": "1.0.0",
    "status": "enacted",
    "uses": {"lianyungang-2021": "^1"},
    "jurisdiction": "ganyu",
    "document": {"title": {"zh": "例", "en": "an example"}},
    "effective": {"from": "2024-01-01"},
    "payers": ["city", "host"],
}


def test_every_code_has_a_page() -> None:
    assert {page.stem for page in PAGES} == FINDINGS
    listed = (ROOT / "docs" / "lints" / "README.md").read_text(encoding="utf-8")
    assert [page.stem for page in PAGES] == re.findall(r"\[(W\d+)\]", listed)
    for page in PAGES:
        title = page.read_text(encoding="utf-8").partition("\n")[0]
        assert title.removeprefix(f"# {page.stem}: ") in listed


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem != "W521"], ids=lambda page: page.stem)
def test_the_examples_of_a_page(page: Path, tmp_path: Path) -> None:
    *around, bad, good = _BLOCK.findall(page.read_text(encoding="utf-8"))
    assert page.stem in example(bad, around, tmp_path)
    assert page.stem not in example(good, around, tmp_path)


def example(text: str, around: list[str], folder: Path) -> list[str]:
    """The codes that are found in a part of a pack, beside the shipped packs and the words in `around`."""
    part = {**_AROUND, **yaml.load(text, yaml.BaseLoader)}
    for words in (other for other in around if other.startswith("vocabulary:")):
        (folder / "words.yaml").write_text(words, encoding="utf-8")
    files = [(f"around{i}.yaml", o.encode()) for i, o in enumerate(around) if not o.startswith("vocabulary:")]
    files.append(("example.yaml", json.dumps(part, ensure_ascii=False).encode()))
    loaded = load_files(files)
    base = open_library([folder])
    named = {pack.id: pack for pack in (*base.packs, *loaded.packs)}
    resolved = [resolve(pack, base.vocabulary, named) for pack in loaded.packs]
    packs = {**named, **{pack.id: pack for pack, _ in resolved}}
    problems = [p for pack, found in resolved for p in [*found, *check(pack, base.vocabulary, packs)]]
    assert not [*loaded.problems, *problems]
    whole = Library(base.vocabulary, tuple(packs.values()))
    return [p.code for p in lint(whole, whole.pack("example"), DAY, notes=True).problems]


# Shipped packs ----------------------------------------------------------------


@cache
def shipped(pack: str, notes: bool = False) -> list[Problem]:
    found = open_library()
    return list(lint(found, found.pack(pack), DAY, notes, found.problems).problems)


@pytest.mark.parametrize(
    ("pack", "notes"),
    [("lianyungang-2021", [("W525", "national_match"), ("W525", "provincial_match")]), ("qidong-2023", [])],
)
def test_what_is_in_force_is_silent(pack: str, notes: list[tuple[str, str]]) -> None:
    assert shipped(pack) == []
    assert [(p.code, p.words["rule"]) for p in shipped(pack, notes=True)] == notes


def test_what_the_drafter_of_the_draft_sees(snapshot: Any) -> None:
    found = [(p.code, p.words["rule"]) for p in shipped("ganyu-draft")]
    assert found == [("W505", "precedence[1]"), ("W502", "precedence[4]"), ("W512", "precedence[4]")]
    notes = [(p.code, p.words["rule"]) for p in shipped("ganyu-draft", notes=True) if p.severity == "note"]
    assert notes == [("W520", "county_standard"), ("W513", "precedence[6]")]
    assert "\n".join(render(p, lang) for p in shipped("ganyu-draft") for lang in ("en", "zh")) == snapshot


def test_a_draft_is_looked_at_beside_what_is_in_force_without_using_it() -> None:
    found = open_library()
    pack = found.pack("ganyu-draft")
    codes = [p.code for p in lint(found, pack, date(2020, 1, 1)).problems]
    assert "W502" in codes  # what it uses counts on any day


# Bounds -----------------------------------------------------------------------


def test_too_many_awards_in_one_part_are_said_to_be_undecided() -> None:
    awards = {f"a{i}": {"amount": f"{i + 1}% of funding by host"} for i in range(45)}
    rules = [f"higher of a{i}, a{i + 1}" for i in range(44)]
    found = linted({"pack": {"awards": awards, "precedence": rules}, "notes": ["W521"]})
    assert {(p.code, p.words["code"]) for p in found.problems} == {("W521", "W505"), ("W521", "W506")}


def test_a_long_chain_of_awards_is_said_to_be_undecided() -> None:
    awards = {f"a{i}": {"amount": f"a{i + 1} capped at 1万元"} for i in range(1500)} | {
        "a1500": {"amount": "2万元 by host"}
    }
    found = linted({"pack": {"awards": awards}, "notes": ["W521"]})
    undecided = [p.words["rule"] for p in found.problems if p.code == "W521"]
    assert undecided[0] == "a0"
    assert "a1490" not in undecided


def test_a_formula_of_other_than_straight_lines_is_said_to_be_undecided() -> None:
    when = "rate * funding above 5 * turnover and rate * funding below 4 * turnover"
    found = linted({"pack": {"awards": {"grant": {"when": when, "amount": "1万元 by host"}}}, "notes": ["W521"]})
    assert "W521" in [p.code for p in found.problems]


def test_an_award_whose_pack_is_not_there() -> None:
    pack = {
        "uses": {"nowhere": "^1"},
        "awards": {"grant": {"amount": "nowhere/award"}, "own": {"amount": "1元 by host"}},
    }
    found = linted({"pack": pack, "notes": ["W521"]})
    assert [(p.code, p.words["rule"]) for p in found.problems if p.code != "N113"] == [("W521", "grant")]


# Truth ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_random_packs_are_judged_rightly(seed: int) -> None:
    assert tried(seed, 15) == []


def test_random_packs_have_findings_of_every_kind() -> None:
    looks = [look for seed in range(1, 5) if (look := looked(seed))]
    assert len(looks) > 2
    found = {p.code for look in looks for p in look.found.problems}
    assert {"W501", "W502", "W503", "W504", "W505", "W506", "W512"} <= found


# Doors ------------------------------------------------------------------------


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The draft with one finding allowed."""
    text = (ROOT / "policies" / "ganyu-draft.yaml").read_text(encoding="utf-8")
    entry = "allow:\n  - {code: W502, where: 'precedence[4]', reason: {zh: 已知, en: It is known}}\n\nawards:"
    path = tmp_path / "ganyu-draft.yaml"
    path.write_text(text.replace("awards:", entry, 1), encoding="utf-8")
    return path


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(cli, ["check", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result.stdout


def test_text(draft: Path) -> None:
    assert re.findall(r"\b[A-Z]\d{3}\b", run(draft, "--lang", "en")) == ["W505", "W512"]
    assert re.findall(r"\b[A-Z]\d{3}\b", run(draft, "--notes", "--lang", "en")) == ["W520", "W505", "W512", "W513"]
    assert run("lianyungang-2021") == ""


def test_json(draft: Path) -> None:
    found = json.loads(run(draft, "--format", "json"))
    assert [(p["code"], p["severity"], p["rule"]) for p in found["problems"]] == [
        ("W505", "warning", "precedence[1]"),
        ("W512", "warning", "precedence[4]"),
    ]
    assert found["allowed"] == {"W502": 1}


def test_sarif(draft: Path) -> None:
    found = json.loads(run(draft, "--format", "sarif", "--lang", "en"))
    assert found.keys() == {"$schema", "version", "runs"}
    assert found["version"] == "2.1.0"
    (one,) = found["runs"]
    assert one.keys() == {"tool", "columnKind", "results"}
    driver = one["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("policyeval", __version__)
    assert [rule["id"] for rule in driver["rules"]] == ["W502", "W505", "W512"]
    text = draft.read_text(encoding="utf-8").splitlines()
    for result in one["results"]:
        assert {"ruleId", "ruleIndex", "level", "message", "locations"} <= result.keys()
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note", "none")
        assert result["message"]["text"]
        (place,) = (location["physicalLocation"] for location in result["locations"])
        assert place["artifactLocation"]["uri"]
        assert not re.search(r"[\s\\]", place["artifactLocation"]["uri"])
        region = place["region"]
        assert region["startLine"] == region["endLine"]
        line = text[region["startLine"] - 1]
        assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == region["snippet"]["text"]
    suppressed = [r for r in one["results"] if "suppressions" in r]
    assert [r["ruleId"] for r in suppressed] == ["W502"]
    assert suppressed[0]["suppressions"] == [{"kind": "inSource", "justification": "It is known"}]


def test_sarif_of_several_places_and_of_none() -> None:
    case = {"pack": {"awards": {n: {"family": "kin", "amount": "1万元 by host"} for n in ("one", "two")}}}
    found = as_sarif([*linted(case).problems, Problem("L204", {"path": "a", "pack": "b"})], [], "1", "zh")
    overlap, other = found["runs"][0]["results"]
    (related,) = overlap["relatedLocations"]
    assert related["physicalLocation"]["region"]["snippet"]["text"] == "one"
    assert related["message"]["text"] == "另一处在这里"
    assert "locations" not in other
    assert other["level"] == "note"


def test_an_error_is_shown_and_the_pack_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("pack: wrong\n", encoding="utf-8")
    found = json.loads(run(path, "lianyungang-2021", "--format", "json", status=1))
    assert {p["code"] for p in found["problems"]} == {"S102"}


def test_the_day_counts() -> None:
    case = {
        "pack": {"uses": {"old-plan": "^1"}, "awards": {"grant": {"amount": "1万元 by host"}}},
        "packs": {"old-plan": {"effective": {"from": "2018-01-01", "to": "2020-12-31"}}},
    }
    found: Library = library(case)
    codes = [[p.code for p in lint(found, found.pack("here"), date(year, 6, 1)).problems] for year in (2020, 2021)]
    assert codes == [[], ["W517"]]
