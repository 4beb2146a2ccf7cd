"""Reports: what they say, by hand from the documents; that they can be read by all; that no file is lost."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from functools import cache
from html.parser import HTMLParser
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from docx import Document
from policyeval import __version__
from policyeval.cli.chart_svg import svg
from policyeval.cli.main import cli
from policyeval.cli.report_text import page_of
from policyeval.cli.sections import pieces
from policyeval.compare import Comparison, compare
from policyeval.library import Library
from policyeval.problems import Problem, Refusal
from policyeval.report import Report, report
from regimes import shipped

ROOT = Path(__file__).resolve().parents[1]
DRAFT = ROOT / "policies" / "ganyu-draft.yaml"
DAY = "2023-06-30"
WAN = 10**6  # fen
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["report", *map(str, arguments), "--as-of", DAY])


def written(path: Path, *arguments: str | Path) -> bytes:
    result = run(*(arguments or ("ganyu-draft",)), "-o", path)
    assert result.exit_code == 0, result.output
    return path.read_bytes()


@pytest.fixture(autouse=True)
def compared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Comparison]:
    """What was compared is not compared again: the tests are of what is written about it."""
    monkeypatch.setattr("policyeval.cli.report_.compare", known)
    return _COMPARED


_COMPARED: dict[str, Comparison] = {}


def known(library: Library, *arguments: Any) -> Comparison:
    digests = [pack.sha256 for pack in (*library.packs, *library.named.values())]
    key = repr((digests, arguments[:5]))
    if key not in _COMPARED:
        _COMPARED[key] = compare(library, *arguments)
    return _COMPARED[key]


class Pictures:
    """Draws, and keeps what it drew."""

    def __init__(self) -> None:
        self.drawn: list[bytes] = []

    def __call__(self, *arguments: Any) -> bytes:
        self.drawn.append(svg(*arguments))
        return self.drawn[-1]


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return Pictures()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, pictures: Pictures) -> dict[str, bytes]:
    """The report in each form, in both languages."""
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("policyeval.cli.report_.compare", known)
        patch.setattr("policyeval.cli.chart_svg.svg", pictures)
        return {form: written(folder / f"report.{form}") for form in ("html", "md", "docx")}


@cache
def of(**readings: str) -> Report:
    return report(shipped(), known(shipped(), "ganyu-draft", None, date.fromisoformat(DAY), readings, ()))


# What it says -----------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_in_markdown(lang: str, tmp_path: Path, snapshot: Any) -> None:
    text = written(tmp_path / "report.md", "ganyu-draft", "--lang", lang).decode()
    assert re.sub(r"\b[0-9a-f]{64}\b", "…", text) == snapshot


# By hand, in 万元. Support under the city plan is at most 1000, half from the city. `net_of_city` leaves every amount
# and lets the district add a subsidy of at most 100. Under `higher_regime` the draft stands alone at 1000 from the
# district: 500 more of matching and 100 of subsidy, and the city is spared 500. Under `city_alone` the district's 500
# fall away.
CHANGES = [
    ({"no_duplication": "net_of_city"}, 100, 0, {"city": (0, 0), "host": (100, 0)}),
    ({"no_duplication": "higher_regime"}, 100, 0, {"city": (0, 500), "host": (600, 0)}),
    ({"no_duplication": "city_alone"}, 100, 500, {"city": (0, 0), "host": (100, 500)}),
]


@pytest.mark.parametrize(("readings", "gain", "loss", "payers"), CHANGES)
def test_the_summary_says_who_gains_and_who_pays(
    readings: dict[str, str], gain: int, loss: int, payers: dict[str, tuple[int, int]]
) -> None:
    found = of(**readings)
    assert (found.gain.amount, found.loss.amount) == (gain * WAN, loss * WAN)
    burdens = {one.payer: ((one.more.amount or 0) // WAN, (one.less.amount or 0) // WAN) for one in found.burdens}
    assert burdens == {"province": (0, 0), **payers}
    claims = {verdict.claim.id: verdict for verdict in found.comparison.claims}
    for one in found.burdens:  # what the classes say, the solver says of all platforms
        assert claims[f"{one.payer}_pays_no_more"].by == one.more.amount
    text = page_of(found, "zh").markdown()
    assert f"最多增加{gain}万元；{f'最多减少{loss}万元' if loss else '没有平台减少'}" in text


def test_rules_stand_beside_those_of_the_same_name(both: dict[str, bytes]) -> None:
    rules = {change.after.ref: change for change in of().rules if change.after}
    national = rules["ganyu-draft/national_match"]
    assert national.before
    assert (national.kind, national.before.ref, national.aside) == (
        "added",
        "lianyungang-2021/national_match",
        ("host",),
    )
    assert rules["ganyu-draft/performance_subsidy"].before is None
    assert rules["ganyu-draft/precedence[2]"].before is None


def test_it_names_figures_clauses_and_sources(both: dict[str, bytes]) -> None:
    text = both["md"].decode()
    facts = [
        "连政办发〔2021〕18号 七“按上级扶持经费1:0.5:0.5”",
        "《赣榆区重大产业创新平台建设实施方案》 六“市、区不重复奖励”",
        "由赣榆区财政按上级扶持经费等额配套，合计最高1000万元",
        "the district pays up to 10% of the technology contract turnover, at most 100万元 in all",
        "连云港市人民政府办公室",
        "2021-04-12",
        "按投资额分阶段支持",
        "任何平台所得的“绩效补助”都不高于100万元",
        f"policyeval {__version__}",
        DAY,
    ]
    for fact in facts:
        assert fact in text
    digests = [pack.sha256 for pack in of().comparison.after]
    assert len(digests) == 2
    assert all(digest in text for digest in digests)
    before, after = of().digests
    assert before != after
    assert before in text
    assert after in text


def test_a_figure_changed_in_a_file(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    text = DRAFT.read_text(encoding="utf-8").replace("capped at 100万元 by host", "capped at 200万元 by host")
    mine.write_text(text, encoding="utf-8", newline="\n")
    report = written(tmp_path / "report.md", mine, "--against", "ganyu-draft", "--lang", "zh").decode()
    assert "改动：绩效补助" in report
    assert "合计最高100万元，具体数额由主管部门确定。 | 级别不低于市级" in report
    assert "最多增加100万元；没有平台减少" in report


def test_a_comparison_without_any_change(tmp_path: Path) -> None:
    text = written(tmp_path / "report.md", "ganyu-draft", "--against", "ganyu-draft", "--lang", "en").decode()
    assert "No rule changes." in text
    assert "No platform gains or loses." in text


# The readings that are not looked at here, as they are assumed.
SETTLED = [
    f"--reading={one}"
    for one in (
        "lianyungang-2021/cap_scope=together",
        "lianyungang-2021/matching_kinds=any_kind",
        "ganyu-draft/higher_scope=subsidies",
        "ganyu-draft/filing=counts",
        "ganyu-draft/matching_kinds=any_kind",
    )
]


def test_what_each_reading_would_change(tmp_path: Path) -> None:
    """By hand: only `city_alone` lets platforms lose, 500万元 at most; the county standard never binds."""
    text = written(tmp_path / "report.md", "ganyu-draft", "--each-reading", *SETTLED, "--lang", "zh").decode()
    of_city, of_county = (text.partition(ask)[2].partition("\n### ")[0] for ask in ("互不重复？", "指哪里的标准？"))
    assert "| 没有平台得到的支持减少 | 结论 | 最大差额 |" in of_city
    assert "| 市方案的配套适用时，区不再配套 | 不成立 | **最多500万元** |" in of_city
    assert "已证明），不必改写" in of_county
    assert "最大差额" not in of_county
    result = run("ganyu-draft", "--each-reading", "--against", "ganyu-draft", "-o", tmp_path / "no.md")
    assert (result.exit_code, result.output[:4]) == (2, "D135")


def test_a_pack_of_another_city_with_nothing_before_it(tmp_path: Path) -> None:
    """One ceiling of 650万元 over matching and rent; no clause that can be read in two ways."""
    folder = ROOT / "examples" / "new-city"
    text = written(tmp_path / "report.md", "qinglan-2024", "--policies", folder, "--lang", "en").decode()
    assert "where nothing else is in force on" in text
    assert "| rises by at most 650万元; falls for no platform |" in text
    assert "| **What stays open** | none |" in text


def test_cases_of_a_file(tmp_path: Path) -> None:
    """1200万元 from above: 1000万元 in all before, 1000万元 and a subsidy of up to 100万元 after."""
    case = ROOT / "examples" / "ganyu.yaml"
    text = written(tmp_path / "report.md", "ganyu-draft", "--cases", case, "--lang", "en").decode()
    assert "1000万元 to 1100万元" in text


# How it is read ---------------------------------------------------------------


class Tree(HTMLParser):
    """Elements in order, with their depth checked."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.found.append((tag, {name: value or "" for name, value in attrs}, tuple(self.open)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes, _ in self.found if tag in tags]


@pytest.fixture(scope="module")
def tree(both: dict[str, bytes]) -> Tree:
    return Tree(both["html"].decode())


def test_the_elements_close_where_they_should_and_names_lead_somewhere(tree: Tree) -> None:
    ids = [attributes["id"] for _, attributes, _ in tree.found if "id" in attributes]
    assert len(set(ids)) == len(ids)
    led = [a["href"][1:] for a in tree.all("a")] + [
        a["aria-labelledby"] for _, a, _ in tree.found if "aria-labelledby" in a
    ]
    assert led
    assert set(led) <= set(ids)
    inside = {"tr": ("tbody", "thead"), "td": ("tr",), "th": ("tr",), "li": ("ul", "ol"), "caption": ("table",)}
    for tag, _, parents in tree.found:
        assert tag not in inside or parents[-1] in inside[tag]


def test_it_needs_nothing_from_elsewhere(both: dict[str, bytes], tree: Tree) -> None:
    text = both["html"].decode()
    assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _, _ in tree.found}
    assert all(a.get("href", "#").startswith("#") for _, a, _ in tree.found)
    assert all(a["src"].startswith("data:image/svg+xml;base64,") and a["alt"] for a in tree.all("img"))
    assert len(tree.all("img")) == 10  # five in each language: two amounts in two classes, one in a third
    assert not any(name in a for _, a, _ in tree.found for name in ("srcset", "style", "background"))
    assert not re.search(r"url\(|@import|@font-face|https?:", text)
    assert "default-src 'none'" in text


def test_landmarks_headings_and_languages(tree: Tree) -> None:
    assert len(tree.all("main")) == 1
    assert tree.all("header")
    assert tree.all("footer")
    assert [a["lang"] for a in tree.all("nav")] == ["zh-CN", "en"]
    assert [a["lang"] for a in tree.all("article")] == ["zh-CN", "en"]
    assert all("aria-label" in a for a in tree.all("nav"))
    assert not [a for _, a, _ in tree.found if a.get("tabindex", "-1") != "-1"]  # links alone are stopped at
    levels = [int(tag[1]) for tag, _, _ in tree.found if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 2  # one for each language
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert tree.found[[tag for tag, _, _ in tree.found].index("body") + 1][1]["class"] == "skip"


def test_tables_say_what_their_headers_head(tree: Tree) -> None:
    tables, captions = tree.all("table"), tree.all("caption")
    assert len(tables) == len(captions) > 40
    assert all(a["scope"] in ("col", "row") for a in tree.all("th"))
    numbers = [text for parents, text in tree.texts if parents[-1:] == ("caption",) and text.strip()]
    half = len(tables) // 2
    assert numbers == [f"表{n}" for n in range(1, half + 1)] + [f"Table {n}" for n in range(1, half + 1)]


def test_chinese_within_english_is_marked() -> None:
    found = [(piece.text, piece.foreign) for piece in pieces("of 连政办发〔2021〕18号, at most 1000万元", "en")]
    assert found == [("of ", False), ("连政办发〔2021〕18号", True), (", at most ", False), ("1000万元", True)]
    assert [piece.foreign for piece in pieces("连政办发", "zh")] == [False]


def test_colours_stand_out_from_their_grounds(both: dict[str, bytes]) -> None:
    """4.5 to 1 on white and on the shade of header cells, as WCAG 2.2 asks of text."""
    style = both["html"].decode().partition("<style>")[2].partition("</style>")[0]
    named = dict(re.findall(r"--(\w+): (#\w+);", style))
    inks = {*re.findall(r"(?<!-)color: (#\w+)", style), *(named[n] for n in ("ink", "soft", "link"))}
    assert len(inks) >= 7
    for ground in ("#fff", named["shade"]):
        for ink in inks:
            a, b = sorted((luminance(ground), luminance(ink)))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (ink, ground)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_word_opens_it_with_an_outline_and_header_rows(both: dict[str, bytes], tree: Tree) -> None:
    document = Document(io.BytesIO(both["docx"]))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    titles = [p.text for p in document.paragraphs if p.style.name == "Title"]
    assert titles[0] == "《赣榆区重大产业创新平台建设实施方案》对照报告"
    assert len(titles) == 2
    assert headings[0] == "一、摘要"
    assert headings[len(headings) // 2] == "1. In short"
    assert len(document.tables) == len(tree.all("table"))
    verdicts = next(t for t in document.tables if t.cell(0, 0).text == "主张")
    assert "tblHeader" in verdicts.rows[0]._tr.xml
    assert [cell.text for cell in verdicts.rows[1].cells] == ["没有平台得到的支持减少", "已证明", ""]
    assert document.sections[0].page_width.cm == pytest.approx(21, abs=0.01)


def test_what_a_pack_says_can_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyeval.cli.chart_svg.svg", lambda *_: b"<svg/>")  # an image can do none: it runs nothing
    evil = r"<script>alert(1)</script>{{ 7 * 7 }}<img src=\"x\">& \u0001"
    mine = tmp_path / "mine.yaml"
    text = DRAFT.read_text(encoding="utf-8").replace("zh: 赣榆区重大产业创新平台建设实施方案", f'zh: "{evil}"', 1)
    text = text.replace("zh: 绩效补助,", f'zh: "{evil}",', 1)
    mine.write_text(text, encoding="utf-8", newline="\n")
    page = written(tmp_path / "r.html", mine).decode()
    assert not Tree(page).all("script")
    assert all(a["src"].startswith("data:") for a in Tree(page).all("img"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}&lt;img src=&#34;x&#34;&gt;&amp; \ufffd" in page
    document = Document(io.BytesIO(written(tmp_path / "r.docx", mine)))
    assert "<script>alert(1)</script>{{ 7 * 7 }}" in document.paragraphs[0].text
    assert "\\<script>" in written(tmp_path / "r.md", mine).decode()


def test_two_runs_give_the_same_bytes(
    both: dict[str, bytes],
    pictures: Pictures,
    compared: dict[str, Comparison],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the pictures, which take most of the time, the first is drawn anew."""
    number = count()

    def again(*arguments: Any) -> bytes:
        return pictures.drawn[at] if (at := next(number)) else svg(*arguments)

    monkeypatch.setattr("policyeval.cli.chart_svg.svg", again)
    compared.clear()
    for form, first in both.items():
        assert written(tmp_path / f"again.{form}") == first
    entries = zipfile.ZipFile(io.BytesIO(both["docx"])).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    dates = re.findall(rb"\d{4}-\d\d-\d\dT", zipfile.ZipFile(io.BytesIO(both["docx"])).read("docProps/core.xml"))
    assert set(dates) == {f"{DAY}T".encode()}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the report is not looked at in a browser")
def test_a_browser_shows_it_and_prints_it_on_a4(both: dict[str, bytes], tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_bytes(both["html"])
    pdf = tmp_path / "report.pdf"
    shown = chromium(tmp_path, "--dump-dom", "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri()).decode()
    assert shown.count("<table>") == both["html"].count(b"<table>")
    data = pdf.read_bytes()
    assert data.startswith(b"%PDF")
    sizes = {tuple(float(n) for n in box.split()) for box in re.findall(rb"/MediaBox ?\[([^\]]+)\]", data)}
    assert [[round(n / 72 * 25.4) for n in size] for size in sizes] == [[0, 0, 210, 297]]
    assert 10 < len(re.findall(rb"/Type ?/Page\b", data)) < 60


def chromium(folder: Path, *arguments: str) -> bytes:
    off = ("quic", "gpu", "background-networking", "component-update", "sync")
    options = ["--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in off)]
    command = [str(CHROMIUM), *options, f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


# Files ------------------------------------------------------------------------


def test_a_file_that_is_there_stays_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("mine", encoding="utf-8")
    path.chmod(0o640)
    result = run("ganyu-draft", "-o", path)
    assert (result.exit_code, path.read_text(encoding="utf-8")) == (2, "mine")
    assert "D132" in result.output
    assert run("ganyu-draft", "-o", path, "--force").exit_code == 0
    assert path.read_text(encoding="utf-8").startswith("# 《赣榆区")
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["report.md"]


def test_a_file_that_comes_up_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.md"

    def slow(*arguments: Any) -> Any:
        path.write_text("theirs", encoding="utf-8")
        return compare(*arguments)

    monkeypatch.setattr("policyeval.cli.report_.compare", slow)
    result = run("ganyu-draft", "-o", path)
    assert (result.exit_code, path.read_text(encoding="utf-8")) == (2, "theirs")
    assert "D113" in result.output
    assert [each.name for each in tmp_path.iterdir()] == ["report.md"]


@pytest.mark.parametrize(
    ("name", "code"), [("report.pdf", "D131"), ("report", "D131"), ("no/such/folder/report.md", "D107")]
)
def test_files_that_cannot_be_written(name: str, code: str, tmp_path: Path) -> None:
    result = run("ganyu-draft", "-o", tmp_path / name)
    assert result.exit_code == 2
    assert result.output.startswith(code)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("form", "module", "library"), [("html", "jinja2", "jinja2"), ("docx", "docx", "python-docx")])
def test_a_library_that_is_not_installed(
    form: str, module: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    result = run("ganyu-draft", "-o", tmp_path / f"report.{form}")
    assert result.exit_code == 2
    assert f"D134 a .{form} file needs {library}, which is not installed" in result.output
    assert "pip install 'policyeval[report]'" in result.output


def test_one_language_or_both(tmp_path: Path) -> None:
    zh = written(tmp_path / "zh.md", "ganyu-draft", "--lang", "zh")
    en = written(tmp_path / "en.md", "ganyu-draft", "--lang", "en")
    both = written(tmp_path / "both.md", "ganyu-draft", "--lang", "both")
    assert both == zh + b"\n" + en


def test_what_is_not_drawn_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> Any:
        raise Refusal(Problem("R407", {"fact": "upstream_funding"}))

    monkeypatch.setattr(sys.modules["policyeval.report"], "curve", refused)
    library = shipped()
    found = report(library, compare(library, "ganyu-draft", None, date(2023, 6, 30), {}))
    assert {(d.curves, d.why_not and d.why_not.code) for d in found.drawings} == {(None, "R407")}
    assert "not made of straight lines" in page_of(found, "en").markdown()
