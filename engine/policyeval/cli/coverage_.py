"""`policyeval coverage`: what a ledger of a document's figures has and its pack lacks, and the reverse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from policyeval.cli import options
from policyeval.cli.console import say_json, say_pages
from policyeval.cli.options import command, door, option
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import say
from policyeval.data_files import data_file
from policyeval.files import CASE_SIZE, read_file
from policyeval.ledger import KINDS, Joined, Part, Placed, join, read_ledger
from policyeval.library import open_library
from policyeval.pack import Pack
from policyeval.problems import Problem, Refusal


@command(
    "coverage",
    en="Whether a pack holds every figure of its document, by a ledger of them.\n\n"
    "Rows are joined on section, kind and value. Exit status 1: a row has no place in the pack.",
    zh="对照数字台账，核对文件包有没有载入文件里的每个数字。\n\n按章节、类型和数值逐行对照。退出码1：有的行没有载入。",
)
@click.argument("packs", metavar="PACK...", nargs=-1)
@option(
    "--ledger",
    metavar="FILE",
    zh="台账，每行一个JSON对象（默认：随附的台账）",
    en="the ledger, one JSON object a line (default: the one of the shipped packs)",
)
@options.policies
@options.form("text", "json", "md")
def run(packs: tuple[str, ...], ledger: str | None, policies: tuple[str, ...], form: str) -> int:
    path = ledger or str(data_file("policies", "figures.jsonl"))
    rows = read_ledger(read_file(path, path, CASE_SIZE), path)
    known = dict.fromkeys(row.source for row in rows)
    library = open_library([*policies], packs).sound()
    asked = [library.pack(name) for name in packs] or [library.pack(id) for id in known if id in library.versions]
    joined = [join(_known(pack, known), rows) for pack in asked]
    if form == "json":
        say_json([_json(one) for one in joined])
    else:
        say_pages([_page(one, door().lang) for one in joined], form)
    return 1 if any(one.missing for one in joined) else 0


def _known(pack: Pack, known: dict[str, None]) -> Pack:
    if pack.id not in known:
        raise Refusal(Problem("Q108", {"pack": pack.id, "known": ", ".join(known)}))
    return pack


def _json(joined: Joined) -> dict[str, Any]:
    placed, left_out = (sum(found is not None for found in each) for each in _found([*joined.rows]))
    return {
        "pack": joined.pack.ref,
        "rows": len(joined.rows),
        "placed": placed,
        "left_out": left_out,
        "missing": [
            {
                "line": one.row.line,
                "section": one.row.section,
                "kind": one.row.kind,
                "value": one.row.written or None,
                "unit": one.row.unit,
                "near": list(one.near),
            }
            for one in joined.missing
        ],
        "lacking": [_part_json(part, joined.pack) for part in joined.lacking],
    }


def _part_json(part: Part, pack: Pack) -> dict[str, Any]:
    line = pack.source.place(part.span.start).line
    return {"part": part.what, "line": line, "section": part.section, "kind": part.kind, "value": _value(part) or None}


def _value(part: Part) -> str:
    first = part.values[0]
    return "" if first is None else first if isinstance(first, str) else f"{float(first):.10g}"


def _page(joined: Joined, lang: str) -> Page:
    said, page = say(lang), Page()
    placed, left_out = (sum(found is not None for found in each) for each in _found([*joined.rows]))
    counts = {"rows": len(joined.rows), "placed": placed, "left_out": left_out, "missing": len(joined.missing)}
    page.title(said("ledger_of", pack=joined.pack.id, **counts))
    header = [said(key) for key in ("row_kind", "row_count", "row_placed", "row_left_out", "row_missing")]
    page.rows(list(_kinds(joined)), header)
    header = [said(key) for key in ("row_section", "row_kind", "row_value", "row_phrase")]
    page.section(said("missing_rows"), [_missing(one, lang) for one in joined.missing], header)
    header = [said(key) for key in ("row_section", "row_kind", "row_value", "row_part")]
    lacking = [row(part.section, part.kind, _value(part), part.what) for part in joined.lacking]
    page.section(said("lacking_parts"), lacking, header)
    return page


def _kinds(joined: Joined) -> Iterator[Row]:
    """A row for each kind: how many there are, are placed, are left out, are missing."""
    for kind in KINDS:
        mine = [one for one in joined.rows if one.row.kind == kind]
        placed, left_out = (sum(found is not None for found in each) for each in _found(mine))
        counts = (len(mine), placed, left_out, len(mine) - placed - left_out)
        if mine:
            yield row(kind, *(Cell(str(count), right=True) for count in counts))


def _found(placed: list[Placed]) -> Iterator[list[object]]:
    yield [one.part for one in placed]
    yield [one.left_out for one in placed]


def _missing(placed: Placed, lang: str) -> Row:
    one = placed.row
    value = f"{one.written} {one.unit or ''}".strip()
    below = [Below(say(lang)("near_parts", parts=", ".join(placed.near[:4])), "dim")] if placed.near else []
    return row(one.section, one.kind, value, (one.phrase or "")[:20], below=below)
