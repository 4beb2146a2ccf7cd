"""Targets: how far each is reached, worked by hand; tables that are read, and rows that are left out."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from contextlib import suppress
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from policyeval.actuals import Actuals, Times, read_actuals, read_times
from policyeval.cli.main import cli
from policyeval.library import Library, open_library
from policyeval.problems import Problem, Refusal
from policyeval.series import elapsed
from policyeval.sheet import read_sheet
from policyeval.standing import Progress
from policyeval.targets import targets
from syrupy.assertion import SnapshotAssertion

CASES = Path(__file__).parent / "cases" / "targets"
HEADER = "指标,地区,时期,数值,单位"


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@cache
def opened() -> Library:
    return open_library([CASES / "policies"], use_cache=False).sound()


@pytest.fixture
def library() -> Library:
    return opened()


def cases(name: str) -> list[Any]:
    found = yaml.load((CASES / f"{name}.yaml").read_bytes(), yaml.SafeLoader)
    return [pytest.param(case, id=case["case"]) for case in found]


def read(library: Library, data: bytes | str, name: str = "table.csv") -> Actuals:
    return read_actuals(read_sheet(data.encode() if isinstance(data, str) else data, name), library.vocabulary)


# How far -----------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("progress"))
def test_progress(case: dict[str, Any], library: Library) -> None:
    actuals = read(library, "\n".join([HEADER, *case["data"]]))
    assert not actuals.left
    pack = case.get("pack", "north-more")
    found = targets(library, case["as_of"], [pack], readings=case.get("readings"), actuals=actuals)
    ((_, entries),) = found.documents
    (entry,) = (entry for entry in entries if entry.target.id == case["target"])
    at = tuple(case.get("at", ["north"]))
    (one,) = (one for one in entry.progress if one.asked.places == at)
    assert shown(one, case["expect"]) == case["expect"]


def shown(one: Progress, wanted: dict[str, Any]) -> dict[str, Any]:
    """The progress as the cases have it; what it has and a case does not say is shown, but for the day and the goal."""
    found: dict[str, Any] = {
        "status": one.status,
        "why": one.why or None,
        "value": number(one.value),
        "path": number(one.path),
        "gap": number(one.gap),
        "remarks": [remark.code for remark in one.remarks] or None,
        "parts": [number(part.value) for part in one.parts if "parts" in wanted] or None,
        "under": dict(one.under) or None,
    }
    found |= {"to": one.to} if "to" in wanted else {}
    found |= {"goal": number(one.goal)} if "goal" in wanted else {}
    return {key: value for key, value in found.items() if value is not None}


def number(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def test_what_a_place_has_of_the_targets(library: Library) -> None:
    """Its own rows, and not those of its neighbours; a joint row is of either of its places."""
    for place, rows in {
        "hill": [("hill",)],
        "park": [("lake", "park")],
        "north": [("hill",), ("lake", "park")],
    }.items():
        found = targets(library, date(2023, 6, 30), ["north-plan"], place=place)
        ((_, entries),) = found.documents
        labs = next(entry for entry in entries if entry.target.id == "labs")
        assert [quota.places for quota in labs.quotas] == rows
        assert ("opened" in [entry.target.id for entry in entries]) == (place in ("park", "north"))


def test_which_packs_are_shown(library: Library) -> None:
    def shown(day: date, **words: Any) -> list[str]:
        found = targets(library, day, **words)
        return [pack.id for pack, entries in found.documents if pack.id.startswith("north") and entries]

    assert shown(date(2023, 6, 30)) == ["north-plan"]
    assert shown(date(2020, 6, 30)) == []
    assert shown(date(2023, 6, 30), with_=["north-more"]) == ["north-more", "north-plan"]
    assert shown(date(2020, 6, 30), packs=["north-more"]) == ["north-more"]
    elsewhere = targets(library, date(2023, 6, 30), ["north-plan"], place="ganyu")
    assert elsewhere.documents == ()
    assert [note.code for note in elsewhere.notes] == ["L201"]


@settings(deadline=None)
@given(st.dates(date(2015, 1, 1), date(2035, 1, 1)), st.dates(date(2015, 1, 1), date(2035, 1, 1)))
def test_time_passes_evenly(first: date, last: date) -> None:
    """Whole years are twelve months each, and stretches add up."""
    whole = elapsed(date(2015, 1, 1), date(2035, 12, 31))
    assert whole == 21 * 12
    if first <= last < date(2035, 1, 1):
        after = last + timedelta(days=1)
        parts = elapsed(first, last) + elapsed(after, date(2035, 12, 31))
        assert parts == elapsed(first, date(2035, 12, 31))


# Tables ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", "2023-01-01", "2023-12-31"),
        ("２０２３年", "2023-01-01", "2023-12-31"),
        ("2023年度", "2023-01-01", "2023-12-31"),
        ("2021-2023", "2021-01-01", "2023-12-31"),
        ("2021年至2023年", "2021-01-01", "2023-12-31"),
        ("2023H2", "2023-07-01", "2023-12-31"),
        ("2023年上半年", "2023-01-01", "2023-06-30"),
        ("2023Q1", "2023-01-01", "2023-03-31"),
        ("2023-Q4", "2023-10-01", "2023-12-31"),
        ("2023年一季度", "2023-01-01", "2023-03-31"),
        ("2023年第3季度", "2023-07-01", "2023-09-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023年5月", "2023-05-01", "2023-05-31"),
        ("2023年5月份", "2023-05-01", "2023-05-31"),
        ("2023年1—6月", "2023-01-01", "2023-06-30"),
        ("2023-12-31", "2023-12-31", "2023-12-31"),
        ("2023年12月31日", "2023-12-31", "2023-12-31"),
        ("2023-13", None, None),
        ("2023-02-30", None, None),
        ("2023-2021", None, None),
        ("2023年6-1月", None, None),
        ("202305", None, None),
        ("去年", None, None),
        ("2023.5", None, None),
        ("", None, None),
    ],
)
def test_periods(text: str, first: str | None, last: str | None) -> None:
    expected = Times(date.fromisoformat(first), date.fromisoformat(last)) if first and last else None
    assert read_times(text) == expected


@pytest.mark.parametrize("case", cases("rows"))
def test_rows_that_are_left_out(case: dict[str, Any], library: Library) -> None:
    found = read(library, "\n".join([case.get("header", HEADER), *case["data"]]))
    assert found.read + len(found.left) == found.rows == len(case["data"])
    assert [str(figure.value) for figure in found.figures] == case.get("read", [])
    left = [f"{one.problem.code} {one.cell.line}:{one.cell.column} {one.cell.text}".strip() for one in found.left]
    assert left == case.get("left", [])


ROW = "北市产业集群,北市,2022,9,个"


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (f"{HEADER}\n{ROW}\n".encode(), []),
        (f"{HEADER}\r\n{ROW}\r\n".encode("utf-8-sig"), []),
        (f"{HEADER}\n{ROW}\n".encode("gb18030"), ["Q203"]),
        (f"{HEADER}\n{ROW}\n".encode("utf-16"), ["Q203"]),
        (f"{HEADER}\n{ROW}\n".replace(",", "\t").encode(), ["Q204"]),
        (f"{HEADER}\n{ROW}\n".replace(",", ";").encode(), ["Q204"]),
        (f"表1,,,,\n\n{HEADER}\n{ROW}\n,,,,\n".encode(), []),
        (f"附表1，到2022年\n\n{HEADER}\n{ROW}\n".encode(), []),
        (f"{HEADER},备注\n{ROW},无\n".encode(), ["Q221"]),
        ("指标,地区,时期,数值（个）\n北市产业集群,北市,2022,9\n".encode(), []),
        (b"Metric,place,PERIOD,value\nnorth_groups,North City,2022,9 clusters\n", []),
    ],
)
def test_encodings_and_delimiters(data: bytes, notes: list[str], library: Library) -> None:
    found = read(library, data)
    assert [note.code for note in found.notes] == notes
    assert [(f.metric, f.places, f.value) for f in found.figures] == [("north_groups", {"north"}, 9)]
    assert found.rows == 1


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"\xff\xff\xff", "t.csv", "Q201"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "t.xls", "Q201"),
        (b"PK\x03\x04 broken", "t.xlsx", "Q201"),
        (f'{HEADER}\n"北市'.encode(), "t.csv", "Q201"),
        (b"metric: 1", "t.yaml", "Q201"),
        (b"[1, 2]", "t.json", "Q201"),
        (b"[{metric: a, metric: b}]", "t.yaml", "F"),
        (b"", "t.csv", "Q202"),
        (b"[]", "t.yaml", "Q202"),
        ("指标,地区,时期\n".encode(), "t.csv", "Q202"),
        (b"a\n" * 50_001, "t.csv", "Q219"),
    ],
)
def test_what_is_no_table(data: bytes, name: str, code: str, library: Library) -> None:
    with pytest.raises(Refusal) as refused:
        read(library, data, name)
    assert refused.value.problems[0].code.startswith(code)
    for lang in ("zh", "en"):
        assert name in refused.value.problems[0].message(lang) or code == "F"


def test_yaml(library: Library) -> None:
    text = """
- {指标: 北市产业集群, 地方: 北市, 时期: 2022年, 数值: 9}
- {指标: 北市高技术占比, 地方: 北市, 时期: 2022-12, 数值: 0.6, 单位: '%'}
- {指标: 北市产业集群, 地方: 北市, 时期: [2022], 数值: 9}
- {地方: 北市, 数值: 9}
"""
    for data in (text.encode(), text.encode("gb18030")):
        found = read(library, data, "table.yaml")
        assert [str(figure.value) for figure in found.figures] == ["9", "3/5"]
        assert [(left.problem.code, left.cell.line, left.cell.column) for left in found.left] == [
            ("Q207", 4, 28),
            ("Q215", 5, 3),
        ]


def workbook(tmp_path: Path) -> bytes:
    """Merged cells, a percent format, dates by their formats, and a second sheet."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "完成情况"
    sheet["A1"] = "附表 完成情况"
    sheet.merge_cells("A1:E1")
    rows: list[list[Any]] = [
        ["指标", "地区", "时期", "数值", "单位"],
        ["北市产业集群", "北市", 2021, 9, "个"],
        [None, None, date(2022, 5, 1), 10.0, "个"],
        ["北市高技术占比", "北市", date(2022, 5, 31), 0.6, None],
        ["北市技术合同额", "北市", 2021, 12.3, "亿元"],
        ["北市新建展厅", "北市", 2021, 3, None],
        ["北市新建展厅", "湖区", 2021, None, None],
        ["北市负债率", "北市", 2021, 0.6, None],
        ["北市科技企业数", "北市", 2021, 5, None],
    ]
    for row in rows:
        sheet.append(row)
    sheet["C4"].number_format = 'yyyy"年"m"月"'
    sheet["C5"].number_format = "yyyy-mm-dd"
    sheet["D5"].number_format = "0.0%"
    sheet.merge_cells("A3:A4")
    sheet.merge_cells("B3:B4")
    sheet.merge_cells("D7:D8")
    sheet.merge_cells("D10:E10")
    other = book.create_sheet("其他")
    other["A1"] = "x"
    book.create_sheet("空")
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path.read_bytes()


def test_a_workbook(tmp_path: Path, library: Library) -> None:
    found = read(library, workbook(tmp_path), "book.xlsx")
    assert [(f.metric, str(f.times.last), str(f.value)) for f in found.figures] == [
        ("north_groups", "2021-12-31", "9"),
        ("north_groups", "2022-05-31", "10"),
        ("north_share", "2022-05-31", "60"),
        ("north_sales", "2021-12-31", "1230000000"),
        ("north_firms", "2021-12-31", "5"),
    ]
    assert [(one.problem.code, one.cell.line, one.cell.column) for one in found.left] == [
        ("Q214", 7, 4),
        ("Q214", 8, 4),
        ("Q212", 9, 4),
    ]
    assert "column D" in found.left[0].problem.message("en")
    assert [note.code for note in found.notes] == ["Q216"]
    assert found.rows == 8


def test_without_openpyxl(tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(Refusal) as refused:
        read(library, data, "book.xlsx")
    assert [problem.code for problem in refused.value.problems] == ["Q218"]


def test_every_message_is_reached(library: Library) -> None:
    """The codes of tables: each stands in a test of this file or in a case."""
    from policyeval.messages import MESSAGES

    said = Path(__file__).read_text("utf-8") + (CASES / "rows.yaml").read_text("utf-8")
    assert [code for code in MESSAGES if code.startswith("Q2") and code < "Q230" and code not in said] == []


# Properties --------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "新建实验室",
        "北市负债率",
        "北市技术合同额",
        "北市",
        "湖区",
        "2022",
        "2022Q1",
        "60%",
        "0.6",
        "3",
        "3亿元",
        "个",
        "%",
        "x",
        "",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=5, max_size=5), max_size=12))
def test_counts_always_add_up(rows: list[list[str]]) -> None:
    found = read(opened(), "\n".join([HEADER, *(",".join(row) for row in rows)]))
    assert found.rows == sum(1 for row in rows if any(row))
    assert found.read + len(found.left) == found.rows
    assert len(found.figures) <= found.read


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(["t.csv", "t.yaml", "t.xlsx"]),
    st.sampled_from([b"", b"PK\x03\x04", HEADER.encode()]),
)
def test_any_bytes_are_read_or_refused(data: bytes, name: str, begin: bytes) -> None:
    with suppress(Refusal):
        read(opened(), begin + b"\n" + data if begin == HEADER.encode() else begin + data, name)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=24, max_size=24), st.lists(st.sampled_from("YHQM"), min_size=2, max_size=2))
def test_a_year_may_be_given_in_parts(months: list[int], forms: list[str]) -> None:
    """Two years by the month, or summed up by quarter, half or year, are one progress."""

    def progress(forms: list[str]) -> Progress:
        rows = []
        for year, form in zip((2021, 2022), forms, strict=True):
            size = {"Y": 12, "H": 6, "Q": 3, "M": 1}[form]
            for i in range(0, 12, size):
                name = {
                    "Y": f"{year}",
                    "H": f"{year}H{i // 6 + 1}",
                    "Q": f"{year}Q{i // 3 + 1}",
                    "M": f"{year}-{i + 1}",
                }[form]
                rows.append(f"北市新建展厅,北市,{name},{sum(months[12 * (year - 2021) :][i : i + size])},座")
        found = targets(
            opened(), date(2022, 12, 31), ["north-more"], actuals=read(opened(), "\n".join([HEADER, *rows]))
        )
        return found.documents[0][1][0].progress[0]

    assert progress(forms) == progress(["Y", "Y"])


# The command -------------------------------------------------------------------

TABLE = f"""{HEADER}
新建实验室,北市,2021年,15,个
新建实验室,北市,2022年,18,个
新建实验室,北市,2023年一季度,4,个
新建实验室,北市,2023年二季度,6,个
新建实验室,山县,2021,4,个
新建实验室,山县,2022,3,个
新建实验室,湖区,2021,20,个
新建实验室,北市高新区,2021,6,个
北市科技企业数,北市,2022,700,家
北市技术合同额,北市,2021,10,亿元
北市技术合同额,北市,2022,12.5,亿元
北市研发经费,北市,2022,4000,万元
北市高技术占比,北市,2022,55%,
北市高技术占比,山县,2022,0.55,
北市事故数,北市,2021,1,起
北市事故数,北市,2022,1,起
北市事故数,南市,2022,2,起
"""


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    return "table.csv"


def run(*arguments: str) -> Result:
    command = ["targets", "--policies", str(CASES / "policies"), "--as-of", "2023-06-30", *arguments]
    return CliRunner().invoke(cli, command)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_targets_as_text(lang: str, snapshot: SnapshotAssertion) -> None:
    result = run("--pack", "north-plan", "--with", "north-more", "--lang", lang)
    assert result.exit_code == 0, result.output
    assert result.output == snapshot


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_progress_as_text(lang: str, table: str, snapshot: SnapshotAssertion) -> None:
    result = run("--pack", "north-plan", "--data", table, "--lang", lang)
    assert result.exit_code == 1, result.output
    assert result.output == snapshot
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


def test_the_progress_as_markdown(table: str, snapshot: SnapshotAssertion) -> None:
    result = run("--pack", "north-plan", "--data", table, "--format", "md", "--lang", "en")
    assert result.stdout == snapshot


def test_the_progress_as_json(table: str) -> None:
    result = run("--pack", "north-plan", "--data", table, "--place", "山县", "--format", "json")
    found = json.loads(result.stdout)
    assert found["data"]["rows"] == 17
    assert found["data"]["read"] + len(found["data"]["left_out"]) == 17
    assert [(one["line"], one["column"], one["code"], one["value"]) for one in found["data"]["left_out"]] == [
        (15, 4, "Q212", "0.55"),
        (18, 2, "Q206", "南市"),
    ]
    labs = found["targets"][0]
    assert [(one["places"], one["status"], one["value"], one["path"], one["gap"]) for one in labs["progress"]] == [
        (["north"], "on_course", "43", "40", None),
        (["hill"], "behind", "7", "8", "1"),
    ]
    assert labs["reading"] == "north-plan/reach"
    assert labs["when"] == "level at least provincial"


def test_the_picture(table: str) -> None:
    result = run("--pack", "north-plan", "--data", table, "--format", "svg")
    root = ET.fromstring(result.stdout_bytes)
    texts = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "New labs · Hill County: at least 20 labs" in texts
    assert "behind by 1 labs" in texts


def test_a_long_label_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(f"{HEADER}\n北市增长率,北市,2021,8%,\n", encoding="utf-8")
    result = run("--pack", "north-more", "--data", "t.csv", "--format", "svg")
    (label, status) = [
        text.text or "" for text in ET.fromstring(result.stdout_bytes).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert label.endswith("…")
    assert len(label) <= 115
    assert status == "on course"


def test_the_page(table: str) -> None:
    result = run("--pack", "north-plan", "--data", table, "--format", "html", "--lang", "zh")
    assert result.exit_code == 1
    page = result.stdout_bytes.decode()
    assert "<script" not in page
    assert "落后1个" in page
    assert 'src="data:image/svg+xml;base64,' in page


def test_files_are_written_and_not_replaced(table: str, tmp_path: Path) -> None:
    for name, begins in {
        "a.html": "<!DOCTYPE html>",
        "a.svg": "<svg",
        "a.md": "# ",
        "a.json": "{",
        "a.txt": "Targets",
    }.items():
        result = run("--pack", "north-plan", "--data", table, "-o", name)
        assert result.exit_code == 1, result.output
        assert (tmp_path / name).read_text("utf-8").startswith(begins)
    assert "D113" in run("--pack", "north-plan", "-o", "a.md").output
    assert run("--pack", "north-plan", "-o", "a.md", "--force").exit_code == 0


def test_a_table_from_standard_input() -> None:
    command = ["targets", "--policies", str(CASES / "policies"), "--pack", "north-plan", "--as-of", "2023-06-30"]
    result = CliRunner().invoke(cli, [*command, "--data", "-"], input="\n".join(TABLE.splitlines()[:5]))
    assert result.exit_code == 0, result.output
    assert "<stdin>: 4 rows, 4 read, 0 left out" in result.stdout


def test_a_row_stands_below_its_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the target itself has no figure; what has none is named once, with its places."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(f"{HEADER}\n新建实验室,山县,2021,4,个\n", encoding="utf-8")
    lines = run("--pack", "north-plan", "--data", "t.csv", "--lang", "zh").stdout.splitlines()
    cells = [line.split()[:4] for line in lines if line.startswith("  ") and not line.startswith("    ")]
    assert cells[1:] == [["新建实验室", "至少80个", "—", "无法衡量"], ["·", "山县", "至少20个", "4个"]]
    assert "新建实验室（湖区、北市高新区）" in "".join(lines)


def test_a_place_that_is_not_known() -> None:
    result = run("--place", "山区")
    assert result.exit_code == 2
    assert "N105" in result.output


def test_a_note_says_where_a_row_is(table: str) -> None:
    result = run("--pack", "north-plan", "--data", table, "--lang", "en")
    assert "Q206 warning: table.csv, line 18, column 2: `南市` is not a known place" in result.stderr
    assert "Q217 warning: 2 of 17 rows were left out, 15 were read" in result.stderr


def test_problems_are_said_in_both_languages() -> None:
    for code in ("Q203", "Q204", "Q209", "Q210", "Q211", "Q213", "Q215", "Q221"):
        for lang in ("zh", "en"):
            assert Problem(code, {"at": "t", "path": "t", "value": "x"}).message(lang)
