"""`policyeval authority`: who is in charge of what, across documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from policyeval.answer import cite_json, document_name
from policyeval.cli import options
from policyeval.cli.console import say_json, say_pages
from policyeval.cli.input import meant, place_meant
from policyeval.cli.options import command, door, option
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import both, listed, say
from policyeval.duties import Task, tasks
from policyeval.library import Library, open_library
from policyeval.naming import naming
from policyeval.problems import Lang
from policyeval.vocabulary import Body, Label, Vocabulary
from policyeval.write import write


@command(
    "authority",
    en="Who is in charge of what: departments, their duties, targets and steps, across documents.",
    zh="谁负责什么：各部门在各份文件里的职责、目标和步骤。",
)
@options.any_day
@option("--place", metavar="PLACE", zh="只列出适用于这个地方的文件", en="only documents that apply at this place")
@option("--body", metavar="BODY", zh="只列出这个部门的", en="only this body's")
@options.only
@options.policies
@options.form("text", "json", "md")
def run(
    as_of: date | None,
    place: str | None,
    body: str | None,
    packs: tuple[str, ...],
    policies: tuple[str, ...],
    form: str,
) -> int:
    library = open_library(policies, packs).sound()
    at = place_meant(place, library.vocabulary)
    asked = [library.pack(name) for name in packs] or library.packs
    among = [
        pack
        for pack in library.ordered(asked)
        if (as_of is None or pack.in_force(as_of)) and (at is None or library.reaches(pack, at))
    ]
    found, only = list(tasks(among, library.vocabulary)), None
    if body:
        labels = [label for task in found for label in task.bodies]
        spelled = {spelling: label.zh for label in labels for spelling in label.spellings}
        ids = {id: one.label.zh for id, one in library.vocabulary.bodies.items()}
        only = meant(body, spelled | ids, "N132")
        found = [task for task in found if any(label.zh == only for label in task.bodies)]
    if form == "json":
        say_json([_json(task, library) for task in found])
    else:
        say_pages([_page(found, only, library, door().lang)], form)
    return 0


def _json(task: Task, library: Library) -> dict[str, Any]:
    return {
        "pack": task.pack.ref,
        "part": task.part,
        "bodies": [both(label) for label in task.bodies],
        "role": task.role,
        "does": both(task.does),
        "every": task.every,
        "when": _condition(task, library, "en") or None,
        "cite": cite_json(task.pack, task.cite),
    }


def _page(found: Sequence[Task], only: str | None, library: Library, lang: str) -> Page:
    """A section for each body, or for one of them `only`; bodies that have all their tasks in common share one."""
    said, page = say(lang), Page()
    if not found:
        page.text(said("no_tasks"))
    header = [said(key) for key in ("task_does", "task_role", "row_section")]
    successors = {body.label: body for body in library.vocabulary.bodies.values()}
    for labels, mine in _together(found, only):
        page.heading(listed([label[lang] for label in labels], lang))
        for note in [_succession(successors.get(label), library.vocabulary, lang) for label in labels]:
            if note:
                page.text(note, "dim")
        for pack in dict.fromkeys(task.pack.ref for task in mine):
            rows = [_row(task, labels, library, lang) for task in mine if task.pack.ref == pack]
            page.group(document_name(next(task.pack for task in mine if task.pack.ref == pack), lang))
            page.rows(rows, header)
    return page


def _together(found: Sequence[Task], only: str | None) -> Iterator[tuple[list[Label], list[Task]]]:
    """Bodies with one and the same tasks, and these, in the order in which they are first named."""
    tasks_of: dict[Label, list[int]] = {}
    for i, task in enumerate(found):
        for label in task.bodies:
            tasks_of.setdefault(label, []).append(i)
    alike: dict[tuple[int, ...], list[Label]] = {}
    for label, numbers in tasks_of.items():
        if only in (None, label.zh):
            alike.setdefault(tuple(numbers), []).append(label)
    for shared, labels in alike.items():
        yield labels, [found[i] for i in shared]


def _succession(body: Body | None, words: Vocabulary, lang: str) -> str:
    if body is None or body.succeeds is None:
        return ""
    return say(lang)("succeeds", body=words.bodies[body.succeeds].label[lang])


def _row(task: Task, heads: Sequence[Label], library: Library, lang: str) -> Row:
    said = say(lang)
    role = said(f"role_{task.role}") + (said(f"every_{task.every}") if task.every else "")
    others = ("、" if lang == "zh" else ", ").join(other[lang] for other in task.bodies if other not in heads)
    below = [Below(said("together_with", bodies=others), "dim")] if others else []
    if condition := _condition(task, library, lang):
        below.append(Below(said("task_when", condition=condition), "dim"))
    return row(task.does[lang], role, Cell(task.cite.section, "dim"), below=below)


def _condition(task: Task, library: Library, lang: str) -> str:
    """Which platforms it is about, as an expression in the reader's language."""
    if task.for_ is None:
        return ""
    at: Lang = "zh" if lang == "zh" else "en"
    return write(task.for_, at, naming(library.vocabulary, task.pack.id, at))
