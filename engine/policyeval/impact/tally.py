"""Two regimes over the same platforms, in one query: its text, and what its lines say.

In: what `both` has made of two regimes for rows of one shape, or what an earlier run has kept of it; a query that
yields such rows. Out: SQL that counts and adds up in one pass, and the counts of each of its lines. Promises: sums are
whole fen of any size; a tie is broken by the number of the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from policyeval.batch.table import quoted
from policyeval.batch.terms import Terms, in_steps, listed, whole
from policyeval.impact.strata import ROWS
from policyeval.impact.sums import SIDES, SUPPORT
from policyeval.record import Record

Way = Literal["gain", "lose"]
WAYS: tuple[Way, ...] = ("gain", "lose")


class Far(Record):
    """A row, and by how much its least and its most change."""

    row: int
    low: int
    high: int

    def order(self, way: Way) -> tuple[int, int, int]:
        """The largest first; of equal ones the earlier."""
        return (-self.high, -self.low, self.row) if way == "gain" else (self.low, self.high, self.row)


class Class(Record):
    """Rows that are alike in all flags: what they come to, by name, and those that go furthest each way."""

    counts: Mapping[str, int]
    furthest: Mapping[Way, tuple[Far, ...]]


class Tally(Record):
    """`rows`: the steps from the facts of a row to what is asked of it. `keys`: conditions that rows are told apart by;
    `leaves`: amounts that are added up for all rows that are alike in these, which are a stratum; `low`, `high`: by how
    much the least and the most change. `strata`: the steps from there to `amounts`, the terms to be added up of all
    strata, and `flags`, each a term or certain. `ends`: of each side by name, the least and the most among the amounts.
    `open`: the columns of facts that some row leaves open. `shown`: the steps to the terms that a row is listed with.
    """

    rows: tuple[Terms, ...]
    keys: Terms
    leaves: Terms
    low: str
    high: str
    strata: tuple[Terms, ...]
    amounts: tuple[str, ...]
    flags: Mapping[str, str | bool]
    ends: Mapping[str, Mapping[str, tuple[int, int]]]
    open: Mapping[str, str]
    shown: tuple[tuple[Terms, ...], tuple[str, ...]]

    # the query

    def totals(self, source: str, by: Sequence[str], row: str, top: int) -> str:
        """A line for the rows of each group, by the terms `by`, that are alike in all flags.

        `row` is the term of a row's number; the `top` largest changes are listed by it.
        """
        names = [f"key {i}" for i in range(len(by) + 1)]  # no node has such a name
        *groups, number = map(quoted, names)
        asked = [*zip(names, [*by, row], strict=True), *self.keys, *self.leaves]
        asked += [("low", self.low), ("high", self.high), *((name, quoted(name)) for name in self.open.values())]
        steps = [("facts", source), *in_steps("facts", self.rows)]
        steps.append(("amounts", f"SELECT {listed(asked)} FROM {steps[-1][0]}"))
        made = [*groups, *(name for name, _ in self.keys), f"count(*) AS {ROWS}"]
        made += [f"count({quoted(column)}) AS {quoted(f'known {fact}')}" for fact, column in self.open.items()]
        made += [f"coalesce(sum({name}), 0) AS {name}" for name, _ in self.leaves]
        made += [f"{self._furthest(way, number, top)} AS {way}" for way in WAYS]
        steps.append(("strata", f"SELECT {', '.join(made)} FROM amounts GROUP BY ALL"))
        steps += in_steps("strata", self.strata, "stratum")
        told = [*groups, *self._asked, f"sum({ROWS})", *(f"sum({quoted(f'known {fact}')})" for fact in self.open)]
        told += [f"sum({term})" for term in self.amounts]
        told += [f"list({way}) FILTER ({way} IS NOT NULL)" for way in WAYS]
        return f"{whole(steps, ', '.join(told))} GROUP BY ALL"

    def listed(self, source: str, shown: Sequence[str]) -> str:
        """Each row: the terms `shown`, the ends of its support before and after, and whether it has some without a
        figure."""
        made, terms = self.shown
        return whole([("facts", source), *in_steps("facts", made)], ", ".join([*shown, *terms]))

    @property
    def terms(self) -> Iterable[str]:
        """All that is text of a query."""
        made, shown = self.shown
        yield from (term for step in (*self.rows, *self.strata, *made, self.keys, self.leaves) for _, term in step)
        yield from (self.low, self.high, *self.amounts, *self._asked, *shown)

    @property
    def _asked(self) -> list[str]:
        return [flag for flag in self.flags.values() if isinstance(flag, str)]

    def _furthest(self, way: Way, row: str, top: int) -> str:
        """The rows of a class that go furthest, as a list of what they are ordered by."""
        if not top or self.flags["up" if way == "gain" else "down"] is False:
            return "NULL"
        if way == "gain":
            return f"max(row(high, low, -{row}), {top}) FILTER (low >= 0 AND high >= 0 AND low + high > 0)"
        return f"min(row(low, high, {row}), {top}) FILTER (low <= 0 AND high <= 0 AND low + high < 0)"

    # what its lines say

    def counted(self, line: Sequence[Any]) -> Class:
        """What a line of the totals says, after its group."""
        found = iter(line)
        flags = {name: bool(next(found)) if isinstance(flag, str) else flag for name, flag in self.flags.items()}
        rows = int(next(found) or 0)
        known = {fact: int(next(found) or 0) for fact in self.open}
        sums = [int(next(found) or 0) for _ in self.amounts]
        counts = dict(self._counts(flags, rows, sums))
        if "undetermined" in counts:
            counts |= {f"missing.{fact}": rows - some for fact, some in known.items()}
        lists = dict(zip(WAYS, found, strict=True))
        return Class(
            counts,
            {way: tuple(_far(way, far) for some in lists[way] or () for far in some) for way in WAYS if way in counts},
        )

    def _counts(self, flags: Mapping[str, bool], rows: int, sums: Sequence[int]) -> Iterator[tuple[str, int]]:
        """What rows with these flags come to."""
        yield "rows", rows
        yield from ((name, rows) for name, up in flags.items() if up and name.endswith(SIDES))
        unsettled = any(flags[f"undetermined.{side}"] for side in SIDES)
        nowhere = all(flags[f"outside.{side}"] for side in SIDES)
        if nowhere:
            yield "outside", rows
        elif unsettled:
            yield "undetermined", rows
        else:
            yield "settled", rows
            yield from self._settled(flags, rows, sums)
        if unsettled:
            yield from ((f"certain.{side}", sums[of[SUPPORT][0]]) for side, of in self.ends.items())

    def _settled(self, flags: Mapping[str, bool], rows: int, sums: Sequence[int]) -> Iterator[tuple[str, int]]:
        """What they cost, and which way they go; where one side has no most, neither is said to be more."""
        for side, found in self.ends.items():
            for of, (least, most) in found.items():
                opened = flags[f"{side}.{of}.open"]
                yield f"{side}.{of}.min", sums[least]
                yield (f"{side}.{of}.open", rows) if opened else (f"{side}.{of}.max", sums[most])
        up, down = flags["up"], flags["down"]
        if any(flags[f"{side}.{SUPPORT}.open"] for side in SIDES):
            yield "unlimited", rows
        elif up and down:
            yield "mixed", rows
        elif up or down:
            way = "gain" if up else "lose"
            before, after = (self.ends[side][SUPPORT] for side in SIDES)
            yield way, rows
            for end, old, new in zip(("min", "max"), before, after, strict=True):
                yield f"{way}.{end}", sums[new] - sums[old]


def _far(way: Way, listed: Sequence[int]) -> Far:
    """What `_furthest` lists of a row."""
    one, other, row = map(int, listed)
    return Far(-row, other, one) if way == "gain" else Far(row, one, other)
