"""Whole tables of platforms: every form of table gives what `eval` gives, and bad rows alone are sent away."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from policyeval.batch.run import Done, Request, run
from policyeval.cases import read_setting, typed
from policyeval.cli.main import cli
from policyeval.library import open_library
from policyeval.money import yuan
from policyeval.problems import Problem, Refusal
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
    request = Request(str(source), str(out), {}, {}, ()).__class__(
        **{"source": str(source), "target": str(out), "mapped": {}, "units": {}, "settings": (), "overwrite": True}
        | options
    )
    return run(request, rules or regimes(), lambda *_: None)[0]


def answers(out: Path) -> list[dict[str, str]]:
    with open(out, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rejected(out: Path) -> list[dict[str, str]]:
    with open(f"{out}.rejects", encoding="utf-8-sig", newline="") as file:
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
    "blank lines": lambda: ("\n\n" + text_of(ROWS).replace("\n", "\n\n,,,,,,\n")).encode(),
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
