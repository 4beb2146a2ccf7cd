"""`policyeval diff`: what changed in meaning from one pack to another."""

from __future__ import annotations

from datetime import date

import click

from policyeval.cli import options
from policyeval.cli.console import say_json, say_pages
from policyeval.cli.options import command, door
from policyeval.cli.progress import bar
from policyeval.diff import as_json, diff
from policyeval.library import open_library


@command(
    "diff",
    en="What changed in meaning from one pack to another.\n\n"
    "OLD and NEW are each an id, id@version, a file, or git:REV:path.",
    zh="两份政策包的含义有哪些不同。\n\n旧、新各写名称、名称@版本、文件，或git:REV:路径。",
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@options.as_of
@options.readings
@options.limit
@options.policies
@options.form("text", "json", "md")
def run(
    old: str,
    new: str,
    as_of: date,
    readings: dict[str, str],
    seconds: float,
    policies: tuple[str, ...],
    form: str,
) -> int:
    library = open_library(policies, [old, new]).sound()
    with bar(new) as tell:
        found = diff(library, old, new, as_of, readings, seconds, tell)
    if form == "json":
        say_json(as_json(found, door().asked or "en"))
    else:
        from policyeval.cli.diff_text import page_of

        say_pages([page_of(found, door().lang)], form)
    return 0
