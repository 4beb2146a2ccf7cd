"""One row of a table, as the platform that `eval` would be asked about.

In: what a user asks of a table, and the number of a row as `batch` and `impact` count it. Out: the platform, and what
stands under the budgets of each regime in the table. Promise: the same platform as in a case file with the same words;
a row that cannot be read says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import TemporaryDirectory

from policyeval.batch.formulas import Formulas, measure
from policyeval.batch.run import Request, engine_for, opened, part_size
from policyeval.batch.table import PART, ROW, Engine, Table, quoted, reading
from policyeval.batch.typed import Typing
from policyeval.budgets import Total
from policyeval.cases import Platform
from policyeval.problems import Problem, Refusal
from policyeval.regime import Regime, silent
from policyeval.vocabulary import Vocabulary


def platform_at(
    request: Request, regimes: Sequence[Regime], vocabulary: Vocabulary, number: int
) -> tuple[Platform, list[tuple[Total, ...]]]:
    """Raises Refusal: B456 where there is no such row, or what is wrong with it; those of `budgets.totals`."""
    with TemporaryDirectory(prefix="policyeval") as folder, engine_for(folder, request.threads) as engine:
        table, typing = opened(engine, request, regimes, vocabulary, folder, ())
        platform = _platform_at(engine, table, typing, number)
        formulas = [Formulas(regime, vocabulary) for regime in regimes]
        for each in formulas if request.budgets else ():
            measure(each, engine, table, typing, part_size(table), silent)
        return platform, [each.totals for each in formulas]


def _platform_at(engine: Engine, table: Table, typing: Typing, number: int) -> Platform:
    for part in table.parts(engine, part_size(table), 0):
        for damaged in part.damaged:
            if damaged.line == number:
                raise Refusal(damaged.problem)
        with reading(table.name):
            asked = f"SELECT {', '.join(typing.cells)} FROM {PART} AS p WHERE p.{quoted(ROW)} = {number}"
            found = engine.execute(asked).fetchone()
        if found is not None:
            return typing.platform(found)
    raise Refusal(Problem("B456", {"path": table.name, "row": number}))
