"""What a table under budgets comes to under the other readings of the open clauses.

In: the regimes as asked, the parts of a table as they are gone through, and what goes through the table for other
regimes. Out: Readings. Promises: each total is that of a run with these readings, for it is one; a reading that no
formula asks for costs no run; one of which the totals are not exact is refused by name, and ends nothing.

A budget takes all rows together, so that an award of one row hangs on the readings of all others: a formula with the
readings left open would have them twice, in the row and in the total.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from policyeval.batch.formulas import Formulas
from policyeval.batch.table import Engine
from policyeval.batch.typed import Facts, Typing
from policyeval.impact.settings import FEW, Chosen, Found, Readings, Unsettled, with_readings
from policyeval.impact.sums import Sums
from policyeval.problems import Refusal
from policyeval.regime import Regime, Regimes
from policyeval.vocabulary import Vocabulary

_REFUSED = frozenset({"R403", "X401", "X402", "B463", "B464", "B465", "B466", "B467"})

Again = Callable[[Sequence[Regime]], Found]


class Budgeted:
    """Sees the parts with the table, and asks for it `again` under each setting. `of`: where the regimes come from;
    `asked`: what they are as asked."""

    settings = 1  # that a part is gone through for

    def __init__(self, of: Sequence[Regimes], asked: Sequence[Regime], vocabulary: Vocabulary, again: Again) -> None:
        self.of, self.vocabulary, self.again = of, vocabulary, again
        self.open = Unsettled(of, asked)
        self.why_not = None
        self._formulas: list[Formulas] = []
        self._below: set[str] = set()  # readings and facts that the formulas ask for
        self._rows = 0

    def part(self, _engine: Engine, typing: Typing, facts: Facts, rows: int, _tell: Callable[[float], None]) -> None:
        """`rows` that could be read."""
        self._rows += rows
        if self.open.of and rows:
            try:
                self._see(typing, with_readings(facts, self.open.of))
            except Refusal as refusal:
                if not _its_own(refusal):
                    raise
                self._below |= self.open.of.keys()  # no formula leaves them open, so that none is known to be idle

    def _see(self, typing: Typing, facts: Facts) -> None:
        self._formulas = self._formulas or [
            Formulas(regimes.left_open(self.open.of), self.vocabulary, branched=False) for regimes in self.of
        ]
        for formulas in self._formulas:
            budgets = formulas.regime.plan.budgets
            found = formulas.under(budgets, typing, facts).found if budgets else formulas.of(typing, facts)
            self._below |= {*found.facts}

    def readings(self, whole: Found) -> Readings | None:
        """`whole`: the table as asked. None where there is nothing to vary."""
        if not self.open.of or not self._rows:
            return None
        asked = tuple(id_ for id_ in self.open.of if id_ in self._below)
        combined = self.open.combinations(asked) <= FEW
        return self.open.readings(asked, combined, lambda setting: self._found(setting) if setting else whole)

    def _found(self, setting: Chosen) -> Found:
        try:
            return self.again([regimes.under({**regimes.chosen, **dict(setting)}).at(None) for regimes in self.of])
        except Refusal as refusal:
            if not _its_own(refusal):
                raise
            return Found(Sums({}), {}, refusal.problems)


def _its_own(refusal: Refusal) -> bool:
    """Whether it is of these readings, and not of the table."""
    return all(problem.code in _REFUSED for problem in refusal.problems)
