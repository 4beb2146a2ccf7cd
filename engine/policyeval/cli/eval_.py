"""`policyeval eval`: what a platform gets, and from whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policyeval.answer import Answer, as_json
from policyeval.cli import options
from policyeval.cli.console import complain, save, say, say_json, say_pages
from policyeval.cli.input import read_platforms
from policyeval.cli.options import Question, command, door, option
from policyeval.library import Library

if TYPE_CHECKING:
    from policyeval.cli.page import Page

_UNDECIDED = 3
_ELSEWHERE = "L201"  # a draft is for another place: of no interest where the platform is put everywhere


@command(
    "eval",
    en="What a platform gets, from whom, by which clause.\n\nCASE is a YAML or JSON file, or - for standard input.",
    zh="一个平台能得到多少支持、由谁出、依据哪一条。\n\nCASE是YAML或JSON案例文件，或用 - 表示标准输入。",
)
@options.question
@option(
    "--everywhere", is_flag=True, zh="同一平台放到各地，并列比较", en="the same platform in every regime, side by side"
)
@option("--explain", "depth", flag_value="2", zh="列出每一步计算", en="show every step")
@option(
    "--depth",
    type=options.OneOf(["0", "1", "2"]),
    default="1",
    metavar="N",
    zh="说明的详略：0至2（默认1）",
    en="how much is explained: 0 to 2 (default: 1)",
)
@options.form("text", "json", "md", "csv")
@option(
    "-o",
    "--output",
    metavar="FILE",
    zh="把各平台的结果写成表格：.csv或.xlsx文件",
    en="write a table with a row for each platform: a .csv or .xlsx file",
)
@options.force
def run(
    asked: Question,
    everywhere: bool,
    depth: str,
    form: str,
    output: str | None,
    force: bool,
) -> int:
    library = asked.rules.library()
    regimes = asked.rules.regimes(library)
    places = regimes.everywhere() if everywhere else [None]
    platforms = read_platforms(asked.cases, asked.settings, library.vocabulary, places)
    answers = [regimes.answer(platform) for platform in platforms.each]
    complain((n for a in answers for n in a.notes if not (everywhere and n.code == _ELSEWHERE)), door().lang)
    if output or form == "csv":
        _say_table(answers, library, output, force)
    elif form == "json":
        say_json(platforms.shown([as_json(a, door().asked or "en") for a in answers]))
    else:
        say_pages(_pages(answers, len(places) if everywhere else 0, library, int(depth)), form)
    return _UNDECIDED if any(a.undetermined or a.missing for a in answers) else 0


def _say_table(answers: Sequence[Answer], library: Library, output: str | None, force: bool) -> None:
    from policyeval.cli.eval_table import as_csv, as_file, rows

    table = rows(answers, library.vocabulary)
    if output is None:
        say(as_csv(table))
    else:
        save(output, as_file(table, output), force)


def _pages(answers: Sequence[Answer], side_by_side: int, library: Library, depth: int) -> list[Page]:
    lang = door().lang
    if side_by_side:
        from policyeval.cli.everywhere_text import page_of as together

        groups = [answers[i : i + side_by_side] for i in range(0, len(answers), side_by_side)]
        return [together(group, library.vocabulary, lang) for group in groups]
    from policyeval.cli.eval_text import page_of

    return [page_of(answer, library.vocabulary, lang, depth) for answer in answers]
