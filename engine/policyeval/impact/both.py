"""Two regimes over the same platforms, in one query.

In: the outcomes before and after, a part of a table. Out: SQL that counts and adds up in one pass, and what its lines
say. Promises: formulas that the two have in common are worked out once; sums are whole fen of any size; a tie is broken
by the number of the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlglot import exp

from policyeval.batch.table import quoted
from policyeval.batch.typed import Facts
from policyeval.branching import Branching
from policyeval.domains import bounds
from policyeval.impact.strata import ROWS, Strata
from policyeval.impact.sums import SIDES, SUPPORT
from policyeval.outcomes import Ends, Outcomes, listed_values
from policyeval.partial import Partial
from policyeval.plan import NO_MOST, copy_nodes, facts_below
from policyeval.record import Record
from policyeval.simplify import Interval
from policyeval.sql import Column, Query, query
from policyeval.vocabulary import Vocabulary

Condition = str | bool  # SQL, or certain
Way = Literal["gain", "lose"]
WAYS: tuple[Way, ...] = ("gain", "lose")

_MOST = 2 * 10**7  # rows of a part
_SUM = 10**36  # what an amount adds up to at most; the engine would end, not err, beyond it


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


class _Side(Record):
    """A regime's part of the graph: ends by what they are of; where a row is covered, undetermined, unquantified."""

    ends: Mapping[str, Ends]
    covered: int
    undetermined: int
    unquantified: int


class Both:
    """The query over rows of one shape, whose outcomes are those before and those after; `branched` as they are."""

    def __init__(
        self, outcomes: Sequence[Outcomes], vocabulary: Vocabulary, facts: Facts, branched: bool = True
    ) -> None:
        self.b = Partial(bounds(vocabulary), facts.open)
        branching = Branching(self.b, listed_values(vocabulary) | facts.present)
        of = branching.of if branched else int
        self.sides = {name: self._side(found) for name, found in zip(SIDES, outcomes, strict=True)}
        before, after = (self.sides[name].ends[SUPPORT] for name in SIDES)
        ends = ((before.least, after.least), (before.most, after.most))
        self.low, self.high = (of(self.b.sub(new, old)) for old, new in ends)
        self.flags = {name: of(number) for name, number in self._flags()}
        amounts = [n for side in self.sides.values() for each in side.ends.values() for n in (each.least, each.most)]
        self.strata = Strata(self.b.nodes, self.flags.values(), amounts, self.b.unsure)
        wanted = [*self.strata.keys, *self.strata.leaves, self.low, self.high]
        self._columns, self._bounds = facts.columns, bounds(vocabulary)
        self._rows = query(self.b.nodes, list(dict.fromkeys(wanted)), self._columns, self._bounds)
        self._strata = self._query_of_strata()
        self._told = {name: self._flag(number) for name, number in self.flags.items()}
        open_ = [name for name in facts_below(self.b.nodes, [*self.flags.values(), *amounts]) if name in facts.open]
        self._open = {name: facts.columns[name].name for name in open_}

    def _side(self, found: Outcomes) -> _Side:
        numbers = copy_nodes(found.nodes, self.b)
        ends = {SUPPORT: found.support, **found.payers}
        return _Side(
            {name: Ends(*(numbers[n] for n in each._key())) for name, each in ends.items()},
            numbers[found.covered],
            numbers[found.undetermined],
            numbers[found.unquantified],
        )

    def _flags(self) -> Iterator[tuple[str, int]]:
        """What rows are told apart by. What is open of the support makes its row undetermined."""
        b = self.b
        yield "up", b.or_(*(b.less(b.zero, change) for change in (self.low, self.high)))
        yield "down", b.or_(*(b.less(change, b.zero) for change in (self.low, self.high)))
        for name, side in self.sides.items():
            yield f"undetermined.{name}", side.undetermined
            yield f"unquantified.{name}", side.unquantified
            yield f"outside.{name}", b.not_(side.covered)
            for of, ends in side.ends.items():
                endless = b.less(b.const(NO_MOST), ends.most)
                # who pays may hang on a fact that the support does not
                opened = () if of == SUPPORT else (ends.open, b.not_(b.known(ends.most)))
                yield f"{name}.{of}.open", b.or_(endless, *opened)

    def _query_of_strata(self) -> Query:
        found = self.strata
        columns = {ROWS: Column(ROWS, may_be_null=False)}
        columns |= {f"k{n}": Column(f"k{n}", truth=True, may_be_null=self._rows.nullable(n)) for n in found.keys}
        columns |= {f"s{n}": Column(f"s{n}", may_be_null=False) for n in found.leaves}
        sums = {f"s{n}": Interval(-_SUM, _SUM) for n in found.leaves}
        wanted = [*found.truths.values(), *found.amounts.values()]
        return query(
            found.builder.nodes, list(dict.fromkeys(wanted)), columns, {ROWS: Interval(0, _MOST), **sums}, prefix="c"
        )

    # the query

    def totals(self, source: exp.Select, by: Sequence[str], row: str, top: int) -> str:
        """A line for the rows of each group, by the terms `by`, that are alike in all flags.

        `row` is the term of a row's number; the `top` largest changes are listed by it.
        """
        groups, keys = [_key(i) for i in range(len(by))], [f"k{n}" for n in self.strata.keys]
        made = [*groups, *keys, f"count(*) AS {ROWS}"]
        made += [f"count({quoted(column)}) AS {quoted(f'known {fact}')}" for fact, column in self._open.items()]
        made += [f"coalesce(sum(s{n}), 0) AS s{n}" for n in self.strata.leaves]
        made += [f"{self._furthest(way, _key(len(by)), top)} AS {way}" for way in WAYS]
        steps = self._steps(source, [*by, row])
        steps.append(("strata", f"SELECT {', '.join(made)} FROM amounts GROUP BY ALL"))
        steps += _written(self._strata, "stratum", steps[-1][0])
        asked = [flag for flag in self._told.values() if isinstance(flag, str)]
        told = [*groups, *asked, f"sum({ROWS})", *(f"sum({quoted(f'known {fact}')})" for fact in self._open)]
        told += [f"sum({self._strata.value(n).sql('duckdb')})" for n in self.strata.amounts.values()]
        told += [f"list({way}) FILTER ({way} IS NOT NULL)" for way in WAYS]
        return f"{_with(steps)} SELECT {', '.join(told)} FROM {steps[-1][0]} GROUP BY ALL"

    def listed(self, source: exp.Select, shown: Sequence[str]) -> str:
        """Each row: the terms `shown`, the ends of its support before and after, and whether it has some without a
        figure."""
        ends = [self.sides[side].ends[SUPPORT] for side in SIDES]
        wanted = [n for each in ends for n in (each.least, each.most)]
        wanted += [self.flags[f"unquantified.{side}"] for side in SIDES]
        asked = query(self.b.nodes, list(dict.fromkeys(wanted)), self._columns, self._bounds)
        steps = [("facts", source.sql("duckdb"))]
        steps += _written(asked, "step", steps[-1][0])
        told = [*shown, *(asked.value(n).sql("duckdb") for n in wanted)]
        return f"{_with(steps)} SELECT {', '.join(told)} FROM {steps[-1][0]}"

    def _steps(self, source: exp.Select, terms: Sequence[str]) -> list[tuple[str, str]]:
        """The last of them, `amounts`, has what is counted and added up of each row."""
        steps = [("facts", source.sql("duckdb"))]
        steps += _written(self._rows, "step", steps[-1][0])
        columns = [f"{term} AS {_key(i)}" for i, term in enumerate(terms)]
        columns += [f"{self._value(n)} AS k{n}" for n in self.strata.keys]
        columns += [f"{self._value(n)} AS s{n}" for n in self.strata.leaves]
        columns += [f"{self._value(n)} AS {name}" for name, n in (("low", self.low), ("high", self.high))]
        columns += map(quoted, self._open.values())
        return [*steps, ("amounts", f"SELECT {', '.join(columns)} FROM {steps[-1][0]}")]

    def _value(self, number: int) -> str:
        return self._rows.value(number).sql("duckdb")

    def _furthest(self, way: Way, row: str, top: int) -> str:
        """The rows of a class that go furthest, as a list of what they are ordered by."""
        if not top or self.b.value(self.flags["up" if way == "gain" else "down"]) is False:
            return "NULL"
        if way == "gain":
            return f"max(row(high, low, -{row}), {top}) FILTER (low >= 0 AND high >= 0 AND low + high > 0)"
        return f"min(row(low, high, {row}), {top}) FILTER (low <= 0 AND high <= 0 AND low + high < 0)"

    def _flag(self, flag: int) -> Condition:
        """A flag is up or not, never unknown."""
        number = self.strata.truths[flag]
        value = self.strata.builder.value(number)
        if isinstance(value, bool):
            return value
        term = self._strata.value(number).sql("duckdb")
        return f"coalesce({term}, FALSE)" if self._strata.nullable(number) else term

    # what its lines say

    def counted(self, line: Sequence[Any]) -> Class:
        """What a line of the totals says, after its group."""
        found = iter(line)
        flags = {name: bool(next(found)) if isinstance(flag, str) else flag for name, flag in self._told.items()}
        rows = int(next(found) or 0)
        known = {fact: int(next(found) or 0) for fact in self._open}
        sums = {number: int(next(found) or 0) for number in self.strata.amounts}
        counts = dict(self._counts(flags, rows, sums))
        if "undetermined" in counts:
            counts |= {f"missing.{fact}": rows - some for fact, some in known.items()}
        lists = dict(zip(WAYS, found, strict=True))
        return Class(
            counts,
            {way: tuple(_far(way, far) for some in lists[way] or () for far in some) for way in WAYS if way in counts},
        )

    def _counts(self, flags: Mapping[str, bool], rows: int, sums: Mapping[int, int]) -> Iterator[tuple[str, int]]:
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
            yield from ((f"certain.{name}", sums[side.ends[SUPPORT].least]) for name, side in self.sides.items())

    def _settled(self, flags: Mapping[str, bool], rows: int, sums: Mapping[int, int]) -> Iterator[tuple[str, int]]:
        """What they cost, and which way they go; where one side has no most, neither is said to be more."""
        for name, side in self.sides.items():
            for of, ends in side.ends.items():
                opened = flags[f"{name}.{of}.open"]
                yield f"{name}.{of}.min", sums[ends.least]
                yield (f"{name}.{of}.open", rows) if opened else (f"{name}.{of}.max", sums[ends.most])
        up, down = flags["up"], flags["down"]
        if any(flags[f"{side}.{SUPPORT}.open"] for side in SIDES):
            yield "unlimited", rows
        elif up and down:
            yield "mixed", rows
        elif up or down:
            way = "gain" if up else "lose"
            before, after = (self.sides[side].ends[SUPPORT] for side in SIDES)
            yield way, rows
            yield f"{way}.min", sums[after.least] - sums[before.least]
            yield f"{way}.max", sums[after.most] - sums[before.most]


def _written(asked: Query, name: str, source: str) -> list[tuple[str, str]]:
    """The steps of a query, one after the other."""
    steps: list[tuple[str, str]] = []
    for i, step in enumerate(asked.steps, 1):
        made = ", ".join(f"{term.sql('duckdb')} AS {quoted(column)}" for column, term, _ in step.columns)
        steps.append((f"{name}_{i}", f"SELECT *, {made} FROM {steps[-1][0] if steps else source}"))
    return steps


def _with(steps: Sequence[tuple[str, str]]) -> str:
    return "WITH " + ", ".join(f"{name} AS ({select})" for name, select in steps)


def _key(number: int) -> str:
    """A column that no node has the name of."""
    return quoted(f"key {number}")


def _far(way: Way, listed: Sequence[int]) -> Far:
    """What `_furthest` lists of a row."""
    one, other, row = map(int, listed)
    return Far(-row, other, one) if way == "gain" else Far(row, one, other)
