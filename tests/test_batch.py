"""Whole tables of platforms: every form of table gives what `eval` gives, and bad rows alone are sent away."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml
from policyeval.batch.run import Done, Request, run
from policyeval.cases import read_setting, typed
from policyeval.library import open_library
from policyeval.money import yuan
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
def regimes(*policies: Path) -> Regimes:
    return Regimes(open_library([*policies]).sound(), DAY, (), (), {})


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


def agree(found: Sequence[Mapping[str, str]], rows: Sequence[Row], settings: Sequence[str] = ()) -> None:
    assert len(found) == len(rows)
    for got, row in zip(found, rows, strict=True):
        wanted = expected(row, settings)
        assert {name: got[name] for name in AMOUNTS} == {name: wanted.get(name, "0.00") for name in AMOUNTS}, row


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


def test_a_table_that_has_lost_rows(tmp_path: Path) -> None:
    found, path = engine(), tmp_path / "in.duckdb"
    found.execute(
        f"ATTACH '{path}' AS d; CREATE TABLE d.t AS FROM texts; DELETE FROM d.t WHERE rowid IN (0, 3); DETACH d"
    )
    ask(f"{path}#t", tmp_path / "out.csv")
    agree(answers(tmp_path / "out.csv"), [row for i, row in enumerate(ROWS) if i not in (0, 3)])


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


# Money ----------------------------------------------------------------------------

FORMS = yaml.load((CASES / "money.yaml").read_bytes(), yaml.BaseLoader)


@pytest.mark.parametrize("case", FORMS, ids=lambda case: case["case"])
def test_money_as_people_write_it(case: dict[str, Any], tmp_path: Path) -> None:
    """Every cell with the amount in fen that it says, or the code of why it says none."""
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(["location", "kind", "level", "contract_turnover", case.get("column", "upstream_funding")])
        write.writerows(["ganyu", "new_rnd_institution", "national", "0", cell] for cell in case["cells"])
    units = {"upstream_funding": case["unit"]} if "unit" in case else {}
    ask(source, out, units=units)
    bad = {int(row["line"]): row["code"] for row in rejected(out)} if Path(f"{out}.rejects").exists() else {}
    good = iter(answers(out))
    for line, (cell, said) in enumerate(case["cells"].items(), 2):
        if said.isdigit():
            row = {**ROWS[0], "performance": "", "upstream_funding": yuan(int(said))}
            agree([next(good)], [row])
            assert line not in bad, cell
        else:
            assert bad.get(line) == said, cell
    assert next(good, None) is None
