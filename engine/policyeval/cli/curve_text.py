"""A curve as a page: its pieces, its kinks with the clauses that cause them, and a picture in characters.

In: curves over one fact, by regime. Out: a page; the picture is drawn by Plotext, where that is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import described
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.curve import SUPPORT, Course, Curve, Kink, Piece, unit
from policyeval.sentences import readable

_WAN = 10**6


def page_of(curves: Mapping[str, Curve], lang: str) -> Page:
    said, page, first = say(lang), Page(), next(iter(curves.values()))
    page.title(described(first.answer.platform, first.vocabulary, lang))
    page.text(said("chart_title", fact=first.over.label[lang]))
    for name, curve in curves.items():
        page.heading(name)
        for of, (low, high) in curve.courses.items():
            label = said("support_short") if of == SUPPORT else curve.answer.treasuries[of][lang]
            if of != SUPPORT and not any(p.slope or p.constant for p in high.pieces):
                continue
            for key, course in (("", low),) if low == high else (("least", low), ("most", high)):
                page.group(f"{label} · {said(f'course_{key}')}" if key else label)
                page.rows(list(course_rows(course, curve, lang)))
    return page


def course_rows(course: Course, curve: Curve, lang: str) -> Iterator[Row]:
    for piece, kink in zip(course.pieces, [*course.kinks, None], strict=True):
        where, slope, amount = piece_words(piece, curve, lang)
        below = list(_kink(kink, curve, lang)) if kink else []
        yield row(where, slope, Cell(amount, "bold"), below=below)


def piece_words(piece: Piece, curve: Curve, lang: str) -> tuple[str, str, str]:
    """From where on, how steep, and the amount there."""
    said = say(lang)
    steep = piece.slope * unit(curve.over)
    slope = said("level_off") if not steep else said("for_each_more", amount=f"{_plain(steep)}元")
    return said("value_from", value=value_words(piece.start, curve)), slope, exactly(piece.at(piece.start))


def value_words(x: int, curve: Curve) -> str:
    return readable(x) if curve.over.kind == "money" else str(x if curve.over.kind == "count" else Fraction(x, 10**6))


def exactly(fen: Fraction) -> str:
    """An amount before its rounding."""
    return readable(int(fen)) if fen.denominator == 1 else f"{_plain(fen / 100)}元"


def _plain(value: Fraction) -> str:
    """A decimal where there is one, else the fraction."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return f"{float(value):g}" if rest == 1 and abs(value) < 10**6 else str(value)


def _kink(kink: Kink, curve: Curve, lang: str) -> Iterator[Below]:
    said = say(lang)
    clauses = listed(
        [f"{c.id} {said('cite', section=c.cite.section, phrase=c.cite.phrase)}" for c in kink.causes], lang
    )
    where = said("kink_at", value=value_words(kink.x, curve), amount=exactly(kink.amount))
    yield Below(f"{where}{said('kink_causes', clauses=clauses)}" if clauses else where, "dim")


def drawn(curves: Mapping[str, Curve], lang: str, columns: int, colour: bool) -> str:
    """In characters: the support of each regime, most and least, then what each payer pays at most, stacked.

    Raises ImportError where Plotext is not installed.
    """
    supports = []
    for name, curve in curves.items():
        low, high = curve.courses[SUPPORT]
        supports.append((name, _points(curve, [high])))
        if low != high:
            supports.append((f"{name} {say(lang)('course_least')}", _points(curve, [low])))
    first = next(iter(curves.values()))
    pictures = [_picture(say(lang)("support_short"), first, supports, lang, columns, colour, fill=False)]
    for name, curve in curves.items():
        paying = {p: pair[1] for p, pair in curve.courses.items() if p != SUPPORT and _ever(pair[1])}
        courses = list(paying.values())
        stacked = [
            (curve.answer.treasuries[payer][lang], _points(curve, courses[: i + 1])) for i, payer in enumerate(paying)
        ]
        if stacked:
            title = say(lang)("chart_payers", name=name)
            pictures.append(_picture(title, curve, stacked[::-1], lang, columns, colour, fill=True))
    return "\n\n".join(pictures)


Points = tuple[list[float], list[float]]
_MARKS = ("#", "+", ".", "o")  # what tells areas apart without colour


def _picture(
    title: str,
    curve: Curve,
    series: Sequence[tuple[str, Points]],
    lang: str,
    columns: int,
    colour: bool,
    fill: bool,
) -> str:
    import plotext

    plotext.clear_figure()
    plotext.theme("pro" if colour else "clear")
    plotext.plotsize(columns, 18)
    for i, (label, (xs, ys)) in enumerate(series):
        marker = None if colour or not fill else _MARKS[i % len(_MARKS)]
        plotext.plot(xs, ys, label=label, fillx=fill, marker=marker)
    plotext.xlabel(curve.over.label[lang])
    plotext.title(f"{title}, {say(lang)('chart_amount')}")
    text: str = plotext.build()
    return text if colour else plotext.uncolorize(text)


def _points(curve: Curve, courses: Sequence[Course]) -> Points:
    """The sum of courses at the ends of their pieces, as far as the picture goes."""
    scale = _WAN if curve.over.kind == "money" else 1 if curve.over.kind == "count" else 10**6
    ends = {x for c in courses for p in c.pieces for x in (p.start, p.end) if x <= curve.shown}
    xs = sorted({*ends, 0, curve.shown})
    return [x / scale for x in xs], [float(sum(c.at(x) for c in courses)) / _WAN for x in xs]


def _ever(course: Course) -> bool:
    return any(p.slope or p.constant for p in course.pieces)
