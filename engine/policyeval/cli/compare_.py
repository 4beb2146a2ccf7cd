"""`policyeval compare`: what a draft would change."""

from __future__ import annotations

from policyeval.cli import options
from policyeval.cli.console import complain, say_json, say_pages
from policyeval.cli.input import read_platforms
from policyeval.cli.options import Draft, command, door
from policyeval.cli.progress import bar
from policyeval.compare import as_json, compare


@command(
    "compare",
    en="What a draft would change.\n\nPACK is an id, id@version, a file, or git:REV:path.",
    zh="一份草案会改变什么。\n\nPACK是名称、名称@版本、文件，或git:REV:路径。",
)
@options.draft
@options.cases
@options.limit
@options.form("text", "json", "md")
def run(
    asked: Draft,
    cases: str | None,
    seconds: float,
    form: str,
) -> int:
    library = asked.library()
    platforms = read_platforms([cases], (), library.vocabulary).each if cases else ()
    with bar(asked.pack) as tell:
        found = compare(library, asked.pack, asked.against, asked.as_of, asked.readings, platforms, seconds, tell)
    complain(found.notes, door().lang)
    if form == "json":
        say_json(as_json(found, door().asked or "en"))
    else:
        from policyeval.cli.compare_text import page_of

        say_pages([page_of(found, library.vocabulary, door().lang)], form)
    return 0
