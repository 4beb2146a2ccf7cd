"""`policyeval batch`: a table of platforms in, the same table with what each gets out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from policyeval.cli import options
from policyeval.cli.console import complain, say
from policyeval.cli.options import command, door, option
from policyeval.problems import Problem, Refusal

if TYPE_CHECKING:
    from policyeval.batch.run import Done, Request

_REJECTED = 1
_OF_PARTS = ("B206", "B208")  # refusals that speak of the parts themselves


def _pairs(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for value in values:
        key, sign, meant = (part.strip() for part in value.replace("＝", "=").rpartition("="))
        if not (key and sign and meant):
            raise Refusal(Problem("B130", {"option": param.opts[0], "value": value}))
        found[key] = meant
    return found


def _threads(_ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    if not value.isdigit() or not 1 <= int(value) <= 1024:
        raise Refusal(Problem("B131", {"option": param.opts[0], "value": value}))
    return int(value)


mapped = option(
    "--map",
    "mapped",
    metavar="COLUMN=FACT",
    multiple=True,
    callback=_pairs,
    zh="某列是哪个事实，例如 --map 项目经费=上级扶持经费，可重复",
    en="which fact a column is, as in --map grant=upstream_funding; may be repeated",
)
units = option(
    "--unit",
    "units",
    metavar="COLUMN=UNIT",
    multiple=True,
    callback=_pairs,
    zh="某列没有单位的数是什么单位：元、万元、亿元或分，可重复",
    en="what the bare numbers of a column are in: 元 (yuan), 万元, 亿元 or 分 (fen); may be repeated",
)
threads = option(
    "--threads",
    metavar="N",
    callback=_threads,
    zh="用几个线程（默认全部处理器）",
    en="threads (default: all processors)",
)
no_budgets = option("--no-budgets", is_flag=True, zh="不计政策包中的预算", en="leave the budgets of the packs out")


def table_options(run: Callable[..., Any]) -> Callable[..., Any]:
    """What says which table is meant, and which rules apply."""
    for part in reversed(
        (
            mapped,
            units,
            options.settings,
            options.as_of,
            options.with_,
            options.only,
            options.readings,
            options.policies,
            no_budgets,
        )
    ):
        run = part(run)
    return run


@command(
    "batch",
    en="A table of platforms in, the same table with what each platform gets out.\n\n"
    "IN is a CSV, XLSX, JSON lines or Parquet file, a folder of Parquet files, DATABASE.duckdb#TABLE, "
    "postgresql://…#TABLE, or -. OUT is a .csv, .tsv, .xlsx, .jsonl or .parquet file, a FOLDER/ of Parquet files, "
    "DATABASE.duckdb#TABLE or postgresql://…#TABLE. Rows that cannot be read go to OUT.rejects, each with its reason.",
    zh="读入平台清单，在每行后面列出该平台能得到什么、由谁出。\n\n"
    "IN可以是CSV、XLSX、JSON lines、Parquet文件，Parquet文件夹，数据库.duckdb#表，postgresql://…#表，或 -。"
    "OUT可以是.csv、.tsv、.xlsx、.jsonl、.parquet文件，文件夹/（内为Parquet文件），数据库.duckdb#表或postgresql://…#表。"
    "无法读取的行连同原因写入OUT.rejects。",
)
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@table_options
@threads
@option(
    "--engine",
    type=options.OneOf(["duckdb", "spark"]),
    default="duckdb",
    zh="用什么计算：duckdb（本机，默认）或spark",
    en="what computes: duckdb (this machine, the default) or spark",
)
@option(
    "--master",
    metavar="URL",
    zh="Spark集群的地址（默认local[*]）",
    en="the address of a Spark cluster (default: local[*])",
)
@option("--resume", is_flag=True, zh="接着上次中断的地方继续", en="go on where an earlier run stopped")
@option("--overwrite", is_flag=True, zh="OUT已存在时替换", en="replace OUT where it exists")
def run(
    source: str,
    target: str,
    mapped: dict[str, str],
    units: dict[str, str],
    settings: tuple[str, ...],
    as_of: date,
    with_: tuple[str, ...],
    packs: tuple[str, ...],
    readings: dict[str, str],
    policies: tuple[str, ...],
    no_budgets: bool,
    threads: int | None,
    engine: str,
    master: str | None,
    resume: bool,
    overwrite: bool,
) -> int:
    from policyeval.batch.run import Request
    from policyeval.cases import read_setting
    from policyeval.library import open_library
    from policyeval.regime import Regimes

    strange = {"--resume": resume, "--threads": threads} if engine == "spark" else {"--master": master}
    if problems := [Problem("B305", {"option": o, "engine": engine}) for o, given in strange.items() if given]:
        raise Refusal(*problems)
    library = open_library(policies, [*with_, *packs]).sound()
    regimes = Regimes(library, as_of, packs, with_, readings)
    given = tuple(read_setting(text) for text in settings)
    asked = Request(source, target, mapped, units, given, threads, resume, overwrite, door().lang, not no_budgets)
    return _told(
        asked, _on_spark(asked, master or "local[*]", regimes) if engine == "spark" else _through(asked, regimes)
    )


def _on_spark(asked: Request, master: str, regimes: Any) -> Done:
    from policyeval.batch.spark import run as go

    done, notes = go(asked, master, regimes)
    complain(notes, door().lang)
    return done


def _through(asked: Request, regimes: Any) -> Done:
    from policyeval.batch.run import kept
    from policyeval.batch.run import run as go
    from policyeval.cli.progress import bar

    try:
        with bar("平台" if door().lang == "zh" else "platforms", rated=True) as tell:
            done, notes = go(asked, regimes, tell)
    except (KeyboardInterrupt, Refusal) as error:
        told = {p.code for p in error.problems} if isinstance(error, Refusal) else set()
        if (folder := kept(asked)) and told.isdisjoint(_OF_PARTS):
            complain([Problem("B220", {"folder": folder})], door().lang)
        raise
    complain(notes, door().lang)
    return done


def _told(asked: Request, done: Done) -> int:
    """The counts, which add up."""
    zh = door().lang == "zh"
    rejects = (f"，见{done.rejects}" if zh else f" (see {done.rejects})") if done.rejects else ""
    blank = (f"，空行{done.blank:,}" if zh else f", {done.blank:,} blank") if done.blank else ""
    if zh:
        say(f"共{done.rows:,}行：已写入{asked.target} {done.written:,}行，退回{done.rejected:,}行{rejects}{blank}")
    else:
        say(f"{done.rows:,} rows: {done.written:,} in {asked.target}, {done.rejected:,} rejected{rejects}{blank}")
    return _REJECTED if done.rejected else 0
