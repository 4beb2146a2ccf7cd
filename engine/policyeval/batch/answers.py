"""What a regime says of the rows of a table, as terms of a query: the columns of the contract.

In: formulas for rows of one shape. Out: Answers, which an earlier run may have kept. Promise: an answer kept is the one
that would be made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policyeval.batch.formulas import Formulas, remembered
from policyeval.batch.table import quoted
from policyeval.batch.terms import Terms, in_steps, listed, whole
from policyeval.batch.typed import Facts, Typing
from policyeval.domains import bounds
from policyeval.record import Record


class Answers(Record):
    """`steps` from the facts of a row to the `columns` of its answer."""

    steps: tuple[Terms, ...]
    columns: Terms

    @property
    def terms(self) -> Iterable[str]:
        """All that is text of a query."""
        return (term for step in (*self.steps, self.columns) for _, term in step)

    def query(self, source: str, keep: Sequence[str]) -> str:
        """The columns `keep` of the source, then those of the answer."""
        steps = [("facts", source), *in_steps("facts", self.steps)]
        return whole(steps, f"{', '.join(map(quoted, keep))}, {listed(self.columns)}")


def answers(formulas: Formulas, typing: Typing, facts: Facts) -> Answers:
    """Raises Refusal X401 and X402."""
    return remembered(Answers, [formulas], typing, facts, lambda: _made(formulas, typing, facts))


def _made(formulas: Formulas, typing: Typing, facts: Facts) -> Answers:
    from policyeval.sql import query  # noqa: PLC0415  # what writes SQL is slow to import
    from policyeval.view import answer  # noqa: PLC0415

    found = formulas.of(typing, facts)
    asked = query(found.nodes, found.wanted, facts.columns, bounds(typing.vocabulary))
    return Answers(asked.texts("duckdb"), tuple((name, term.sql("duckdb")) for name, term in answer(found, asked)))
