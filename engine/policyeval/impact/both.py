"""Two regimes over the same platforms as one graph, and the query that it becomes.

In: the outcomes before and after, the facts of a part of a table. Out: a Tally. Promise: formulas that the two have in
common are worked out once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policyeval.batch.terms import Terms
from policyeval.batch.typed import Facts
from policyeval.branching import Branching
from policyeval.columns import Column
from policyeval.domains import bounds
from policyeval.impact.strata import ROWS, Strata
from policyeval.impact.sums import SIDES, SUPPORT
from policyeval.impact.tally import Tally
from policyeval.outcomes import Ends, Outcomes, listed_values
from policyeval.partial import Partial
from policyeval.plan import NO_MOST, copy_nodes, facts_below
from policyeval.record import Record
from policyeval.simplify import Interval
from policyeval.sql import Query, query
from policyeval.vocabulary import Vocabulary

_MOST = 2 * 10**7  # rows of a part
_SUM = 10**36  # what an amount adds up to at most; the engine would end, not err, beyond it


class _Side(Record):
    """A regime's part of the graph: ends by what they are of; where a row is covered, undetermined, unquantified."""

    ends: Mapping[str, Ends]
    covered: int
    undetermined: int
    unquantified: int


def tally(outcomes: Sequence[Outcomes], vocabulary: Vocabulary, facts: Facts, branched: bool = True) -> Tally:
    """The outcomes before and those after, over rows of one shape; `branched` as these are.

    Raises Refusal X401 as `sql.query` does.
    """
    return _Both(outcomes, vocabulary, facts, branched).tally()


class _Both:
    def __init__(self, outcomes: Sequence[Outcomes], vocabulary: Vocabulary, facts: Facts, branched: bool) -> None:
        self.b = Partial(bounds(vocabulary), facts.open)
        self._facts, self._bounds = facts, bounds(vocabulary)
        branching = Branching(self.b, listed_values(vocabulary) | facts.present)
        of = branching.of if branched else int
        self.sides = {name: self._side(found) for name, found in zip(SIDES, outcomes, strict=True)}
        before, after = (self.sides[name].ends[SUPPORT] for name in SIDES)
        ends = ((before.least, after.least), (before.most, after.most))
        self.low, self.high = (of(self.b.sub(new, old)) for old, new in ends)
        self.flags = {name: of(number) for name, number in self._flags()}

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

    def tally(self) -> Tally:
        every = [ends for side in self.sides.values() for ends in side.ends.values()]
        amounts = [n for ends in every for n in (ends.least, ends.most)]
        strata = Strata(self.b.nodes, self.flags.values(), amounts, self.b.unsure)
        rows = self._query([*strata.keys, *strata.leaves, self.low, self.high])
        of_strata = self._of_strata(strata, rows)
        at = {number: i for i, number in enumerate(strata.amounts)}
        open_ = (n for n in facts_below(self.b.nodes, [*self.flags.values(), *amounts]) if n in self._facts.open)
        return Tally(
            rows=rows.texts("duckdb"),
            keys=tuple((f"k{n}", _term(rows, n)) for n in strata.keys),
            leaves=tuple((f"s{n}", _term(rows, n)) for n in strata.leaves),
            low=_term(rows, self.low),
            high=_term(rows, self.high),
            strata=of_strata.texts("duckdb"),
            amounts=tuple(_term(of_strata, n) for n in strata.amounts.values()),
            flags={name: _flag(strata, of_strata, number) for name, number in self.flags.items()},
            ends={
                name: {of: (at[ends.least], at[ends.most]) for of, ends in side.ends.items()}
                for name, side in self.sides.items()
            },
            open={name: self._facts.columns[name].name for name in open_},
            shown=self._shown(),
        )

    def _query(self, wanted: Sequence[int]) -> Query:
        return query(self.b.nodes, list(dict.fromkeys(wanted)), self._facts.columns, self._bounds)

    def _of_strata(self, strata: Strata, rows: Query) -> Query:
        columns = {ROWS: Column(ROWS, may_be_null=False)}
        columns |= {f"k{n}": Column(f"k{n}", truth=True, may_be_null=rows.nullable(n)) for n in strata.keys}
        columns |= {f"s{n}": Column(f"s{n}", may_be_null=False) for n in strata.leaves}
        sums = {f"s{n}": Interval(-_SUM, _SUM) for n in strata.leaves}
        wanted = list(dict.fromkeys([*strata.truths.values(), *strata.amounts.values()]))
        return query(strata.builder.nodes, wanted, columns, {ROWS: Interval(0, _MOST), **sums}, prefix="c")

    def _shown(self) -> tuple[tuple[Terms, ...], tuple[str, ...]]:
        """The ends of the support before and after, and whether a row has some without a figure."""
        wanted = [n for side in self.sides.values() for n in (side.ends[SUPPORT].least, side.ends[SUPPORT].most)]
        wanted += [self.flags[f"unquantified.{side}"] for side in SIDES]
        asked = self._query(wanted)
        return asked.texts("duckdb"), tuple(_term(asked, n) for n in wanted)


def _flag(strata: Strata, asked: Query, flag: int) -> str | bool:
    """A flag is up or not, never unknown."""
    number = strata.truths[flag]
    value = strata.builder.value(number)
    if isinstance(value, bool):
        return value
    term = _term(asked, number)
    return f"COALESCE({term}, FALSE)" if asked.nullable(number) else term


def _term(asked: Query, number: int) -> str:
    return asked.value(number).sql("duckdb")
