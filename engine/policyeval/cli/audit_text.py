"""An audit as a page.

In: an Audit. Out: what differs, what is open and what agrees, each with all its places, by code; then the notes of the
packs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby

from policyeval.audit import VERDICTS, Audit, Finding, Spot, Verdict
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.pack import Pack
from policyeval.problems import Lang
from policyeval.provisions import Remark

_STYLES = {"differs": "yellow", "open": "cyan", "agrees": "green"}


def page_of(found: Audit, lang: Lang, only: Collection[Verdict] = VERDICTS) -> Page:
    """The counts of all verdicts, the findings of some, and the notes where none is left out."""
    said, page = say(lang), Page()
    page.title(said("audit", packs=listed([pack.ref for pack in found.packs], lang)))
    counts = [f"{said(f'audit_{verdict}')} {len(found.of(verdict))}" for verdict in VERDICTS]
    page.text(said("audit_counts", counts=listed(counts, lang), notes=len(found.notes)))
    for verdict in (verdict for verdict in VERDICTS if verdict in only):
        page.section(said(f"audit_{verdict}").capitalize(), [_row(finding, lang) for finding in found.of(verdict)])
    if found.notes and {*only} == {*VERDICTS}:
        page.heading(said("audit_notes"))
        for pack, notes in groupby(found.notes, key=lambda pair: pair[0]):
            page.group(pack.ref)
            page.rows([_note(pack, note, lang) for _, note in notes])
    return page


def _row(finding: Finding, lang: Lang) -> Row:
    return row(Cell(finding.code, _STYLES[finding.verdict]), finding.message(lang), below=_below(finding, lang))


def _below(finding: Finding, lang: Lang) -> Iterator[Below]:
    for spot in finding.spots:
        yield Below(_place(spot, lang), "dim")
    if finding.why is not None:
        yield Below(finding.why[lang])


def _place(spot: Spot, lang: Lang) -> str:
    cite = say(lang)("cite", section=spot.cite.section, phrase=spot.cite.phrase) if spot.cite else spot.part
    label = [spot.label[lang]] if spot.label else []
    return " · ".join([*label, spot.pack.id, cite, f"{spot.pack.source.name}:{spot.line}"])


def _note(pack: Pack, note: Remark, lang: Lang) -> Row:
    cite = say(lang)("cite", section=note.cite.section, phrase=note.cite.phrase)
    line = pack.source.place(note.span.start).line
    return row(note.note[lang], below=[Below(f"{cite} · {pack.source.name}:{line}", "dim")])
