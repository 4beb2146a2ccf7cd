"""`policyeval impact -o FILE`: workbooks cell by cell, pages with charts as a browser has them, and bad outputs."""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
import subprocess
import sys
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner, Result
from openpyxl import load_workbook
from platform_tables import table
from policyeval.cli.main import cli
from policyeval.cli.workbook import workbook

WORKED = yaml.safe_load((Path(__file__).parent / "cases" / "impact" / "readings.yaml").read_text(encoding="utf-8"))[0]
ASKED = "impact in.csv --with ganyu-draft --as-of 2023-06-30 --by level"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WAN = 10_000  # yuan


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of one table, one of its rows no platform."""
    found = tmp_path_factory.mktemp("impact")
    table([*WORKED["rows"], {"location": "火星"}], found / "in.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(found)
        patch.setenv("LANG", "C.UTF-8")
        patch.setenv("COLUMNS", "90")
        for name, options in {
            "both.html": "", "en.xlsx": "--lang en", "zh.xlsx": "--lang zh --no-readings",
            "en.html": "--lang en --no-readings", "en.md": "--lang en --no-readings",
            "zh.txt": "--lang zh --no-readings", "en.json": "--no-readings",
        }.items():  # fmt: skip
            result = run(f"{ASKED} -o {name} {options}")
            assert (result.exit_code, result.stdout) == (1, f"{name}\n"), result.output  # a row is rejected
    return found


def run(line: str) -> Result:
    return CliRunner().invoke(cli, shlex.split(line))


@pytest.fixture
def _there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "90")


# Texts -------------------------------------------------------------------------


@pytest.mark.usefixtures("_there")
def test_texts_are_what_the_terminal_shows(folder: Path) -> None:
    for name, options in {"en.md": "--lang en --format md", "zh.txt": "--lang zh", "en.json": "--format json"}.items():
        assert (folder / name).read_text(encoding="utf-8") == run(f"{ASKED} --no-readings {options}").stdout
    assert json.loads((folder / "en.json").read_text(encoding="utf-8"))["rows"]["settled"] == 3


# XLSX --------------------------------------------------------------------------


def sheet(folder: Path, book: str, name: str) -> list[tuple[Any, ...]]:
    return list(load_workbook(folder / book)[name].iter_rows(values_only=True))


def test_totals_cell_by_cell(folder: Path) -> None:
    """By hand, as in the case: before 1200, after 1200 to 1430, which is what the district adds."""
    head, *rows = sheet(folder, "en.xlsx", "Totals")
    assert head == (
        None, "before, at least", "before, at most", "after, at least", "after, at most", "change, at least",
        "change, at most",
    )  # fmt: skip
    assert rows == [
        ("support", *(n * WAN for n in (1200, 1200, 1200, 1430, 0, 230))),
        ("Jiangsu provincial treasury", 0, 0, 0, 0, 0, 0),
        ("Lianyungang city treasury", *(n * WAN for n in (600, 600, 600, 600, 0, 0))),
        ("Ganyu District treasury", *(n * WAN for n in (600, 600, 600, 830, 0, 230))),
    ]
    cell = load_workbook(folder / "en.xlsx")["Totals"]["E2"]
    assert (cell.number_format, cell.data_type) == ("#,##0.00", "n")


def test_groups_and_largest_changes_cell_by_cell(folder: Path) -> None:
    head, *groups = sheet(folder, "en.xlsx", "Groups")
    assert [row[0] for row in groups] == ["municipal", "provincial", "national"]
    at = head.index("support · after, at least")
    assert [row[at : at + 2] for row in groups] == [(0, 80 * WAN), (200 * WAN, 250 * WAN), (1000 * WAN, 1100 * WAN)]
    head, *large = sheet(folder, "zh.xlsx", "增减最多")
    assert [(row[0], row[1]) for row in large] == [("增加", 2), ("增加", 4), ("增加", 3)]
    assert large[0][head.index("上级扶持经费")] == 1200 * WAN
    assert large[0][head.index("所在地")] == "赣榆区"
    assert large[0][-2:] == (0, 100 * WAN)


def test_readings_cell_by_cell(folder: Path) -> None:
    head, asked, *rows = sheet(folder, "en.xlsx", "Readings")
    low, high = head.index("support · after, at least"), head.index("support · after, at most")
    assert asked[0] == "all read as above"
    by = {f"{row[0]}={row[1]}": row for row in rows}
    for option, expected in WORKED["options"].items():
        row = by[option]
        assert (row[2], row[3]) == ("yes", "yes")
        assert [row[low], row[high]] == [end * WAN for end in expected["support"]]
    kinds = by["ganyu-draft/matching_kinds=four_kinds"]
    assert (kinds[2], kinds[3]) == ("no", "yes")
    least, most = rows[-2:]
    assert (least[low], most[high]) == (500 * WAN, 1630 * WAN)
    assert most[1] == "lianyungang-2021/cap_scope=each, ganyu-draft/no_duplication=higher_regime"
    assert len(sheet(folder, "zh.xlsx", "解读")) == 2  # as asked alone


def test_rows_and_sources(folder: Path) -> None:
    rows = sheet(folder, "en.xlsx", "Rows")
    assert [row[1] for row in rows[1:7]] == [4, 3, 0, 0, 1, 0]
    assert rows[-1][:4] == ("row 5", None, "location", "火星")
    about = {row[:2]: row[2] for row in sheet(folder, "en.xlsx", "About")}
    (digest,) = {value for (name, ref), value in about.items() if str(ref).startswith("ganyu-draft@")}
    assert re.fullmatch("[0-9a-f]{64}", str(digest))
    assert about["readings", "ganyu-draft/no_duplication"] == "net_of_city"


GRANT = """
pack: grant
version: 1.0.0
status: draft
jurisdiction: ganyu
document: {number: null, title: {zh: 试, en: Trial}, issuer: null, issued: null}
effective: null
payers: [host]
awards:
  grant: {label: {zh: 奖, en: Grant}, cite: {section: 一, phrase: 甲}, when: level is national, amount: 100元 by host}
budgets:
  year: {label: {zh: 年度, en: Year}, cite: {section: 一, phrase: 甲}, awards: [grant], total: 250元}
"""


def test_budgets_cell_by_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times 100 stand under 250: each gets 83.33, and a fen is left."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grant.yaml").write_text(GRANT, encoding="utf-8")
    table([{"location": "ganyu", "level": "national"}] * 3, tmp_path / "in.csv", ("location", "level"))
    assert run("impact in.csv --with grant.yaml --as-of 2010-01-01 --lang en -o out.xlsx").exit_code == 0
    head, *rows = sheet(tmp_path, "out.xlsx", "Budgets")
    assert head[2:6] == ("ceiling", "exceeded", "stands under it, at least", "stands under it, at most")
    assert rows == [
        ("grant/year", "after", 250, "yes", 300, 300, 249.99, 249.99, 0.01, 0.01, 0, "all read as above", None)
    ]
    assert sheet(tmp_path, "out.xlsx", "Totals")[1][3] == 249.99


def test_amounts_that_excel_cannot_hold_are_texts() -> None:
    rows = [
        ["name", "amount"],
        ["=1+1", Decimal("1234567890123.45")],
        ["+", Decimal("12345678901234.56")],
        ["", 10**15],
    ]
    found = load_workbook(BytesIO(workbook("x.xlsx", {"one": rows})))["one"]
    assert [tuple(row) for row in found.iter_rows(values_only=True)] == [
        ("name", "amount"),
        ("'=1+1", 1234567890123.45),
        ("'+", "12345678901234.56"),
        (None, "1000000000000000"),
    ]


def test_what_a_cell_says_can_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A formula, marks of XML and a control character, in a rejected cell and in one that rows are grouped by."""
    monkeypatch.chdir(tmp_path)
    evil = '=1+<b>\x01&"火'
    rows = [{**WORKED["rows"][0], "street": evil}, {"location": evil}]
    table(rows, tmp_path / "in.csv", [*WORKED["rows"][0], "street"])
    for name in ("out.xlsx", "out.html"):
        line = f"impact in.csv --with ganyu-draft --as-of 2023-06-30 --by street --no-readings --lang en -o {name}"
        result = run(line)
        assert result.exit_code == 1, result.output
    seen = "'=1+<b>\ufffd&\"火"
    assert sheet(tmp_path, "out.xlsx", "Groups")[1][0] == seen
    assert sheet(tmp_path, "out.xlsx", "Rows")[-1][3] == seen
    words = [t.text for t in ElementTree.fromstring(pictures(tmp_path, "out.html")[2]).iter() if t.text]
    assert seen[1:] in words
    assert "<b>" not in (tmp_path / "out.html").read_text(encoding="utf-8")


# HTML --------------------------------------------------------------------------


class Parts(HTMLParser):
    """Pictures and tables in the order in which they stand, with the sections that they stand in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, int, dict[str, str]]] = []
        self.sections, self.tags = 0, set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.sections += tag == "section"
        if tag in ("img", "table"):
            self.found.append((tag, self.sections, {name: value or "" for name, value in attrs}))


def pictures(folder: Path, name: str) -> list[bytes]:
    parts = Parts((folder / name).read_text(encoding="utf-8"))
    return [
        base64.b64decode(a["src"].removeprefix("data:image/svg+xml;base64,"))
        for tag, _, a in parts.found
        if tag == "img"
    ]


def test_a_page_needs_nothing_else_and_every_chart_has_its_table(folder: Path) -> None:
    text = (folder / "both.html").read_text(encoding="utf-8")
    parts = Parts(text)
    assert not {"script", "link", "iframe", "object"} & parts.tags
    assert not re.search(r"url\(|@import|https?:", text)
    charts = [(section, attributes) for tag, section, attributes in parts.found if tag == "img"]
    assert [a["alt"] for _, a in charts[:4]] == [
        "现行和草案之后的支出，按承担者", "增加、减少和不变的平台数",
        "现行和草案之后的支出，按级别", "各种解读下草案之后的支持金额",
    ]  # fmt: skip
    assert len(charts) == 8  # as many in English
    assert {section for section, _ in charts} <= {section for tag, section, _ in parts.found if tag == "table"}
    assert [len(pictures(folder, "en.html")), '<article lang="en"' in text] == [3, True]


def test_figures_stand_at_the_right_of_their_columns(folder: Path) -> None:
    text = (folder / "en.html").read_text(encoding="utf-8")
    cost = next(t for t in text.split("<table>") if "support, at least" in t)
    assert re.findall(r'<th scope="(\w+)"(.*?)>', cost)[:4] == [*[("col", " class=right")] * 3, ("row", "")]
    assert set(re.findall(r"<td class=(.*?)>", cost)) == {'"brief right"'}


def test_bars_are_as_long_as_the_amounts(folder: Path) -> None:
    """1430 at most is the longest, 330 wide: 1200 of it solid is 276.9, what discretion leaves 53.1."""
    root = ElementTree.fromstring(pictures(folder, "both.html")[0])
    bars = [(r.get("width"), r.get("fill-opacity")) for r in root.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert bars[:3] == [("276.9", None), ("276.9", None), ("53.1", "0.3")]
    words = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words[:5] == ["支持金额", "现行", "1200万元", "草案之后", "1200万元 至 1430万元"]


def test_of_many_groups_those_that_cost_most_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [{**WORKED["rows"][0], "upstream_funding": f"{100 + i}万元", "street": f"s{i:02}"} for i in range(45)]
    table(rows, tmp_path / "in.csv", [*WORKED["rows"][0], "street"])
    line = "impact in.csv --with ganyu-draft --as-of 2023-06-30 --by street --no-readings --lang en -o out.html"
    assert run(line).exit_code == 0
    titles = [t.text for t in ElementTree.fromstring(pictures(tmp_path, "out.html")[2]).iter() if t.get("font-weight")]
    assert titles == [f"s{i:02}" for i in range(5, 45)]
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "the 40 that cost most" in page
    assert page.count("s00") == 1  # in the table


@pytest.mark.parametrize(
    "rows", [[], [{"location": "火星"}], [{"location": "ganyu"}]], ids=["empty", "rejected", "open"]
)
def test_files_of_tables_with_nothing_to_add_up(
    rows: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table(rows, tmp_path / "in.csv")
    for name in ("out.html", "out.xlsx"):
        line = f"impact in.csv --with ganyu-draft --as-of 2023-06-30 --by level --no-readings --lang en -o {name}"
        assert run(line).exit_code == ("火星" in str(rows))
    assert sheet(tmp_path, "out.xlsx", "Rows")[1][1] == len(rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_charts(lang: str, folder: Path, snapshot: Any) -> None:
    found = pictures(folder, "both.html")
    assert "\n".join(each.decode() for each in (found[:4] if lang == "zh" else found[4:])) == snapshot


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the page is not looked at in a browser")
def test_a_browser_shows_it(folder: Path, tmp_path: Path) -> None:
    page = folder / "both.html"
    off = ("quic", "gpu", "background-networking", "component-update", "sync")
    options = ["--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in off)]
    command = [str(CHROMIUM), *options, f"--user-data-dir={tmp_path}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    assert done.stdout.count(b"<table>") == page.read_bytes().count(b"<table>") > 20
    assert done.stdout.count(b"<img ") == 8


# What cannot be written ----------------------------------------------------------

BAD = {
    "-o out.pdf": "B482",
    "-o out": "B482",
    "-o en.md": "D113",
    "-o nowhere/out.html": "D107",
    "-o out.html --explain 2": "B483",
}


@pytest.mark.usefixtures("_there")
@pytest.mark.parametrize("options", BAD)
def test_bad_outputs_are_told_before_the_work(options: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyeval.impact.run.run", None)
    result = run(f"{ASKED} {options}")
    assert (result.exit_code, BAD[options] in result.stderr) == (2, True), result.output


@pytest.mark.usefixtures("_there")
def test_a_file_that_is_there_is_replaced_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "out.md"
    path.write_text("mine", encoding="utf-8")
    assert run(f"{ASKED} --no-readings --lang en -o {path} --force").exit_code == 1
    assert path.read_text(encoding="utf-8").startswith("# The impact of ganyu-draft")


@pytest.mark.usefixtures("_there")
@pytest.mark.parametrize(("name", "module", "code"), [("a.xlsx", "openpyxl", "Q218"), ("a.html", "jinja2", "D134")])
def test_without_what_writes_it(name: str, module: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    result = run(f"{ASKED} -o {name}")
    assert (result.exit_code, code in result.stderr) == (2, True), result.output
