"""`policyeval targets`: what documents promise to reach, and how far it is reached."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from policyeval import __version__
from policyeval.actuals import Actuals, read_actuals
from policyeval.cli import options
from policyeval.cli.console import columns, complain, json_bytes, save, say_bytes, say_json, say_pages
from policyeval.cli.input import place_meant
from policyeval.cli.options import command, door, option
from policyeval.cli.targets_json import as_json
from policyeval.cli.targets_svg import svg
from policyeval.cli.targets_text import page_of
from policyeval.files import CASE_SIZE, read_file
from policyeval.library import Library, open_library
from policyeval.problems import Problem, Refusal
from policyeval.sheet import read_sheet
from policyeval.targets import Targets, targets

_LEFT_OUT = 1


@command(
    "targets",
    en="What documents promise to reach: by when, where, by whom; with --data, how far it is reached.",
    zh="文件提出的目标：期限、地方、责任单位；加上--data，看完成到哪里。",
)
@option(
    "--pack",
    "packs",
    metavar="PACK",
    multiple=True,
    zh="只看这份文件（名称或文件），可重复；草案也要这样指定",
    en="only this pack, by its id or file; may be repeated; a draft is named so too",
)
@options.with_
@option("--place", metavar="PLACE", zh="这个地方和上级文件的目标", en="what this place is to reach, and those above it")
@option(
    "--data",
    metavar="FILE",
    zh="实际数据：CSV、XLSX或YAML，各列为指标、地方、时期、数值、单位",
    en="actual figures: CSV, XLSX or YAML with the columns metric, place, period, value, unit",
)
@options.as_of
@options.readings
@option(
    "-o",
    "--output",
    metavar="FILE",
    zh="写入文件，.html、.svg、.md或.json",
    en="write to this file: .html, .svg, .md or .json",
)
@options.force
@options.policies
@options.form("text", "json", "md", "html", "svg")
def run(
    packs: tuple[str, ...],
    with_: tuple[str, ...],
    place: str | None,
    data: str | None,
    as_of: date,
    readings: dict[str, str],
    output: str | None,
    force: bool,
    policies: tuple[str, ...],
    form: str,
) -> int:
    library = open_library(policies, [*packs, *with_]).sound()
    at = place_meant(place, library.vocabulary)
    actuals = _actuals(library, data) if data else None
    found = targets(library, as_of, packs, with_, at, readings, actuals)
    complain([*found.notes, *_of_the_table(actuals)], door().lang)
    if output is None:
        _say(found, form)
    else:
        form = {f".{name}": name for name in ("html", "svg", "md", "json")}.get(Path(output).suffix.lower(), form)
        save(output, _data(found, form), force)
    return _LEFT_OUT if actuals and actuals.left else 0


def _actuals(library: Library, name: str) -> Actuals:
    if name != "-":
        return read_actuals(read_sheet(read_file(name, name, CASE_SIZE), name), library.vocabulary)
    return read_actuals(read_sheet(sys.stdin.buffer.read(CASE_SIZE + 1), "<stdin>"), library.vocabulary)


def _of_the_table(actuals: Actuals | None) -> Sequence[Problem]:
    """What there is to say of the table and of each row that was left out."""
    if actuals is None:
        return ()
    words = {"rows": actuals.rows, "read": actuals.read, "left": len(actuals.left)}
    counts = [Problem("Q217", words)] if actuals.left else []
    return [*actuals.notes, *(left.problem for left in actuals.left), *counts]


def _say(found: Targets, form: str) -> None:
    if form == "json":
        say_json(as_json(found, door().asked or "en"))
    elif form in ("html", "svg"):
        say_bytes(_data(found, form))
    else:
        say_pages([page_of(found, door().lang, bars=form == "text")], form)


def _data(found: Targets, form: str) -> bytes:
    """What a file holds."""
    lang = door().lang
    match form:
        case "json":
            return json_bytes(as_json(found, door().asked or "en"))
        case "svg":
            return svg([entry for _, entries in found.documents for entry in entries], found, lang)
        case "html":
            try:
                from policyeval.cli.page_html import html
            except ModuleNotFoundError as error:
                raise Refusal(Problem("D134", {"form": ".html", "library": error.name})) from None
            return html({lang: page_of(found, lang, svg)}, f"policyeval {__version__}")
        case "md":
            return page_of(found, lang).markdown().encode()
        case _:
            return page_of(found, lang, bars=True).terminal(columns(), False).encode()
