"""The table that a command goes through, and the rules that apply to it: options that `batch` and `impact` share.

In: a command's function. Out: the same function with these options, which make one record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policyeval.cli import options
from policyeval.cli.options import Rules, door, option
from policyeval.record import Record

if TYPE_CHECKING:
    from policyeval.batch.run import Request


class Asked(Record):
    """A table as a user names it, how it is read, and what applies to its rows."""

    source: str
    mapped: dict[str, str]
    units: dict[str, str]
    settings: tuple[str, ...]
    rules: Rules
    no_budgets: bool
    threads: int | None

    def request(self, target: str = "", resume: bool = False, overwrite: bool = False) -> Request:
        """Raises Refusal for a setting that is none."""
        from policyeval.batch.run import Request
        from policyeval.cases import read_setting

        given = tuple(read_setting(text) for text in self.settings)
        return Request(
            source=self.source,
            target=target,
            mapped=self.mapped,
            units=self.units,
            settings=given,
            threads=self.threads,
            resume=resume,
            overwrite=overwrite,
            lang=door().lang,
            budgets=not self.no_budgets,
        )


_mapped = option(
    "--map",
    "mapped",
    metavar="COLUMN=FACT",
    multiple=True,
    callback=options.pairs("B130"),
    zh="某列是哪个事实，例如 --map 项目经费=上级扶持经费，可重复",
    en="which fact a column is, as in --map grant=upstream_funding; may be repeated",
)
_units = option(
    "--unit",
    "units",
    metavar="COLUMN=UNIT",
    multiple=True,
    callback=options.pairs("B130"),
    zh="某列没有单位的数是什么单位：元、万元、亿元或分，可重复",
    en="what the bare numbers of a column are in: 元 (yuan), 万元, 亿元 or 分 (fen); may be repeated",
)
_threads = option(
    "--threads",
    metavar="N",
    callback=options.whole(1, 1024),
    zh="用几个线程（默认全部处理器）",
    en="threads (default: all processors)",
)
_no_budgets = option("--no-budgets", is_flag=True, zh="不计政策包中的预算", en="leave the budgets of the packs out")


table = options.gather(
    "asked",
    Asked,
    click.argument("source", metavar="IN"),
    _mapped,
    _units,
    options.settings,
    options.rules,
    _no_budgets,
    _threads,
)
