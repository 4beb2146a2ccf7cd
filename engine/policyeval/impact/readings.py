"""What a table comes to under the other readings of the open clauses.

In: the regimes as asked, and the parts of a table as they are gone through. Out: Readings. Promises: each total is that
of a run with these readings; a reading that no formula asks for costs no query.

The formulas are made once with the readings left open, as facts. Over few rows one query has the settings as rows
beside those of the table; over many each setting is put into the formulas, which are then shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from policyeval.batch.formulas import Formulas, remembered
from policyeval.batch.table import Engine, quoted, reading
from policyeval.batch.typed import Facts, Source, Typing
from policyeval.batch.watched import watched
from policyeval.domains import bounds
from policyeval.impact.settings import FEW, Chosen, Found, Readings, Unsettled, with_readings
from policyeval.impact.sums import Sums, added
from policyeval.impact.tally import Tally
from policyeval.outcomes import Ends, Outcomes
from policyeval.partial import Partial
from policyeval.plan import copy_nodes, needed
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.regime import Regime, Regimes
from policyeval.vocabulary import Vocabulary

MOST = 4_096  # combinations that are tried at all
TRIED = 1_000_000  # rows times combinations, beyond the few
TOGETHER = 100_000  # rows, up to which one query has all settings

_NO_FORMULA = ("R403", "X401", "X402")
_SETTING = "setting "  # no column of a fact has such a name

Counts = dict[str, int]


class _Gone(Record):
    """A part of the table: the readings that its formulas ask for, and what is counted under each setting."""

    asked: tuple[str, ...]
    counts: Mapping[Chosen, Counts]
    combined: bool


class Bearing(Record):
    """The readings that formulas ask for."""

    readings: tuple[str, ...]

    @property
    def terms(self) -> Iterable[str]:
        """No text of a query is kept with them."""
        return ()


class Varying:
    """Goes through the parts with the table. `of`: where the regimes come from; `asked`: what they are as asked."""

    def __init__(self, of: Sequence[Regimes], asked: Sequence[Regime], vocabulary: Vocabulary) -> None:
        self.of, self.vocabulary = of, vocabulary
        self.open = Unsettled(of, asked)
        self.settings = 1 + sum(len(reading.options) - 1 for reading in self.open.of.values())
        self.gone: list[_Gone] = []
        self._outcomes: dict[object, list[Outcomes]] = {}
        self.why_not: Problem | None = None  # no formula leaves the readings open

    @cached_property
    def formulas(self) -> dict[bool, list[Formulas]]:
        """Branched or not: branched ones ask for fewer readings, and take long to make."""
        regimes = [regimes.left_open(self.open.of) for regimes in self.of]
        return {way: [Formulas(regime, self.vocabulary, way) for regime in regimes] for way in (False, True)}

    def part(self, engine: Engine, typing: Typing, facts: Facts, rows: int, tell: Callable[[float], None]) -> None:
        """`rows` that could be read; `tell` takes the share of them that is done. Raises Refusal B110."""
        if not self.open.of or not rows or self.why_not:
            return
        try:
            self._go(engine, typing, facts, rows, tell)
        except Refusal as refusal:
            self.why_not = next((p for p in refusal.problems if p.code in _NO_FORMULA), None)
            if not self.why_not:
                raise

    def _go(self, engine: Engine, typing: Typing, facts: Facts, rows: int, tell: Callable[[float], None]) -> None:
        facts = with_readings(facts, self.open.of)
        branched = rows > TOGETHER
        asked = self._asked(typing, facts, branched)
        if not self._tries(asked, rows) and not branched:
            branched, asked = True, self._asked(typing, facts, branched=True)
        combined = self._tries(asked, rows)
        settings = list(self.open.product(asked) if combined else self.open.singly(asked))
        blocks = [settings] if rows <= TOGETHER else [[setting] for setting in settings]
        counts: dict[Chosen, Counts] = {}
        for i, block in enumerate(blocks):

            def told(share: float, done: int = i) -> None:
                tell((done + share) / len(blocks))

            counts |= self._count(engine, typing, facts, branched, block, told)
        self.gone.append(_Gone(asked, counts, combined))

    def _asked(self, typing: Typing, facts: Facts, branched: bool) -> tuple[str, ...]:
        """The readings that the formulas ask for."""

        def look() -> Bearing:
            below = {name for found in self._made(typing, facts, branched) for name in found.facts}
            return Bearing(tuple(sorted(below & self.open.of.keys())))

        found = remembered(Bearing, self.formulas[branched], typing, facts, look)
        return tuple(id_ for id_ in self.open.of if id_ in found.readings)

    def _made(self, typing: Typing, facts: Facts, branched: bool) -> list[Outcomes]:
        key = branched, facts.shape
        if key not in self._outcomes:
            self._outcomes[key] = [_pruned(formulas.of(typing, facts)) for formulas in self.formulas[branched]]
        return self._outcomes[key]

    def _tries(self, asked: Sequence[str], rows: int) -> bool:
        """Whether all combinations are tried."""
        count = self.open.combinations(asked)
        return count <= FEW or (count <= MOST and count * rows <= TRIED)

    # a query

    def _count(
        self,
        engine: Engine,
        typing: Typing,
        facts: Facts,
        branched: bool,
        block: Sequence[Chosen],
        tell: Callable[[float], None],
    ) -> dict[Chosen, Counts]:
        """What is counted under each setting of a block, by one query."""
        alone = len(block) == 1

        def make() -> Tally:
            from policyeval.impact.both import tally  # noqa: PLC0415  # what writes SQL is slow to import

            outcomes = self._made(typing, facts, branched)
            if alone:
                outcomes = [self._put_in(found, block[0], facts) for found in outcomes]
            return tally(outcomes, self.vocabulary, facts, branched=alone)

        beside = self._numbers(block[0]) if alone else None
        counting = remembered(Tally, self.formulas[branched], typing, facts, make, beside)
        query = counting.totals(self._beside(facts.source, block), [quoted(_SETTING)], "0", 0)
        with reading(typing.table.name):
            lines = watched(engine, query, tell)
        counts: dict[Chosen, Counts] = {setting: {} for setting in block}
        for number, *line in lines:
            counts[block[number]] = added(counts[block[number]], counting.counted(line).counts)
        return counts

    def _put_in(self, found: Outcomes, setting: Chosen, facts: Facts) -> Outcomes:
        builder = Partial(bounds(self.vocabulary), facts.open)
        known = {id_: builder.const(number) for id_, number in zip(self.open.of, self._numbers(setting), strict=True)}
        numbers = copy_nodes(found.nodes, builder, facts=known)
        return _renumbered(found, builder.nodes, numbers)

    def _numbers(self, setting: Chosen) -> list[int]:
        """The number of each reading's option."""
        chosen = dict(setting)
        return [list(r.options).index(chosen.get(id_, r.default)) for id_, r in self.open.of.items()]

    def _beside(self, source: Source, block: Sequence[Chosen]) -> str:
        """Each row of the table with each setting."""
        rows = ", ".join(f"({', '.join(map(str, (i, *self._numbers(s))))})" for i, s in enumerate(block))
        names = ", ".join(quoted(name) for name in (_SETTING, *self.open.of))
        return f"SELECT * FROM ({source.sql()}) AS rows CROSS JOIN (VALUES {rows}) AS settings({names})"

    # what comes of it

    def readings(self, whole: Found) -> Readings | None:
        """`whole`: the table as asked. None where there is nothing to vary, or no formula for it."""
        if not self.gone or self.why_not:
            return None
        asked = tuple(id_ for id_ in self.open.of if any(id_ in gone.asked for gone in self.gone))
        combined = all(gone.combined for gone in self.gone) and self.open.combinations(asked) <= MOST
        return self.open.readings(asked, combined, lambda setting: self._found(setting, whole))

    def _found(self, setting: Chosen, whole: Found) -> Found:
        if not setting:
            return whole
        counts: Counts = {}
        for gone in self.gone:
            counts = added(counts, gone.counts[self.open.restricted(dict(setting), gone.asked)])
        return Found(Sums(counts), whole.budgets)


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
