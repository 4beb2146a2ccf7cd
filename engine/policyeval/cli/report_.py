"""`policyeval report`: what a draft would change, as a document for a review meeting."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from policyeval import __version__
from policyeval.cli import options
from policyeval.cli.console import complain
from policyeval.cli.input import read_platforms
from policyeval.cli.options import Draft, command, door, option
from policyeval.cli.progress import bar
from policyeval.compare import compare
from policyeval.files import create_file, replace_file
from policyeval.problems import Lang, Problem, Refusal
from policyeval.report import Report, report
from policyeval.sensitivity import sensitivity

if TYPE_CHECKING:
    from policyeval.cli.page import Page

_FORMS = (".html", ".md", ".docx")
_NEEDED = {
    "jinja2": "jinja2",
    "matplotlib": "matplotlib",
    "docx": "python-docx",
}  # by module


@command(
    "report",
    en="Write a report on a draft, for a review meeting.\n\n"
    "PACK is an id, id@version, a file, or git:REV:path. The name of the file says what it is: .html, .md or .docx. "
    "The report is in Chinese and in English, or in the one that --lang names.",
    zh="写一份供会议审议的对照报告。\n\n"
    "PACK是名称、名称@版本、文件，或git:REV:路径。文件类型由文件名决定：.html、.md或.docx。"
    "默认中英文都有；用--lang时只有该语言。",
    both=True,
)
@options.draft
@option("-o", "--output", metavar="FILE", required=True, zh="写入这个文件", en="the file to write")
@options.force
@option(
    "--each-reading",
    is_flag=True,
    zh="两可的条款换一种解读会改变什么结论，也写进去（较慢）",
    en="also what every reading of the open clauses would change (takes longer)",
)
@options.cases
@options.limit
def run(
    asked: Draft,
    output: str,
    force: bool,
    each_reading: bool,
    cases: str | None,
    seconds: float,
) -> int:
    form = Path(output).suffix.lower()
    if form not in _FORMS:
        raise Refusal(Problem("D131", {"path": output}))
    there = Path(output).exists()
    if there and not force:
        raise Refusal(Problem("D132", {"path": output}))
    if each_reading and asked.against:
        raise Refusal(Problem("D135"))
    _look_for_libraries(form)
    library = asked.library()
    platforms = read_platforms([cases], (), library.vocabulary).each if cases else ()
    with bar(asked.pack) as tell:
        compared = compare(library, asked.pack, asked.against, asked.as_of, asked.readings, platforms, seconds, tell)
        turned = sensitivity(library, asked.pack, asked.as_of, asked.readings, seconds, tell) if each_reading else None
        found = report(library, compared, turned.turns if turned else ())
    complain(found.comparison.notes, door().lang)
    (replace_file if there else create_file)(output, _written(found, form))
    complain([Problem("D133", {"path": output})], door().lang)
    return 0


def _look_for_libraries(form: str) -> None:
    """Raises Refusal where what writes such a file is not installed, before anything is worked out."""
    try:
        if form == ".html":
            import jinja2  # noqa: F401
            import matplotlib  # noqa: F401
        if form == ".docx":
            import docx  # noqa: F401
    except ModuleNotFoundError as error:
        raise Refusal(Problem("D134", {"form": form, "library": _NEEDED.get(error.name or "", error.name)})) from None


def _written(found: Report, form: str) -> bytes:
    from policyeval.cli.report_text import page_of

    languages: tuple[Lang, ...] = ("zh", "en") if (asked := door().asked) is None else (asked,)
    program = f"policyeval {__version__}"
    if form == ".html":
        from policyeval.cli.chart_svg import svg
        from policyeval.cli.page_html import html

        return html({lang: page_of(found, lang, svg) for lang in languages}, program)
    pages: dict[Lang, Page] = {lang: page_of(found, lang) for lang in languages}
    if form == ".docx":
        from policyeval.cli.page_docx import docx

        return docx(pages, program, found.comparison.as_of)
    return "\n".join(page.markdown() for page in pages.values()).encode()
