"""What the rows of a table are grouped by.

In: a name as a user types it. Out: a By: the term that rows are grouped by, and the value of a group in words. Promise:
a fact is the same group however it is written; groups stand in the vocabulary's order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policyeval.batch.table import Table, quoted
from policyeval.batch.typed import Facts, Typing
from policyeval.cases import spelled_fact
from policyeval.domains import spelled
from policyeval.near import did_you_mean
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.vocabulary import Fact, Vocabulary

Key = tuple[str | None, ...]


class By(Record):
    """A column that groups rows; `fact`: what it says, where it is a fact; `values`: in their order, where listed."""

    name: str
    term: Callable[[Facts], str]
    value: Callable[[Any], str | None]
    fact: Fact | None = None
    values: tuple[str, ...] = ()

    def order(self, value: str | None) -> tuple[int, Any]:
        """Where a group stands: in the vocabulary's order, then as numbers or texts go; rows without a value last."""
        if value is None:
            return (3, "")
        if value in self.values:
            return (0, self.values.index(value))
        try:
            return (1, float(value))
        except ValueError:
            return (2, value)


def grouping(names: Sequence[str], table: Table, typing: Typing) -> tuple[By, ...]:
    """Raises Refusal B451 for a name that is neither a fact of the table nor a column."""
    found = [_by(name, table, typing) for name in names]
    problems = [by for by in found if isinstance(by, Problem)]
    if problems:
        raise Refusal(*problems)
    return tuple({by.name: by for by in found if isinstance(by, By)}.values())


def _by(name: str, table: Table, typing: Typing) -> By | Problem:
    vocabulary = typing.vocabulary
    of_column = next((h.fact for h in typing.headings if h.column == name), None)
    fact = of_column or spelled_fact(name, vocabulary)
    if fact in typing.stated or fact in typing.fixed:
        assert fact
        return _of_fact(vocabulary.facts[fact], vocabulary) if fact in vocabulary.facts else _of_column(name)
    if fact and (derived := vocabulary.facts[fact].derived) and derived.source in typing.stated:
        return _following(vocabulary.facts[fact], derived.source, derived.nearest, vocabulary)
    if name in dict(table.columns):
        return _of_column(name)
    facts = [s for s, f in vocabulary.fact_spellings.items() if f in typing.stated]
    near = did_you_mean(name, [*dict(table.columns), *facts])
    return Problem("B451", {"name": name, "near": near, "columns": table.named})


def _of_fact(fact: Fact, vocabulary: Vocabulary) -> By:
    def value(found: Any) -> str | None:
        return found if found is None or isinstance(found, str) else spelled(vocabulary, fact.name, found)

    values = tuple(vocabulary.places if fact.kind == "place" else fact.values)
    return By(fact.name, lambda facts: quoted(facts.columns[fact.name].name), value, fact, values)


def _following(fact: Fact, source: str, tiers: tuple[str, ...], vocabulary: Vocabulary) -> By:
    """A fact that follows from the place."""

    def value(place: Any) -> str | None:
        info = None if place is None else vocabulary.nearest(place, tiers)
        return info.tier if info else None

    return By(fact.name, lambda facts: quoted(facts.columns[source].name), value, fact, tuple(fact.values))


def _of_column(name: str) -> By:
    def value(found: Any) -> str | None:
        return None if found is None else str(found)

    return By(name, lambda _: f"CAST({quoted(name)} AS VARCHAR)", value)


def in_order(by: Sequence[By], groups: Mapping[Key, Any]) -> list[Key]:
    return sorted(groups, key=lambda key: [each.order(value) for each, value in zip(by, key, strict=True)])
