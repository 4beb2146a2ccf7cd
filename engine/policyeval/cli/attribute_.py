"""`policyeval attribute`: which clause makes how much of the change."""

from __future__ import annotations

from policyeval.attribute import as_json, attribute
from policyeval.cli import options
from policyeval.cli.console import complain, say_json, say_pages
from policyeval.cli.input import read_platforms
from policyeval.cli.options import Draft, command, door, option
from policyeval.cli.progress import bar
from policyeval.switches import by_clause, by_section

_UNDECIDED = 3
_BY = {"clause": by_clause, "section": by_section}


@command(
    "attribute",
    en="Which clause of a draft makes how much of the change.\n\nPACK is an id, id@version, a file, or git:REV:path.",
    zh="一份草案带来的变化，各条款各占多少。\n\nPACK是名称、名称@版本、文件，或git:REV:路径。",
)
@options.draft
@option(
    "--cases",
    metavar="FILE",
    required=True,
    zh="这些平台合计的变化；- 为标准输入",
    en="the platforms whose total changes; - for standard input",
)
@option(
    "--by",
    type=options.OneOf(_BY),
    default="clause",
    zh="按条款（默认）或按章节分列",
    en="split it by clause, the default, or by section",
)
@option(
    "--clauses",
    metavar="A,B",
    multiple=True,
    callback=options.listed,
    zh="只分列这些规则的条款，其余合为一项",
    en="tell only the clauses of these rules apart, and take all others as one",
)
@options.form("text", "json", "md")
def run(
    asked: Draft,
    cases: str,
    by: str,
    clauses: tuple[str, ...],
    form: str,
) -> int:
    library = asked.library()
    platforms = read_platforms([cases], (), library.vocabulary)
    with bar(asked.pack) as tell:
        found = attribute(
            library, asked.pack, asked.against, asked.as_of, asked.readings, platforms.each, _BY[by], clauses, tell
        )
    complain(found.sides.notes, door().lang)
    if form == "json":
        say_json(as_json(found))
    else:
        from policyeval.cli.attribute_text import page_of

        say_pages([page_of(found, library.vocabulary, door().lang)], form)
    return _UNDECIDED if any(case.outcome == "undetermined" for case in found.cases) else 0
