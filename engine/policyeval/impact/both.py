"""Two regimes over the same platforms, in one query.

In: the outcomes before and after, the columns of the facts. Out: SQL that counts and adds up in one pass, and what its
lines say. Promises: formulas that the two have in common are worked out once; sums are whole fen of any size; a tie is
broken by the number of the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from sqlglot import exp

from policyeval.batch.table import quoted
from policyeval.domains import bounds
from policyeval.impact.sums import SIDES, SUPPORT
from policyeval.outcomes import Ends, Outcomes
from policyeval.plan import NO_MOST, Builder, copy_nodes, facts_below
from policyeval.record import Record
from policyeval.sql import Column, query
from policyeval.vocabulary import Vocabulary

Condition = str | bool  # of a row: SQL, or certain
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


class _Side(Record):
    """A regime's part of the graph: ends by what they are of; where a row is covered, undetermined, unquantified."""

    ends: Mapping[str, Ends]
    covered: int
    undetermined: int
    unquantified: int


class Both:
    """The query over rows of one shape, whose outcomes are those before and those after."""

    def __init__(
        self,
        outcomes: Sequence[Outcomes],
        vocabulary: Vocabulary,
        columns: Mapping[str, Column],
    ) -> None:
        self.builder = Builder()
        self._written: dict[int, str] = {}
        self.sides = {name: self._side(found) for name, found in zip(SIDES, outcomes, strict=True)}
        before, after = (self.sides[name].ends[SUPPORT] for name in SIDES)
        b = self.builder
        pairs = ((before.least, after.least), (before.most, after.most))
        self._up, self._down = b.or_(*(b.less(x, y) for x, y in pairs)), b.or_(*(b.less(y, x) for x, y in pairs))
        wanted = dict.fromkeys([self._up, self._down, *self._wanted()])
        self._asked = query(b.nodes, list(wanted), columns, bounds(vocabulary))
        needed = facts_below(b.nodes, list(wanted))
        self._open = {n: columns[n].name for n in needed if n in columns and columns[n].may_be_null}

    def _side(self, found: Outcomes) -> _Side:
        numbers = copy_nodes(found.nodes, self.builder)
        ends = {SUPPORT: found.support, **found.payers}
        return _Side(
            {name: Ends(*(numbers[n] for n in each._key())) for name, each in ends.items()},
            numbers[found.covered],
            numbers[found.undetermined],
            numbers[found.unquantified],
        )

    def _wanted(self) -> Iterator[int]:
        for side in self.sides.values():
            yield from (side.covered, side.undetermined, side.unquantified)
            for ends in side.ends.values():
                yield from ends._key()

    # the query

    def totals(self, source: exp.Select, by: Sequence[str], row: str, top: int) -> str:
        """A line for each class of rows: those of one group, by the terms `by`, that are alike in all flags.

        `row` is the term of a row's number; of each class the `top` largest changes are listed by it.
        """
        keys = [*(_key(i) for i in range(len(by))), *(quoted(n) for n, f in self._flags.items() if isinstance(f, str))]
        select = [*keys, "count(*)", *(f"count({quoted(name)})" for name in self._open.values())]
        select += [f"sum(v{number})" for number in self._amounts]
        select += [self._furthest(way, _key(len(by)), top) for way in WAYS]
        group = f" GROUP BY {', '.join(keys)}" if keys else ""
        return f"{self._rows(source, [*by, row])} SELECT {', '.join(select)} FROM amounts{group}"

    def listed(self, source: exp.Select, shown: Sequence[str]) -> str:
        """Each row: the terms `shown`, the ends of its support before and after, and whether it has some without a
        figure."""
        ends = [self.sides[side].ends[SUPPORT] for side in SIDES]
        values = [self._value(n) for each in ends for n in (each.least, each.most)]
        flags = [str(self._flag(f"unquantified.{side}")) for side in SIDES]  # a constant is the same word in SQL
        select = [*(_key(i) for i in range(len(shown))), *values, *flags]
        return f"{self._rows(source, shown)} SELECT {', '.join(select)} FROM amounts"

    def _rows(self, source: exp.Select, terms: Sequence[str]) -> str:
        """The query's steps; the last of them, `amounts`, has what is counted and added up."""
        steps = [("facts", source.sql("duckdb"))]
        for i, step in enumerate(self._asked.steps, 1):
            made = ", ".join(f"{term.sql('duckdb')} AS {quoted(name)}" for name, term, _ in step.columns)
            steps.append((f"step_{i}", f"SELECT *, {made} FROM {steps[-1][0]}"))
        columns = [f"{term} AS {_key(i)}" for i, term in enumerate(terms)]
        columns += [f"{flag} AS {quoted(name)}" for name, flag in self._flags.items() if isinstance(flag, str)]
        columns += [f"{self._sql(number)} AS v{number}" for number in self._amounts]
        columns += map(quoted, self._open.values())
        steps.append(("amounts", f"SELECT {', '.join(columns)} FROM {steps[-1][0]}"))
        return "WITH " + ", ".join(f"{name} AS ({select})" for name, select in steps)

    def _furthest(self, way: Way, row: str, top: int) -> str:
        """The rows of a class that go furthest, as a list of what they are ordered by."""
        if not top or not self._goes(way):
            return "NULL"
        low, high = self._change
        listed = (
            f"max(row({high}, {low}, -{row}), {top})" if way == "gain" else f"min(row({low}, {high}, {row}), {top})"
        )
        condition = self._goes(way)
        return f"{listed} FILTER ({condition})" if isinstance(condition, str) else listed

    @property
    def _change(self) -> tuple[str, str]:
        before, after = (self.sides[side].ends[SUPPORT] for side in SIDES)
        ends = ((before.least, after.least), (before.most, after.most))
        low, high = (f"{self._value(new)} - {self._value(old)}" for old, new in ends)
        return low, high

    def _goes(self, way: Way) -> Condition:
        """Where rows of a class go one way, which is for all of them or for none."""
        up, down = self._flag("up"), self._flag("down")
        return _and(up, _not(down)) if way == "gain" else _and(down, _not(up))

    # what its lines say

    def counted(self, line: Sequence[Any]) -> Class:
        """What a line of the totals says, after its group."""
        found = iter(line)
        flags = {name: bool(next(found)) if isinstance(flag, str) else flag for name, flag in self._flags.items()}
        rows = int(next(found))
        known = {fact: int(next(found)) for fact in self._open}
        sums = {number: int(next(found) or 0) for number in self._amounts}

        def amount(number: int) -> int:
            return sums[number] if number in sums else rows * int(self.builder.value(number) or 0)

        counts = dict(self._counts(flags, rows, amount))
        if "undetermined" in counts:
            counts |= {f"missing.{fact}": rows - some for fact, some in known.items()}
        lists = dict(zip(WAYS, found, strict=True))
        return Class(
            counts, {way: tuple(_far(way, each) for each in lists[way] or ()) for way in WAYS if way in counts}
        )

    def _counts(self, flags: Mapping[str, bool], rows: int, amount: Callable[[int], int]) -> Iterator[tuple[str, int]]:
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
            yield from self._settled(flags, rows, amount)
        if unsettled:
            yield from ((f"certain.{name}", amount(side.ends[SUPPORT].least)) for name, side in self.sides.items())

    def _settled(self, flags: Mapping[str, bool], rows: int, amount: Callable[[int], int]) -> Iterator[tuple[str, int]]:
        """What they cost, and which way they go; where one side has no most, neither is said to be more."""
        for name, side in self.sides.items():
            for of, ends in side.ends.items():
                opened = flags[f"{name}.{of}.open"]
                yield f"{name}.{of}.min", amount(ends.least)
                yield (f"{name}.{of}.open", rows) if opened else (f"{name}.{of}.max", amount(ends.most))
        up, down = flags["up"], flags["down"]
        if any(flags[f"{side}.{SUPPORT}.open"] for side in SIDES):
            yield "unlimited", rows
        elif up and down:
            yield "mixed", rows
        elif up or down:
            way = "gain" if up else "lose"
            before, after = (self.sides[side].ends[SUPPORT] for side in SIDES)
            yield way, rows
            yield f"{way}.min", amount(after.least) - amount(before.least)
            yield f"{way}.max", amount(after.most) - amount(before.most)

    # terms

    @cached_property
    def _amounts(self) -> list[int]:
        """The ends that are not the same for all rows."""
        ends = [n for side in self.sides.values() for each in side.ends.values() for n in (each.least, each.most)]
        return [n for n in dict.fromkeys(ends) if self.builder.value(n) is None]

    @cached_property
    def _flags(self) -> dict[str, Condition]:
        """What rows of a class are alike in, by name."""
        found: dict[str, Condition] = {"up": self._truth(self._up), "down": self._truth(self._down)}
        for name, side in self.sides.items():
            found[f"undetermined.{name}"] = _or(self._truth(side.undetermined), *self._unknown(side.ends[SUPPORT]))
            found[f"unquantified.{name}"] = self._truth(side.unquantified)
            found[f"outside.{name}"] = _not(self._truth(side.covered))
            for of, ends in side.ends.items():
                found[f"{name}.{of}.open"] = self._without_most(of, ends)
        return found

    def _flag(self, name: str) -> Condition:
        flag = self._flags[name]
        return quoted(name) if isinstance(flag, str) else flag

    def _unknown(self, ends: Ends) -> Iterator[Condition]:
        """Where an end itself is not known, as where awards are set against each other by a fact that is missing."""
        for number in dict.fromkeys((ends.least, ends.most)):
            if self._asked.nullable(number):
                yield f"(({self._sql(number)}) IS NULL)"

    def _without_most(self, of: str, ends: Ends) -> Condition:
        """Where no most is known. What is open of the support makes its row undetermined."""
        opened: Condition = of != SUPPORT and self._truth(ends.open)
        if of != SUPPORT and self._asked.nullable(ends.most):  # who pays may hang on a fact that the support does not
            opened = _or(opened, f"(({self._sql(ends.most)}) IS NULL)")
        endless = (self._asked.interval(ends.most).high or 0) > NO_MOST
        return _or(opened, f"coalesce({self._sql(ends.most)} > {NO_MOST}, FALSE)" if endless else False)

    def _value(self, number: int) -> str:
        value = self.builder.value(number)
        return f"v{number}" if value is None else str(value)

    def _sql(self, number: int) -> str:
        if number not in self._written:
            self._written[number] = self._asked.value(number).sql("duckdb")
        return self._written[number]

    def _truth(self, number: int) -> Condition:
        """A flag is up or not, never unknown."""
        value = self.builder.value(number)
        if isinstance(value, bool):
            return value
        return f"coalesce({self._sql(number)}, FALSE)" if self._asked.nullable(number) else f"({self._sql(number)})"


def _key(number: int) -> str:
    """A column that no node has the name of."""
    return quoted(f"key {number}")


def _far(way: Way, listed: Sequence[int]) -> Far:
    """What `_furthest` lists of a row."""
    one, other, row = map(int, listed)
    return Far(-row, other, one) if way == "gain" else Far(row, one, other)


def _not(condition: Condition) -> Condition:
    return f"NOT {condition}" if isinstance(condition, str) else not condition


def _and(*conditions: Condition) -> Condition:
    if any(c is False for c in conditions):
        return False
    texts = [c for c in conditions if isinstance(c, str)]
    return f"({' AND '.join(texts)})" if texts else True


def _or(*conditions: Condition) -> Condition:
    if any(c is True for c in conditions):
        return True
    texts = [c for c in conditions if isinstance(c, str)]
    return f"({' OR '.join(dict.fromkeys(texts))})" if texts else False
