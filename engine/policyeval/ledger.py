"""A ledger of a document's figures against its pack.

In: the rows of a ledger (JSON lines: source, section, kind, value, unit), and packs. Out: for each row the part of the
pack that carries it, or that nothing does; and the parts that no row asks for. Promises:

- Rows and parts are joined on section, kind and value, one row to one part: three rows alike need three parts.
- Figures are compared as exact numbers with the 万 or 亿 of their unit, everything else as text.
- A general principle may stand under `not_modelled` for a procedure, a duty or a definition, never for a figure.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from policyeval.pack import Award, NotModelled, Pack
from policyeval.problems import At, Problem, Refusal
from policyeval.provisions import Cite, Figure, Step, Target
from policyeval.record import Record, field, replace
from policyeval.source import Source, Span
from policyeval.tree import NOWHERE, Number, Op, Split, walk

KINDS = (
    "match_ratio", "cap", "subsidy_rate", "precedence", "target", "allocation", "date", "discretionary", "in_kind",
    "eligibility", "procedure", "authority", "definition",
)  # fmt: skip
MAY_BE_LEFT_OUT = frozenset({"procedure", "authority", "definition"})  # of these a reason is enough

Value = Fraction | str | None
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)\s*(万|亿)?[%元\u4e00-\u9fff]{0,4}")
_SIZES = {"万": 10**4, "亿": 10**8}
_CAPS = frozenset({"cap", "cap_each"})


class Row(Record):
    """One row of a ledger. `line` counts from 1; `phrase` finds the place in the document."""

    line: int
    source: str
    section: str
    kind: str
    value: Value
    written: str
    unit: str | None = None
    phrase: str | None = None


class Part(Record):
    """What a part of a pack carries. `values`: any of them. `asked`: the ledger should have a row for it.

    `often`: it answers for every row alike, as one deadline does for all the targets of a section.
    """

    section: str
    kind: str
    values: tuple[Value, ...]
    what: str
    span: Span = field(default=NOWHERE, compare=False)
    asked: bool = True
    often: bool = False


class Placed(Record):
    """A row, and where the pack has it: a part, or a reason why it is left out, or neither.

    `near`: what is in its place, of the same section and kind with another value.
    """

    row: Row
    part: Part | None = None
    left_out: NotModelled | None = None
    near: tuple[str, ...] = ()


class Joined(Record):
    """A pack against its ledger: every row once, and the parts that the ledger lacks."""

    pack: Pack
    rows: tuple[Placed, ...]
    lacking: tuple[Part, ...]

    @property
    def missing(self) -> tuple[Placed, ...]:
        return tuple(placed for placed in self.rows if placed.part is None and placed.left_out is None)


def read_ledger(data: bytes, name: str) -> list[Row]:
    """The rows of a ledger. Raises Refusal with every line that is wrong."""
    source = Source(name, data.decode("utf-8-sig", "replace"))
    rows, problems, start = list[Row](), list[Problem](), 0
    for number, line in enumerate(source.text.splitlines(keepends=True), 1):
        at, start = At(source, Span(start, start + len(line.rstrip()))), start + len(line)
        if line.strip():
            try:
                rows.append(_row(number, json.loads(line, parse_float=Fraction)))
            except (ValueError, KeyError, TypeError, RecursionError):
                problems.append(Problem("Q106", {}, at))
    if not rows:
        raise Refusal(Problem("Q107", {"path": name}))
    if problems:
        raise Refusal(*problems)
    return rows


def _row(line: int, words: dict[str, Any]) -> Row:
    if words["kind"] not in KINDS or not isinstance(words["source"], str) or not isinstance(words["section"], str):
        raise ValueError(words)
    value, unit = words.get("value"), words.get("unit")
    if isinstance(value, bool | list | dict) or not isinstance(unit, str | None):
        raise ValueError(words)
    written = "" if value is None else f"{float(value):g}" if isinstance(value, Fraction) else str(value)
    size = _SIZES.get((unit or "")[:1], 1)
    exact = value * size if isinstance(value, int | Fraction) else read_value(value)
    phrase = words.get("phrase") or words.get("exact_text")
    return Row(line, words["source"], words["section"], words["kind"], _fraction(exact), written, unit, phrase)


def _fraction(value: Value | int) -> Value:
    return Fraction(value) if isinstance(value, int) else value


def read_value(text: str | None) -> Value:
    """A figure as an exact number, anything else as text."""
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    match = _NUMBER.fullmatch(plain.replace(",", ""))
    return Fraction(match[1]) * _SIZES.get(match[2], 1) if match else plain


def join(pack: Pack, rows: Iterable[Row]) -> Joined:
    """The rows of the ledger that are about the pack's document, against the pack."""
    found = _Join(pack)
    placed = [found.place(row) for row in rows if row.source == pack.id]
    return Joined(pack, tuple(map(found.near, placed)), tuple(found.lacking()))


class _Join:
    def __init__(self, pack: Pack) -> None:
        self.reasons = pack.not_modelled
        self.parts: dict[tuple[str, str], list[Part]] = defaultdict(list)
        for part in sorted(parts(pack), key=lambda part: (not part.asked, part.often)):
            self.parts[part.section, part.kind].append(part)

    def place(self, row: Row) -> Placed:
        there = self.parts[row.section, row.kind]
        for among in (there, self.parts["", row.kind]):
            if part := next((part for part in among if row.value in part.values), None):
                if not part.often:
                    among.remove(part)
                return Placed(row, part)
        if row.kind in MAY_BE_LEFT_OUT:
            for reason in self.reasons:
                if reason.section == row.section and row.kind in reason.kinds:
                    return Placed(row, left_out=reason)
        return Placed(row)

    def near(self, placed: Placed) -> Placed:
        """The same; of a row without a place, with the parts there that no other row has taken."""
        if placed.part or placed.left_out:
            return placed
        there = self.parts[placed.row.section, placed.row.kind]
        return replace(placed, near=tuple(part.what for part in there if part.asked))

    def lacking(self) -> Iterator[Part]:
        """The parts that no row has taken."""
        for there in self.parts.values():
            yield from (part for part in there if part.asked)


# What a pack carries ---------------------------------------------------------


def parts(pack: Pack) -> Iterator[Part]:
    """Everything a pack has that a ledger may have a row for."""
    yield from _head(pack)
    for award in pack.awards.values():
        yield from _award(award)
    for entitlement in pack.entitlements.values():
        what = f"entitlements.{entitlement.id}"
        yield from _own("in_kind", entitlement.cite, None, what, entitlement.span, entitlement.figures)
        if entitlement.when is not None:
            yield Part(entitlement.cite.section, "eligibility", (None,), what, entitlement.span, asked=False)
    for reading in pack.readings.values():
        yield from _figures(reading.figures, reading.cite.section, f"readings.{reading.id}", reading.span)
    for i, statement in enumerate(pack.precedence):
        what = f"precedence[{i + 1}]"
        yield from _own("precedence", statement.cite, None, what, statement.span, statement.figures)
    for i, item in enumerate(pack.authority):
        yield from _own("authority", item.cite, None, f"authority[{i + 1}]", item.span, item.figures)
    yield from _provisions(pack)


def _own(
    kind: str, cite: Cite, value: str | None, what: str, span: Span, figures: tuple[Figure, ...]
) -> Iterator[Part]:
    """The figures that a part names, or else the one row that it carries by its kind."""
    if figures:
        yield from _figures(figures, cite.section, what, span)
    else:
        yield Part(cite.section, kind, (read_value(value),), what, span)


def _figures(figures: Iterable[Figure], section: str, what: str, span: Span) -> Iterator[Part]:
    for figure in figures:
        yield Part(figure.section or section, figure.kind, (read_value(figure.value),), what, span)


def _head(pack: Pack) -> Iterator[Part]:
    """What the head of a document says, wherever its ledger has it; it need not."""
    document = pack.document
    if document.number:
        yield Part("", "authority", (read_value(document.number),), "document.number", asked=False)
    if document.issued:
        yield Part("", "date", (document.issued.isoformat(),), "document.issued", asked=False)


def _award(award: Award) -> Iterator[Part]:
    what, section = f"awards.{award.id}", award.cite.section
    if award.when is not None:
        yield Part(section, "eligibility", (None,), what, award.span, asked=False)
    if award.figures:
        yield from _figures(award.figures, section, what, award.span)
        return
    found: dict[tuple[str, Value], Part] = {}
    for node in walk(award.amount):
        kind: str
        value: Value
        match node:
            case Split(parts=shares):
                kind, value = "match_ratio", ":".join(_short(share) for share in shares)
            case Op(op=op, args=(_, Number(value=number, unit=unit))) if op in _CAPS:
                kind, value = "cap", number * _SIZES.get((unit or "")[:1], 1)
            case Number(value=number, unit="%"):
                kind, value = "subsidy_rate", number
            case Op(op="unspecified"):
                kind, value = "discretionary", None
            case _:
                continue
        found.setdefault((kind, value), Part(section, kind, (value,), what, award.span))
    yield from found.values()


def _short(number: Fraction) -> str:
    return f"{float(number):g}"


def _provisions(pack: Pack) -> Iterator[Part]:
    mine = pack.provisions
    for period in mine.periods.values():
        if period.cite:
            ends = [str(day.year) for day in (period.first, period.last) if day]
            values = [period.value] if period.value else ["/".join(ends), *ends]
            what = f"periods.{period.id}"
            known = tuple(read_value(value) for value in values)
            yield from _figures(period.figures, period.cite.section, what, period.span)
            if not period.figures:
                yield Part(period.cite.section, "date", known, what, period.span)
    for target in mine.targets.values():
        yield from _target(pack, target)
    for definition in mine.definitions.values():
        what = f"definitions.{definition.id}"
        yield from _own("definition", definition.cite, definition.value, what, definition.span, definition.figures)
    for item in mine.eligibility.values():
        yield from _own("eligibility", item.cite, item.value, f"eligibility.{item.id}", item.span, item.figures)
    for duty in mine.duties.values():
        yield from _own("authority", duty.cite, duty.value, f"duties.{duty.id}", duty.span, duty.figures)
    for procedure in mine.procedures.values():
        for i, step in enumerate(procedure.steps):
            yield from _step(step, f"procedures.{procedure.id}.steps[{i + 1}]")
    for day in mine.dates.values():
        what, on = f"dates.{day.id}", day.on
        if day.value is None and on is not None and not day.figures:
            yield Part(day.cite.section, "date", (on.isoformat(), Fraction(on.year)), what, day.span)
        else:
            yield from _own("date", day.cite, day.value, what, day.span, day.figures)


def _target(pack: Pack, target: Target) -> Iterator[Part]:
    what = f"targets.{target.id}"
    yield from _own("target", target.cite, target.value, what, target.span, target.figures)
    period = pack.provisions.periods.get(target.period or "")
    if period is not None and period.last is not None:
        last = (Fraction(period.last.year), period.last.isoformat())
        yield Part(target.cite.section, "date", last, what, target.span, asked=False, often=True)
    if base := target.baseline:
        yield Part(base.cite.section, "definition", (read_value(base.value),), f"{what}.baseline", target.span, False)
    for table in target.quotas.values():
        where = f"{what}.quotas.{table.id}"
        for i, row in enumerate(table.rows):
            yield from _own("allocation", row.cite, row.value, f"{where}.rows[{i + 1}]", row.span, row.figures)
        if total := table.total:
            yield from _own("allocation", total.cite, total.value, f"{where}.total", total.span, total.figures)


def _step(step: Step, what: str) -> Iterator[Part]:
    yield from _own("procedure", step.cite, step.step, what, step.span, step.figures)
    if step.bodies:
        yield Part(step.cite.section, "authority", (read_value(step.step),), what, step.span, asked=False)
