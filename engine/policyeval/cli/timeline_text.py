"""A line of time in words and drawn in characters.

In: events, the day of today, the width. Out: a page with a scale of years and a bar or a point for each event. Promise:
an open end is drawn open, and every date stands beside its bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from policyeval.answer import document_name
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import Cell, pad, width
from policyeval.cli.words import say
from policyeval.timeline import Event, years

_LEAST, _WIDEST = 12, 72  # columns of a drawing
_SHOWN = 3  # targets named below a bar


def page_of(found: Sequence[Event], as_of: date, lang: str, columns: int) -> Page:
    said, page = say(lang), Page()
    span = years(found)
    if not found or span is None:
        page.text(said("no_dates"))
        return page
    widest = max(width(event.label[lang]) for event in found)
    words = [(event, pad(event.label[lang], widest), _when(event, lang)) for event in found]  # bars begin in one column
    room = columns - widest - max(width(when) for *_, when in words) - 6
    scale = _Scale(min(span[0], as_of.year), max(span[1], as_of.year), max(_LEAST, min(_WIDEST, room)))
    today = row("", Cell(scale.today(as_of), "cyan"), said("today", day=as_of))
    page.rows([row(" " * widest, Cell(scale.header(), "dim"), ""), today])
    for pack in dict.fromkeys(event.pack.ref for event in found):
        mine = [(event, label, when) for event, label, when in words if event.pack.ref == pack]
        page.group(document_name(mine[0][0].pack, lang))
        page.rows([_row(event, label, when, scale, lang) for event, label, when in mine])
    return page


def _row(event: Event, label: str, when: str, scale: _Scale, lang: str) -> Row:
    said, targets = say(lang), event.targets
    below = []
    if targets:
        named = "、" if lang == "zh" else ", "
        more = said("and_more", count=len(targets) - _SHOWN) if len(targets) > _SHOWN else ""
        shown = named.join(target.label[lang] for target in targets[:_SHOWN])
        below = [Below(said("targets_there", count=len(targets), targets=shown) + more, "dim")]
    return row(label, scale.drawn(event), Cell(when, "dim"), below=below)


def _when(event: Event, lang: str) -> str:
    said, first, last = say(lang), event.first, event.last
    if first is None and last is None:
        return ""
    if first == last:
        return str(first)
    if last is None:
        return said("from", first=first)
    return said("from_to", first=first, last=last) if first else said("until", last=last)


class _Scale:
    """Years over columns."""

    def __init__(self, first: int, last: int, columns: int) -> None:
        self.first, self.last, self.columns = first, last, columns
        self._start = date(first, 1, 1).toordinal()
        self._days = date(last, 12, 31).toordinal() + 1 - self._start

    def at(self, day: date) -> int:
        return min(self.columns - 1, max(0, (day.toordinal() - self._start) * self.columns // self._days))

    def header(self) -> str:
        """The years, as many as have room."""
        line = [" "] * self.columns
        free = 0
        for year in range(self.first, self.last + 1):
            place = self.at(date(year, 1, 1))
            if place >= free and place + 4 <= self.columns:
                line[place : place + 4] = str(year)
                free = place + 5
        return "".join(line)

    def today(self, day: date) -> str:
        return " " * self.at(day) + "▼"

    def drawn(self, event: Event) -> str:
        first, last = event.first, event.last
        if first is None and last is None:
            return ""
        if first is not None and first == last:
            return " " * self.at(first) + "●"
        start, end = self.at(first) if first else 0, self.at(last) if last else self.columns - 1
        body = "━" * max(0, end - start - 1)
        head, tail = "┣" if first else "┄", "┫" if last else "▶"
        return " " * start + head + body + (tail if end > start else "")
