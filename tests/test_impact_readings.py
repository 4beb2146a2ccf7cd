"""The other readings of a table: worked by hand, against runs with each of them, and what a user meets."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from platform_tables import platforms, table
from policyeval.batch.run import Request
from policyeval.cli.main import cli
from policyeval.evaluate import Span
from policyeval.impact import readings as of_readings
from policyeval.impact.run import Impact, Question, run
from policyeval.impact.settings import Readings
from policyeval.impact.sums import SUPPORT, Sums
from policyeval.problems import Problem, Refusal
from policyeval.regime import Regimes
from regimes import shipped

CASES = Path(__file__).parent / "cases" / "impact"
DRAFT = "ganyu-draft"
WAN = 10**6
WORKED = yaml.safe_load((CASES / "readings.yaml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "90")


@cache
def both(readings: tuple[tuple[str, str], ...]) -> tuple[Regimes, Regimes]:
    before, after = (Regimes(shipped(), date(2023, 6, 30), (), with_, dict(readings)) for with_ in ((), (DRAFT,)))
    return before, after


def ask(source: Path, settled: Mapping[str, str] | None = None, **asked: Any) -> Impact:
    return run(Question(Request(str(source), "", {}, {}, ()), **asked), *both(tuple((settled or {}).items())), _nobody)


def _nobody(_done: int, _total: int | None) -> None:
    pass


def cli_run(line: str) -> Result:
    return CliRunner().invoke(cli, shlex.split(line))


# Worked by hand --------------------------------------------------------------


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case["name"])
def test_worked_by_hand(case: Mapping[str, Any], tmp_path: Path) -> None:
    impact = ask(table(case["rows"], tmp_path / "in.csv"))
    found = impact.readings
    assert found
    _check(impact.whole, case["asked"])
    others = {f"{turn.id}={o}": sums for turn in found.turns if turn.matters for o, sums in turn.others.items()}
    assert others.keys() == case["options"].keys()
    for option, expected in case["options"].items():
        _check(others[option], expected)
    alone = [turn.id for turn in found.turns if turn.together and not turn.matters]
    assert alone == case["together"]
    idle = {turn.id for turn in found.turns if not turn.together and not turn.id.startswith("qidong")}
    assert idle == {*case["idle"]}
    assert found.combinations == case["combinations"]
    assert found.range
    for end, setting in (("least", found.range.least), ("most", found.range.most)):
        after = setting.whole.amount(SUPPORT).after
        assert (after.min if end == "least" else after.max) == case[end]["support"] * WAN
        assert dict(setting.readings) == case[end]["readings"]


def _check(sums: Sums, expected: Mapping[str, Any]) -> None:
    for of in (SUPPORT, "city", "host"):
        change = sums.amount(of)
        assert change.after == Span(*(end * WAN for end in expected[of])), of
        if before := expected.get("before"):
            assert change.before == Span(before[of] * WAN, before[of] * WAN), of
    assert (sums["gain"], sums["lose"]) == (expected["gain"], expected["lose"])


# Against runs with each reading ------------------------------------------------


def shown(sums: Sums) -> dict[str, int]:
    return {name: value for name, value in sums.counts.items() if value and not name.startswith("missing.")}


SOME = {  # so that those of the others are few
    "lianyungang-2021/matching_kinds": "any_kind",
    "ganyu-draft/matching_kinds": "any_kind",
    "county_standard": "county_ratio",
    "rnd_scope": "any_platform",
    "platform_site": "anywhere",
}
FEW = {**SOME, "higher_scope": "subsidies", "cap_scope": "together"}  # two are left, one of them without effect


@pytest.mark.parametrize(
    ("together", "missing", "settled"),
    [(100_000, 0.0, {}), (100_000, 0.1, FEW), (0, 0.1, FEW)],
    ids=["one query", "one query with facts missing", "a query each"],
)
def test_each_is_what_a_run_with_it_finds(
    together: int, missing: float, settled: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_readings, "TOGETHER", together)
    monkeypatch.setattr(of_readings, "FEW", 0)  # combinations are another test's
    monkeypatch.setattr(of_readings, "MOST", 0)
    source = table(platforms(120, 4, missing), tmp_path / "in.csv")
    impact = ask(source, settled)
    found = impact.readings
    assert found
    assert found.range is None
    for turn in found.turns:
        for option, sums in turn.others.items():
            alone = ask(source, {**settled, turn.id: option}, readings=False)
            assert shown(sums) == shown(alone.whole), (turn.id, option)
            assert turn.matters or shown(sums) == shown(impact.whole)


def test_combinations_are_what_runs_with_them_find(tmp_path: Path) -> None:
    source = table(platforms(60, 6, 0.0), tmp_path / "in.csv")
    found = ask(source, SOME).readings
    assert found
    assert found.range
    for setting in (found.range.least, found.range.most):
        assert shown(setting.whole) == shown(ask(source, {**SOME, **setting.readings}, readings=False).whole)
    single = [{turn.id: option} for turn in found.turns for option in turn.others]
    for readings in [{**one, **other} for one, other in zip(single, single[3:], strict=False)]:
        after = ask(source, {**SOME, **readings}, readings=False).whole.amount(SUPPORT).after
        assert (found.range.least.whole.amount(SUPPORT).after.min or 0) <= (after.min or 0)
        assert (found.range.most.whole.amount(SUPPORT).after.max or 0) >= (after.max or 0)


def test_parts_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of different shapes, whose formulas ask for different readings."""
    rows = sorted(platforms(90, 8, 0.0), key=lambda row: row["location"] == "ganyu")
    source = table(rows, tmp_path / "in.csv")
    settled = {"higher_scope": "subsidies", "county_standard": "county_ratio"}
    whole = told(ask(source, settled).readings)
    monkeypatch.setattr("policyeval.batch.run.ROWS_OF_TEXT", 45)
    assert told(ask(source, settled).readings) == whole


@pytest.mark.parametrize("turned", [False, True])
def test_a_reading_that_one_part_alone_asks_for(turned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the draft is not in force, none of its readings is asked for."""
    rows = [ROW, {**ROW, "location": "donghai"}]
    source = table(rows[::-1] if turned else rows, tmp_path / "in.csv")
    whole = told(ask(source).readings)
    monkeypatch.setattr("policyeval.batch.run.ROWS_OF_TEXT", 1)
    assert told(ask(source).readings) == whole


def told(found: Readings | None) -> Any:
    assert found
    assert found.range
    each = [(t.id, t.matters, t.together, {o: shown(s) for o, s in t.others.items()}) for t in found.turns]
    ends = [(dict(s.readings), shown(s.whole)) for s in (found.range.least, found.range.most)]
    return each, found.combinations, ends


def test_the_bar_goes_on_through_the_readings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(of_readings, "TOGETHER", 0)
    monkeypatch.setattr("policyeval.impact.run.watched", _watched)
    monkeypatch.setattr("policyeval.impact.readings.watched", _watched)
    source = table(platforms(12, 1, 0.0), tmp_path / "in.csv")
    question = Question(Request(str(source), "", {}, {}, ()))
    run(question, *both(tuple(FEW.items())), lambda done, _total: told.append(done))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (1, 12)  # half of the first of four settings, in the end all
    assert len({*told}) > 6


def _watched(engine: Any, statement: str, tell: Any) -> Any:
    """As one that is looked at once, half done."""
    tell(0.5)
    return engine.execute(statement).fetchall()


# What is not tried -------------------------------------------------------------

ROW = {"location": "ganyu", "kind": "technology_innovation_center", "level": "national",
       "upstream_funding": "800万元", "contract_turnover": "1000万元", "performance": "excellent"}  # fmt: skip


def test_too_many_combinations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = table([ROW], tmp_path / "in.csv")
    monkeypatch.setattr(of_readings, "FEW", 11)
    monkeypatch.setattr(of_readings, "TRIED", 11)
    found = ask(source).readings
    assert found
    assert (found.range, found.combinations) == (None, 12)  # no_duplication 3, higher_scope 2, cap_scope 2
    assert {turn.together for turn in found.turns if turn.matters} == {None}
    line = f"impact {source} --with {DRAFT} --as-of 2023-06-30 --lang"
    assert "12 combinations of readings were not tried" in cli_run(f"{line} en").stdout
    assert "12种组合，清单较长，没有逐一试算" in cli_run(f"{line} zh").stdout


def test_a_reading_that_is_settled_is_not_varied(tmp_path: Path) -> None:
    source = table([ROW], tmp_path / "in.csv")
    found = ask(source, {"cap_scope": "each", "no_duplication": "city_alone"}).readings
    assert found
    assert {"lianyungang-2021/cap_scope", "ganyu-draft/no_duplication"}.isdisjoint(turn.id for turn in found.turns)


def test_where_all_are_settled_there_is_nothing_to_vary(tmp_path: Path) -> None:
    source = table([ROW], tmp_path / "in.csv")
    first = ask(source).readings
    assert first
    assert ask(source, {turn.id: turn.asked for turn in first.turns}).readings is None


def test_they_are_left_out_where_nobody_asks(tmp_path: Path) -> None:
    source = table([ROW], tmp_path / "in.csv")
    line = f"impact {source} --with {DRAFT} --as-of 2023-06-30 --no-readings"
    assert json.loads(cli_run(f"{line} --format json").stdout)["readings"] is None
    assert "Each reading" not in cli_run(f"{line} --lang en").stdout


def test_a_table_without_rows_has_none(tmp_path: Path) -> None:
    assert ask(table([], tmp_path / "in.csv")).readings is None


@pytest.mark.usefixtures("emptied")
def test_what_no_formula_says_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refusal(Problem("X402", {"packs": "`x`"}))

    source = table([ROW], tmp_path / "in.csv")
    monkeypatch.setattr(of_readings, "_pruned", refuse)
    found = ask(source)
    assert (found.readings, [note.code for note in found.notes]) == (None, ["B480"])
    result = cli_run(f"impact {source} --with {DRAFT} --as-of 2023-06-30 --lang zh")
    assert (result.exit_code, "B480" in result.stderr, "`x`" in result.stderr) == (0, True, True)


@pytest.mark.parametrize("option", ["", "--no-budgets"])
def test_a_reading_under_a_budget_is_varied(option: str, tmp_path: Path) -> None:
    pack = tmp_path / "packs" / "grant.yaml"
    pack.parent.mkdir()
    pack.write_text(PACK, encoding="utf-8")
    source = table([{"location": "ganyu", "level": "national"}], tmp_path / "in.csv", ("location", "level"))
    line = f"impact {source} --with grant --policies {pack.parent} --as-of 2010-01-01 --lang en --format json {option}"
    result = cli_run(line)
    assert (result.exit_code, "B480" in result.stderr) == (0, False), result.output
    (turn,) = json.loads(result.stdout)["readings"]["each"]
    assert turn["options"]["high"]["support"]["after"]["max"] == ("150.00" if not option else "200.00")


PACK = """
pack: grant
version: 1.0.0
status: draft
jurisdiction: ganyu
document: {number: null, title: {zh: 试, en: Trial}, issuer: null, issued: null}
effective: null
payers: [host]
readings:
  base:
    ask: {zh: 问, en: Which}
    cite: {section: 一, phrase: 甲}
    options: {low: {zh: 低, en: Low}, high: {zh: 高, en: High}}
    default: low
awards:
  grant:
    label: {zh: 奖, en: Grant}
    cite: {section: 一, phrase: 甲}
    when: level is national
    amount: if base is low then 100元 by host else 200元 by host
budgets:
  year: {label: {zh: 年度, en: Year}, cite: {section: 一, phrase: 甲}, awards: [grant], total: 150元}
"""


# The page ----------------------------------------------------------------------


def test_json_says_the_same(tmp_path: Path) -> None:
    source = table(WORKED[0]["rows"], tmp_path / "in.csv")
    found = json.loads(cli_run(f"impact {source} --with {DRAFT} --as-of 2023-06-30 --format json").stdout)["readings"]
    assert list(found) == ["each", "combinations", "combinations_refused", "least", "most"]
    turns = {turn["reading"]: turn for turn in found["each"]}
    city_alone = turns["ganyu-draft/no_duplication"]["options"]["city_alone"]
    assert list(turns["ganyu-draft/no_duplication"]) == [
        "reading", "ask", "asked", "changes", "changes_together", "options", "refused",
    ]  # fmt: skip
    assert city_alone["difference"] == {"min": "-6000000.00", "max": "-6000000.00"}
    assert city_alone["payers"]["host"]["after"] == {"min": "0.00", "max": "2300000.00"}
    assert (found["combinations"], found["least"]["support"]["after"]["min"]) == (192, "5000000.00")
    assert found["most"]["support"]["after"]["max"] == "16300000.00"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page(lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Any) -> None:
    monkeypatch.chdir(tmp_path)
    table(WORKED[0]["rows"], tmp_path / "in.csv")
    found = cli_run(f"impact in.csv --with {DRAFT} --as-of 2023-06-30 --lang {lang} --top 0")
    assert found.exit_code == 0, found.output
    assert found.stdout == snapshot
