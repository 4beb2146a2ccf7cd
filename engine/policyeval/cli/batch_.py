"""`policyeval batch`: a table of platforms in, the same table with what each gets out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policyeval.cli import options
from policyeval.cli.console import complain, say
from policyeval.cli.options import command, door, option
from policyeval.cli.tables import Asked, table
from policyeval.problems import Problem, Refusal

if TYPE_CHECKING:
    from policyeval.batch.run import Done, Request
    from policyeval.regime import Regimes

_REJECTED = 1
_WAIT = 60  # seconds
_STEPS = {
    "read": ("读取", "reading"),
    "budgets": ("预算", "budgets"),
    "write": ("计算", "computing"),
    "count": ("核对", "counting"),
}
_OF_PARTS = ("B206", "B208")  # refusals that speak of the parts themselves


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
@table
@click.argument("target", metavar="OUT")
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
@option(
    "--wait",
    metavar="SECONDS",
    callback=options.whole(1, 1_000_000),
    zh="Spark集群没有可用的工作节点时等多少秒（默认60）",
    en="how long to wait for a Spark cluster that has no worker free (default: 60)",
)
@option("--resume", is_flag=True, zh="接着上次中断的地方继续", en="go on where an earlier run stopped")
@option("--overwrite", is_flag=True, zh="OUT已存在时替换", en="replace OUT where it exists")
def run(
    asked: Asked, target: str, engine: str, master: str | None, wait: int | None, resume: bool, overwrite: bool
) -> int:
    strange: dict[str, object] = {"--master": master, "--wait": wait}
    if engine == "spark":
        strange = {"--resume": resume, "--threads": asked.threads}
    if problems := [Problem("B305", {"option": o, "engine": engine}) for o, given in strange.items() if given]:
        raise Refusal(*problems)
    regimes = asked.rules.regimes(asked.rules.library())
    request = asked.request(target, resume, overwrite)
    if engine == "spark":
        return _told(request, _on_spark(request, master or "local[*]", regimes, wait or _WAIT))
    return _told(request, _through(request, regimes))


def _on_spark(asked: Request, master: str, regimes: Regimes, wait: int) -> Done:
    from policyeval.batch.spark import run as go
    from policyeval.cli.progress import bar

    done, notes = go(asked, master, regimes, wait, lambda step: bar(_STEPS[step][door().lang == "en"]))
    complain(notes, door().lang)
    return done


def _through(asked: Request, regimes: Regimes) -> Done:
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
