"""`policyeval check`: what is wrong with packs."""

from __future__ import annotations

import click

from policyeval.cli import options
from policyeval.cli.console import say, say_json
from policyeval.cli.options import command, door
from policyeval.library import Library, open_library
from policyeval.problems import Problem, as_json, errors, render

_FOUND = 1


@command(
    "check",
    en="What is wrong with packs; silent where all is well.\n\nPACK is an id or a file; all packs where none is named.",
    zh="检查政策文件的写法，没有问题则不输出。\n\nPACK是名称或文件；不写则检查全部。",
)
@click.argument("packs", metavar="[PACK]...", nargs=-1)
@options.policies
@options.form("text", "json")
def run(packs: tuple[str, ...], policies: tuple[str, ...], form: str) -> int:
    library = open_library(policies, packs)
    found = _problems(library, packs)
    if form == "json":
        say_json([as_json(problem, door().asked or "en") for problem in found])
    elif found:
        say("\n".join(render(problem, door().lang) for problem in found))
    return _FOUND if errors(found) else 0


def _problems(library: Library, packs: tuple[str, ...]) -> list[Problem]:
    """Those of the packs that are named, each once; of all where none is."""
    if not packs:
        return list(library.problems)
    return list({id(p): p for pack in packs for p in library.problems_of(pack)}.values())
