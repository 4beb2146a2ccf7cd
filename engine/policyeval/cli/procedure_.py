"""`policyeval procedure`: the steps that a platform goes through, who acts at each, and what each needs."""

from __future__ import annotations

from typing import Any

import click

from policyeval.answer import cite_json
from policyeval.cases import Platform
from policyeval.cli import options
from policyeval.cli.console import complain, say_json, say_pages
from policyeval.cli.input import read_platforms
from policyeval.cli.options import Rules, command, door
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import facts_in_line
from policyeval.cli.table import Cell
from policyeval.cli.words import both, listed, say
from policyeval.duties import Course, Taken, courses, named
from policyeval.problems import Problem, Refusal
from policyeval.vocabulary import Vocabulary


@command(
    "procedure",
    en="The steps to be taken for a platform, in order: who acts, what is needed, by which clause.\n\n"
    "Facts may be given as options: --kind technology_innovation_center --level national --place ganyu.",
    zh="一个平台要走的步骤：谁来办、要什么材料、依据哪一条。\n\n"
    "事实可以直接写成选项：--平台类别 技术创新中心 --级别 国家级 --place 赣榆。",
)
@click.argument("facts", nargs=-1, type=click.UNPROCESSED, metavar="[--FACT VALUE]...")
@options.settings
@options.rules
@options.form("text", "md", "json")
def run(
    facts: tuple[str, ...],
    settings: tuple[str, ...],
    rules: Rules,
    form: str,
) -> int:
    library = rules.library()
    words = library.vocabulary
    stated = [*_settings(facts, words), *settings]
    platform = read_platforms([], stated, words).each[0] if stated else Platform()
    regimes = rules.regimes(library)
    regime = regimes.at(platform.written.get(words.seat))
    complain(regime.notes, door().lang)
    found = courses(regime.packs, words, platform, rules.as_of, regimes.chosen)
    if form == "json":
        say_json({"platform": dict(platform.written), "procedures": [_json(one, words) for one in found]})
    else:
        say_pages([_page(found, platform, words, door().lang, form)], form)
    return 0


run.context_settings = {"ignore_unknown_options": True}


def _settings(facts: tuple[str, ...], words: Vocabulary) -> list[str]:
    """`--FACT VALUE` and `--FACT=VALUE` as `FACT=VALUE`; `--place` is where the platform lies. Raises Refusal."""
    found, rest = [], list(facts)
    while rest:
        name, sign, value = rest.pop(0).replace("＝", "=").partition("=")
        if not name.startswith("--") or (not sign and not rest):
            raise Refusal(Problem("C115", {"text": name}))
        fact = name.removeprefix("--").replace("-", "_")
        fact = words.seat if fact == "place" and fact not in words.fact_spellings else fact
        found.append(f"{fact}={value if sign else rest.pop(0)}")
    return found


def _json(course: Course, words: Vocabulary) -> dict[str, Any]:
    procedure = course.procedure
    return {
        "pack": course.pack.ref,
        "procedure": procedure.id,
        "label": both(procedure.label),
        "cite": cite_json(course.pack, procedure.cite),
        "steps": [_step_json(taken, course, words) for taken in course.steps],
    }


def _step_json(taken: Taken, course: Course, words: Vocabulary) -> dict[str, Any]:
    step = taken.step
    return {
        "step": step.step,
        "does": both(step.does),
        "bodies": [{"body": id, **both(words.bodies[id].label)} for id in taken.bodies],
        "needs": [both(need) for need in step.needs],
        "within": step.within,
        "cite": cite_json(course.pack, step.cite),
        "depends_on": list(taken.missing),
    }


def _page(found: list[Course], platform: Platform, words: Vocabulary, lang: str, form: str) -> Page:
    said, page = say(lang), Page()
    page.title(facts_in_line(platform, words, lang))
    if not found:
        page.text(said("no_procedure"))
    for course in found:
        pack, procedure = course.pack, course.procedure
        number = pack.document.number or pack.document.title[lang]
        page.heading(said("procedure_of", label=procedure.label[lang], document=number, section=procedure.cite.section))
        if procedure.note:
            page.text(procedure.note[lang], "dim")
        if course.steps:
            page.rows([_row(taken, words, lang, form) for taken in course.steps])
        else:
            page.text(said("no_step"))
    return page


def _row(taken: Taken, words: Vocabulary, lang: str, form: str) -> Row:
    said, step = say(lang), taken.step
    bodies = listed([label[lang] for label in named(taken.bodies, words)], lang)
    below = [Below(bodies or said("nobody_named"), "" if bodies else "yellow")]
    if step.needs:
        below.append(Below(said("needs", things=listed([need[lang] for need in step.needs], lang))))
    if step.within:
        below.append(Below(said("within", time=step.within)))
    if taken.missing:
        facts = listed([words.facts[name].label[lang] for name in taken.missing], lang)
        below.append(Below(said("step_depends_on", facts=facts), "yellow"))
    if step.note:
        below.append(Below(step.note[lang], "dim"))
    box = "[ ] " if form == "md" else ""
    cells = (Cell(f"{box}{step.step}", "bold"), step.does[lang], Cell(step.cite.section, "dim"))
    return row(*cells, below=below)
