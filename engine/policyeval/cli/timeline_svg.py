"""A line of time as SVG.

In: events. Out: one SVG: a row for each event, by document, bars for spans and points for days. Promises: drawn by
Matplotlib, with texts as text; a title and a description for screen readers; the same bytes for the same events.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import StringIO
from typing import Any
from warnings import catch_warnings, simplefilter

import matplotlib as mpl
from matplotlib.figure import Figure

from policyeval.answer import document_name
from policyeval.cli.chart_svg import COLOURS, SETTINGS, described
from policyeval.cli.words import say
from policyeval.timeline import Event, years


def svg(found: Sequence[Event], as_of: date, lang: str) -> bytes:
    said, shown = say(lang), [event for event in found if event.first or event.last]
    span = years(shown) or (as_of.year, as_of.year)
    with mpl.rc_context(SETTINGS), catch_warnings():
        simplefilter("ignore", UserWarning)  # glyphs that Matplotlib's own font lacks: the reader's fonts draw the text
        figure = Figure(figsize=(11, 1 + 0.32 * max(1, len(shown))), layout="constrained")
        axis = figure.subplots()
        packs = list(dict.fromkeys(event.pack.ref for event in shown))
        for i, event in enumerate(shown):
            _draw(axis, event, -i, COLOURS[packs.index(event.pack.ref) % len(COLOURS)], span)
        axis.set_yticks([-i for i in range(len(shown))], [_label(event, lang) for event in shown])
        axis.set_xticks(range(span[0], span[1] + 2))
        axis.set_xlim(span[0], span[1] + 1)
        axis.axvline(_year(as_of), color="#888888", linestyle=":", label=said("today", day=as_of))
        axis.legend(loc="upper left", bbox_to_anchor=(0, -0.04))
        axis.grid(visible=True, axis="x", alpha=0.3)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    words = "; ".join(f"{_label(event, lang)}: {event.first or ''}–{event.last or ''}" for event in shown)
    return described(text.getvalue(), said("timeline_title"), words).encode()


def _draw(axis: Any, event: Event, y: int, colour: str, span: tuple[int, int]) -> None:
    first, last = event.first, event.last
    if first is not None and first == last:
        axis.plot([_year(first)], [y], marker="o", color=colour)
        return
    start, end = _year(first) if first else span[0], _year(last) + 1 / 365 if last else span[1] + 1
    style: dict[str, Any] = {} if first and last else {"linestyle": "--"}
    axis.plot([start, end], [y, y], color=colour, linewidth=4, solid_capstyle="butt", **style)


def _label(event: Event, lang: str) -> str:
    targets = say(lang)("targets_count", count=len(event.targets)) if event.targets else ""
    return f"{document_name(event.pack, lang)[:24]} · {event.label[lang]}{targets}"


def _year(day: date) -> float:
    """A day as a year with its part, for drawing alone."""
    start = date(day.year, 1, 1).toordinal()
    return day.year + (day.toordinal() - start) / (date(day.year, 12, 31).toordinal() + 1 - start)
