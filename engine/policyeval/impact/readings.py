"""What a table comes to under the other readings of the open clauses.

In: the regimes as asked, and the parts of a table as they are gone through. Out: Readings: for each clause that was not
settled the totals under each of its other options, the rest as asked; and where the combinations are few, the least and
the most that the draft may cost over all of them. Promises: each total is that of a run with these readings; a reading
that no formula asks for costs no query.

The formulas are made once with the readings left open, as facts. Over few rows one query has the settings as rows
beside those of the table; over many each setting is put into the formulas, which are then shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod

import sqlglot
from sqlglot import exp

from policyeval.batch.formulas import Formulas
from policyeval.batch.table import Engine, quoted, reading
from policyeval.batch.typed import Facts, Typing
from policyeval.batch.watched import watched
from policyeval.domains import bounds
from policyeval.impact.both import Both
from policyeval.impact.sums import SUPPORT, Sums, added
from policyeval.outcomes import Ends, Outcomes
from policyeval.pack import Reading
from policyeval.partial import Partial
from policyeval.plan import copy_nodes, needed
from policyeval.problems import Problem, Refusal
from policyeval.record import Record, replace
from policyeval.regime import Regime, Regimes, bearing
from policyeval.sql import Column
from policyeval.vocabulary import Vocabulary

FEW = 32  # combinations that are tried whatever the number of rows
MOST = 4_096  # that are tried at all
TRIED = 1_000_000  # rows times combinations, beyond the few
TOGETHER = 100_000  # rows, up to which one query has all settings

_NO_FORMULA = ("R403", "X401", "X402")
_SETTING = "setting "  # no column of a fact has such a name

Counts = dict[str, int]
Chosen = tuple[tuple[str, str], ...]  # readings that are not as asked, each with its option


class Setting(Record):
    """What the table comes to with these readings, the rest as asked."""

    readings: Mapping[str, str]
    whole: Sums


class Turn(Record):
    """One clause: the option `asked`, and what the table comes to under each other one. `matters`: one of them changes
    a total; `together`: one does so for some choice of the others; None where the combinations were not tried."""

    id: str
    reading: Reading
    asked: str
    others: Mapping[str, Sums]
    matters: bool
    together: bool | None


class Range(Record):
    """The settings at which the draft costs least and most; `settled`: the fewest and the most rows that are settled
    in one of them."""

    least: Setting
    most: Setting
    settled: tuple[int, int]


class Readings(Record):
    """`combinations`: of the readings that some formula asks for; `range` is None where they are too many, or there is
    but one."""

    turns: tuple[Turn, ...]
    combinations: int
    range: Range | None


class _Gone(Record):
    """A part of the table: the readings that its formulas ask for, and what is counted under each setting."""

    asked: tuple[str, ...]
    counts: Mapping[Chosen, Counts]
    combined: bool


class Varying:
    """Goes through the parts with the table. `of`: where the regimes come from; `asked`: what they are as asked;
    `budgets`: whether those that they have are applied."""

    def __init__(self, of: Sequence[Regimes], asked: Sequence[Regime], budgets: bool, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        settled = {id_ for regimes in of for id_ in regimes.chosen}
        bear = bearing(pack for regime in asked for pack in regime.packs)
        self.open = {id_: reading for id_, reading in bear.items() if id_ not in settled}
        self.of = of
        self.settings = 1 + sum(len(reading.options) - 1 for reading in self.open.values())
        self.gone: list[_Gone] = []
        over = [budget for regime in asked for budget in regime.plan.budgets if budgets]
        # why nothing is varied: a budget has another total under each reading, or no formula leaves them open
        self.why_not: Problem | None = Problem("B481", {"budget": over[0].id}) if over and self.open else None

    @cached_property
    def formulas(self) -> dict[bool, list[Formulas]]:
        """Branched or not: branched ones ask for fewer readings, and take long to make."""
        regimes = [regimes.left_open(self.open) for regimes in self.of]
        return {way: [Formulas(regime, self.vocabulary, way) for regime in regimes] for way in (False, True)}

    def part(self, engine: Engine, typing: Typing, facts: Facts, rows: int, tell: Callable[[float], None]) -> None:
        """`rows` that could be read; `tell` takes the share of them that is done. Raises Refusal B110."""
        if not self.open or not rows or self.why_not:
            return
        try:
            self._go(engine, typing, facts, rows, tell)
        except Refusal as refusal:
            self.why_not = next((p for p in refusal.problems if p.code in _NO_FORMULA), None)
            if not self.why_not:
                raise

    def _go(self, engine: Engine, typing: Typing, facts: Facts, rows: int, tell: Callable[[float], None]) -> None:
        facts = self._with_readings(facts)
        outcomes, asked = self._made(typing, facts, branched=rows > TOGETHER)
        if not self._tries(asked, rows) and rows <= TOGETHER:
            outcomes, asked = self._made(typing, facts, branched=True)
        combined = self._tries(asked, rows)
        settings = list(self._product(asked) if combined else self._singly(asked))
        blocks = [settings] if rows <= TOGETHER else [[setting] for setting in settings]
        counts: dict[Chosen, Counts] = {}
        for i, block in enumerate(blocks):

            def told(share: float, done: int = i) -> None:
                tell((done + share) / len(blocks))

            counts |= self._count(engine, typing, facts, outcomes, block, told)
        self.gone.append(_Gone(asked, counts, combined))

    def _made(self, typing: Typing, facts: Facts, branched: bool) -> tuple[list[Outcomes], tuple[str, ...]]:
        """The formulas, and the readings that they ask for."""
        outcomes = [_pruned(formulas.of(typing, facts)) for formulas in self.formulas[branched]]
        below = {name for found in outcomes for name in found.facts}
        return outcomes, tuple(id_ for id_ in self.open if id_ in below)

    def _tries(self, asked: Sequence[str], rows: int) -> bool:
        """Whether all combinations are tried."""
        count = self._combinations(asked)
        return count <= FEW or (count <= MOST and count * rows <= TRIED)

    def _combinations(self, asked: Sequence[str]) -> int:
        return prod(len(self.open[id_].options) for id_ in asked)

    def _product(self, asked: Sequence[str]) -> Iterator[Chosen]:
        """All combinations, those as asked first."""
        options = [sorted(self.open[id_].options, key=self.open[id_].default.__ne__) for id_ in asked]
        for combination in product(*options):
            yield self._restricted(dict(zip(asked, combination, strict=True)), asked)

    def _singly(self, asked: Sequence[str]) -> Iterator[Chosen]:
        yield ()
        for id_ in asked:
            yield from (((id_, option),) for option in self.open[id_].options if option != self.open[id_].default)

    def _restricted(self, readings: Mapping[str, str], asked: Sequence[str]) -> Chosen:
        """Of these readings those that are asked for and not as they are by default."""
        chosen = ((id_, readings.get(id_, self.open[id_].default)) for id_ in asked)
        return tuple((id_, option) for id_, option in chosen if option != self.open[id_].default)

    # a query

    def _with_readings(self, facts: Facts) -> Facts:
        """The facts of a part with the readings among them."""
        return replace(
            facts,
            columns={**facts.columns, **{id_: Column(id_, may_be_null=False) for id_ in self.open}},
            present={**facts.present, **{id_: tuple(range(len(r.options))) for id_, r in self.open.items()}},
        )

    def _count(
        self,
        engine: Engine,
        typing: Typing,
        facts: Facts,
        outcomes: Sequence[Outcomes],
        block: Sequence[Chosen],
        tell: Callable[[float], None],
    ) -> dict[Chosen, Counts]:
        """What is counted under each setting of a block, by one query."""
        alone = len(block) == 1
        if alone:
            outcomes = [self._put_in(found, block[0], facts) for found in outcomes]
        both = Both(outcomes, self.vocabulary, facts, branched=alone)
        query = both.totals(self._beside(facts.source, block), [quoted(_SETTING)], "0", 0)
        with reading(typing.table.name):
            lines = watched(engine, query, tell)
        counts: dict[Chosen, Counts] = {setting: {} for setting in block}
        for number, *line in lines:
            counts[block[number]] = added(counts[block[number]], both.counted(line).counts)
        return counts

    def _put_in(self, found: Outcomes, setting: Chosen, facts: Facts) -> Outcomes:
        builder = Partial(bounds(self.vocabulary), facts.open)
        known = {id_: builder.const(number) for id_, number in zip(self.open, self._numbers(setting), strict=True)}
        numbers = copy_nodes(found.nodes, builder, facts=known)
        return _renumbered(found, builder.nodes, numbers)

    def _numbers(self, setting: Chosen) -> list[int]:
        """The number of each reading's option."""
        chosen = dict(setting)
        return [list(r.options).index(chosen.get(id_, r.default)) for id_, r in self.open.items()]

    def _beside(self, source: exp.Select, block: Sequence[Chosen]) -> exp.Select:
        """Each row of the table with each setting."""
        rows = ", ".join(f"({', '.join(map(str, (i, *self._numbers(s))))})" for i, s in enumerate(block))
        names = ", ".join(quoted(name) for name in (_SETTING, *self.open))
        made = f"SELECT * FROM ({source.sql('duckdb')}) AS rows CROSS JOIN (VALUES {rows}) AS settings({names})"
        found = sqlglot.parse_one(made, dialect="duckdb")
        assert isinstance(found, exp.Select)
        return found

    # what comes of it

    def readings(self) -> Readings | None:
        """For the whole table; None where there is nothing to vary, or no formula for it."""
        if not self.gone or self.why_not:
            return None
        asked = tuple(id_ for id_ in self.open if any(id_ in gone.asked for gone in self.gone))
        count = self._combinations(asked)
        combined = all(gone.combined for gone in self.gone) and count <= MOST
        found = {setting: self._counted(setting) for setting in (self._product if combined else self._singly)(asked)}
        together = {id_: self._turns(id_, found) if combined else None for id_ in asked}
        turns = []
        for id_, of in self.open.items():
            others = {o: self._counted(((id_, o),)) for o in of.options if o != of.default}
            matters = any(_totals(counts) != _totals(found[()]) for counts in others.values())
            sums = {option: Sums(counts) for option, counts in others.items()}
            turns.append(Turn(id_, of, of.default, sums, matters, together.get(id_, False)))
        return Readings(tuple(turns), count, _range(found) if combined and len(found) > 1 else None)

    def _counted(self, setting: Chosen) -> Counts:
        whole: Counts = {}
        for gone in self.gone:
            whole = added(whole, gone.counts[self._restricted(dict(setting), gone.asked)])
        return whole

    def _turns(self, id_: str, found: Mapping[Chosen, Counts]) -> bool:
        """Whether another option of the reading alone changes a total of some combination."""
        bare = {s: _totals(counts) for s, counts in found.items() if id_ not in dict(s)}
        return any(
            _totals(counts) != bare[tuple(pair for pair in s if pair[0] != id_)]
            for s, counts in found.items()
            if id_ in dict(s)
        )


def _pruned(found: Outcomes) -> Outcomes:
    """Without nodes that nothing is made of."""
    nodes, numbers = needed(found.nodes, found.wanted)
    return _renumbered(found, nodes, dict(zip(found.wanted, numbers, strict=True)))


def _renumbered(found: Outcomes, nodes: Sequence[object], numbers: Mapping[int, int] | Sequence[int]) -> Outcomes:
    def ends(of: Ends) -> Ends:
        return Ends(numbers[of.least], numbers[of.most], numbers[of.open])

    return Outcomes(
        nodes=tuple(nodes),  # type: ignore[arg-type]
        support=ends(found.support),
        payers={payer: ends(of) for payer, of in found.payers.items()},
        unquantified=numbers[found.unquantified],
        undetermined=numbers[found.undetermined],
        covered=numbers[found.covered],
        became={},
        beside={},
    )


def _totals(counts: Counts) -> Counts:
    """What is shown of a setting; which facts a query looks at depends on its formulas."""
    return {name: count for name, count in counts.items() if count and not name.startswith("missing.")}


def _range(found: Mapping[Chosen, Counts]) -> Range:
    """The cheapest and the dearest setting; of equal ones that with the fewest readings not as asked."""
    settings = [Setting(dict(chosen), Sums(counts)) for chosen, counts in found.items()]
    rows = [setting.whole.settled for setting in settings]
    least = min(settings, key=lambda s: (s.whole.amount(SUPPORT).after.min, len(s.readings)))
    most = min(settings, key=lambda s: (*_most(s), len(s.readings)))
    return Range(least, most, (min(rows), max(rows)))


def _most(setting: Setting) -> tuple[bool, int]:
    """Where no most is known stands first, then the dearest."""
    most = setting.whole.amount(SUPPORT).after.max
    return most is not None, -(most or 0)
