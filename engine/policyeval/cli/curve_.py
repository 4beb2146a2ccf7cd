"""`policyeval curve`: what a platform gets as one fact changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from policyeval.cli import options
from policyeval.cli.console import colour, columns, complain, json_bytes, save, say, say_bytes, say_json, say_pages
from policyeval.cli.input import read_platforms
from policyeval.cli.options import Question, command, door, option
from policyeval.curve import Curve, as_json, curve
from policyeval.problems import Problem, Refusal


@command(
    "curve",
    en="What a platform gets, and who pays, as one fact changes: every kink and the clause that causes it.\n\n"
    "CASE is a YAML or JSON file, or - for standard input.",
    zh="一个事实变化时，一个平台得到多少、由谁出：每一处转折和造成转折的条款。\n\n"
    "CASE是YAML或JSON案例文件，或用 - 表示标准输入。",
)
@options.question
@option("--over", metavar="FACT", required=True, zh="变化的事实，例如上级扶持经费", en="the fact that changes")
@option(
    "--also",
    metavar="PACK",
    multiple=True,
    zh="另画一条加上这份草案的曲线，可重复",
    en="a further curve with this draft; may be repeated",
)
@option("-o", "--output", metavar="FILE", zh="写入文件，.svg为图", en="write to this file; .svg is a picture")
@options.force
@options.form("text", "json", "md", "svg")
def run(
    asked: Question,
    over: str,
    also: tuple[str, ...],
    output: str | None,
    force: bool,
    form: str,
) -> int:
    library = asked.rules.library(*also)
    platforms = read_platforms(asked.cases, asked.settings, library.vocabulary)
    if len(platforms.each) != 1:
        raise Refusal(Problem("C112", {"count": len(platforms.each)}))
    curves: dict[str, Curve] = {}
    for drafts in [asked.rules.with_, *((*asked.rules.with_, draft) for draft in also)]:
        regimes = asked.rules.regimes(library, drafts)
        found = curve(regimes, platforms.each[0], over)
        complain(found.answer.notes, door().lang)
        curves[", ".join(pack.ref for pack in found.answer.packs)] = found
    form = "svg" if output and Path(output).suffix.lower() == ".svg" else form
    data = _data(curves, form)
    if output is not None:
        save(output, data, force)
    elif form == "svg":
        say_bytes(data)
    elif form == "json":
        say_json(_json(curves))
    else:
        from policyeval.cli.curve_text import page_of

        say_pages([page_of(curves, door().lang)], form)
        if form == "text":
            _picture(curves)
    return 0


def _json(curves: Mapping[str, Curve]) -> dict[str, object]:
    return {"curves": [as_json(found) for found in curves.values()]}


def _data(curves: Mapping[str, Curve], form: str) -> bytes:
    """What a file holds."""
    if form == "svg":
        try:
            from policyeval.cli.chart_svg import svg
        except ImportError:
            raise Refusal(Problem("C113", {"library": "matplotlib"})) from None
        return svg(curves, door().lang)
    if form == "json":
        return json_bytes(_json(curves))
    from policyeval.cli.curve_text import page_of

    page = page_of(curves, door().lang)
    return (page.markdown() if form == "md" else page.terminal(columns(), False)).encode()


def _picture(curves: Mapping[str, Curve]) -> None:
    from policyeval.cli.curve_text import drawn

    try:
        say("\n" + drawn(curves, door().lang, columns(), colour()))
    except ImportError:
        complain([Problem("C114")], door().lang)
