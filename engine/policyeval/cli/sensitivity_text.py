"""Which readings change which verdict, as a page.

In: a Sensitivity. Out: for each open clause the verdicts that differ between its options, or that it is harmless.
Promise: a clause is called harmless only where that is proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.verdict_text import STYLE
from policyeval.cli.words import listed, say
from policyeval.prove import Verdict
from policyeval.sensitivity import Sensitivity, Turn, differing
from policyeval.sentences import readable


def page_of(found: Sensitivity, lang: str) -> Page:
    said, page = say(lang), Page()
    page.title(said("compare", pack=found.subject.ref, title=found.subject.document.title[lang]))
    packs = listed([pack.ref for pack in found.packs], lang)
    page.text(said("as_of", day=found.as_of.isoformat(), packs=said("under", packs=packs)))
    changed = {turn.id: list(differing(turn)) for turn in found.turns}
    page.heading(said("changing"))
    if not any(changed.values()):
        page.text(said("changing_none"))
    for turn in found.turns:
        for _, verdicts in changed[turn.id]:
            page.group(f"{turn.id} · {verdicts[0].claim.words[lang]}")
            page.rows(list(_options(turn, verdicts, lang)))
    page.section(said("clauses_open"), [_turn(turn, found, lang) for turn in found.turns])
    return page


def _options(turn: Turn, verdicts: list[Verdict], lang: str) -> Iterator[Row]:
    said = say(lang)
    for option, verdict in zip(turn.options, verdicts, strict=True):
        name = said("assumed_reading", option=option) if option == turn.reading.default else option
        by = said("at_most", amount=readable(verdict.by)) if verdict.by else ""
        yield row(
            name,
            Cell(said(verdict.verdict), STYLE[verdict.verdict]),
            Cell(by, "bold"),
            Cell(turn.reading.options[option][lang], "dim"),
        )


def _turn(turn: Turn, found: Sensitivity, lang: str) -> Row:
    below = [Below(turn.reading.ask[lang], "dim"), what_it_changes(turn, found.assumed, lang)]
    return row(turn.id, below=below)


def what_it_changes(turn: Turn, verdicts: Sequence[Verdict], lang: str) -> Below:
    """In one sentence; `verdicts` are those of the claims, for their words."""
    said, words = say(lang), {v.claim.id: v.claim.words[lang] for v in verdicts}
    if turn.harmless:
        return Below(said("harmless"), "green")
    if turn.changes is None or turn.harmless is None:
        return Below(said("not_settled"), "yellow")
    if turn.changes:
        return Below(said("turns", claims=listed([words[id_] for id_ in turn.changes], lang)), "red")
    return Below(said("same_verdicts"), "dim")
