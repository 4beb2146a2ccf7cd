"""A curve as SVG.

In: curves over one fact. Out: one SVG: the support as lines, range shaded, and below it what each payer pays, stacked.
Promises: drawn by Matplotlib, with texts as text, so that any reader's fonts show Chinese; a title and a description
for screen readers; the same bytes for the same curves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from io import StringIO
from typing import Any
from warnings import catch_warnings, simplefilter

import matplotlib as mpl
from matplotlib.figure import Figure

from policyeval.cli.words import say
from policyeval.curve import SUPPORT, Course, Curve

_WAN = 10**6
_FONTS = ["Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimSun", "DejaVu Sans"]
SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "policyeval", "font.family": "sans-serif"}
COLOURS = ("#1b6ca8", "#c8553d", "#588157", "#6d597a", "#b5838d")


def svg(curves: Mapping[str, Curve], lang: str) -> bytes:
    """`curves`: by the name of each regime, at least one."""
    said, first = say(lang), next(iter(curves.values()))
    with mpl.rc_context(SETTINGS), catch_warnings():
        simplefilter("ignore", UserWarning)  # glyphs that Matplotlib's own font lacks: the reader's fonts draw the text
        figure = Figure(figsize=(8, 3.2 * (1 + len(curves))), layout="constrained")
        axes = figure.subplots(1 + len(curves), 1, sharex=True)
        for colour, (name, curve) in zip(COLOURS, curves.items(), strict=False):
            _support(axes[0], name, curve, colour)
        axes[0].set_title(said("support_short"))
        axes[0].legend(loc="upper left")
        for axis, (name, curve) in zip(axes[1:], curves.items(), strict=True):
            _payers(axis, curve, lang)
            axis.set_title(said("chart_payers", name=name))
        for axis in axes:
            axis.set_ylabel(said("chart_amount"))
            axis.grid(visible=True, alpha=0.3)
        axes[-1].set_xlabel(
            f"{first.over.label[lang]} {said('chart_unit') if first.over.kind == 'money' else ''}".strip()
        )
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return described(text.getvalue(), said("chart_title", fact=first.over.label[lang]), _words(curves, lang)).encode()


def _support(axis: Any, name: str, curve: Curve, colour: str) -> None:
    low, high = curve.courses[SUPPORT]
    xs = _points(curve, [low, high])
    scale = _scale(curve)
    at = [x / scale for x in xs]
    lows, highs = ([float(c.at(x)) / _WAN for x in xs] for c in (low, high))
    axis.plot(at, highs, color=colour, label=name)
    if lows != highs:
        axis.plot(at, lows, color=colour, linestyle="--")
        axis.fill_between(at, lows, highs, color=colour, alpha=0.15)


def _payers(axis: Any, curve: Curve, lang: str) -> None:
    """What each payer pays at most, one above the other."""
    paying = {p: pair[1] for p, pair in curve.courses.items() if p != SUPPORT and _ever(pair[1])}
    xs = _points(curve, list(paying.values()))
    at = [x / _scale(curve) for x in xs]
    labels = [curve.answer.treasuries[p][lang] for p in paying]
    series = [[float(c.at(x)) / _WAN for x in xs] for c in paying.values()]
    if series:
        axis.stackplot(at, series, labels=labels, colors=COLOURS[: len(series)], alpha=0.7)
        axis.legend(loc="upper left")


def _ever(course: Course) -> bool:
    return any(p.slope or p.constant for p in course.pieces)


def _points(curve: Curve, courses: Sequence[Course]) -> list[int]:
    """The ends of all pieces that the picture shows."""
    ends = {x for c in courses for p in c.pieces for x in (p.start, p.end) if x <= curve.shown}
    return sorted({*ends, 0, curve.shown})


def _scale(curve: Curve) -> int:
    return _WAN if curve.over.kind == "money" else 1 if curve.over.kind == "count" else 10**6


def _words(curves: Mapping[str, Curve], lang: str) -> str:
    from policyeval.cli.curve_text import piece_words

    parts = []
    for name, curve in curves.items():
        pieces = "; ".join(" ".join(piece_words(p, curve, lang)) for p in curve.courses[SUPPORT][1].pieces)
        parts.append(f"{name}: {pieces}")
    return ". ".join(parts)


def described(text: str, title: str, words: str) -> str:
    """The SVG with its title and description, and fonts that have Chinese."""
    fonts = ", ".join(f"'{font}'" for font in _FONTS)
    start = text.index("<svg")
    end = text.index(">", start)
    opening = text[start:end] + ' role="img" aria-labelledby="chart-title chart-words"'
    head = f'<title id="chart-title">{escape(title)}</title><desc id="chart-words">{escape(words)}</desc>'
    style = f"<style>text {{ font-family: {fonts}, sans-serif !important; }}</style>"
    return f"{text[:start]}{opening}>{head}{style}{text[end + 1 :]}"
