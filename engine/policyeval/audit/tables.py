"""Tables that divide a target: sums, printed totals, the target itself, other tables of it, and tables of a part.

A blank cell is unknown, never 0: what it may hold is left open.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from policyeval.audit.findings import Finding, listed
from policyeval.audit.promises import Promise, Row, Table, World, meets


def totals(world: World) -> Iterator[Finding]:
    """The rows of a table against its printed total."""
    for found in world.tables:
        if found.printed is None or not found.known:
            continue
        words = {
            "label": found.promise.label,
            "table": found.id,
            "sum": found.text,
            "total": found.promise.number(found.printed),
        }
        spots = (found.first, found.total)
        if found.made == found.printed:
            yield Finding("A641", words, spots)
        elif found.is_whole or found.made > found.printed:
            yield Finding("A601", words, spots)


def against_target(world: World) -> Iterator[Finding]:
    """What a table comes to against the target that it divides."""
    for found in world.tables:
        promise, total = found.promise, found.comes_to
        if total is None or not found.known or promise.value is None or not promise.is_figure:
            continue
        words = {
            "label": promise.label,
            "table": found.id,
            "sum": found.text if total == found.made else promise.number(total),
            "figure": promise.figure,
        }
        code = "A642" if meets(total, promise.comparators, promise.value) else "A602"
        yield Finding(code, words, (found.first if found.printed is None else found.total, promise.spot))


def against_tables(world: World) -> Iterator[Finding]:
    """Two tables of one target: by place, by body."""
    whole = [table for table in world.tables if table.known and table.is_whole]
    for before, found in pairwise(whole):
        if before.promise is found.promise:
            words = {
                "label": found.promise.label,
                "table": before.id,
                "other": found.id,
                "sum": before.text,
                "other_sum": found.text,
            }
            code = "A643" if before.made == found.made else "A603"
            yield Finding(code, words, (before.first, found.first))


def parts(world: World) -> Iterator[Finding]:
    """The table of a metric within another, row by row against the table of the whole."""
    tables = {
        (found.promise.pack.ref, world.one(found.promise.metric.name), found.promise.end, found.id): found
        for found in world.tables
        if found.known
    }
    for (ref, name, end, table), part in tables.items():
        for name_ in world.wholes(name):
            whole = tables.get((ref, name_, end, table))
            if whole is not None:
                yield from _rows(world, part, whole)


def _rows(world: World, part: Table, whole: Table) -> Iterator[Finding]:
    by_key = {row.key: row for row in whole.rows}
    held = 0
    words = {"part": part.promise.label, "whole": whole.promise.label}
    pairs = [(row, by_key.get(row.key)) for row in part.rows]
    for row, other in pairs:
        if row.value is None or other is None or other.value is None:
            continue
        held += 1
        if row.value > other.value:
            figures = {"value": part.promise.number(row.value), "other": whole.promise.number(other.value)}
            yield Finding("A604", {**words, **figures, "where": named(world, row)}, (row.spot, other.spot))
    total, whole_total = part.comes_to, whole.comes_to
    if total is None or whole_total is None:
        return
    figures = {"value": part.promise.number(total), "other": whole.promise.number(whole_total)}
    if total > whole_total:
        where = {"en": "in all", "zh": "合计"}
        yield Finding("A604", {**words, **figures, "where": where}, (part.total, whole.total))
    elif held and all(r.value <= o.value for r, o in pairs if r.value is not None and o and o.value is not None):
        yield Finding("A644", {**words, **figures, "rest": ""}, (part.total, whole.total))


def blanks(world: World) -> Iterator[Finding]:
    """Cells that hold no figure."""
    for found in world.tables:
        blank = [row for row in found.rows if row.value is None]
        if blank:
            words = {"label": found.promise.label, "table": found.id, "where": _named(world, blank)}
            yield Finding("A633", {**words, "count": len(blank)}, tuple(row.spot for row in blank))


def joint(world: World) -> Iterator[Finding]:
    """Rows that several places share, with no word on how; once for the same places of a pack."""
    found: dict[tuple[str, tuple[str, ...]], list[tuple[Row, Promise]]] = {}
    for table in world.tables:
        for row in table.rows:
            if len(row.quota.places) > 1 and row.value is not None:
                found.setdefault((table.promise.pack.ref, row.key[0]), []).append((row, table.promise))
    for rows in found.values():
        figures = [promise.number(row.value) for row, promise in rows if row.value is not None]
        words = {
            "where": named(world, rows[0][0]),
            "figures": {
                "en": ", ".join(dict.fromkeys(f["en"] for f in figures)),
                "zh": "、".join(dict.fromkeys(f["zh"] for f in figures)),
            },
        }
        yield Finding("A635", words, tuple(row.spot for row, _ in rows))


def named(world: World, row: Row) -> dict[str, str]:
    """The places or bodies of a row."""
    places, bodies = world.vocabulary.places, world.vocabulary.bodies
    labels = [*(places[p].label for p in row.quota.places), *(bodies[b].label for b in row.quota.bodies)]
    return listed(labels) if labels else dict.fromkeys(("en", "zh"), row.quota.cite.phrase)


def _named(world: World, rows: list[Row]) -> dict[str, str]:
    names = [named(world, row) for row in rows]
    return {"en": "; ".join(n["en"] for n in names), "zh": "；".join(n["zh"] for n in names)}
