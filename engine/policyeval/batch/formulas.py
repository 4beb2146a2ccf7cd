"""The formulas of a regime for the rows of a table, after its budgets.

In: a regime, parts of a table. Out: the outcomes for the rows of each part, and what stands under each budget in the
whole table. Promises: the formulas of each shape of a part are made once; sums are whole fen of any size, the same on
any number of threads and in any parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from policyeval.batch.table import ENDLESS, Engine, Table, reading, without
from policyeval.batch.typed import Facts, Typing
from policyeval.batch.watched import watched
from policyeval.budgets import Budgets, Columns, Total, exceeded, totals
from policyeval.outcomes import Outcomes, outcomes
from policyeval.plan import PlannedBudget
from policyeval.problems import Problem
from policyeval.regime import Regime, Tell
from policyeval.view import added_up
from policyeval.vocabulary import Vocabulary


class Formulas:
    """The outcomes of a regime for parts of a table. `totals`: of its budgets, once they are known."""

    def __init__(self, regime: Regime, vocabulary: Vocabulary, branched: bool = True) -> None:
        self.regime, self.vocabulary, self.branched = regime, vocabulary, branched
        self.totals: tuple[Total, ...] = ()
        self._made: dict[object, Outcomes] = {}
        self._under: dict[object, Budgets] = {}

    @property
    def notes(self) -> Iterator[Problem]:
        """What there is to say of the budgets."""
        return (said for total in self.totals if (said := total.said()) is not None)

    def of(self, typing: Typing, facts: Facts) -> Outcomes:
        """What a platform gets."""
        key, present = _shape(facts)
        if key not in self._made:
            over = exceeded(self.totals)
            self._made[key] = (
                self.under([t.budget for t in over], typing, facts).outcomes(over)
                if over
                else outcomes(
                    self.regime, self.vocabulary, typing.stated, facts.open, present=present, branched=self.branched
                )
            )
        return self._made[key]

    def under(self, budgets: Sequence[PlannedBudget], typing: Typing, facts: Facts) -> Budgets:
        """What a platform brings under some budgets."""
        shape, present = _shape(facts)
        key = shape, tuple(budgets)
        if key not in self._under:
            self._under[key] = Budgets(
                self.regime, self.vocabulary, budgets, typing.stated, facts.open, present, self.branched
            )
        return self._under[key]


def _shape(facts: Facts) -> tuple[object, Mapping[str, tuple[int | bool, ...]]]:
    present = {name: tuple(sorted(values)) for name, values in facts.present.items()}
    return (facts.open, tuple(sorted(present.items()))), present


def measure(formulas: Formulas, engine: Engine, table: Table, typing: Typing, size: int, tell: Tell) -> None:
    """Goes through a table for what stands under each budget, and once more for what is paid where one is exceeded.

    `size`: the rows of a part. Raises Refusal as `budgets.totals` does.
    """

    def look(columns: Callable[[Budgets], Columns]) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        for part in table.parts(engine, size, 0):
            facts = typing.part(engine)
            asked = columns(formulas.under(formulas.regime.plan.budgets, typing, facts))
            query = added_up(
                asked.nodes, asked.amounts, asked.conditions, typing.vocabulary, facts.source, facts.columns
            )
            with reading(table.name):
                ((*sums,),) = watched(engine, query.sql("duckdb"), lambda _: None)
            found.update(dict(zip([*asked.amounts, *asked.conditions], map(int, sums), strict=True)))
            tell(part.upto, table.expected())
        return found

    if formulas.regime.plan.budgets:
        without(engine, ENDLESS)
        formulas.totals = totals(formulas.regime.plan, look)
