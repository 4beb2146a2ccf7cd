"""`policyeval timeline`: documents, terms, deadlines and targets on one line of time."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from policyeval.answer import cite_json, document_name
from policyeval.cli import options
from policyeval.cli.console import columns, json_bytes, save, say_bytes, say_json, say_pages
from policyeval.cli.input import place_meant
from policyeval.cli.options import command, door, option
from policyeval.cli.timeline_text import page_of
from policyeval.cli.words import both
from policyeval.library import open_library
from policyeval.problems import Problem, Refusal
from policyeval.timeline import Event, events


@command(
    "timeline",
    en="Documents, their terms, deadlines and targets on one line of time.",
    zh="各份文件的施行期、期限和目标，画在一条时间线上。",
)
@option(
    "--pack", "packs", metavar="PACK", multiple=True, zh="只画这些文件，可重复", en="only this pack; may be repeated"
)
@option("--place", metavar="PLACE", zh="只画适用于这个地方的", en="only documents that apply at this place")
@options.as_of
@option("-o", "--output", metavar="FILE", zh="写入文件，.svg为图", en="write to this file; .svg is a picture")
@options.force
@options.policies
@options.form("text", "json", "md", "svg")
def run(
    packs: tuple[str, ...],
    place: str | None,
    as_of: date,
    output: str | None,
    force: bool,
    policies: tuple[str, ...],
    form: str,
) -> int:
    library = open_library(policies, packs).sound()
    at = place_meant(place, library.vocabulary)
    among = [library.pack(name) for name in packs] or [each[0] for each in library.versions.values()]
    found = events(pack for pack in among if at is None or library.reaches(pack, at))
    form = "svg" if output and Path(output).suffix.lower() == ".svg" else form
    if output is not None:
        save(output, _data(found, as_of, form), force)
    elif form == "svg":
        say_bytes(_data(found, as_of, form))
    elif form == "json":
        say_json([_json(event) for event in found])
    else:
        say_pages([page_of(found, as_of, door().lang, columns())], form)
    return 0


def _data(found: list[Event], as_of: date, form: str) -> bytes:
    """What a file holds."""
    if form == "svg":
        try:
            from policyeval.cli.timeline_svg import svg
        except ImportError:
            raise Refusal(Problem("C113", {"library": "matplotlib"})) from None
        return svg(found, as_of, door().lang)
    if form == "json":
        return json_bytes([_json(event) for event in found])
    page = page_of(found, as_of, door().lang, columns())
    return (page.markdown() if form == "md" else page.terminal(columns(), False)).encode()


def _json(event: Event) -> dict[str, Any]:
    return {
        "pack": event.pack.ref,
        "document": document_name(event.pack, "zh"),
        "kind": event.kind,
        "label": both(event.label),
        "from": event.first.isoformat() if event.first else None,
        "to": event.last.isoformat() if event.last else None,
        "targets": [target.id for target in event.targets],
        "cite": cite_json(event.pack, event.cite) if event.cite else None,
    }
