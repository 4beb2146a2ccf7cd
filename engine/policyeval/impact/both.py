"""Two regimes over the same platforms, in one query.

In: the outcomes before and after, the columns of the facts. Out: SQL that counts and adds up in one pass, and that
lists the largest changes. Promises: formulas that the two have in common are worked out once; sums are whole fen of any
size; a tie is broken by the number of the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal

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

_KEY = "key "  # what rows are grouped by; no node has such a name
_LARGEST: dict[Way, str] = {"gain": "high DESC, low DESC", "lose": "low, high"}


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

    # the totals

    def totals(self, source: exp.Select, by: Sequence[str]) -> tuple[str, list[str]]:
        """One row for each group of rows, by the terms `by`; then the names of what it counts."""
        found = dict(self._counts())
        keys = [f"{quoted(f'{_KEY}{i}')}" for i in range(len(by))]
        select = ", ".join([*keys, *found.values()])
        group = f" GROUP BY {', '.join(keys)}" if keys else ""
        return f"{self._rows(source, by)} SELECT {select} FROM amounts{group}", list(found)

    def largest(self, source: exp.Select, way: Way, top: int, shown: Sequence[str]) -> str:
        """The rows that gain or lose most: the terms `shown`, then the ends of their support before and after, and
        whether there is some without a figure."""
        condition = self._moved(self._settled)[way]
        keys = [quoted(f"{_KEY}{i}") for i in range(len(shown))]
        ends = [(self.sides[side].ends[SUPPORT], side) for side in SIDES]
        values = [self._value(n) for each, _ in ends for n in (each.least, each.most)]
        low, high = f"{values[2]} - {values[0]} AS low", f"{values[3]} - {values[1]} AS high"
        where = "" if condition is True else f" WHERE {condition or 'FALSE'}"
        flags = [str(flag).upper() if isinstance(flag, bool) else flag for flag in self._both("unquantified")]
        select = f"SELECT {', '.join([*keys, *values, *flags, low, high])} FROM amounts{where}"
        return f"{self._rows(source, shown)} {select} ORDER BY {_LARGEST[way]}, {keys[0]} LIMIT {top}"

    def _value(self, number: int) -> str:
        value = self.builder.value(number)
        return f"v{number}" if value is None else str(value)

    def _rows(self, source: exp.Select, by: Sequence[str]) -> str:
        """The query's steps; the last of them, `amounts`, has what is counted and added up."""
        steps = [("facts", source.sql("duckdb"))]
        for i, step in enumerate(self._asked.steps, 1):
            made = ", ".join(f"{term.sql('duckdb')} AS {quoted(name)}" for name, term, _ in step.columns)
            steps.append((f"step_{i}", f"SELECT *, {made} FROM {steps[-1][0]}"))
        terms = [f"{term} AS {quoted(f'{_KEY}{i}')}" for i, term in enumerate(by)]
        terms += [f"{term} AS {name}" for name, term in self._columns()]
        steps.append(("amounts", f"SELECT {', '.join(terms)} FROM {steps[-1][0]}"))
        return "WITH " + ", ".join(f"{name} AS ({select})" for name, select in steps)

    def _columns(self) -> Iterator[tuple[str, str]]:
        """What each row has: its flags, and the amounts that are not the same for all."""
        yield "one", "1"
        for name, condition in self._flags.items():
            if isinstance(condition, str):
                yield name, condition
        amounts = [n for side in self.sides.values() for ends in side.ends.values() for n in (ends.least, ends.most)]
        for number in dict.fromkeys(amounts):
            if self.builder.value(number) is None:
                yield f"v{number}", self._sql(number)
        for name in self._open.values():
            yield quoted(name), quoted(name)

    @cached_property
    def _flags(self) -> dict[str, Condition]:
        """Conditions of a row that are asked more than once, by the names of their columns."""
        found: dict[str, Condition] = {"up": self._truth(self._up), "down": self._truth(self._down)}
        for name, side in self.sides.items():
            found[f"undetermined_{name}"] = _or(self._truth(side.undetermined), *self._unknown(side.ends[SUPPORT]))
            found[f"unquantified_{name}"] = self._truth(side.unquantified)
            found[f"outside_{name}"] = _not(self._truth(side.covered))
            for of, ends in side.ends.items():
                found[quoted(f"{name}.{of}.open")] = self._without_most(of, ends)
        return found

    def _unknown(self, ends: Ends) -> Iterator[Condition]:
        """Where an end itself is not known, as where awards are set against each other by a fact that is missing."""
        for number in dict.fromkeys((ends.least, ends.most)):
            if self._asked.nullable(number):
                yield f"(({self._sql(number)}) IS NULL)"

    def _flag(self, name: str) -> Condition:
        condition = self._flags[name]
        return name if isinstance(condition, str) else condition

    def _without_most(self, of: str, ends: Ends) -> Condition:
        """Where no most is known. What is open of the support makes its row undetermined."""
        opened: Condition = of != SUPPORT and self._truth(ends.open)
        if of != SUPPORT and self._asked.nullable(ends.most):  # who pays may hang on a fact that the support does not
            opened = _or(opened, f"({self._sql(ends.most)}) IS NULL")
        endless = (self._asked.interval(ends.most).high or 0) > NO_MOST
        return _or(opened, f"coalesce({self._sql(ends.most)} > {NO_MOST}, FALSE)" if endless else False)

    def _counts(self) -> Iterator[tuple[str, str]]:
        undetermined, outside = self._both("undetermined"), self._both("outside")
        nowhere, unsettled, settled = _and(*outside), _or(*undetermined), self._settled
        yield "rows", _count(True)
        yield "settled", _count(settled)
        yield "undetermined", _count(_and(unsettled, _not(nowhere)))
        yield "outside", _count(nowhere)
        for side, lacking, out in zip(SIDES, undetermined, outside, strict=True):
            yield f"undetermined.{side}", _count(lacking)
            yield f"outside.{side}", _count(out)
            yield f"unquantified.{side}", _count(self._flag(f"unquantified_{side}"))
            yield f"certain.{side}", self._sum(self.sides[side].ends[SUPPORT].least, unsettled)
        for fact, name in self._open.items():
            yield f"missing.{fact}", _count(_and(unsettled, f"{quoted(name)} IS NULL"))
        yield from self._ways(settled)
        for side, found in self.sides.items():
            for of, ends in found.ends.items():
                without = self._flag(quoted(f"{side}.{of}.open"))
                yield f"{side}.{of}.min", self._sum(ends.least, settled)
                yield f"{side}.{of}.max", self._sum(ends.most, _and(settled, _not(without)))
                yield f"{side}.{of}.open", _count(_and(settled, without))

    def _both(self, flag: str) -> list[Condition]:
        return [self._flag(f"{flag}_{side}") for side in SIDES]

    @cached_property
    def _settled(self) -> Condition:
        return _and(_not(_and(*self._both("outside"))), _not(_or(*self._both("undetermined"))))

    def _ways(self, settled: Condition) -> Iterator[tuple[str, str]]:
        """Who gains and who loses; a row without a most on either side is counted by itself."""
        endless = self._endless
        moved = self._moved(settled)
        yield "mixed", _count(_and(settled, _not(endless), self._flag("up"), self._flag("down")))
        yield "unlimited", _count(_and(settled, endless))
        before, after = (self.sides[side].ends[SUPPORT] for side in SIDES)
        for way, condition in moved.items():
            yield way, _count(condition)
            for end, old, new in (("min", before.least, after.least), ("max", before.most, after.most)):
                yield f"{way}.{end}", "0" if condition is False else self._difference(old, new, condition)

    @cached_property
    def _endless(self) -> Condition:
        return _or(*(self._flag(quoted(f"{side}.{SUPPORT}.open")) for side in SIDES))

    def _moved(self, settled: Condition) -> dict[Way, Condition]:
        here, up, down = _and(settled, _not(self._endless)), self._flag("up"), self._flag("down")
        return {"gain": _and(here, up, _not(down)), "lose": _and(here, down, _not(up))}

    def _difference(self, old: int, new: int, condition: Condition) -> str:
        return f"{self._sum(new, condition)} - {self._sum(old, condition)}"

    def _sum(self, number: int, condition: Condition) -> str:
        value = self.builder.value(number)
        if value is not None:
            return f"{_count(condition)} * {value}" if value else "0"
        return "0" if condition is False else f"coalesce(sum(v{number}){_filter(condition)}, 0)"

    # terms

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


def _count(condition: Condition) -> str:
    return "0" if condition is False else f"count(*){_filter(condition)}"


def _filter(condition: Condition) -> str:
    return f" FILTER ({condition})" if isinstance(condition, str) else ""


def _not(condition: Condition) -> Condition:
    return f"NOT {condition}" if isinstance(condition, str) else not condition


def _and(*conditions: Condition) -> Condition:
    if any(c is False for c in conditions):
        return False
    texts = [c for c in conditions if isinstance(c, str)]
    return f"({' AND '.join(dict.fromkeys(texts))})" if texts else True


def _or(*conditions: Condition) -> Condition:
    if any(c is True for c in conditions):
        return True
    texts = [c for c in conditions if isinstance(c, str)]
    return f"({' OR '.join(dict.fromkeys(texts))})" if texts else False
