"""`policyeval compare`: what a draft would change."""

from __future__ import annotations

from datetime import date

import click

from policyeval.cli import options
from policyeval.cli.console import complain, say_json, say_pages
from policyeval.cli.input import read_platforms
from policyeval.cli.options import command, door
from policyeval.cli.progress import bar
from policyeval.compare import as_json, compare
from policyeval.library import open_library


@command(
    "compare",
    en="What a draft would change.\n\nPACK is an id, id@version, a file, or git:REV:path.",
    zh="一份草案会改变什么。\n\nPACK是名称、名称@版本、文件，或git:REV:路径。",
)
@click.argument("pack", metavar="PACK")
@options.against
@options.cases
@options.limit
@options.as_of
@options.readings
@options.policies
@options.form("text", "json", "md")
def run(
    pack: str,
    against: str | None,
    cases: str | None,
    seconds: float,
    as_of: date,
    readings: dict[str, str],
    policies: tuple[str, ...],
    form: str,
) -> int:
    library = open_library(policies, [pack, *([against] if against else [])]).sound()
    platforms = read_platforms([cases], (), library.vocabulary).each if cases else ()
    with bar(pack) as tell:
        found = compare(library, pack, against, as_of, readings, platforms, seconds, tell)
    complain(found.notes, door().lang)
    if form == "json":
        say_json(as_json(found, door().asked or "en"))
    else:
        from policyeval.cli.compare_text import page_of

        say_pages([page_of(found, library.vocabulary, door().lang)], form)
    return 0
