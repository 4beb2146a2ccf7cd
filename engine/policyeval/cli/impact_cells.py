"""Amounts and counts of an Impact in cells.

In: spans of fen, numbers of rows. Out: cells and rows of a page. Promise: a range is said as such, one end or both; an
amount that is nothing beside support without a figure is not shown as nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyeval.cli.page import Row, row
from policyeval.cli.platform_text import value_words
from policyeval.cli.table import Cell
from policyeval.cli.words import say
from policyeval.evaluate import Span
from policyeval.impact.groups import By
from policyeval.problems import Lang
from policyeval.sentences import readable
from policyeval.vocabulary import Vocabulary


class Cells:
    """Cells in one language."""

    def __init__(self, lang: Lang) -> None:
        self.said = say(lang)
        self.to = " 至 " if lang == "zh" else " to "

    def amount(self, fen: int | None, signed: bool = False) -> Cell:
        if fen is None:
            return Cell("–" if signed else self.said("no_limit"), right=True)
        return Cell(f"{'+' if signed and fen > 0 else ''}{readable(fen) if fen else '0'}", right=True)

    def span(self, span: Span) -> Cell:
        """A change, or a range of changes."""
        return Cell(self.to.join(self.amount(end, signed=True).text for end in dict.fromkeys(span)), right=True)

    def range(self, span: Span, figureless: bool = False) -> Cell:
        """An amount or a range; nothing, where there is support without a figure, is not nothing."""
        if figureless and span == (0, 0):
            return Cell(self.said("figureless_short"), right=True)
        return Cell(self.to.join(self.amount(end).text for end in dict.fromkeys(span)), right=True)

    def ends(self, name: str, spans: Sequence[Span], flags: Sequence[bool] = (), style: str = "") -> Iterator[Row]:
        """Amounts side by side: in one row, or one for each end where discretion leaves a range."""
        if all(span.min == span.max for span in spans):
            flags = flags or [False] * len(spans)
            yield row(Cell(name, style), *map(self.range, spans, flags))
            return
        for end, key in (("min", "least_of"), ("max", "most_of")):
            yield row(Cell(self.said(key, name=name), style), *(self.amount(getattr(span, end)) for span in spans))


def by_name(by: By, lang: Lang) -> str:
    """What groups are made by."""
    return by.fact.label[lang] if by.fact else by.name


def group_words(by: By, value: str | None, vocabulary: Vocabulary, lang: Lang) -> str:
    """A group's value."""
    if value is None:
        return say(lang)("no_value")
    return value_words(by.fact, value, vocabulary, lang) if by.fact else value


def number(count: int) -> Cell:
    return Cell(f"{count:,}", right=True)
