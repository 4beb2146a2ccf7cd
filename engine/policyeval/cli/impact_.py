"""`policyeval impact`: what a draft means for a whole table of platforms."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from policyeval.cli import options
from policyeval.cli.batch_ import table_options, threads
from policyeval.cli.console import complain, say_json, say_pages
from policyeval.cli.options import command, door, option
from policyeval.problems import Problem, Refusal

_REJECTED = 1
_UNDECIDED = 3
_DEPTH = 2  # every step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyeval.batch.run import Request
    from policyeval.impact.run import Impact, Question
    from policyeval.regime import Regimes


def _count(_ctx: click.Context, param: click.Parameter, value: str | None) -> int:
    if value is None:
        return 5
    if not value.isdigit() or int(value) > 1_000:
        raise Refusal(Problem("B455", {"option": param.opts[0], "value": value}))
    return int(value)


def _row(_ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    if not value.isdigit() or int(value) < 1:
        raise Refusal(Problem("B131", {"option": param.opts[0], "value": value}))
    return int(value)


@command(
    "impact",
    en="What a draft means for a table of platforms: cost before and after, who pays, who gains.\n\n"
    "IN is what `batch` reads: a CSV, XLSX, JSON lines or Parquet file, a folder of Parquet files, "
    "DATABASE.duckdb#TABLE, or -.",
    zh="一份草案对整张平台清单的影响：前后各支出多少、由谁出、谁增谁减。\n\n"
    "IN与`batch`相同：CSV、XLSX、JSON lines、Parquet文件，Parquet文件夹，数据库.duckdb#表，或 -。",
)
@click.argument("source", metavar="IN")
@table_options
@option(
    "--by",
    metavar="A,B",
    callback=options.listed,
    zh="按这些事实或列分组，逗号分隔，例如 --by 所在地,级别",
    en="group by these facts or columns, by commas, as in --by location,level",
)
@option(
    "--top",
    metavar="N",
    callback=_count,
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
    callback=_row,
    zh="这一行（文本为行号）的完整说明，草案之前和之后，与`eval`相同",
    en="the full explanation of this row (of a text: line), without the draft and with it, as `eval` gives it",
)
@threads
@options.form("text", "json", "md")
def run(
    source: str,
    mapped: dict[str, str],
    units: dict[str, str],
    settings: tuple[str, ...],
    as_of: date,
    with_: tuple[str, ...],
    packs: tuple[str, ...],
    readings: dict[str, str],
    policies: tuple[str, ...],
    no_budgets: bool,
    by: tuple[str, ...],
    top: int,
    varied: bool,
    explained: int | None,
    threads: int | None,
    form: str,
) -> int:
    from policyeval.batch.run import Request
    from policyeval.cases import read_setting
    from policyeval.impact.run import Question
    from policyeval.library import open_library
    from policyeval.regime import Regimes

    if not with_:
        raise Refusal(Problem("B450"))
    library = open_library(policies, [*with_, *packs]).sound()
    sides = [Regimes(library, as_of, packs, drafts, readings) for drafts in ((), with_)]
    given = tuple(read_setting(text) for text in settings)
    request = Request(source, "", mapped, units, given, threads, lang=door().lang, budgets=not no_budgets)
    if explained is not None:
        return _explain(request, sides, explained, form)
    found = _through(Question(request, by, top, varied), *sides)
    complain(found.notes, door().lang)
    if form == "json":
        from policyeval.impact.as_json import as_json

        say_json(as_json(found, door().asked or "en"))
    else:
        from policyeval.cli.impact_text import page_of

        say_pages([page_of(found, library.vocabulary, door().lang)], form)
    return _REJECTED if found.rejected else 0


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
