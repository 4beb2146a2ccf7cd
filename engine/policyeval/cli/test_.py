"""`policyeval test`: whether the examples that packs carry come out as expected, and what they reach."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from policyeval.cli import options
from policyeval.cli.console import complain, say, say_json, say_pages
from policyeval.cli.options import command, door, option
from policyeval.coverage import Coverage, coverage
from policyeval.examples import Result, Runner, examples
from policyeval.library import Library, open_library
from policyeval.problems import Problem, Refusal

_FAILED = 1


@command(
    "test",
    en="Whether the examples in packs come out as expected.\n\nPACK is an id or a file; all packs where none is named.",
    zh="政策文件中的案例是否如预期。\n\nPACK是名称或文件；不写则测试全部。",
)
@click.argument("packs", metavar="[PACK]...", nargs=-1)
@option("--coverage", "covered", is_flag=True, zh="列出案例没有触及的条款和分支", en="what the examples do not reach")
@option(
    "--min-coverage",
    "least",
    metavar="N",
    callback=options.whole(0, 100),
    zh="条款和分支的覆盖率低于N%即为失败",
    en="fail where less than N% of clauses or of branches are reached",
)
@option("--junit", metavar="FILE", type=click.Path(path_type=Path), zh="另写一份JUnit XML", en="also write JUnit XML")
@options.policies
@options.form("text", "json")
def run(
    packs: tuple[str, ...],
    covered: bool,
    least: int | None,
    junit: Path | None,
    policies: tuple[Path, ...],
    form: str,
) -> int:
    library = open_library(policies, packs).sound()
    results = _run(library, packs or tuple(pack.ref for pack in library.ordered(library.packs)))
    reached = [coverage(library, library.pack(r), found) for r, found in results.items()] if covered or least else []
    everything = [result for found in results.values() for result in found]
    complain(_shadows(everything), door().lang)
    if junit:
        from policyeval.cli.junit import write_junit

        write_junit(junit, results, door().lang)
    if form == "json":
        from policyeval.cli.test_text import as_json

        say_json(as_json(everything, reached, door().asked or "en"))
    else:
        _say(everything, reached, library)
    low = [problem for one in reached for problem in _too_low(one, least or 0)]
    complain(low, door().lang)
    return _FAILED if low or any(result.differences for result in everything) else 0


def _run(library: Library, references: Sequence[str]) -> dict[str, list[Result]]:
    """The results of each pack; what is wrong in the examples of any of them is told at once."""
    runner = Runner(library)
    found, problems = {}, list[Problem]()
    for reference in dict.fromkeys(references):
        try:
            found[reference] = examples(library, reference)
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(*problems)
    return {reference: [runner.run(example) for example in cases] for reference, cases in found.items()}


def _shadows(results: Sequence[Result]) -> list[Problem]:
    """Files of the command line that stand in for packs."""
    return [note for result in results for note in result.answer.notes if note.code == "L204"]


def _too_low(found: Coverage, least: int) -> list[Problem]:
    kinds = {"clauses": ("条款", found.clauses), "branches": ("分支", found.branches)}
    return [
        Problem("T111", {"pack": found.pack.id, "of": {"en": en, "zh": zh}, "percent": tally.percent, "least": least})
        for en, (zh, tally) in kinds.items()
        if tally.percent < least
    ]


def _say(results: Sequence[Result], reached: Sequence[Coverage], library: Library) -> None:
    from policyeval.cli.test_text import page_of

    page = page_of(results, reached, library.vocabulary, door().lang)
    if page is None:
        from policyeval.cli.words import say as words

        failed = sum(1 for result in results if result.differences)
        say(words(door().lang)("passed_failed", passed=len(results) - failed, failed=failed))
    else:
        say_pages([page], "text")
