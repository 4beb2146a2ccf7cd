"""Whole tables of platforms: every form of table gives what `eval` gives, and bad rows alone are sent away."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml
from hypothesis import given
from hypothesis import settings as how_often
from hypothesis import strategies as st
from policyeval.batch.header import headings
from policyeval.batch.run import Done, Request, run
from policyeval.cases import read_setting, typed
from policyeval.library import open_library
from policyeval.money import yuan
from policyeval.problems import Refusal
from policyeval.regime import Regimes

CASES = Path(__file__).parent / "cases" / "batch"
DAY = date(2024, 6, 30)
AMOUNTS = ["support_min", "support_max", "unquantified", "undetermined"] + [
    f"{payer}_{end}" for payer in ("province", "city", "host") for end in ("min", "max")
]
Row = Mapping[str, str | None]

# the same platforms in every form of table; "" is a fact that is not known
ROWS: list[dict[str, str]] = [
    {"location": "ganyu", "kind": "new_rnd_institution", "level": "national", "upstream_funding": "8000000",
     "contract_turnover": "0", "performance": "good", "exceptional": "false"},
    {"location": "donghai", "kind": "technology_innovation_center", "level": "provincial",
     "upstream_funding": "12000000.01", "contract_turnover": "1", "performance": "", "exceptional": "true"},
    {"location": "qidong", "kind": "new_rnd_institution", "level": "municipal", "upstream_funding": "",
     "contract_turnover": "30000000", "performance": "excellent", "exceptional": ""},
    {"location": "", "kind": "", "level": "", "upstream_funding": "1", "contract_turnover": "", "performance": "",
     "exceptional": ""},
    {"location": "gaoxin", "kind": "professional_institute", "level": "none", "upstream_funding": "9999999.99",
     "contract_turnover": "10000000000000", "performance": "unqualified", "exceptional": "true"},
    {"location": "haizhou", "kind": "public_technology_service_platform", "level": "national",
     "upstream_funding": "20000000", "contract_turnover": "5000000.5", "performance": "good", "exceptional": "false"},
]  # fmt: skip
LABELS = {
    "location": "所在地",
    "kind": "平台类别",
    "level": "级别",
    "upstream_funding": "上级扶持经费",
    "contract_turnover": "技术合同成交额",
    "performance": "绩效考核结果",
    "exceptional": "特别重大",
}


@cache
def regimes() -> Regimes:
    return Regimes(open_library([]).sound(), DAY, (), (), {})


@cache
def kinds() -> Regimes:
    """A plan with every kind of fact, that pays what is spent to the fen."""
    return Regimes(open_library([CASES / "policies"]).sound(), DAY, ["kinds-plan"], (), {})


def expected(row: Row, settings: Sequence[str] = (), rules: Regimes | None = None) -> dict[str, str]:
    """What a platform gets as `eval` answers, in the words of a CSV."""
    rules = rules or regimes()
    raw = {k: v for k, v in row.items() if v}
    answer = rules.answer(typed(raw, rules.library.vocabulary, [read_setting(s) for s in settings]))
    spans = {"support": answer.support, **answer.payers}
    amounts = {
        f"{name}_{end}": "" if value is None else yuan(value)
        for name, span in spans.items()
        for end, value in (("min", span.min), ("max", span.max))
    }
    flags = {"unquantified": answer.unquantified, "undetermined": answer.undetermined}
    return amounts | {name: str(flag).lower() for name, flag in flags.items()}


def ask(source: Path | str, out: Path | str, rules: Regimes | None = None, **options: Any) -> Done:
    plain = {"mapped": {}, "units": {}, "settings": (), "overwrite": True}
    request = Request(str(source), str(out), **plain | options)
    return run(request, rules or regimes(), lambda *_: None)[0]


def answers(out: Path) -> list[dict[str, str]]:
    with out.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rejected(out: Path) -> list[dict[str, str]]:
    with Path(f"{out}.rejects").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def agree(
    found: Sequence[Mapping[str, str]],
    rows: Sequence[Row],
    settings: Sequence[str] = (),
    rules: Regimes | None = None,
) -> None:
    assert len(found) == len(rows)
    for got, row in zip(found, rows, strict=True):
        wanted = expected(row, settings, rules)
        if rules is None:  # all payers of the table are there, whoever pays for this one
            wanted = dict.fromkeys(AMOUNTS, "0.00") | wanted
        assert {name: got[name] for name in wanted} == wanted, row


KINDS = {
    "location": "ganyu", "founded": "2020-01-31", "staff": "3", "share": "30%", "growth": "0.6", "listed": "是",
    "spent": "12.34", "projects": "[{funding: 10, done: yes}, {经费: 7, done: no}]",
}  # fmt: skip
SPELLED: dict[str, list[str]] = yaml.load((CASES / "cells.yaml").read_bytes(), yaml.BaseLoader)


# Forms of tables ------------------------------------------------------------------


def text_of(rows: Sequence[Row], header: Mapping[str, str] | None = None, delimiter: str = ",") -> str:
    names = list(rows[0])
    lines = [[(header or {}).get(name, name) for name in names], *([row[n] or "" for n in names] for row in rows)]
    return "".join(delimiter.join(line) + "\n" for line in lines)


TEXTS: dict[str, Callable[[], bytes]] = {
    "utf-8": lambda: text_of(ROWS).encode(),
    "mark": lambda: b"\xef\xbb\xbf" + text_of(ROWS, LABELS).encode(),
    "gb18030": lambda: text_of(ROWS, LABELS).encode("gb18030"),
    "utf-16": lambda: text_of(ROWS, LABELS).encode("utf-16"),
    "semicolon": lambda: text_of(ROWS, delimiter=";").encode(),
    "tab": lambda: text_of(ROWS, delimiter="\t").encode(),
    "wide comma": lambda: text_of(ROWS, LABELS, "，").encode(),
    "windows": lambda: text_of(ROWS).replace("\n", "\r\n").encode(),
    "old mac": lambda: text_of(ROWS).replace("\n", "\r").encode(),
    "no last end": lambda: text_of(ROWS).rstrip("\n").encode(),
    "blank lines": lambda: f"\n\n{text_of(ROWS)}".replace("\n", "\n\n,,,,,,\n").encode(),
    "quotes": lambda: "".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in text_of(ROWS).splitlines()
    ).encode(),
    "json": lambda: "".join(
        json.dumps({k: v or None for k, v in row.items()}, ensure_ascii=False) + "\n" for row in ROWS
    ).encode(),
}


@pytest.mark.parametrize("form", TEXTS)
def test_every_text_says_the_same(form: str, tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(TEXTS[form]())
    done = ask(source, out)
    assert (done.written, done.rejected) == (len(ROWS), 0)
    assert done.rows == done.written + done.blank
    agree(answers(out), ROWS)


def engine() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    found.execute(
        "CREATE TABLE texts AS SELECT * FROM (VALUES "
        + ", ".join(
            "(" + ", ".join(f"'{row[name]}'" if row[name] else "NULL" for name in ROWS[0]) + ")" for row in ROWS
        )
        + f") v({', '.join(ROWS[0])})"
    )
    return found


# of the amounts and the truth; the rest are texts
TYPES = {
    "texts": ("VARCHAR", "VARCHAR", "VARCHAR"),
    "decimals": ("DECIMAL(18, 2)", "DECIMAL(38, 4)", "BOOLEAN"),
    "floats": ("DOUBLE", "DOUBLE", "BOOLEAN"),
    "whole": ("BIGINT", "HUGEINT", "BOOLEAN"),
}
WHOLE = [{**row, **{f: row[f].partition(".")[0] for f in ("upstream_funding", "contract_turnover")}} for row in ROWS]


def typed_table(found: duckdb.DuckDBPyConnection, kinds: str, enumerated: bool = False) -> None:
    funding, turnover, truth = TYPES[kinds]
    number = "CAST(CAST({0} AS DECIMAL(38, 4)) AS {1})" if kinds != "whole" else "CAST(split_part({0}, '.', 1) AS {1})"
    place = "CAST(location AS ENUM('ganyu', 'donghai', 'qidong', 'gaoxin', 'haizhou'))" if enumerated else "location"
    found.execute(
        f"CREATE TABLE t AS SELECT {place} AS location, kind, level, "
        f"{number.format('upstream_funding', funding)} AS upstream_funding, "
        f"{number.format('contract_turnover', turnover)} AS contract_turnover, performance, "
        f"CAST(exceptional AS {truth}) AS exceptional FROM texts"
    )


@pytest.mark.parametrize("kinds", TYPES)
def test_every_type_of_parquet_says_the_same(kinds: str, tmp_path: Path) -> None:
    found = engine()
    typed_table(found, kinds)
    found.execute(f"COPY t TO '{tmp_path}/in.parquet'")
    assert ask(tmp_path / "in.parquet", tmp_path / "out.csv").rejected == 0
    agree(answers(tmp_path / "out.csv"), WHOLE if kinds == "whole" else ROWS)


@pytest.mark.parametrize("kinds", TYPES)
def test_every_type_of_a_database_says_the_same(kinds: str, tmp_path: Path) -> None:
    found = engine()
    typed_table(found, kinds, enumerated=True)
    path = tmp_path / "in.duckdb"
    found.execute(f"ATTACH '{path}' AS d; CREATE TABLE d.t AS FROM t; CREATE VIEW d.v AS FROM d.t; DETACH d")
    for name in ("t", "v"):
        assert ask(f"{path}#{name}", tmp_path / "out.csv").rejected == 0
        agree(answers(tmp_path / "out.csv"), WHOLE if kinds == "whole" else ROWS)


@pytest.mark.parametrize(
    ("kind", "unit"), [("DECIMAL(18, 6)", "万元"), ("DECIMAL(18, 10)", "亿元"), ("BIGINT", "亿元")]
)
def test_as_much_as_a_fact_may_say_in_any_type(kind: str, unit: str, tmp_path: Path) -> None:
    """No product on the way to fen has more digits than the engine's type for it."""
    most = {"万元": 10**9, "亿元": 10**5}[unit]
    amounts = [Decimal(most), most - Decimal("0.000001"), Decimal("0.000001")][: 1 if kind == "BIGINT" else 3]
    rest = ", ".join(f"'{text}' AS {name}" for name, text in KINDS.items() if name != "spent")
    spent = ", ".join(f"({amount})" for amount in amounts)
    found, path = duckdb.connect(), tmp_path / "in.parquet"
    found.execute(f"COPY (SELECT {rest}, CAST(n AS {kind}) AS spent FROM (VALUES {spent}) AS t(n)) TO '{path}'")
    ask(path, tmp_path / "out.csv", kinds(), units={"spent": unit})
    agree(answers(tmp_path / "out.csv"), [{**KINDS, "spent": f"{n:f}{unit}"} for n in amounts], rules=kinds())


def test_a_table_that_has_lost_rows(tmp_path: Path) -> None:
    found, path = engine(), tmp_path / "in.duckdb"
    found.execute(
        f"ATTACH '{path}' AS d; CREATE TABLE d.t AS FROM texts; DELETE FROM d.t WHERE rowid IN (0, 3); DETACH d"
    )
    ask(f"{path}#t", tmp_path / "out.csv")
    agree(answers(tmp_path / "out.csv"), [row for i, row in enumerate(ROWS) if i not in (0, 3)])


def test_columns_of_parquet_stay_what_they_are(tmp_path: Path) -> None:
    """Texts that mean the same, empty ones, odd ones and no text at all come out as they went in."""
    said = ("kind=new_rnd_institution", "contract_turnover=5", "performance=good")
    found = duckdb.connect()
    words = ["ganyu", "赣榆", "", None, " Ganyu", "it's; --", None, "赣榆区"]
    found.execute("CREATE TABLE t (location VARCHAR, level VARCHAR, upstream_funding DECIMAL(12, 2), remark VARCHAR)")
    found.executemany("INSERT INTO t VALUES (?, 'national', 100.01, ?)", [[word, word] for word in words])
    found.execute(f"COPY t TO '{tmp_path}/in.parquet'")
    ask(tmp_path / "in.parquet", tmp_path / "out.parquet", settings=tuple(map(read_setting, said)))
    columns = "location, level, upstream_funding, remark"
    out = f"SELECT {columns} FROM read_parquet('{tmp_path}/out.parquet')"
    assert found.execute(f"DESCRIBE {out}").fetchall() == found.execute("DESCRIBE t").fetchall()
    good = [row for row in found.execute("FROM t").fetchall() if row[0] != "it's; --"]
    assert found.execute(out).fetchall() == good


def test_a_folder_of_parquet_in_the_order_of_its_names(tmp_path: Path) -> None:
    found, folder = engine(), tmp_path / "in"
    folder.mkdir()
    for i in (2, 0, 1):
        found.execute(f"COPY (FROM texts WHERE rowid // 2 = {i}) TO '{folder}/{i}.parquet'")
    for name in (folder, f"{folder}/*.parquet"):
        ask(name, tmp_path / "out.csv")
        agree(answers(tmp_path / "out.csv"), ROWS)


def book(path: Path, rows: Sequence[Sequence[object]]) -> None:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(list(row))
    made.save(path)


def test_a_workbook_says_the_same(tmp_path: Path) -> None:
    def cell(name: str, text: str) -> object:
        if not text:
            return None
        return text == "true" if name == "exceptional" else Decimal(text) if text[0].isdigit() else text

    rows = [[cell(*pair) for pair in row.items()] for row in ROWS]
    book(tmp_path / "in.xlsx", [[], list(LABELS.values()), *rows[:3], [], *rows[3:]])
    done = ask(tmp_path / "in.xlsx", tmp_path / "out.csv")
    assert (done.rows, done.blank) == (len(ROWS) + 1, 1)
    agree(answers(tmp_path / "out.csv"), ROWS)
    book(tmp_path / "in.xlsx", [[], ROWS[0], ROWS[0].values(), [], ["nowhere"], [*ROWS[0].values(), "more"]])
    assert ask(tmp_path / "in.xlsx", tmp_path / "out.csv").rejected == 2
    assert [(bad["line"], bad["column"]) for bad in rejected(tmp_path / "out.csv")] == [("5", "location"), ("6", "")]


def test_a_sheet_by_its_name(tmp_path: Path) -> None:
    path, plain = tmp_path / "in.xlsx", {"mapped": {}, "units": {}, "settings": (), "overwrite": True}
    made = openpyxl.Workbook()
    for title, row in (("一", ROWS[0]), ("二 #2", ROWS[1])):
        made.create_sheet(title).append(list(row))
        made[title].append(list(row.values()))
    made.save(path)
    for name, row, codes in (("", ROWS[0], ["B135"]), ("#一", ROWS[0], []), ("#二 #2", ROWS[1], [])):
        _, notes = run(Request(f"{path}{name}", str(tmp_path / "out.csv"), **plain), regimes(), lambda *_: None)
        assert [n.code for n in notes if n.code in ("B135", "Q216")] == codes
        agree(answers(tmp_path / "out.csv"), [row])
    for name, out, code in (("#三", tmp_path / "out.csv", "B112"), ("#一", path, "B202")):
        with pytest.raises(Refusal) as refused:
            ask(f"{path}{name}", out)
        assert [p.code for p in refused.value.problems] == [code]


def test_a_formula_without_a_value_is_said(tmp_path: Path) -> None:
    """As a program writes it; in a workbook that a spreadsheet has saved, its value stands beside it."""
    path, worked = tmp_path / "in.xlsx", tmp_path / "worked.xlsx"
    rows = [{**ROWS[0], "upstream_funding": formula} for formula in ("=600*2", '=A1&""')]
    book(path, [list(ROWS[0]), *(list(row.values()) for row in rows)])
    for to, value in ((path, None), (worked, b"<v>1200</v>")):
        if value:
            with zipfile.ZipFile(path) as parts, zipfile.ZipFile(worked, "w") as made:
                for name in parts.namelist():
                    made.writestr(name, re.sub(rb"<v ?/>|<v></v>", value, parts.read(name)))
        plain = {"mapped": {}, "units": {}, "settings": (), "overwrite": True}
        _, notes = run(Request(str(to), str(tmp_path / "out.csv"), **plain), regimes(), lambda *_: None)
        assert [n.words["cell"] for n in notes if n.code == "B134"] == ([] if value else ["D2"])
        agree(answers(tmp_path / "out.csv"), [{**row, "upstream_funding": "1200" if value else ""} for row in rows])


# Headers --------------------------------------------------------------------------

HEADERS = [
    (column, what == "mapped", said)
    for group in yaml.load((CASES / "headers.yaml").read_bytes(), yaml.BaseLoader)
    for what, columns in group.items()
    for column, said in columns.items()
]


@pytest.mark.parametrize(("column", "mapped", "said"), HEADERS)
def test_what_the_name_of_a_column_says(column: str, mapped: bool, said: str) -> None:
    def found(units: Mapping[str, str]) -> str:
        maps = {column: "upstream_funding"} if mapped else {}
        there = headings([column], regimes().library.vocabulary, maps, units, [])
        return " ".join(word for heading in there for word in (heading.fact, heading.unit) if word) or "none"

    if said == "B131":
        with pytest.raises(Refusal) as refused:
            found({})
        assert [p.code for p in refused.value.problems] == [said]
        assert found({"upstream_funding": "分"}) == "upstream_funding 分"
    else:
        assert found({}) == said


# Money ----------------------------------------------------------------------------

FORMS = yaml.load((CASES / "money.yaml").read_bytes(), yaml.BaseLoader)


@pytest.mark.parametrize("case", FORMS, ids=lambda case: case["case"])
def test_money_as_people_write_it(case: dict[str, Any], tmp_path: Path) -> None:
    """Every cell with the amount in fen that it says, or the code of why it says none."""
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow([*(name for name in KINDS if name != "spent"), case.get("column", "spent")])
        write.writerows([*(text for name, text in KINDS.items() if name != "spent"), cell] for cell in case["cells"])
    ask(source, out, kinds(), units={"spent": case["unit"]} if "unit" in case else {})
    bad = {int(row["line"]): row["code"] for row in rejected(out)} if Path(f"{out}.rejects").exists() else {}
    said = dict(enumerate(case["cells"].values(), 2))
    assert bad == {line: code for line, code in said.items() if not code.isdigit()}
    good = [{**KINDS, "spent": yuan(int(fen))} for fen in said.values() if fen.isdigit()]
    agree(answers(out), good, rules=kinds())


# Every kind of fact ---------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("fact", SPELLED)
def test_cells_mean_what_they_mean_in_a_case_file(fact: str, form: str, tmp_path: Path) -> None:
    """Each cell is read as `eval` reads it, or sent away with the reason that `eval` gives."""
    cells = SPELLED[fact]
    source, out = tmp_path / f"in.{form}", tmp_path / "out.csv"
    rows = [{**KINDS, fact: cell} for cell in cells]
    write_as(form, source, rows)
    ask(source, out, kinds())
    good, bad = [], []
    for number, row in enumerate(rows, 2 if form == "csv" else 1):
        try:
            expected(row, rules=kinds())
        except Refusal as refusal:
            bad += [(str(number), fact, row[fact].strip(), p.code, p.message("en")) for p in refusal.problems]
        else:
            good.append(row)
    agree(answers(out), good, rules=kinds())
    found = [tuple(row.values()) for row in rejected(out)]
    assert [row[:4] for row in found] == [row[:4] for row in bad]
    assert all(row[4].startswith(reason[4]) for row, reason in zip(found, bad, strict=True))
    assert good
    assert bad


def write_as(form: str, path: Path, rows: Sequence[Mapping[str, str | None]]) -> None:
    if form == "jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return
    text = path.with_suffix(".csv")
    with text.open("w", newline="", encoding="utf-8") as file:
        write = csv.DictWriter(file, list(rows[0]))
        write.writeheader()
        write.writerows(rows)
    if form == "parquet":
        duckdb.execute(
            f"COPY (FROM read_csv('{text}', all_varchar = true, header = true, delim = ',', quote = '\"', "
            f"escape = '\"', nullstr = '')) TO '{path}'"
        )


def test_lists_may_be_nested(tmp_path: Path) -> None:
    projects = [{"funding": 10, "done": True}, {"经费": "0.2万元", "已验收": "否"}, {"funding": 1.1, "done": "yes"}]
    said = {**KINDS, "projects": json.dumps(projects, ensure_ascii=False)}
    row = {k: v for k, v in said.items() if k != "projects"} | {"projects": projects}
    (tmp_path / "in.jsonl").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    ask(tmp_path / "in.jsonl", tmp_path / "out.csv", kinds())
    agree(answers(tmp_path / "out.csv"), [said], rules=kinds())
    duckdb.execute(
        f"COPY (SELECT * REPLACE ([{{'funding': 10.00::DECIMAL(9,2), 'done': true}}] AS projects) FROM "
        f"read_csv('{CASES / 'one.csv'}', all_varchar = true)) TO '{tmp_path}/in.parquet'"
    )
    ask(tmp_path / "in.parquet", tmp_path / "out.csv", kinds())
    one = {**KINDS, "projects": "[{funding: 10, done: true}]"}
    agree(answers(tmp_path / "out.csv"), [one], rules=kinds())


def test_days_as_programs_keep_them(tmp_path: Path) -> None:
    days = ["2020-01-30", "2020-01-31", "2020-02-01"]
    for kind in ("DATE", "TIMESTAMP"):
        listed = ", ".join(f"({kind} '{day}')" for day in days)
        duckdb.execute(
            f"COPY (SELECT o.* REPLACE (d AS founded) FROM (VALUES {listed}) v(d), "
            f"read_csv('{CASES / 'one.csv'}', all_varchar = true) o) TO '{tmp_path}/in.parquet'"
        )
        ask(tmp_path / "in.parquet", tmp_path / "out.csv", kinds())
        found = sorted(answers(tmp_path / "out.csv"), key=lambda row: row["founded"])
        agree(found, [{**KINDS, "founded": day, "projects": "[]"} for day in days], rules=kinds())


def test_what_is_set_holds_for_all_rows(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(text_of(ROWS, LABELS), encoding="utf-8")
    for said in (["level=national"], ["所在地=赣榆", "绩效考核结果="], ["upstream_funding="], ["host_tier=区"]):
        ask(source, out, settings=tuple(map(read_setting, said)))
        bad = {int(row["line"]) - 2 for row in rejected(out)} if Path(f"{out}.rejects").exists() else set()
        good = []
        for i, row in enumerate(ROWS):
            try:
                expected(row, said)
            except Refusal:
                assert i in bad
            else:
                assert i not in bad
                good.append(row)
        agree(answers(out), good, said)


def test_a_stated_tier_that_contradicts_the_place(tmp_path: Path) -> None:
    for form in ("csv", "parquet"):
        source, out = tmp_path / f"in.{form}", tmp_path / "out.csv"
        tiers = ["区", "县", "", None, "county_city", "镇"]
        rows = [{**ROWS[0], "host_tier": tier} for tier in tiers] + [{**ROWS[0], "location": "", "host_tier": "县"}]
        write_as(form, source, rows)
        ask(source, out)
        agree(answers(out), [rows[i] for i in (0, 2, 3, 6)])
        found = [(row["column"], row["value"], row["code"]) for row in rejected(out)]
        assert found == [
            ("host_tier", "县", "N306"),
            ("host_tier", "county_city", "N306"),
            ("host_tier", "镇", "N302"),
        ]


def test_rows_keep_their_order(tmp_path: Path) -> None:
    """Also where every row has texts of its own, so that what they mean is joined."""
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", encoding="utf-8") as file:
        file.write("id,location,kind,level,upstream_funding,contract_turnover\n")
        file.writelines(f"{i},ganyu,new_rnd_institution,national,{i + 1}.0元,{i}元\n" for i in range(60_000))
    ask(source, out)
    with out.open(encoding="utf-8") as file:
        assert [int(line.partition(",")[0]) for line in islice(file, 1, None)] == list(range(60_000))


def test_columns_with_the_engines_own_names(tmp_path: Path) -> None:
    rows = [{**row, "#": str(i), "~location": "x", "part": "p", "facts": '"', "nf": "é"} for i, row in enumerate(ROWS)]
    for form in ("csv", "jsonl", "parquet"):
        write_as(form, tmp_path / f"in.{form}", rows)
        ask(tmp_path / f"in.{form}", tmp_path / "out.csv")
        found = answers(tmp_path / "out.csv")
        agree(found, ROWS)
        assert [{name: row[name] for name in rows[0]} for row in found] == rows


# A property -----------------------------------------------------------------------

_SPELLINGS = {
    "location": [["ganyu", "赣榆", "赣榆区", " Ganyu "], ["donghai", "东海县"], ["qidong", "启东市"], ["xuwei"], [""]],
    "kind": [
        ["new_rnd_institution", "新型研发机构", "New-type R&D institution"],
        ["professional_institute", "专业研究所"],
        [""],
    ],
    "level": [["national", "国家级"], ["provincial", "省级", "Provincial"], ["municipal"], ["none", "无级别"], [""]],
    "performance": [["excellent", "优秀"], ["good", "良好"], ["unrated", "", "未考核"]],
    "exceptional": [["true", "是", "Yes"], ["false", "", "否"]],
}


@st.composite
def _amount(draw: st.DrawFn) -> str:
    fen = draw(st.integers(0, 3 * 10**9) | st.integers(0, 10**15) | st.just(0))
    whole, part = divmod(fen, 100)
    forms = [f"{whole}.{part:02d}", f"{whole:,}.{part:02d}", f"{fen}e-2", f" {whole}.{part:02d}0 "]
    if not part:
        forms.append(str(whole))
    return draw(st.sampled_from(forms))


_platforms = st.fixed_dictionaries(
    {f: st.sampled_from(words).flatmap(st.sampled_from) for f, words in _SPELLINGS.items()}
    | {f: st.just("") | _amount() for f in ("upstream_funding", "contract_turnover")}
)


@given(st.lists(_platforms, min_size=1, max_size=25), st.sampled_from(["csv", "jsonl", "parquet"]))
@how_often(max_examples=10)
def test_any_platforms_get_what_eval_gives(rows: list[dict[str, str]], form: str) -> None:
    with TemporaryDirectory() as folder:
        write_as(form, Path(folder) / f"in.{form}", rows)
        done = ask(Path(folder) / f"in.{form}", Path(folder) / "out.csv")
        blank = sum(1 for row in rows if not any(row.values())) if form != "parquet" else 0
        assert (done.rows, done.rejected, done.blank) == (len(rows), 0, blank)
        agree(answers(Path(folder) / "out.csv"), [r for r in rows if any(r.values()) or not blank])


# Damage ---------------------------------------------------------------------------

GOOD = [",".join(text or "" for text in row.values()) for row in ROWS]
DAMAGE: dict[bytes, tuple[str, str, str]] = {  # a damaged row, and the column, value and code of what is wrong with it
    b"atlantis,new_rnd_institution,national,1,1,,": ("location", "atlantis", "N303"),
    "干榆,new_rnd_institution,national,1,1,,".encode(): ("location", "干榆", "N303"),
    b"ganyu,shop,national,1,1,,": ("kind", "shop", "N302"),
    b"ganyu,,natoinal,1,1,,": ("level", "natoinal", "N302"),
    b"ganyu,,national,0.001,1,,": ("upstream_funding", "0.001", "M105"),
    b"ganyu,,national,-5,1,,": ("upstream_funding", "-5", "M103"),
    b"ganyu,,national,1,99999999999999999999,,": ("contract_turnover", "99999999999999999999", "M104"),
    b"ganyu,,national,1,about 5,,": ("contract_turnover", "about 5", "M101"),
    "ganyu,,national,1,5瓦,,".encode(): ("contract_turnover", "5瓦", "M102"),
    b"ganyu,,national,1,1,superb,": ("performance", "superb", "N302"),
    b"ganyu,,national,1,1,,perhaps": ("exceptional", "perhaps", "M107"),
    b"ganyu,,national,1,1": ("", "", "B121"),
    b"ganyu,,national,1,1,,,more": ("", "", "B121"),
    b"gan\xff\xfeyu,,national,1,1,,": ("", "", "B122"),
    b"gan\0yu,,national,1,1,,": ("", "", "B122"),
    b'"ganyu,,national,1,1,,': ("", "", "B123"),
    b'"gan"yu,,national,1,1,,': ("", "", "B123"),
    b'ganyu,,national,1,"1,,': ("", "", "B123"),
}
LINES = {
    b'{"location": "ganyu"': ("", "", "B124"),
    b'["ganyu"]': ("", "", "B125"),
    b"ganyu": ("", "", "B124"),
    b'{"location": "ganyu", "location": "ganyu"}': ("", "", "B124"),
    b'{"location": "gan\xff"}': ("", "", "B122"),
    b'{"location": "\\ud800"}': ("", "", "B122"),
    b'{"upstream_funding": 1e99}': ("upstream_funding", "1e99", "M104"),
    b'{"upstream_funding": 0.125}': ("upstream_funding", "0.125", "M105"),
    b'{"location": ["ganyu"]}': ("location", '["ganyu"]', "N303"),
}


def damaged(lines: Sequence[bytes], header: bytes, tmp_path: Path, known: Mapping[bytes, Any], **options: Any) -> None:
    """Exactly the damaged rows are sent away, each with its line and reason, and the others are right."""
    source, out = tmp_path / "in.txt", tmp_path / "out.csv"
    source.write_bytes(header + b"\n".join(lines) + b"\n")
    done = ask(source, out, **options)
    first = 2 if header else 1
    bad = [(str(i), *known[line]) for i, line in enumerate(lines, first) if line in known]
    blank = sum(not line.strip(b",") for line in lines) if header else 0
    assert (done.rows, done.rejected, done.blank) == (len(lines), len(bad), blank)
    assert done.written == len(lines) - len(bad) - blank
    if bad:
        assert [(r["line"], r["column"], r["value"], r["code"]) for r in rejected(out)] == bad
    places = [line for line in lines if line not in known and line.strip(b",")]
    what = dict(zip(_written(header), ROWS, strict=True))
    amounts = {line: dict.fromkeys(AMOUNTS, "0.00") | expected(row) for line, row in what.items()}
    right = {line: [found[name] for name in AMOUNTS] for line, found in amounts.items()}
    with out.open(encoding="utf-8", newline="") as file:
        found = csv.reader(file)
        columns = [*map(next(found).index, AMOUNTS)]
        for got, line in zip(found, places, strict=True):
            assert [got[i] for i in columns] == right[line]


def _written(header: bytes) -> list[bytes]:
    return [row.encode() for row in GOOD] if header else [json.dumps(row).encode() for row in ROWS]


HEADER = (",".join(ROWS[0]) + "\n").encode()


def test_a_million_rows_of_which_one_in_a_hundred_is_damaged(tmp_path: Path) -> None:
    chance = Random(6)
    wrong, good = list(DAMAGE), _written(HEADER)
    lines = [chance.choice(wrong) if chance.random() < 0.01 else chance.choice(good) for _ in range(1_000_000)]
    damaged(lines, HEADER, tmp_path, DAMAGE)


def test_lines_of_json_with_damage(tmp_path: Path) -> None:
    damaged([*_written(b""), *LINES, *_written(b"")], b"", tmp_path, LINES)


@given(st.lists(st.sampled_from([*DAMAGE, *map(str.encode, GOOD), b"", b",,,,,,"]), min_size=1, max_size=30))
@how_often(max_examples=15)
def test_any_rows_with_damage(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        damaged(lines, HEADER, Path(folder), DAMAGE)


def test_damage_before_the_first_character_that_is_not_ascii(tmp_path: Path) -> None:
    """One line of no character does not make the others GB18030."""
    lines = [b"gan\xff\xfeyu,,national,1,1,,", b"ganyu,,national,1,5\xe7\x93\xa6,,", *_written(HEADER)]
    damaged(lines, HEADER, tmp_path, DAMAGE)


def test_cells_of_several_lines(tmp_path: Path) -> None:
    """Lines in quotes belong to their row, and the rows after it keep their lines."""
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    remarks = ['a "quoted" word', "two\nlines", "three\r\nlines, and\ncommas", "return\ralone", ""]
    with source.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow([*ROWS[0], "remark"])
        for remark in remarks:
            write.writerow([*ROWS[0].values(), remark])
        write.writerow(["atlantis", *list(ROWS[0].values())[1:], "z"])
    ask(source, out)
    agree(answers(out), [ROWS[0]] * len(remarks))
    assert [row["remark"] for row in answers(out)] == remarks
    assert [row["line"] for row in rejected(out)] == ["11"]
