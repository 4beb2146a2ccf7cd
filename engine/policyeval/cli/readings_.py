"""`policyeval readings`: what a platform gets under every reading of the clauses that are open."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from policyeval.alternatives import alternatives, as_json
from policyeval.cases import RawCase, read_setting, typed
from policyeval.cli import options
from policyeval.cli.console import complain, say_json, say_pages
from policyeval.cli.input import read_case_file
from policyeval.cli.options import command, door
from policyeval.library import open_library
from policyeval.problems import Problem, Refusal

_UNDECIDED = 3


@command(
    "readings",
    en="What a platform gets under every reading of the open clauses.\n\n"
    "CASE is a YAML or JSON file, or - for standard input.",
    zh="条款两可时，一个平台在各种解读下各得多少。\n\nCASE是YAML或JSON案例文件，或用 - 表示标准输入。",
)
@click.argument("cases", metavar="CASE...", nargs=-1)
@options.settings
@options.as_of
@options.with_
@options.only
@options.readings
@options.policies
@options.form("text", "json", "md")
def run(
    cases: tuple[str, ...],
    settings: tuple[str, ...],
    as_of: date,
    with_: tuple[str, ...],
    packs: tuple[str, ...],
    readings: dict[str, str],
    policies: tuple[Path, ...],
    form: str,
) -> int:
    if not cases and not settings:
        raise Refusal(Problem("C107"))
    library = open_library(policies, [*with_, *packs]).sound()
    raw = [case for name in cases for case in read_case_file(name)] or [RawCase(())]
    given = [read_setting(text) for text in settings]
    platforms = [typed(case, library.vocabulary, given) for case in raw]
    found = [alternatives(library, platform, as_of, packs, with_, readings) for platform in platforms]
    complain((note for one in found for note in one.notes), door().lang)
    if form == "json":
        shown = [as_json(one, door().asked or "en") for one in found]
        say_json(shown if len(shown) > 1 or raw[0].listed else shown[0])
    else:
        from policyeval.cli.readings_text import page_of

        say_pages([page_of(one, library.vocabulary, door().lang) for one in found], form)
    answers = [outcome.answer for one in found for outcome in one.outcomes]
    return _UNDECIDED if any(a.undetermined or a.missing for a in answers) else 0
