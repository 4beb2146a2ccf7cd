"""`policyeval impact`: what a draft means for a whole table of platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyeval import __version__
from policyeval.cli import options
from policyeval.cli.console import columns, complain, json_bytes, look_for_room, save, say_json, say_pages
from policyeval.cli.options import command, door, option
from policyeval.cli.tables import Asked, table
from policyeval.cli.workbook import look_for_openpyxl, workbook
from policyeval.problems import Lang, Problem, Refusal

_FILES = ("xlsx", "html", "md", "json", "txt")
_REJECTED = 1
_UNDECIDED = 3
_DEPTH = 2  # every step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyeval.batch.run import Request
    from policyeval.impact.run import Impact, Question
    from policyeval.regime import Regimes
    from policyeval.vocabulary import Vocabulary


@command(
    "impact",
    en="What a draft means for a table of platforms: cost before and after, who pays, who gains.\n\n"
    "IN is what `batch` reads: a CSV, XLSX, JSON lines or Parquet file, a folder of Parquet files, "
    "DATABASE.duckdb#TABLE, or -. The name of -o FILE says what it is: .xlsx, .html, .md, .json or .txt.",
    zh="一份草案对整张平台清单的影响：前后各支出多少、由谁出、谁增谁减。\n\n"
    "IN与`batch`相同：CSV、XLSX、JSON lines、Parquet文件，Parquet文件夹，数据库.duckdb#表，或 -。"
    "-o写出的文件由文件名决定类型：.xlsx、.html、.md、.json或.txt。",
    files=True,
)
@table
@option(
    "--by",
    metavar="A,B",
    multiple=True,
    callback=options.listed,
    zh="按这些事实或列分组，逗号分隔，例如 --by 所在地,级别",
    en="group by these facts or columns, by commas, as in --by location,level",
)
@option(
    "--top",
    metavar="N",
    default="5",
    callback=options.whole(0, 1_000),
    zh="列出增减最多的各几行（默认5；0则不列，也更快）",
    en="how many of the largest gains and losses are listed (default: 5; none with 0, which is faster)",
)
@option(
    "--no-readings",
    "varied",
    is_flag=True,
    flag_value=False,
    default=True,
    zh="不试算两可条款的其他解读（大表更快）",
    en="leave out what other readings of open clauses would change (faster over large tables)",
)
@option(
    "--explain",
    "explained",
    metavar="ROW",
    callback=options.whole(1, 10**15),
    zh="这一行（文本为行号）的完整说明，草案之前和之后，与`eval`相同",
    en="the full explanation of this row (of a text: line), without the draft and with it, as `eval` gives it",
)
@option("-o", "--output", metavar="FILE", zh="写入这个文件", en="write to this file")
@options.force
@options.form("text", "json", "md")
def run(
    asked: Asked,
    by: tuple[str, ...],
    top: int,
    varied: bool,
    explained: int | None,
    output: str | None,
    force: bool,
    form: str,
) -> int:
    from policyeval.impact.run import Question

    if not asked.rules.with_:
        raise Refusal(Problem("B450"))
    if output is not None:
        form = _form_of(output, force, explained is not None)
    library = asked.rules.library()
    sides = [asked.rules.regimes(library, drafts) for drafts in ((), asked.rules.with_)]
    request = asked.request()
    if explained is not None:
        return _explain(request, sides, explained, form)
    found = _through(Question(request, by, top, varied), *sides)
    complain(found.notes, door().lang)
    if output is not None:
        save(output, _data(found, library.vocabulary, form, output), force)
    elif form == "json":
        from policyeval.impact.as_json import as_json

        say_json(as_json(found, door().asked or "en"))
    else:
        from policyeval.cli.impact_text import page_of

        say_pages([page_of(found, library.vocabulary, door().lang)], form)
    return _REJECTED if found.rejected else 0


def _form_of(output: str, force: bool, explaining: bool) -> str:
    """What sort of file is written. Raises Refusal before anything is worked out."""
    if explaining:
        raise Refusal(Problem("B483"))
    form = next((form for form in _FILES if output.lower().endswith(f".{form}")), None)
    if form is None:
        raise Refusal(Problem("B482", {"path": output}))
    if form == "xlsx":
        look_for_openpyxl(output)
    if form == "html":
        try:
            import jinja2  # noqa: F401
        except ImportError:
            raise Refusal(Problem("D134", {"form": ".html", "library": "jinja2"})) from None
    look_for_room(output, force)
    return form


def _data(found: Impact, vocabulary: Vocabulary, form: str, output: str) -> bytes:
    """What a file holds."""
    from policyeval.cli.impact_text import page_of

    lang, asked = door().lang, door().asked
    match form:
        case "json":
            from policyeval.impact.as_json import as_json

            return json_bytes(as_json(found, asked or "en"))
        case "xlsx":
            from policyeval.cli.impact_sheets import sheets_of

            return workbook(output, sheets_of(found, vocabulary, lang))
        case "html":
            from policyeval.cli.impact_svg import Charts
            from policyeval.cli.page_html import html

            langs: tuple[Lang, ...] = ("zh", "en") if asked is None else (asked,)
            pages = {each: page_of(found, vocabulary, each, Charts(found, vocabulary, each)) for each in langs}
            return html(pages, f"policyeval {__version__}")
        case "md":
            return page_of(found, vocabulary, lang).markdown().encode()
        case _:
            return page_of(found, vocabulary, lang).terminal(columns(), False).encode()


def _explain(request: Request, sides: Sequence[Regimes], row: int, form: str) -> int:
    from policyeval.answer import as_json
    from policyeval.cli.budgets_text import line_of, of_answer
    from policyeval.cli.eval_text import page_of
    from policyeval.impact.explained import platform_at
    from policyeval.impact.sums import SIDES

    vocabulary = sides[0].library.vocabulary
    platform, totals = platform_at(request, [side.at(None) for side in sides], vocabulary, row)
    answers = [side.answer(platform) for side in sides]
    reducing = [of_answer(answer, found) for answer, found in zip(answers, totals, strict=True)]
    complain((note for answer in answers for note in answer.notes), door().lang)
    if form == "json":
        lang = door().asked or "en"
        found = {w: as_json(a, lang) for w, a in zip(SIDES, answers, strict=True)}
        under = {w: [total.as_json() for total in of] for w, of in zip(SIDES, reducing, strict=True)}
        say_json({"row": row, **found, **({"budgets": under} if any(reducing) else {})})
    else:
        pages = [page_of(answer, vocabulary, door().lang, _DEPTH) for answer in answers]
        for page, of in zip(pages, reducing, strict=True):
            for total in of:
                page.text(line_of(total, door().lang))
        say_pages(pages, form)
    return _UNDECIDED if any(a.undetermined or a.missing for a in answers) else 0


def _through(question: Question, before: Regimes, after: Regimes) -> Impact:
    from policyeval.cli.progress import bar
    from policyeval.impact.run import run as go

    with bar("平台" if door().lang == "zh" else "platforms", rated=True) as tell:
        return go(question, before, after, tell)
