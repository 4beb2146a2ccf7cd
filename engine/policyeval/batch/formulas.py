"""The formulas of a regime for the rows of a table, after its budgets.

In: a regime, parts of a table. Out: the outcomes for the rows of each part, and what stands under each budget in the
whole table. Promises: the formulas of each shape of a part are made once; sums are whole fen of any size, the same on
any number of threads and in any parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol, TypeVar

from policyeval import store
from policyeval.batch.table import ENDLESS, Engine, Table, reading, without
from policyeval.batch.terms import harmless
from policyeval.batch.typed import Facts, Typing
from policyeval.batch.watched import watched
from policyeval.budgets import Budgets, Columns, Total, exceeded, kept_of, totals
from policyeval.digest import digest
from policyeval.outcomes import Outcomes, outcomes
from policyeval.plan import PlannedBudget
from policyeval.problems import Problem
from policyeval.regime import Regime, Tell
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

    @property
    def behind(self) -> list[object]:
        """What they are told apart by, beside the vocabulary and the rows."""
        return [*self._rules, [kept_of(total) for total in exceeded(self.totals)]]

    @cached_property
    def _rules(self) -> list[object]:
        plan = self.regime.plan
        return [digest(plan), [*plan.payers], [pack.jurisdiction for pack in self.regime.packs], self.branched]

    @cached_property
    def words(self) -> bytes:
        """What the vocabulary is told apart by."""
        return store.encode(self.vocabulary)

    def of(self, typing: Typing, facts: Facts) -> Outcomes:
        """What a platform gets."""
        if facts.shape not in self._made:
            over = exceeded(self.totals)
            self._made[facts.shape] = (
                self.under([t.budget for t in over], typing, facts).outcomes(over)
                if over
                else outcomes(
                    self.regime, self.vocabulary, typing.stated, facts.open, facts.present, branched=self.branched
                )
            )
        return self._made[facts.shape]

    def under(self, budgets: Sequence[PlannedBudget], typing: Typing, facts: Facts) -> Budgets:
        """What a platform brings under some budgets."""
        key = facts.shape, tuple(budgets)
        if key not in self._under:
            self._under[key] = Budgets(
                self.regime, self.vocabulary, budgets, typing.stated, facts.open, facts.present, self.branched
            )
        return self._under[key]


class Written(Protocol):
    """What is kept of a query."""

    @property
    def terms(self) -> Iterable[str]:
        """All that is text of it."""


W = TypeVar("W", bound=Written)


def remembered(
    kind: type[W], of: Sequence[Formulas], typing: Typing, facts: Facts, make: Callable[[], W], beside: object = None
) -> W:
    """What `make` makes of formulas for rows of one shape, and of what is `beside` them, or what an earlier run has
    kept of the same.

    What makes SQL, and the library that writes it, are then not even loaded. What is kept is used only where it is
    harmless, since anybody may have written it.
    """
    asked = [
        [formulas.behind for formulas in of],
        sorted(typing.stated),
        sorted(facts.columns.items()),
        facts.shape,
        beside,
    ]
    key = store.key_of([(kind.__qualname__, of[0].words), ("asked", repr(asked).encode())])
    found = store.read(key, kind)
    if found is None or not harmless(found.terms):
        found = make()
        store.write(key, found)
    return found


def measure(formulas: Formulas, engine: Engine, table: Table, typing: Typing, size: int, tell: Tell) -> None:
    """Goes through a table for what stands under each budget, and once more for what is paid where one is exceeded.

    `size`: the rows of a part. Raises Refusal as `budgets.totals` does.
    """
    if not formulas.regime.plan.budgets:
        return
    from policyeval.view import added_up, read  # noqa: PLC0415  # what writes SQL is slow to import

    def look(columns: Callable[[Budgets], Columns]) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        for part in table.parts(engine, size, 0):
            facts = typing.part(engine)
            asked = columns(formulas.under(formulas.regime.plan.budgets, typing, facts))
            rows, vocabulary = read(facts.source.sql()), typing.vocabulary
            query = added_up(asked.nodes, asked.amounts, asked.conditions, vocabulary, rows, facts.columns)
            with reading(table.name):
                ((*sums,),) = watched(engine, query.sql("duckdb"), lambda _: None)
            found.update(dict(zip([*asked.amounts, *asked.conditions], map(int, sums), strict=True)))
            tell(part.upto, table.expected())
        return found

    without(engine, ENDLESS)
    formulas.totals = totals(formulas.regime.plan, look)
