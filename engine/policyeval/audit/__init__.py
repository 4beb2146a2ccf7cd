"""What documents promise each other: where figures, tables, names and duties agree, differ, or leave something open.

In: a library, some of its packs, and a day. Out: an Audit: findings A601 to A649, each with the places that it holds
against each other, and the notes of the packs on what no machine sees. Promises: every check is generic, over the
provisions and the relations of the vocabulary, and none knows a metric, a body or a place by name; a blank is
unknown, never 0; no check holds everything against everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from typing import Any

from policyeval.audit import figures, levels, names, tables, terms
from policyeval.audit.findings import Finding, Spot, Verdict
from policyeval.audit.promises import World
from policyeval.library import Library
from policyeval.pack import Pack
from policyeval.problems import Lang
from policyeval.provisions import Remark
from policyeval.record import Record

__all__ = ["VERDICTS", "Audit", "Finding", "Spot", "Verdict", "as_json", "audit"]

VERDICTS: tuple[Verdict, ...] = ("differs", "open", "agrees")

_CHECKS: tuple[Callable[[World], Iterator[Finding]], ...] = (
    tables.totals,
    tables.against_target,
    tables.against_tables,
    tables.parts,
    tables.blanks,
    tables.joint,
    figures.twice,
    figures.nested,
    figures.spans,
    figures.rates,
    figures.flows,
    figures.shares,
    figures.alike,
    levels.quotas,
    levels.subjects,
    levels.lists,
    names.words,
    names.renamed,
    names.absent,
    names.uneven,
    terms.unsaid,
    terms.deadlines,
    terms.figureless,
    terms.periods,
    terms.ended,
    terms.nobody,
    terms.counted,
    terms.procedures,
    terms.frequencies,
)


class Audit(Record):
    """`packs`: those that were asked about; each finding is about one of them, or about one of them and another."""

    packs: tuple[Pack, ...]
    findings: tuple[Finding, ...]
    notes: tuple[tuple[Pack, Remark], ...]

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict == verdict)


def audit(library: Library, day: date, packs: Sequence[Pack] = ()) -> Audit:
    """The findings that touch one of these packs; of all at hand where none is named."""
    by_id = {id: versions[0] for id, versions in library.versions.items()}
    by_id |= {pack.id: pack for pack in (*library.named.values(), *packs)}
    world = World(library, library.ordered(by_id.values()), day)
    asked = {pack.ref for pack in packs}
    mine = tuple(pack for pack in world.packs if not asked or pack.ref in asked)
    refs = {pack.ref for pack in mine}
    found = (finding for check in _CHECKS for finding in check(world))
    touching = [f for f in found if any(spot.pack.ref in refs for spot in f.spots)]
    touching.sort(key=lambda finding: finding.code)  # those of one code stay in the order of the packs
    notes = tuple((pack, note) for pack in mine for note in pack.provisions.notes)
    return Audit(mine, tuple(touching), notes)


def as_json(found: Audit, lang: Lang, only: Collection[Verdict] = VERDICTS) -> dict[str, Any]:
    """An audit as a program reads it, with the findings of some verdicts and the counts of all."""
    counts = Counter(finding.verdict for finding in found.findings)
    return {
        "packs": [pack.ref for pack in found.packs],
        "counts": {verdict: counts[verdict] for verdict in VERDICTS},
        "findings": [_finding(finding, lang) for finding in found.findings if finding.verdict in only],
        "notes": [
            {"pack": pack.ref, **note.cite.__dict__, "line": _line(pack, note), "note": note.note[lang]}
            for pack, note in found.notes
        ],
    }


def _finding(finding: Finding, lang: Lang) -> dict[str, Any]:
    return {
        "code": finding.code,
        "verdict": finding.verdict,
        "message": finding.message(lang),
        "why": finding.why[lang] if finding.why else None,
        "places": [
            {
                "label": spot.label[lang] if spot.label else None,
                "pack": spot.pack.ref,
                "part": spot.part,
                "section": spot.cite.section if spot.cite else None,
                "phrase": spot.cite.phrase if spot.cite else None,
                "path": spot.pack.source.name,
                "line": spot.line,
            }
            for spot in finding.spots
        ],
    }


def _line(pack: Pack, note: Remark) -> int:
    return pack.source.place(note.span.start).line
