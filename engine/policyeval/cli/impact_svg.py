"""The charts of an Impact: bars, as SVG.

In: an Impact. Out: pictures that need nothing but themselves: cost by payer and by group before and after, rows by
which way they go, cost under each reading. Promises: every bar has its words beside it, so nothing is told by colour
alone; what is left to discretion is the lighter part of a bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from policyeval.cli.impact_cells import Cells, group_words
from policyeval.cli.page import visible
from policyeval.cli.table import wrap
from policyeval.cli.words import say
from policyeval.evaluate import Span
from policyeval.impact.run import Impact
from policyeval.impact.sums import SIDES, SUPPORT, Change, Sums
from policyeval.problems import Lang
from policyeval.record import Record
from policyeval.vocabulary import Vocabulary

GROUPS = 40  # that a chart shows: those that cost most

_WIDE, _LEFT, _BAR, _AT = 720, 12, 330, 150
_HEAD, _ROW, _GAP, _THICK = 20, 20, 8, 12
_NAME, _TITLE = 22, 110  # columns of letters that there is room for
_FILLS = {"before": "#7d8ba0", "after": "#1b6ca8", "gain": "#2e7d4f", "lose": "#b3261e", "same": "#7a7a7a"}
_FONT = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei','Segoe UI',Arial,sans-serif"


class Bar(Record):
    """`most` None: no most is known."""

    name: str
    words: str
    least: int
    most: int | None
    fill: str


class Bars(Record):
    """Bars that belong together, below a title."""

    title: str
    bars: tuple[Bar, ...]


class Charts:
    """The charts in one language; None where there is nothing to draw."""

    def __init__(self, found: Impact, vocabulary: Vocabulary, lang: Lang) -> None:
        self.found, self.vocabulary, self.lang = found, vocabulary, lang
        self.said, self.cells = say(lang), Cells(lang)

    def cost(self) -> bytes:
        whole, payers = self.found.whole, self.found.payers
        parts = [(self.said("the_support"), SUPPORT), *((label[self.lang], payer) for payer, label in payers.items())]
        return svg([Bars(name, tuple(self._change(whole, of))) for name, of in parts])

    def groups(self) -> bytes:
        """Of many the most expensive, in their order."""
        groups = self.found.groups
        shown = {*sorted(groups, key=lambda key: -_highest(groups[key].amount(SUPPORT)))[:GROUPS]}
        parts = ((self._name(key), sums) for key, sums in groups.items() if key in shown)
        return svg([Bars(name, tuple(self._change(sums, SUPPORT))) for name, sums in parts])

    def _name(self, key: Sequence[str | None]) -> str:
        pairs = zip(self.found.by, key, strict=True)
        return " · ".join(group_words(by, value, self.vocabulary, self.lang) for by, value in pairs)

    def ways(self) -> bytes:
        whole = self.found.whole
        counts = {name: whole[name] for name in ("gain", "lose", "mixed", "unlimited")} | {"same": whole.same}
        shown = [name for name in ("gain", "lose", "same", "mixed", "unlimited") if counts[name] or name in _FILLS]
        bars = (
            Bar(self.said(f"{n}_rows"), f"{counts[n]:,}", counts[n], counts[n], _FILLS.get(n, _FILLS["same"]))
            for n in shown
        )
        return svg([Bars("", tuple(bars))])

    def readings(self) -> bytes:
        """What the draft costs under each option of each reading that changes a total."""
        found = self.found.readings
        parts = []
        for turn in found.turns if found else ():
            if turn.matters:
                sums = {self.said("as_asked", option=turn.asked): self.found.whole, **turn.others}
                bars = (self._bar(name, each, each.amount(SUPPORT).after, "after") for name, each in sums.items())
                parts.append(Bars(turn.id, tuple(bars)))
        return svg(parts)

    def _change(self, sums: Sums, of: str) -> Iterator[Bar]:
        change = sums.amount(of)
        for side, span in zip(SIDES, (change.before, change.after), strict=True):
            yield self._bar(self.said(side), sums, span, side)

    def _bar(self, name: str, sums: Sums, span: Span, side: str) -> Bar:
        """The words are those of the table: nothing beside support without a figure, or of no row, is not nothing."""
        words = self.cells.range(span, bool(sums[f"unquantified.{side}"])).text
        return Bar(name, words if sums.settled else "–", span.min or 0, span.max, _FILLS[side])


def _highest(change: Change) -> int:
    return max(end or 0 for span in (change.before, change.after) for end in span)


def svg(parts: Sequence[Bars]) -> bytes:
    """The bars one below the other, all of one scale."""
    longest = max((end for part in parts for bar in part.bars for end in (bar.least, bar.most or 0)), default=0)
    drawn: list[str] = []
    y = _GAP
    for part in parts:
        if part.title:
            drawn.append(f'<text x="{_LEFT}" y="{y + 14}" font-weight="bold">{escape(_cut(part.title, _TITLE))}</text>')
            y += _HEAD
        for bar in part.bars:
            drawn += _drawn(bar, y, longest)
            y += _ROW
        y += _GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {y}" width="{_WIDE}" height="{y}" '
        f'font-family={quoteattr(_FONT)} font-size="12" fill="#1a1a1a">'
    )
    return "\n".join([head, f'<rect width="{_WIDE}" height="{y}" fill="#fff"/>', *drawn, "</svg>", ""]).encode()


def _drawn(bar: Bar, y: int, longest: int) -> Iterator[str]:
    """Solid up to the least, lighter up to the most; a dashed end where no most is known."""
    scale = _BAR / longest if longest else 0
    least = round(bar.least * scale, 1)
    most = _BAR if bar.most is None else round(bar.most * scale, 1)
    top = y + (_ROW - _THICK) // 2
    yield f'<text x="{_LEFT}" y="{y + 14}">{escape(_cut(bar.name, _NAME))}</text>'
    yield f'<rect x="{_AT}" y="{top}" width="{least}" height="{_THICK}" fill="{bar.fill}"/>'
    if most > least:
        dashes = ' stroke-dasharray="3 2"' if bar.most is None else ""
        yield (
            f'<rect x="{_AT + least}" y="{top}" width="{round(most - least, 1)}" height="{_THICK}" fill="{bar.fill}" '
            f'fill-opacity="0.3" stroke="{bar.fill}"{dashes}/>'
        )
    yield f'<text x="{round(_AT + most + 8, 1)}" y="{y + 14}">{escape(bar.words)}</text>'


def _cut(text: str, columns: int) -> str:
    first, *more = wrap(visible(text), columns)
    return f"{first}…" if more else first
