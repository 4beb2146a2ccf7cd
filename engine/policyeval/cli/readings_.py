"""`policyeval readings`: what a platform gets under every reading of the clauses that are open."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from policyeval.alternatives import alternatives, as_json
from policyeval.cli import options
from policyeval.cli.console import complain, say_json, say_pages
from policyeval.cli.input import names_a_pack, read_platforms
from policyeval.cli.options import command, door
from policyeval.library import open_library

_UNDECIDED = 3


@command(
    "readings",
    en="What a platform gets under every reading of the open clauses, or which readings change a verdict.\n\n"
    "CASE is a YAML or JSON file, - for standard input, or the id of a pack.",
    zh="条款两可时，一个平台在各种解读下各得多少；或者哪些解读会改变对一份草案的结论。\n\n"
    "CASE是YAML或JSON案例文件、-（标准输入），或者规则包的名称。",
)
@options.question
@options.limit
@options.policies
@options.form("text", "json", "md")
def run(
    cases: tuple[str, ...],
    settings: tuple[str, ...],
    as_of: date,
    with_: tuple[str, ...],
    packs: tuple[str, ...],
    readings: dict[str, str],
    seconds: float,
    policies: tuple[Path, ...],
    form: str,
) -> int:
    if len(cases) == 1 and names_a_pack(cases[0]):
        return _of_pack(cases[0], as_of, readings, seconds, policies, form)
    library = open_library(policies, [*with_, *packs]).sound()
    asked = read_platforms(cases, settings, library.vocabulary)
    found = [alternatives(library, platform, as_of, packs, with_, readings) for platform in asked.platforms]
    complain((note for one in found for note in one.notes), door().lang)
    if form == "json":
        say_json(asked.shown([as_json(one, door().asked or "en") for one in found]))
    else:
        from policyeval.cli.readings_text import page_of

        say_pages([page_of(one, library.vocabulary, door().lang) for one in found], form)
    answers = [outcome.answer for one in found for outcome in one.outcomes]
    return _UNDECIDED if any(a.undetermined or a.missing for a in answers) else 0


def _of_pack(
    pack: str, as_of: date, readings: dict[str, str], seconds: float, policies: tuple[Path, ...], form: str
) -> int:
    from policyeval.cli.progress import bar
    from policyeval.cli.sensitivity_text import page_of
    from policyeval.sensitivity import as_json as sensitivity_json
    from policyeval.sensitivity import sensitivity

    library = open_library(policies, [pack]).sound()
    with bar(pack) as tell:
        found = sensitivity(library, pack, as_of, readings, seconds, tell)
    if form == "json":
        say_json(sensitivity_json(found, door().asked or "en"))
    else:
        say_pages([page_of(found, door().lang)], form)
    return 0
