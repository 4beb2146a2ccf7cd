"""A draft over whole tables: worked by hand, against the evaluator, and what a user meets."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from platform_tables import FACTS, Row, platforms, table
from policyeval.answer import Answer
from policyeval.batch.run import Request
from policyeval.cases import typed
from policyeval.cli.main import cli
from policyeval.evaluate import Span
from policyeval.impact.as_json import as_json
from policyeval.impact.run import Impact, Question, run
from policyeval.impact.sums import SIDES, SUPPORT, Sums
from policyeval.problems import Refusal
from policyeval.regime import Regimes
from regimes import shipped

CASES = Path(__file__).parent / "cases" / "impact"
DAY = date(2023, 6, 30)
DRAFT = "ganyu-draft"
WAN = 10**6


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")


def both(readings: Mapping[str, str] | None = None) -> tuple[Regimes, Regimes]:
    return _both(tuple((readings or {}).items()))


@cache
def _both(readings: tuple[tuple[str, str], ...]) -> tuple[Regimes, Regimes]:
    before, after = (Regimes(shipped(), DAY, (), with_, dict(readings)) for with_ in ((), (DRAFT,)))
    return before, after


def ask(source: Path, readings: Mapping[str, str] | None = None, **asked: Any) -> Impact:
    request = Request(str(source), "", {}, {}, (), asked.pop("threads", None))
    return run(Question(request, **{"readings": False, **asked}), *both(readings), lambda *_: None)


def cli_run(line: str) -> Result:
    return CliRunner().invoke(cli, shlex.split(line))


# Worked by hand --------------------------------------------------------------

WORKED = yaml.safe_load((CASES / "worked.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case["name"])
def test_worked_by_hand(case: Mapping[str, Any], tmp_path: Path) -> None:
    found = ask(table(case["rows"], tmp_path / "in.csv"), case.get("readings"))
    whole = found.whole
    assert whole.rows == len(case["rows"])
    assert whole.settled == case["rows_settled"]
    every, before, after = case.get("undetermined", (0, 0, 0))
    assert (whole.undetermined, whole.pair("undetermined")._key()) == (every, (before, after))
    assert whole.missing == case.get("missing", {})
    assert {side: whole[f"certain.{side}"] for side in SIDES} == {
        side: amount * WAN for side, amount in case.get("certain", {"before": 0, "after": 0}).items()
    }
    for of, sides in {SUPPORT: case["support"], **case["payers"]}.items():
        change = whole.amount(of)
        for side, span in zip(SIDES, (change.before, change.after), strict=True):
            assert span == Span(*(end * WAN for end in sides[side])), (of, side)
    for way in ("gain", "lose"):
        moved = whole.moved(way)
        assert [moved.rows, *moved.change] == [case[way][0], *(end * WAN for end in case[way][1:])]
        assert [large.row for large in found.largest[way]] == case["largest"][way]
    assert whole.same == case["same"]


# Against the evaluator -------------------------------------------------------


def answered(rows: Sequence[Row], sides: Sequence[Regimes]) -> list[list[Answer]]:
    words = shipped().vocabulary
    platforms = [typed({name: text for name, text in row.items() if text}, words) for row in rows]
    return [[regimes.answer(platform) for regimes in sides] for platform in platforms]


def summed(found: Sequence[Sequence[Answer]], payers: Sequence[str]) -> dict[str, int]:
    """The same counts from one answer after the other."""
    counts: dict[str, int] = {}

    def count(name: str, by: int = 1) -> None:
        counts[name] = counts.get(name, 0) + by

    for answers in found:
        count("rows")
        here = [bool(a.packs) for a in answers]
        open_ = [bool(a.packs) and (a.undetermined or a.support.min is None) for a in answers]
        for side, answer, known, lacks in zip(SIDES, answers, here, open_, strict=True):
            count(f"outside.{side}", not known)
            count(f"undetermined.{side}", lacks)
            count(f"unquantified.{side}", answer.unquantified)
            if any(open_):
                count(f"certain.{side}", (answer.support.min or 0) if known else 0)
        count("outside", not any(here))
        count("undetermined", any(open_))
        if any(open_) or not any(here):
            continue
        count("settled")
        spans = []
        for side, answer, known in zip(SIDES, answers, here, strict=True):
            for of in (SUPPORT, *payers):
                span = (answer.support if of == SUPPORT else answer.payers.get(of, Span(0, 0))) if known else Span(0, 0)
                count(f"{side}.{of}.min", span.min or 0)  # who pays may not be known where the support is
                count(f"{side}.{of}.open", span.max is None)
                count(f"{side}.{of}.max", span.max or 0)
                if of == SUPPORT:
                    spans.append(span)
        if None in (spans[0].max, spans[1].max):
            count("unlimited")
            continue
        low, high = spans[1].min - spans[0].min, spans[1].max - spans[0].max
        way = (
            "gain" if min(low, high) >= 0 < max(low, high)
            else "lose" if max(low, high) <= 0 > min(low, high)
            else "mixed" if low or high else None
        )  # fmt: skip
        if way:
            count(way)
        if way in ("gain", "lose"):
            count(f"{way}.min", low)
            count(f"{way}.max", high)
    return {name: value for name, value in counts.items() if value}


def counted(sums: Sums) -> dict[str, int]:
    return {name: value for name, value in sums.counts.items() if value and not name.startswith("missing.")}


READINGS: list[dict[str, str]] = [
    {},
    {"ganyu-draft/no_duplication": "higher_regime", "ganyu-draft/higher_scope": "all"},
    {"ganyu-draft/no_duplication": "city_alone", "lianyungang-2021/cap_scope": "each"},
]


@pytest.mark.parametrize("readings", READINGS, ids=["defaults", "higher", "alone"])
@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_totals_are_the_sums_of_answers(readings: Mapping[str, str], missing: float, tmp_path: Path) -> None:
    rows = platforms(250, 3, missing)
    found = ask(table(rows, tmp_path / "in.csv"), readings, by=("location", "level"))
    answers = answered(rows, both(readings))
    assert counted(found.whole) == summed(answers, tuple(found.payers))
    keys = [(row["location"] or None, row["level"] or None) for row in rows]
    for key, sums in found.groups.items():
        mine = [each for each, of in zip(answers, keys, strict=True) if of == key]
        assert counted(sums) == summed(mine, tuple(found.payers)), key


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_the_same_with_more_conditions_than_classes_are_made_of(
    missing: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = table(platforms(250, 4, missing), tmp_path / "in.csv")
    readings = {"ganyu-draft/no_duplication": "higher_regime"}
    asked = {"by": ("location",), "top": 9}
    first = as_json(ask(source, readings, **asked), "en")
    monkeypatch.setattr("policyeval.impact.strata._KEYS", 0)
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path / "another cache"))
    assert as_json(ask(source, readings, **asked), "en") == first


def test_groups_add_up_whatever_they_are(tmp_path: Path) -> None:
    rows = [{**row, "street": str(i % 7)} for i, row in enumerate(platforms(200, 5, 0.05))]
    source = table(rows, tmp_path / "in.csv", (*FACTS, "street"))
    whole = counted(ask(source).whole)
    for by in (("street",), ("host_tier",), ("performance", "street"), ("upstream_funding",), ("所在地", "级别")):
        found = ask(source, by=by)
        assert counted(found.whole) == whole
        assert sum(sums.rows for sums in found.groups.values()) == len(rows)
        assert len(found.groups) > 1


def test_the_same_on_any_number_of_threads_and_in_any_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = platforms(300, 8, 0.05)
    source = table(rows, tmp_path / "in.csv")
    first = as_json(ask(source, by=("location",), threads=1), "en")
    assert as_json(ask(source, by=("location",), threads=4), "en") == first
    monkeypatch.setattr("policyeval.batch.run.ROWS_OF_TEXT", 101)
    assert as_json(ask(source, by=("location",), threads=2), "en") == first


def test_the_largest_come_first_and_of_equal_ones_the_earlier(tmp_path: Path) -> None:
    rows = platforms(300, 9, 0.0)
    found = ask(table(rows, tmp_path / "in.csv"), {"ganyu-draft/no_duplication": "city_alone"}, top=12)
    for way in ("gain", "lose"):
        large = found.largest[way]  # type: ignore[index]
        changes = [(each.support.change, each.row) for each in large]
        sign = -1 if way == "gain" else 1
        key = [
            (sign * (c.max if way == "gain" else c.min), sign * (c.min if way == "gain" else c.max), r)
            for c, r in changes
        ]  # type: ignore[operator]
        assert key == sorted(key)
        assert len(large) == min(12, found.whole[way])
        for each in large:
            assert each.platform.written["upstream_funding"] == rows[each.row - 2]["upstream_funding"]


# What a user meets -----------------------------------------------------------

PLATFORMS = "examples/platforms.csv"
ASKED = f"impact {PLATFORMS} --with ganyu-draft --as-of 2024-06-30 --by 所在地 --no-readings"


@pytest.fixture
def _at_the_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[1])


@pytest.mark.usefixtures("_at_the_top")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", ["text", "md"])
def test_page(lang: str, form: str, snapshot: Any) -> None:
    found = cli_run(f"{ASKED} --lang {lang} --format {form}")
    assert found.exit_code == 1  # one row is rejected
    assert found.stdout == snapshot


@pytest.mark.usefixtures("_at_the_top")
def test_json_is_what_the_page_says() -> None:
    found = json.loads(cli_run(f"{ASKED} --format json").stdout)
    assert list(found) == [
        "source", "as_of", "before", "after", "rows", "support", "payers", "gain", "lose", "mixed", "same",
        "unlimited", "budgets", "largest", "readings", "by", "groups", "treasuries", "rejected", "notes",
    ]  # fmt: skip
    rows = found["rows"]
    assert (
        rows["all"]
        == rows["settled"] + rows["undetermined"]["all"] + rows["no_policy"]["all"] + rows["rejected"] + rows["blank"]
    )
    assert [p["pack"] for p in found["before"]["packs"]] == ["lianyungang-2021", "qidong-2023"]
    assert "ganyu-draft" in [p["pack"] for p in found["after"]["packs"]]
    assert found["rejected"] == [
        {"line": 8, "column": "所在地", "value": "火星区", "code": "N303", "reason": found["rejected"][0]["reason"]}
    ]
    assert [each["line"] for each in found["largest"]["gain"]] == [2, 3]  # 100万元 more at most, each
    assert [g["of"] for g in found["groups"]][-1] == {"location": "qidong"}


@pytest.mark.usefixtures("_at_the_top")
def test_groups_by_one_option_or_several() -> None:
    asked = f"impact {PLATFORMS} --with ganyu-draft --no-readings --format json --top 0"
    one, several = (cli_run(f"{asked} {by}").stdout for by in ("--by location,level", "--by location --by level"))
    assert json.loads(one)["by"] == ["location", "level"]
    assert several == one


BAD = {
    "": "B450",
    "--with ganyu-draft --by strasse": "B451",
    "--with ganyu-draft --top many": "C104",
    "--with ganyu-draft --map 平台=level --map 级别=kind": "B101",
    "--with ganyu-draff": "L102",
}


@pytest.mark.usefixtures("_at_the_top")
@pytest.mark.parametrize("options", BAD)
def test_bad_options(options: str) -> None:
    found = cli_run(f"impact {PLATFORMS} {options}")
    assert found.exit_code == 2
    assert BAD[options] in found.stderr


def test_a_column_that_is_missing(tmp_path: Path) -> None:
    source = table(platforms(3, 1, 0), tmp_path / "in.csv", [n for n in FACTS if n != "level"])
    with pytest.raises(Refusal) as refused:
        ask(source)
    assert [p.code for p in refused.value.problems] == ["B109"]


def test_too_many_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyeval.impact.run.GROUPS", 3)
    with pytest.raises(Refusal) as refused:
        ask(table(platforms(30, 1, 0), tmp_path / "in.csv"), by=("location",))
    assert [p.code for p in refused.value.problems] == ["B452"]


def test_a_draft_of_another_place_is_said(tmp_path: Path) -> None:
    rows = [{**row, "location": "donghai"} for row in platforms(5, 1, 0)]
    source = table(rows, tmp_path / "in.csv")
    found = ask(source)
    assert [n.code for n in found.notes] == ["B453"]
    assert found.whole.same == 5
    assert [n.code for n in ask(table(platforms(5, 1, 0), tmp_path / "b.csv")).notes] == []


@pytest.mark.parametrize("rows", [[], [{"location": "火星"}] * 3], ids=["empty", "all rejected"])
def test_nothing_to_add_up(rows: list[Row], tmp_path: Path) -> None:
    source = table(rows, tmp_path / "in.csv")
    found = ask(source, by=("location",))
    assert (found.whole.rows, found.rejected, found.whole.settled) == (0, len(rows), 0)
    for lang in ("zh", "en"):
        for form in ("text", "json", "md"):
            line = f"impact {shlex.quote(str(source))} --with {DRAFT} --as-of 2024-06-30 --lang {lang} --format {form}"
            assert cli_run(line).exit_code == (1 if rows else 0)


def test_columns_that_are_no_facts_are_said(tmp_path: Path) -> None:
    source = table([{**r, "x": "1"} for r in platforms(3, 1, 0)], tmp_path / "in.csv", (*FACTS, "x"))
    assert [n.code for n in ask(source).notes] == ["B454"]
    assert [n.code for n in ask(source, by=("x",)).notes] == []


# One row ---------------------------------------------------------------------

ROW = {"location": "赣榆", "kind": "技术创新中心", "level": "国家级", "upstream_funding": "800万元",
       "contract_turnover": "1000万元", "performance": "优秀", "exceptional": ""}  # fmt: skip


@pytest.mark.parametrize("form", ["text", "md"])
def test_a_row_is_explained_as_eval_explains_it(form: str, tmp_path: Path) -> None:
    source = table([{"location": "火星"}, ROW], tmp_path / "in.csv")
    settings = " ".join(f"--set {name}={value}" for name, value in ROW.items() if value)
    options = f"--as-of 2023-06-30 --lang en --format {form}"
    found = cli_run(f"impact {source} --with {DRAFT} {options} --explain 3")
    sides = [cli_run(f"eval {settings} {options} --explain {with_}") for with_ in ("", f"--with {DRAFT}")]
    assert found.exit_code == 0, found.output
    rule = "\n" if form == "md" else f"\n{'─' * 100}\n"
    assert found.stdout == rule.join(side.stdout for side in sides).replace("\n\n\n", "\n\n")


def test_a_row_as_json_is_that_of_eval(tmp_path: Path) -> None:
    source = table([ROW], tmp_path / "in.csv")
    settings = " ".join(f"--set {name}={value}" for name, value in ROW.items() if value)
    found = json.loads(cli_run(f"impact {source} --with {DRAFT} --as-of 2023-06-30 --format json --explain 2").stdout)
    for side, with_ in (("before", ""), ("after", f"--with {DRAFT}")):
        assert found[side] == json.loads(cli_run(f"eval {settings} {with_} --as-of 2023-06-30 --format json").stdout)


@pytest.mark.parametrize(("row", "code"), [("2", "N303"), ("3", "B121"), ("9", "B456"), ("1", "B456"), ("x", "C104")])
def test_a_row_that_is_no_platform_says_why(row: str, code: str, tmp_path: Path) -> None:
    source = table([{"location": "火星"}, ROW], tmp_path / "in.csv")
    lines = source.read_text(encoding="utf-8").splitlines()
    source.write_text("\n".join([*lines[:2], "ganyu,national", *lines[2:]]) + "\n", encoding="utf-8")
    found = cli_run(f"impact {source} --with {DRAFT} --explain {row} --lang en")
    assert (found.exit_code, code in found.stderr) == (2, True), found.output
