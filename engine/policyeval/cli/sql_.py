"""`policyeval sql`: the policy as one commented query, for a bureau to run where its data is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from policyeval.cli import options
from policyeval.cli.console import complain, say
from policyeval.cli.options import OneOf, command, door, option
from policyeval.library import open_library
from policyeval.regime import Regimes
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
@options.as_of
@options.with_
@options.only
@options.readings
@options.policies
def run(
    dialect: str,
    table: str,
    view: str | None,
    as_of: date,
    with_: tuple[str, ...],
    packs: tuple[str, ...],
    readings: dict[str, str],
    policies: tuple[Path, ...],
) -> int:
    library = open_library(policies, [*with_, *packs]).sound()
    regime = Regimes(library, as_of, packs, with_, readings).at(None)
    complain(regime.notes, door().lang)
    say(written(regime, library.vocabulary, as_of, Asked(dialect, table, view, door().lang)))
    return 0
