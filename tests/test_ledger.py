"""A ledger against packs: every row has a part of its own, and what has none is named."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from policyeval.data_files import data_file
from policyeval.ledger import MAY_BE_LEFT_OUT, Joined, join, read_ledger, read_value
from policyeval.library import open_library
from policyeval.problems import Refusal, as_json
from test_provisions import PACK, pack

SHIPPED = read_ledger(data_file("policies", "figures.jsonl").read_bytes(), "figures.jsonl")
ROWS = Path(__file__).parent / "cases" / "provisions" / "ledger.jsonl"


def joined(text: str = PACK, rows: str = "") -> Joined:
    found, problems = pack(text)
    assert found is not None
    assert problems == []
    return join(found, read_ledger((rows or ROWS.read_text("utf-8")).encode(), "ledger.jsonl"))


def test_every_row_of_a_small_ledger_has_its_part() -> None:
    found = joined()
    assert {placed.row.line: placed.part.what for placed in found.rows if placed.part} == {
        1: "targets.labs",
        2: "targets.labs.quotas.by_place.rows[1]",
        3: "targets.labs.quotas.by_place.rows[2]",
        4: "targets.labs.quotas.by_place.total",
        5: "targets.each_year",
        6: "targets.sales",
        7: "definitions.lab",
        8: "targets.labs.baseline",
        9: "eligibility.listed",
        10: "duties.report",
        11: "procedures.recognition.steps[1]",
        12: "procedures.recognition.steps[2]",
        13: "procedures.recognition.steps[2]",
        14: "dates.published",
        15: "dates.end",
        16: "targets.labs",
        17: "targets.labs",
        18: "document.number",
        19: "document.issued",
    }
    assert [placed.row.line for placed in found.rows if placed.left_out] == [20]
    assert found.missing == ()
    assert [part.what for part in found.lacking] == ["targets.sales_per_lab"]


@pytest.mark.parametrize(
    ("old", "new", "line", "near"),
    [
        ("    value: 30", "    value: 31", 1, ("targets.labs", "targets.sales_per_lab")),
        ("value: 20, cite", "value: 2, cite", 2, ("targets.labs.quotas.by_place.rows[1]",)),
        ("    value: 2亿元", "    value: 2万元", 6, ("targets.sales", "targets.sales_per_lab")),
        ("{section: 附表(2)", "{section: 附表(3)", 3, ()),
        ("kinds: [procedure]", "kinds: [authority]", 20, ()),
        ("value: plan end", "value: plan's end", 15, ("dates.end",)),
    ],
)
def test_what_differs_is_missing(old: str, new: str, line: int, near: tuple[str, ...]) -> None:
    assert old in PACK
    missing = joined(PACK.replace(old, new, 1)).missing
    assert [(placed.row.line, placed.near) for placed in missing][:1] == [(line, near)]


def test_two_rows_alike_need_two_parts() -> None:
    rows = ROWS.read_text("utf-8").splitlines()
    assert [placed.row.line for placed in joined(rows="\n".join([*rows, rows[0]])).missing] == [len(rows) + 1]
    dates = joined(rows="\n".join([*rows, rows[15]]))  # a deadline answers for each row alike
    assert dates.missing == ()


def test_a_figure_cannot_be_left_out_with_a_reason() -> None:
    row = '{"source": "county-plan", "section": "六", "kind": "cap", "value": null}'
    assert [placed.row.line for placed in joined(PACK.replace("[procedure]", "[cap]"), row).missing] == [1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("200亿元", Fraction(20_000_000_000)),
        ("2.5万", Fraction(25_000)),
        ("60%", Fraction(60)),
        ("１,０００家", Fraction(1000)),
        ("1:0.5:0.5", "1:0.5:0.5"),
        ("14th FYP", "14th fyp"),
        ("2018/2020", "2018/2020"),
        (None, None),
    ],
)
def test_values_are_compared_as_what_they_are(text: str | None, value: Any) -> None:
    assert read_value(text) == value


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("not json", "Q106"),
        ('{"source": "a", "section": "一", "kind": "cup", "value": 1}', "Q106"),
        ('{"source": "a", "kind": "cap", "value": 1}', "Q106"),
        ('{"source": "a", "section": "一", "kind": "cap", "value": [1]}', "Q106"),
        ("[]", "Q106"),
        ("[" * 100_000, "Q106"),
    ],
)
def test_a_line_that_is_no_row_is_named(line: str, code: str) -> None:
    good = '{"source": "a", "section": "一", "kind": "cap", "value": 1}'
    with pytest.raises(Refusal) as refused:
        read_ledger(f"{good}\n{line}\n".encode(), "ledger.jsonl")
    assert [(as_json(p)["code"], as_json(p)["line"]) for p in refused.value.problems] == [(code, 2)]


@pytest.mark.parametrize("data", [b"\n\n", b"pack: small\nversion: 1.0.0\n", b"\x89PNG"])
def test_a_file_without_rows(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_ledger(data, "ledger.jsonl")
    assert [problem.code for problem in refused.value.problems] == ["Q107"]


# The shipped packs -----------------------------------------------------------


@pytest.mark.parametrize("id", sorted({row.source for row in SHIPPED}))
def test_every_figure_of_a_document_is_in_its_pack(id: str) -> None:
    found = join(open_library().sound().pack(id), SHIPPED)
    assert found.rows
    assert [
        (placed.row.section, placed.row.kind, placed.row.written, placed.row.phrase) for placed in found.missing
    ] == []
    assert all(placed.part for placed in found.rows if placed.row.kind not in MAY_BE_LEFT_OUT)


def test_the_shipped_ledger_holds_no_sentences() -> None:
    lines = data_file("policies", "figures.jsonl").read_text("utf-8").splitlines()
    assert max(len(json.loads(line)["phrase"]) for line in lines) <= 10
