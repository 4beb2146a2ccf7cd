"""`policyeval packs`: what is there, in force when and where."""

from __future__ import annotations

from datetime import date
from typing import Any

from policyeval.cli import options
from policyeval.cli.console import say_json, say_pages
from policyeval.cli.input import place_meant
from policyeval.cli.options import command, door, option
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import MAY_BREAK, Cell
from policyeval.cli.words import say
from policyeval.library import Library, open_library
from policyeval.money import yuan
from policyeval.pack import Budget, Pack
from policyeval.sentences import readable


@command("packs", en="The packs at hand: status, place, in force when.", zh="有哪些政策文件：状态、地方、施行期。")
@options.any_day
@option("--place", metavar="PLACE", zh="只列出适用于这个地方的", en="only those that apply at this place")
@option("--contents", is_flag=True, zh="每份文件里各有多少项", en="how much of what each pack holds")
@options.policies
@options.form("text", "json", "md")
def run(as_of: date | None, place: str | None, contents: bool, policies: tuple[str, ...], form: str) -> int:
    library = open_library(policies).sound()
    at = place_meant(place, library.vocabulary)
    found = [
        pack
        for pack in library.ordered(library.packs)
        if (as_of is None or pack.in_force(as_of)) and (at is None or library.reaches(pack, at))
    ]
    if form == "json":
        say_json([_json(pack, door().asked or "en") for pack in found])
    elif contents:
        say_pages([_contents(found, door().lang, "" if form == "md" else MAY_BREAK)], form)
    else:
        say_pages([_page(found, library, door().lang)], form)
    return 0


def _json(pack: Pack, lang: str) -> dict[str, Any]:
    first, last = pack.effective_from, pack.effective_to
    return {
        "pack": pack.id,
        "version": pack.version,
        "status": pack.status,
        "place": pack.jurisdiction,
        "in_force": {"from": first.isoformat() if first else None, "to": last.isoformat() if last else None},
        "number": pack.document.number,
        "title": pack.document.title[lang],
        "uses": dict(pack.uses),
        "readings": {reading.id: list(reading.options) for reading in pack.readings.values()},
        "budgets": {
            b.id: {"awards": list(pack.awards_of(b.awards)), "total": yuan(b.total), "applied_to": "batch"}
            for b in pack.budgets.values()
        },
        "holds": holdings(pack),
        "path": pack.source.name,
        "sha256": pack.sha256,
    }


def holdings(pack: Pack) -> dict[str, int]:
    """How many of each part a pack has, in the order of a pack; a table's rows are its quotas."""
    mine = pack.provisions
    tables = [table for target in mine.targets.values() for table in target.quotas.values()]
    return {
        "readings": len(pack.readings),
        "awards": len(pack.awards),
        "entitlements": len(pack.entitlements),
        "precedence": len(pack.precedence),
        "targets": len(mine.targets),
        "quotas": sum(len(table.rows) for table in tables),
        "definitions": len(mine.definitions),
        "eligibility": len(mine.eligibility),
        "duties": len(mine.duties) + len(pack.authority),
        "steps": sum(len(procedure.steps) for procedure in mine.procedures.values()),
        "dates": len(mine.dates),
        "notes": len(mine.notes),
        "cases": len(pack.cases),
        "not_modelled": len(pack.not_modelled),
    }


def _contents(found: list[Pack], lang: str, after_hyphens: str) -> Page:
    """A row for each part, a column for each pack, whose name may break after its hyphens."""
    said, page = say(lang), Page()
    held = [holdings(pack) for pack in found]
    parts = held[0] if held else {}
    rows = [row(said(f"holds_{part}"), *(Cell(str(each[part]), right=True) for each in held)) for part in parts]
    page.rows(rows, ["", *(pack.id.replace("-", f"-{after_hyphens}") for pack in found)])
    return page


def _page(found: list[Pack], library: Library, lang: str) -> Page:
    said, page = say(lang), Page()
    header = [said(key) for key in ("pack", "version", "status", "place", "in_force", "number")]
    if found:
        page.rows([_row(pack, library, lang) for pack in found], header)
    else:
        page.text(said("no_packs"))
    return page


def _row(pack: Pack, library: Library, lang: str) -> Row:
    said = say(lang)
    status = Cell(said(pack.status), "yellow" if pack.status == "draft" else "green")
    place = library.vocabulary.places[pack.jurisdiction].label[lang]
    document = pack.document
    below = [Below(document.title[lang], "dim")]
    below += [Below(f"{pack.id}/{r.id}={' | '.join(r.options)}", "dim") for r in pack.readings.values()]
    below += [Below(_budget(b, lang), "dim") for b in pack.budgets.values()]
    cells = (Cell(pack.id, "bold"), pack.version, status, place, term(pack, lang), document.number or "")
    return row(*cells, below=below)


def _budget(budget: Budget, lang: str) -> str:
    """A budget, and that one platform's answer does not know it."""
    total = readable(budget.total)
    if lang == "zh":
        return f"{budget.label.zh}：{total}，只在批量计算时适用"
    return f"{budget.label.en}: {total}, applied to batches only"


def term(pack: Pack, lang: str) -> str:
    """When a pack is in force, in words."""
    said, first, last = say(lang), pack.effective_from, pack.effective_to
    if first is None:
        return said("never")
    return said("from_to", first=first, last=last) if last else said("from", first=first)
