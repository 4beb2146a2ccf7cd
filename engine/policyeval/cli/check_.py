"""`policyeval check`: what is wrong or doubtful with packs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from policyeval import __version__
from policyeval.cli import options
from policyeval.cli.console import say, say_json
from policyeval.cli.options import command, door, option
from policyeval.library import Library, open_library
from policyeval.lint import linted
from policyeval.pack import Allow
from policyeval.problems import Lang, Problem, as_json, errors, render

_FOUND = 1

Allowed = list[tuple[Problem, Allow]]


@command(
    "check",
    en="What is wrong or doubtful with packs; silent where all is well.\n\n"
    "PACK is an id or a file; all packs where none is named. docs/lints/ explains what is doubtful, code by code.",
    zh="检查政策文件的错误和可疑之处，没有问题则不输出。\n\nPACK是名称或文件；不写则检查全部。docs/lints/逐条说明可疑之处。",
)
@click.argument("packs", metavar="[PACK]...", nargs=-1)
@option(
    "--notes",
    is_flag=True,
    zh="连同说明一起列出：先后次序有影响之处、没有影响的解读、引文中没有的数额、无法判定之处",
    en="notes too: where the written order matters, readings without effect, uncited figures, what is undecided",
)
@options.as_of
@options.policies
@options.form("text", "json", "sarif")
def run(packs: tuple[str, ...], policies: tuple[str, ...], form: str, notes: bool, as_of: date) -> int:
    library = open_library(policies, packs)
    found, allowed = _found(library, packs, as_of, notes)
    lang: Lang = door().asked or "en"
    if form == "json":
        counted = Counter(problem.code for problem, _ in allowed)
        say_json({"problems": [_json(problem, lang) for problem in found], "allowed": dict(sorted(counted.items()))})
    elif form == "sarif":
        from policyeval.sarif import as_sarif

        say_json(as_sarif(found, [(problem, allow.reason[lang]) for problem, allow in allowed], __version__, lang))
    elif found:
        say("\n".join(render(problem, door().lang) for problem in found))
    return _FOUND if errors(found) else 0


def _json(problem: Problem, lang: Lang) -> dict[str, Any]:
    return {**as_json(problem, lang), "rule": problem.words.get("rule")}


def _found(library: Library, packs: Sequence[str], day: date, notes: bool) -> tuple[list[Problem], Allowed]:
    """The problems to show, pack by pack, and those that a pack allows."""
    checked = _problems(library, packs)
    subjects = [library.pack(p) for p in packs if p not in library.broken] if packs else list(library.packs)
    looked = [linted(library, pack, day, notes, checked) for pack in {id(p): p for p in subjects}.values()]
    files = {pack.source.name for pack in subjects}
    elsewhere = [p for p in checked if p.at is None or p.at.source.name not in files]
    shown = [*elsewhere, *(problem for each in looked for problem in each.problems)]
    return shown, [pair for each in looked for pair in each.allowed]


def _problems(library: Library, packs: Sequence[str]) -> list[Problem]:
    """What reading and resolving found in the packs that are named, each once; in all where none is."""
    if not packs:
        return list(library.problems)
    return list({id(p): p for pack in packs for p in library.problems_of(pack)}.values())
