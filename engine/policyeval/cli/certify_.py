"""`policyeval certify`: whether the evaluator, the databases and the solver agree, on generated platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from policyeval.answer import packs_json
from policyeval.cli import options
from policyeval.cli.console import say_json, say_pages
from policyeval.cli.options import Rules, command, door, listed, option
from policyeval.cli.page import Below, Page, row
from policyeval.cli.progress import bar
from policyeval.cli.words import say
from policyeval.near import one_of
from policyeval.problems import Lang, Problem, Refusal

if TYPE_CHECKING:
    from policyeval.certify import Certificate, Difference

_DISAGREES = 1
_NOT_COMPARED = 3


def _engines(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    from policyeval.certify import ENGINES

    found = listed(ctx, param, values) or ()
    for name in found:
        if name not in ENGINES:
            raise Refusal(Problem("C104", {"option": param.opts[0], "value": name, "near": one_of(name, ENGINES)}))
    return tuple(dict.fromkeys(found))


@command(
    "certify",
    en="Whether the evaluator, the databases and the solver agree, on generated platforms.",
    zh="用生成的平台核对：求值器、各数据库和求解器的结果是否一致。",
)
@option(
    "--rows",
    metavar="N",
    default="20000",
    callback=options.whole(1, 10**9),
    zh="平台数（默认20000）",
    en="platforms (default: 20000)",
)
@option(
    "--engine",
    "engines",
    metavar="A,B",
    multiple=True,
    callback=_engines,
    zh="只核对这些：duckdb、spark、postgres，逗号分隔",
    en="only these, by commas: duckdb, spark, postgres",
)
@option("--postgres", metavar="URL", zh="PostgreSQL数据库的地址", en="the address of a PostgreSQL database")
@option("--master", metavar="URL", zh="Spark集群的地址（默认用本机）", en="a Spark cluster (default: this machine)")
@options.rules
@options.form("text", "md", "json")
def run(
    rows: int,
    engines: tuple[str, ...],
    postgres: str | None,
    master: str | None,
    rules: Rules,
    form: str,
) -> int:
    from policyeval.certify import ENGINES, Wish, certify

    regimes = rules.regimes(rules.library())
    with bar(say(door().lang)("certifying"), rated=True) as tell:
        found = certify(regimes, Wish(rows, engines or ENGINES, postgres, master), tell)
    if form == "json":
        say_json(_json(found, door().asked or "en"))
    else:
        say_pages([_page(found, door().lang)], form)
    if not found.agrees:
        return _DISAGREES
    idle = {tried.engine for tried in found.tried if not tried.compared}
    return 0 if idle.isdisjoint(engines) else _NOT_COMPARED  # an engine that was asked for by name


def _json(found: Certificate, lang: Lang) -> dict[str, Any]:
    from policyeval import __version__

    return {
        "policyeval": __version__,
        "as_of": found.as_of.isoformat(),
        "packs": packs_json(found.packs),
        "rows": found.rows,
        "seed": found.seed,
        "readings": {"of": found.possible, "any_two": found.pairs, "tried": [dict(c) for c in found.combinations]},
        "agrees": found.agrees,
        "engines": [
            {
                "engine": tried.engine,
                "version": tried.version,
                "compared": tried.compared,
                "disagree": tried.disagree,
                "left_out": [{"rows": n, "code": why.code, "reason": why.message(lang)} for why, n in tried.left_out],
            }
            for tried in found.tried
        ],
        "disagreements": [_difference_json(d) for d in found.differences],
    }


def _difference_json(d: Difference) -> dict[str, Any]:
    return {
        "engine": d.engine,
        "readings": dict(d.readings),
        "platform": dict(d.platform),
        "expected": dict(d.expected),
        "found": dict(d.found),
    }


def _page(found: Certificate, lang: Lang) -> Page:
    import json

    from policyeval import __version__

    said, page = say(lang), Page()
    page.title(said("certificate", rows=f"{found.rows:,}", version=__version__))
    met = said("any_two") if found.pairs and len(found.combinations) < found.possible else ""
    tried = len(found.combinations)
    page.text(said("certified_under", day=found.as_of, tried=tried, possible=found.possible, met=met))
    page.rows([row(pack.ref, f"sha256 {pack.sha256}") for pack in found.packs])
    page.heading(said("against_evaluator"))
    rows = []
    for each in found.tried:
        below = [Below(said("left_out_rows", rows=f"{n:,}", why=why.message(lang)), "dim") for why, n in each.left_out]
        words = said("agree_all") if not each.disagree else said("disagree_some", count=f"{each.disagree:,}")
        verdict = words if each.compared else said("not_compared")
        rows.append(row(f"{each.engine} {each.version or ''}".strip(), f"{each.compared:,}", verdict, below=below))
    page.rows(rows)
    for d in found.differences:
        page.heading(said("disagreement", engine=d.engine))
        shown = {"platform": d.platform, "readings": d.readings, "evaluator": d.expected, d.engine: d.found}
        for key, value in shown.items():
            page.text(f"{key}: {json.dumps(value, ensure_ascii=False, default=str)}")
    return page
