"""Counts and amounts of many platforms, before and after.

In: what a query has counted, by name. Out: Sums. Promises: exact, in whole fen; the sums of two tables are those of
both together; a most that one of the platforms lacks is not known in all.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.evaluate import Span
from policyeval.record import Record

SIDES = ("before", "after")
SUPPORT = "support"


class Change(Record):
    """Least and most, before and after."""

    before: Span
    after: Span

    @property
    def change(self) -> Span:
        """By how much the least rises, and the most."""
        ends = [
            None if a is None or b is None else a - b
            for a, b in ((self.after.min, self.before.min), (self.after.max, self.before.max))
        ]
        return Span(ends[0], ends[1])


class Pair(Record):
    """Numbers of rows."""

    before: int
    after: int


class Moved(Record):
    """Rows that go one way, and by how much in all."""

    rows: int
    change: Span


class Sums(Record):
    """Of rows that could be read. Amounts are those of the settled ones.

    A row is settled where a policy applies to it, before or after, and no fact that decides is missing on either side.
    """

    counts: Mapping[str, int]

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name, 0)

    @property
    def rows(self) -> int:
        return self["rows"]

    @property
    def settled(self) -> int:
        return self["settled"]

    @property
    def undetermined(self) -> int:
        """Rows that lack a fact that decides, before or after."""
        return self["undetermined"]

    @property
    def outside(self) -> int:
        """Rows to which no policy applies, before or after."""
        return self["outside"]

    @property
    def same(self) -> int:
        return self.settled - sum(self[n] for n in ("gain", "lose", "mixed", "unlimited"))

    @property
    def missing(self) -> dict[str, int]:
        """Facts that undetermined rows leave open, each with the number of these rows."""
        found = {n.removeprefix("missing."): count for n, count in self.counts.items() if n.startswith("missing.")}
        return {name: count for name, count in found.items() if count}

    def pair(self, name: str) -> Pair:
        return Pair(*(self[f"{name}.{side}"] for side in SIDES))

    def moved(self, way: str) -> Moved:
        return Moved(self[way], Span(self[f"{way}.min"], self[f"{way}.max"]))

    def amount(self, of: str) -> Change:
        """The support, or what a payer pays."""
        return Change(*(self._span(f"{side}.{of}") for side in SIDES))

    def _span(self, name: str) -> Span:
        return Span(self[f"{name}.min"], None if self[f"{name}.open"] else self[f"{name}.max"])


def added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in (*one, *(n for n in other if n not in one))}
