"""A regime as one query over a table of platforms: typed facts in, the columns of the contract out.

In: outcomes, a query that yields typed facts, a dialect. Out: the query with the columns that a table of answers has.
Promise: the same columns whatever the engine; money in yuan, exact, or in fen; NULL where an amount is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp, parse_one

from policyeval.columns import Column
from policyeval.domains import bounds
from policyeval.outcomes import Ends, Outcomes
from policyeval.plan import NO_MOST, Node
from policyeval.sql import DIALECTS, Query, Term, named, query
from policyeval.vocabulary import Vocabulary

FACTS = "facts"  # the step that the source is


def read(query: str) -> exp.Select:
    """A query of the embedded engine as a source."""
    found = parse_one(query, dialect="duckdb")
    assert isinstance(found, exp.Select)
    return found


def view(
    sets: Mapping[str, Outcomes],
    vocabulary: Vocabulary,
    source: exp.Select,
    facts: Mapping[str, Column],
    keep: Sequence[str],
    dialect: str = "duckdb",
    unit: str = "yuan",
    notes: Mapping[str, Mapping[int, Sequence[str]]] | None = None,
    where: Term | None = None,
) -> exp.Select:
    """The columns `keep` of the source, then those of each set of outcomes, their names after the set's.

    `where`: what must hold of a row for there to be an answer; where it does not, the answer's columns are NULL.

    Raises Refusal X401 as `sql.query` does.
    """
    last, steps, found = FACTS, [(FACTS, source)], list[Term](named(name) for name in keep)
    for number, (name, outcomes) in enumerate(sets.items()):
        said = (notes or {}).get(name)
        asked = query(outcomes.nodes, outcomes.wanted, facts, bounds(vocabulary), dialect, said, f"{'nmkjih'[number]}")
        steps += _steps(asked, last, name, dialect)
        last = steps[-1][0]
        sound = [where] if where else []
        found += [
            _named(_where([t.copy() for t in sound], term), name + key)
            for key, term in answer(outcomes, asked, dialect, unit)
        ]
    return _whole(found, steps)


def added_up(
    nodes: Sequence[Node],
    amounts: Mapping[str, int],
    conditions: Mapping[str, int],
    vocabulary: Vocabulary,
    source: exp.Select,
    facts: Mapping[str, Column],
    dialect: str = "duckdb",
) -> exp.Select:
    """One row: the sum of each of the amounts over all rows of the source, then in how many each condition holds.

    Raises Refusal X401 as `sql.query` does.
    """
    asked = query(nodes, [*amounts.values(), *conditions.values()], facts, bounds(vocabulary), dialect)
    steps = [(FACTS, source), *_steps(asked, FACTS, "", dialect)]
    counted = (
        exp.Case().when(asked.value(n), exp.Literal.number(1)).else_(exp.Literal.number(0)) for n in conditions.values()
    )
    terms = [*(DIALECTS[dialect].widened(asked.value(n)) for n in amounts.values()), *counted]
    found = [exp.Coalesce(this=exp.Sum(this=term), expressions=[exp.Literal.number(0)]) for term in terms]
    names = [exp.alias_(term, f"sum_{i}") for i, term in enumerate(found)]
    return _whole(names, steps)


def _steps(asked: Query, last: str, name: str, dialect: str) -> Iterator[tuple[str, exp.Select]]:
    """The steps of a query, each upon the one before it."""
    for i, step in enumerate(asked.steps, 1):
        made = [_named(term, column_name, words) for column_name, term, words in step.columns]
        select = DIALECTS[dialect].step(exp.select(exp.Star(), *made).from_(last))
        last = f"{name}step_{i}"
        yield last, select


def _whole(found: Sequence[Term], steps: Sequence[tuple[str, exp.Select]]) -> exp.Select:
    whole = exp.select(*found).from_(steps[-1][0])
    for alias, select in steps:
        whole = whole.with_(alias, as_=select, copy=False)
    return whole


def _named(term: Term, name: str, notes: Sequence[str] = ()) -> Term:
    alias = exp.alias_(term, exp.to_identifier(name, quoted=True))
    if notes:
        alias.add_comments(list(notes))
    return alias


def answer(outcomes: Outcomes, asked: Query, dialect: str = "duckdb", unit: str = "yuan") -> Iterator[tuple[str, Term]]:
    """The columns of an answer, in the contract's order, on the last step of `asked`."""
    covered = None if _is(outcomes, outcomes.covered, True) else asked.value(outcomes.covered)
    for name, ends in (("support", outcomes.support), *outcomes.payers.items()):
        yield from _ends(name, ends, outcomes, asked, covered, dialect, unit)
        if name == "support":
            unquantified, undetermined = (asked.value(n) for n in (outcomes.unquantified, outcomes.undetermined))
            yield "unquantified", _sure(exp.and_(covered.copy(), unquantified) if covered else unquantified)
            yield "undetermined", _sure(exp.or_(exp.not_(covered.copy()), undetermined) if covered else undetermined)


def _sure(term: Term) -> Term:
    """A flag is up or not, never unknown."""
    return term if isinstance(term, exp.Boolean) else exp.Coalesce(this=term, expressions=[exp.false()])


def _ends(
    name: str, ends: Ends, outcomes: Outcomes, asked: Query, covered: Term | None, dialect: str, unit: str
) -> Iterator[tuple[str, Term]]:
    least, most = (_money(asked, n, dialect, unit) for n in (ends.least, ends.most))
    here = [covered.copy()] if covered else []
    yield f"{name}_min", _where(here, least)
    bounded: list[Term] = [] if _is(outcomes, ends.open, False) else [exp.not_(asked.value(ends.open))]
    if (asked.interval(ends.most).high or 0) > NO_MOST:
        bounded.append(exp.LTE(this=asked.value(ends.most), expression=exp.Literal.number(NO_MOST)))
    yield f"{name}_max", _where([*(t.copy() for t in here), *bounded], most)


def _where(conditions: Sequence[Term], term: Term) -> Term:
    """The term where the conditions hold; those that it has already join them."""
    if not conditions:
        return term
    if isinstance(term, exp.Case) and term.this is None and term.args.get("default") is None:
        first, *others = term.args["ifs"]
        if not others:
            conditions, term = [*conditions, first.this], first.args["true"]
    return exp.Case().when(exp.and_(*conditions), term)


def _is(outcomes: Outcomes, node: int, value: bool) -> bool:
    return outcomes.nodes[node].kind == "Truth" and outcomes.nodes[node].data is value


def _money(asked: Query, node: int, dialect: str, unit: str) -> Term:
    """Whole fen, or yuan: a hundredth of them, without leaving whole numbers on the way."""
    term = asked.value(node)
    if unit == "fen":
        return term
    found = asked.interval(node)
    narrow = found.low is not None and found.high is not None and max(abs(found.low), abs(found.high)) < 10**16
    digits = 18 if narrow else 38
    whole = exp.cast(term, exp.DataType.build(f"DECIMAL({digits - 2}, 0)"))
    hundredth = exp.cast(exp.Literal.number("0.01"), exp.DataType.build("DECIMAL(2, 2)"))
    yuan = exp.Mul(this=whole, expression=hundredth)
    return yuan if dialect == DIALECTS["duckdb"].name else exp.cast(yuan, exp.DataType.build(f"DECIMAL({digits}, 2)"))
