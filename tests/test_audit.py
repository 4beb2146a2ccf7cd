"""What an audit finds: each code by a pair of small packs, its places in the files, the door, and time."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from audit_packs import CASES, VOCABULARY, cases, library, written
from click.testing import CliRunner
from policyeval.audit import Audit, Finding, Spot, audit
from policyeval.cli.main import cli
from policyeval.library import open_library
from policyeval.messages_audit import AUDIT

DAY = date(2026, 1, 1)
ALL = [pytest.param(case, id=name) for name, case in cases()]


def audited(packs: dict[str, Any]) -> Audit:
    """The audit of a case's packs; worked out once for the same packs."""
    return _audited(json.dumps(packs))


@cache
def _audited(packs: str) -> Audit:
    return audit(library(json.loads(packs)), DAY)


def of_code(found: Audit, code: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.code == code]


def place(spot: Spot) -> str:
    return f"{spot.pack.id} {spot.part}"


@pytest.mark.parametrize("case", ALL)
def test_what_is_found(case: dict[str, Any]) -> None:
    (finding,) = of_code(audited(case["bad"]), case["code"])
    assert [place(spot) for spot in finding.spots] == case["places"]
    assert (finding.message("en"), finding.message("zh")) == (case["en"], case["zh"])
    assert (finding.why.en if finding.why else None) == case.get("why")


@pytest.mark.parametrize("case", ALL)
def test_what_is_not_found(case: dict[str, Any]) -> None:
    found = audited(case["good"])
    assert of_code(found, case["code"]) == []
    if "agrees" in case:
        (finding,) = of_code(found, case["agrees"])
        assert finding.verdict == "agrees"
        assert len(finding.spots) > 1


def test_every_code_is_reached() -> None:
    reached = {case["code"] for _, case in cases()} | {case.get("agrees") for _, case in cases()}
    assert reached - {None} == set(AUDIT)


def test_the_page_lists_every_code() -> None:
    page = (Path(__file__).parents[1] / "docs" / "audit.md").read_text("utf-8")
    assert re.findall(r"^\| (A\d+) \|", page, re.MULTILINE) == sorted(AUDIT)


@pytest.mark.parametrize("case", ALL)
def test_each_place_is_where_the_file_has_it(case: dict[str, Any]) -> None:
    for finding in audited(case["bad"]).findings:
        for spot in finding.spots:
            *_, name = spot.part.split(".")
            text = spot.pack.source.text[spot.span.start :]
            near = spot.cite is not None and spot.cite.phrase in text[:80]  # of a row or a total, the mapping itself
            assert near or text.startswith(f"{name}:"), spot.part


# The documents ----------------------------------------------------------------


def points() -> list[Any]:
    read = yaml.load((CASES / "whole" / "documents.yaml").read_bytes(), yaml.BaseLoader)
    return [pytest.param(point, id=point["point"]) for point in read]


@cache
def documents() -> Audit:
    return audit(open_library(), DAY)


@pytest.mark.parametrize("point", points())
def test_what_the_documents_say(point: dict[str, Any]) -> None:
    found = [
        finding.message("en")
        for finding in of_code(documents(), point["code"])
        if [clause(spot) for spot in finding.spots] == point["places"]
    ]
    assert [message for message in found if point["says"] in message], found


def clause(spot: Spot) -> str:
    return f"{spot.pack.id} {spot.cite.section}" if spot.cite else spot.pack.id


# The door ---------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two small packs, with something that differs, is open and agrees between them."""
    shutil.copy(VOCABULARY, tmp_path / "vocabulary.yaml")
    monkeypatch.setattr("policyeval.library.data_folder", lambda _: str(tmp_path))
    packs = yaml.safe_load((CASES / "whole" / "packs.yaml").read_text("utf-8"))
    for id, words in packs.items():
        (tmp_path / f"{id}.yaml").write_bytes(written(id, words, True))
    monkeypatch.chdir(tmp_path)
    return str(tmp_path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["audit", "--as-of", "2026-01-01", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", ["text", "md"])
def test_the_whole_page(folder: str, lang: str, form: str, snapshot: Any) -> None:
    assert run("--lang", lang, "--format", form) == snapshot


def test_the_json(folder: str, snapshot: Any) -> None:
    found = json.loads(run("--format", "json"))
    assert found["counts"] == {v: sum(f["verdict"] == v for f in found["findings"]) for v in found["counts"]}
    assert found == snapshot


def test_a_pack_that_is_named_narrows_what_is_shown(folder: str) -> None:
    whole = json.loads(run("--format", "json"))["findings"]
    found = json.loads(run("local", "--format", "json"))
    assert found["packs"] == ["local@1.0.0"]
    assert found["findings"] == [f for f in whole if any(p["pack"] == "local@1.0.0" for p in f["places"])]
    assert 0 < len(found["findings"]) < len(whole)


def test_one_verdict_alone(folder: str) -> None:
    found = json.loads(run("--only", "differs", "--format", "json"))
    assert {finding["verdict"] for finding in found["findings"]} == {"differs"}
    assert found["counts"]["agrees"] > 0  # counts are of all
    assert "no machine" not in run("--only", "differs", "--lang", "en")


def test_a_file_stands_in_for_the_pack_of_its_id(folder: str) -> None:
    text = (Path(folder) / "local.yaml").read_text("utf-8")
    mine = Path(folder) / "mine"
    mine.mkdir()
    (mine / "local.yaml").write_text(text.replace("value: 19", "value: 20"), "utf-8")
    codes = {f["code"] for f in json.loads(run("mine/local.yaml", "--format", "json"))["findings"]}
    assert "A648" in codes
    assert "A610" not in codes


def test_an_unknown_pack_is_named() -> None:
    result = CliRunner().invoke(cli, ["audit", "nothing", "--lang", "en"])
    assert result.exit_code == 2
    assert "L102" in result.output
