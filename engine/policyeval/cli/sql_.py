"""`policyeval sql`: the policy as one commented query, for a bureau to run where its data is."""

from __future__ import annotations

from policyeval.cli import options
from policyeval.cli.console import complain, say
from policyeval.cli.options import OneOf, Rules, command, door, option
from policyeval.sql import DIALECTS
from policyeval.written_sql import Asked, written


@command(
    "sql",
    en="The policy as SQL: one commented query over a table of platforms, or a view.\n\n"
    "The head of what is printed says which columns the table must have.",
    zh="把政策写成SQL：对平台表的一条带注释的查询，或一个视图。\n\n输出的开头写明表须有哪些列。",
)
@option("--dialect", type=OneOf(tuple(DIALECTS)), required=True, zh="数据库", en="the engine that is to run it")
@option(
    "--table",
    metavar="NAME",
    default="platforms",
    zh="平台表的名称（默认platforms）",
    en="the table (default: platforms)",
)
@option("--view", metavar="NAME", zh="写成这个名称的视图", en="make it a view of this name")
@options.rules
def run(
    dialect: str,
    table: str,
    view: str | None,
    rules: Rules,
) -> int:
    library = rules.library()
    regime = rules.regimes(library).at(None)
    complain(regime.notes, door().lang)
    say(written(regime, library.vocabulary, rules.as_of, Asked(dialect, table, view, door().lang)))
    return 0
