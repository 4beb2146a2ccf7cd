"""`policyeval why`: what binds, what was lost, and what would change what a platform gets."""

from __future__ import annotations

from policyeval.cli import options
from policyeval.cli.console import complain, say_json, say_pages
from policyeval.cli.input import read_platforms
from policyeval.cli.options import Question, command, door, option
from policyeval.money import NotMoney, read_money
from policyeval.problems import Problem, Refusal
from policyeval.why import as_json, why


@command(
    "why",
    en="Why a platform gets what it gets, what would raise it, and what would reach an amount.\n\n"
    "CASE is a YAML or JSON file, or - for standard input.",
    zh="一个平台为什么得到这么多，怎样才会增加，怎样才能达到某个数额。\n\n"
    "CASE是YAML或JSON案例文件，或用 - 表示标准输入。",
)
@options.question
@option(
    "--why-not",
    "wanted",
    metavar="AMOUNT",
    zh="为什么没有达到这个数额，例如 --why-not 1200万元；各事实最少要多少才能达到",
    en="why it is not this amount, as in --why-not 1200万元, and the least value of each fact that reaches it",
)
@options.limit
@options.form("text", "json", "md")
def run(
    asked: Question,
    wanted: str | None,
    seconds: float,
    form: str,
) -> int:
    amount = None if wanted is None else _amount(wanted)
    library = asked.rules.library()
    regimes = asked.rules.regimes(library)
    platforms = read_platforms(asked.cases, asked.settings, library.vocabulary)
    found = [why(regimes, platform, amount, seconds) for platform in platforms.each]
    complain((note for one in found for note in one.answer.notes), door().lang)
    if form == "json":
        say_json(platforms.shown([as_json(one) for one in found]))
    else:
        from policyeval.cli.why_text import page_of

        say_pages([page_of(one, door().lang) for one in found], form)
    return 0


def _amount(written: str) -> int:
    try:
        return read_money(written)
    except NotMoney as wrong:
        raise Refusal(Problem(wrong.args[0], {"fact": "--why-not", "value": written})) from None
