"""Where a piece of text stands.

In: the text of a file. Out: lines, columns, and for a piece inside a YAML scalar its place in the file.
Promise: a span always counts characters of the file itself, so one span is enough to show a place.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from policyeval.record import Record, field


class Span(NamedTuple):
    """Characters [start, end) of a source."""

    start: int
    end: int


class Place(Record):
    """A line and a column, both counted from 1."""

    line: int
    column: int


class Source(Record):
    """The text of one file (or of one command-line argument), with the name a user knows it by."""

    name: str
    text: str = field(later=True)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n")[:-1])]

    def place(self, offset: int) -> Place:
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its line end."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


class Text(Record):
    """The value of a scalar, and for each of its characters the offset in the source it was read from."""

    value: str
    source: Source
    offsets: tuple[int, ...]

    @classmethod
    def whole(cls, value: str, name: str) -> Text:
        """A text that is a source of its own, as an argument on the command line is."""
        return cls(value, Source(name, value), tuple(range(len(value))))

    def span(self, start: int, end: int) -> Span:
        """The span in the source of the characters [start, end) of the value."""
        if not self.offsets:
            return Span(0, 0)
        first = self.offsets[min(start, len(self.offsets) - 1)]
        if end <= start:
            at_end = start >= len(self.offsets)
            return Span(first + at_end, first + at_end)
        return Span(first, self.offsets[min(end, len(self.offsets)) - 1] + 1)
