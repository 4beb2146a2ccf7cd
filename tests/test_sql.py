"""The plan as SQL, on DuckDB: row by row what the evaluator says, for shipped packs and for any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pytest
import random_packs
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from policyeval import outcomes as outcomes_
from policyeval import sql
from policyeval.cases import typed
from policyeval.check import check, errors
from policyeval.columns import Column, amount_columns
from policyeval.evaluate import Evaluator, Span, emit
from policyeval.lower import lower
from policyeval.outcomes import outcomes
from policyeval.plan import Builder
from policyeval.problems import Refusal
from policyeval.regime import Regime, Regimes, planned
from policyeval.resolve import resolve
from policyeval.simplify import Interval
from policyeval.sql import query
from policyeval.view import view
from policyeval.vocabulary import Vocabulary
from policyeval.written_sql import PROBLEM, Asked, written
from regimes import shipped
from small_packs import build, resolved, vocabulary
from sqlglot import exp, parse_one
from test_evaluate import cases as worked
from test_evaluate import packs_of

DAY = date(2023, 6, 30)
YUAN = Decimal("0.01")


# The query that a bureau runs ------------------------------------------------

REGIMES = {
    "enacted": ((), {}),
    "draft": (("ganyu-draft",), {}),
    "other readings": (
        ("ganyu-draft",),
        {"no_duplication": "higher_regime", "higher_scope": "all", "cap_scope": "each"},
    ),
}
FACTS = ("location", "level", "kind", "upstream_funding", "exceptional", "performance", "contract_turnover")
MONEY = ("upstream_funding", "contract_turnover")
TYPES = dict.fromkeys(FACTS, "VARCHAR") | dict.fromkeys(MONEY, "DECIMAL(38, 4)")
CAPS = (0, 100_0000_00, 500_0000_00, 1000_0000_00, 2000_0000_00)
UNREADABLE: dict[str, list[Any]] = {
    "location": ["nantong", "江苏省", "atlantis", "ganyu;"],
    "level": ["国际级", "0"],
    "kind": ["博物馆"],
    "performance": ["fine"],
    "exceptional": ["maybe", "1"],
    **{key: [Decimal("-0.01"), Decimal("0.001"), Decimal("10000000000000.01"), Decimal(10) ** 33] for key in MONEY},
}


def rows_of(words: Vocabulary, count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Platforms as a table has them: any spelling, in any letters, and facts that are missing."""
    rnd = Random(seed)
    for _ in range(count):
        row: dict[str, Any] = {}
        for fact in FACTS:
            if rnd.random() < 0.15:
                row[fact] = rnd.choice((None, "", "  ")) if fact not in MONEY else None
            elif fact in MONEY:
                fen = rnd.choice((rnd.choice(CAPS) + rnd.randrange(-3, 4), rnd.randrange(4 * 10**9), 10**15))
                row[fact] = max(fen, 0) * YUAN
            else:
                row[fact] = rnd.choice((str, str.upper, lambda s: f" {s} "))(rnd.choice(SPELLED[fact](words)))
        yield row


def _platforms_lie_in(words: Vocabulary) -> list[str]:
    homes = [p for p in words.places if words.nearest(p, words.facts["host_tier"].derived.nearest)]  # type: ignore[union-attr]
    return [s for s, place in words.place_spellings.items() if place in homes]


SPELLED: dict[str, Any] = {
    "location": _platforms_lie_in,
    "exceptional": lambda _: ["true", "是", "yes", "false", "否", "no"],
    **{f: lambda words, f=f: list(words.value_spellings[f]) for f in ("level", "kind", "performance")},
}


def stored(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> None:
    columns = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
    connection.execute(f"CREATE TABLE platforms (id INTEGER, {columns})")
    values = [[i, *(row[name] for name in types)] for i, row in enumerate(rows)]
    connection.executemany(f"INSERT INTO platforms VALUES (?{', ?' * len(types)})", values)


def told(connection: duckdb.DuckDBPyConnection, text: str) -> list[dict[str, Any]]:
    found = connection.execute(text)
    names = [d[0] for d in found.description]
    return sorted((dict(zip(names, row, strict=True)) for row in found.fetchall()), key=lambda row: row["id"])


def by_eval(regimes: Regimes, row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What `eval` says of the same platform."""
    said = {fact: None if v is None or not str(v).strip() else str(v).strip() for fact, v in row.items()}
    found = regimes.answer(typed(said, shipped().vocabulary))
    spans = {"support": found.support, **{p: found.payers.get(p, Span(0, 0)) for p in names}}
    if not found.packs:
        spans = dict.fromkeys(spans, Span(None, None))
    amounts = {f"{n}_{end}": getattr(span, end) for n, span in spans.items() for end in ("min", "max")}
    yuan = {name: None if fen is None else fen * YUAN for name, fen in amounts.items()}
    return {**yuan, "unquantified": found.unquantified, "undetermined": found.undetermined}


@pytest.mark.parametrize("name", REGIMES)
@pytest.mark.parametrize("packs", [(), ("qidong-2023",)])
def test_rows_are_as_eval_says(name: str, packs: tuple[str, ...]) -> None:
    with_, readings = REGIMES[name]
    regimes = Regimes(shipped(), DAY, packs, with_, readings)
    regime = regimes.at(None)
    payers = tuple(regime.plan.payers)
    rows = list(rows_of(shipped().vocabulary, 300, 6))
    with duckdb.connect() as connection:
        stored(connection, rows, TYPES)
        found = told(connection, written(regime, shipped().vocabulary, DAY, Asked("duckdb")))
    assert len(found) == len(rows)
    for row, answer in zip(rows, found, strict=True):
        own = {name: answer[name] for name in FACTS}
        assert own == row  # the table's columns come out as they went in
        assert answer[PROBLEM] is None
        assert {name: answer[name] for name in amount_columns(payers)} == by_eval(regimes, row, payers)
        assert answer["support_min"] is not None or answer["undetermined"]


@pytest.mark.parametrize("dialect", sql.DIALECTS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_clause_stands_beside_each_expression(dialect: str, lang: Any) -> None:
    regime = Regimes(shipped(), DAY, with_=["ganyu-draft"]).at(None)
    text = written(regime, shipped().vocabulary, DAY, Asked(dialect, lang=lang))
    for pack in regime.packs:
        assert pack.sha256 in text
        for award in pack.awards.values():
            if award.beneficiary == "platform":
                assert text.count(f"“{award.cite.phrase}”") > 1  # in the head, and where it counts
    lines = text.splitlines()
    body = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    assert parse_one(text, dialect=dialect) == parse_one(body, dialect=dialect)


def test_a_cell_that_cannot_be_read_is_named_and_has_no_amounts() -> None:
    # with the city's plan, and under the default reading, nothing depends on the kind or on whether it is exceptional
    kinds_count = {"ganyu-draft/matching_kinds": "four_kinds"}
    regime = Regimes(shipped(), DAY, ["qidong-2023"], ["ganyu-draft"], kinds_count).at(None)
    good = {"location": "赣榆", "level": "国家级", "kind": "技术创新中心", "upstream_funding": Decimal(800),
            "exceptional": None, "performance": "优秀", "contract_turnover": Decimal(7)}  # fmt: skip
    wrong = [(fact, value) for fact, values in UNREADABLE.items() for value in values]
    rows = [good, *({**good, fact: value} for fact, value in wrong)]
    rows += [{**good, "location": "nowhere", "level": "high"}, {**good, "level": "high", "performance": "fine"}]
    with duckdb.connect() as connection:
        stored(connection, rows, TYPES)
        found = told(connection, written(regime, shipped().vocabulary, DAY, Asked("duckdb")))
    assert [row[PROBLEM] for row in found] == [None, *(fact for fact, _ in wrong), "location", "level"]
    amounts = amount_columns([*regime.plan.payers])
    assert all(found[0][name] is not None for name in amounts)
    assert all(row[name] is None for row in found[1:] for name in amounts)


@pytest.mark.parametrize("type_", ["INTEGER", "BIGINT", "DOUBLE", "DECIMAL(9, 2)", "DECIMAL(18, 2)", "DECIMAL(38, 2)"])
def test_money_in_any_column_of_numbers(type_: str) -> None:
    """0.29 is no whole number of hundredths as a double, and means 29 fen all the same."""
    regimes = Regimes(shipped(), DAY)
    value = Decimal(29) if "INT" in type_ else Decimal("0.29")
    row = {"location": "ganyu", "level": "national", "kind": None, "upstream_funding": value}
    with duckdb.connect() as connection:
        stored(connection, [row], {**dict.fromkeys(row, "VARCHAR"), "upstream_funding": type_})
        (found,) = told(connection, written(regimes.at(None), shipped().vocabulary, DAY, Asked("duckdb")))
    assert (found[PROBLEM], found["support_min"]) == (None, value)


def test_columns_of_a_table_meet_none_of_ours() -> None:
    """However a bureau calls its columns and its table, and as a view too."""
    regime = Regimes(shipped(), DAY).at(None)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE SCHEMA f; CREATE TABLE f.facts AS SELECT 7 AS n4, 'x' AS host_tier, 8 AS location_cell, 1 AS id, "
            "'东海' AS location, 'national' AS level, NULL::VARCHAR AS kind, 10.01 AS upstream_funding, 9 AS covered"
        )
        connection.execute(written(regime, shipped().vocabulary, DAY, Asked("duckdb", "f.facts", "f.support")))
        (found,) = told(connection, "SELECT * FROM f.support")
    assert list(found)[:10] == [
        "n4",
        "host_tier",
        "location_cell",
        "id",
        "location",
        "level",
        "kind",
        "upstream_funding",
        "covered",
        PROBLEM,
    ]
    assert (found["n4"], found["host_tier"], found["location_cell"], found["covered"]) == (7, "x", 8, 9)
    assert (found["support_min"], found["city_min"], found["host_min"]) == (Decimal("10.01"), 0, Decimal("10.01"))


def test_lists_are_refused_by_name() -> None:
    pack, _, _ = resolved({"amount": "sum of grant of projects by host"})
    regime = Regime((pack,), lower([pack], vocabulary(), {}, DAY))
    with pytest.raises(Refusal) as refused:
        written(regime, vocabulary(), DAY, Asked("duckdb"))
    (problem,) = refused.value.problems
    assert (problem.code, problem.words["facts"]) == ("B401", "`projects`")


KINDS = {
    "funding": ("DECIMAL(20, 3)", [Decimal("0.05"), None], [Decimal("0.005"), Decimal(-1)]),
    "rate": ("DECIMAL(20, 7)", [Decimal("0.1"), Decimal(2), None], [Decimal("0.0000001"), Decimal("-0.1")]),
    "score": ("DECIMAL(20, 7)", [Decimal("-0.5"), Decimal(3), None], [Decimal("0.0000001"), Decimal(1000000001)]),
    "jobs": ("DECIMAL(20, 1)", [Decimal(0), Decimal(7), None], [Decimal("0.5"), Decimal(-1), Decimal(10) ** 15 + 1]),
    "founded": ("DATE", [date(2020, 1, 31), date(9999, 12, 31), date(1, 1, 1), None], []),
}


def test_facts_of_every_kind() -> None:
    when = "rate at least 10% and score below 1 and jobs at least 7 and founded below 2021-01-01"
    pack, _, problems = resolved({"awards": {"one": {"amount": "funding matched 1:1 by host", "when": when}}})
    assert not problems
    regime = Regime((pack,), lower([pack], vocabulary(), {}, DAY))
    evaluator = Evaluator(regime.plan)
    plain = {"funding": Decimal(7), "rate": Decimal("0.2"), "score": Decimal(-1), "jobs": Decimal(8),
             "founded": date(2020, 1, 1)}  # fmt: skip
    good = [{**plain, fact: value} for fact, (_, values, _) in KINDS.items() for value in values]
    bad = [({**plain, fact: value}, fact) for fact, (_, _, values) in KINDS.items() for value in values]
    with duckdb.connect() as connection:
        stored(connection, [{"location": "county_c", **row} for row in [*good, *(r for r, _ in bad)]],
               {"location": "VARCHAR", **{fact: type_ for fact, (type_, _, _) in KINDS.items()}})  # fmt: skip
        found = told(connection, written(regime, vocabulary(), DAY, Asked("duckdb")))
    for row, answer in zip(good, found, strict=False):
        texts = {fact: None if value is None else str(value) for fact, value in row.items()}
        amounts = evaluator.amounts(typed({"location": "county_c", **texts}, vocabulary()).facts)
        said = {"min": answer["support_min"], "max": answer["support_max"]}
        assert said == {end: None if fen is None else fen * YUAN for end, fen in amounts.support._asdict().items()}
        assert (answer[PROBLEM], answer["undetermined"]) == (None, amounts.undetermined)
    assert [answer[PROBLEM] for answer in found[len(good) :]] == [fact for _, fact in bad]


# Any plan --------------------------------------------------------------------


def fen_view(
    regime: Regime, words: Vocabulary, open_: frozenset[str], stated: frozenset[str], dialect: str = "duckdb"
) -> tuple[dict[str, Column], str]:
    """The columns that a plan asks of a table of typed facts, and the query over it, in fen."""
    made = outcomes(regime, words, stated, open_)
    columns = {}
    for name in made.facts:
        fact = words.facts[name]
        values = tuple(words.places) if fact.kind == "place" else tuple(fact.values)
        columns[name] = Column(name, values, fact.kind == "bool", name in open_)
    source = exp.select("*").from_("platforms")
    return columns, view({"": made}, words, source, columns, ["id"], dialect, "fen").sql(dialect)


def held(regime: Regime, words: Vocabulary, rows: Sequence[Mapping[str, Any]], open_: frozenset[str],
         stated: frozenset[str]) -> None:  # fmt: skip
    """Each row's amounts are those of the evaluator."""
    columns, text = fen_view(regime, words, open_, stated)
    types = {n: "VARCHAR" if c.values else "BOOLEAN" if c.truth else "BIGINT" for n, c in columns.items()}
    texts = [
        {n: c.values[row[n]] if c.values and row[n] is not None else row[n] for n, c in columns.items()} for row in rows
    ]
    with duckdb.connect() as connection:
        stored(connection, texts, types)
        found = told(connection, text)
    evaluator = Evaluator(regime.plan)
    for row, answer in zip(rows, found, strict=True):
        amounts = evaluator.amounts(row)
        expected = {"id": answer["id"], "unquantified": amounts.unquantified, "undetermined": amounts.undetermined}
        for name, span in (("support", amounts.support), *amounts.payers.items()):
            expected |= {f"{name}_min": span.min, f"{name}_max": span.max}
        assert answer == expected, row


def regime_of(words: Mapping[str, Any]) -> Regime:
    built = {id_: build(id_, dict(pack)) for id_, pack in words.items()}
    found = {id_: resolve(pack, vocabulary(), built) for id_, pack in built.items()}
    packs = {id_: pack for id_, (pack, _) in found.items()}
    problems = [p for _, said in found.values() for p in said]
    problems += [p for pack in packs.values() for p in check(pack, vocabulary(), packs)]
    assume(not errors(problems))
    return Regime(tuple(packs.values()), planned(tuple(packs.values()), vocabulary(), {}, DAY))


MAY_BE_OPEN = sorted(random_packs.platform(Random(0)))


def random_rows(rnd: Random, open_: frozenset[str], stated: frozenset[str], count: int) -> list[dict[str, Any]]:
    """Platforms of a few fen, where all that is odd happens, and of as many as there can be."""
    rows = []
    for _ in range(count):
        row = random_packs.platform(rnd)
        if rnd.random() < 0.3:
            most = rnd.choice((10**15, 10**9))
            row |= {n: max(most - rnd.randrange(9), 0) for n in row if n in random_packs.MONEY or n.endswith("grant")}
        row |= {n: None for n in sorted(open_) if rnd.random() < 0.4}
        if "host_tier" not in stated:
            row["host_tier"] = None if row["location"] is None else row["location"] - 2
        rows.append(row)
    return rows


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
@example(5)  # where a choice meets an amount that is not known
@pytest.mark.parametrize("kind", ["choices", "lists", "open", "all"])
def test_any_packs_are_as_the_evaluator_says(kind: str, seed: int) -> None:
    """Packs with choices, with lists, with facts that are missing, and with all of these at once."""
    rnd = Random(seed)
    often = {"choices": {"choices": 0.1, "all": 0.3}.get(kind, 0.0), "figureless": 0.1 * (kind in ("choices", "all"))}
    lists = kind in ("lists", "all")
    try:
        regime = regime_of(random_packs.packs(rnd, **often, lists=lists))
        stated = frozenset(["host_tier"] if rnd.random() < 0.3 else [])
        may_be_open = [name for name in MAY_BE_OPEN if lists or not name.startswith("projects")]
        number = rnd.choice([2, 7]) if kind in ("open", "all") else 0
        open_ = frozenset(rnd.sample(may_be_open, number))
        if "location" in open_ and not stated:
            open_ |= {"host_tier"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(outcomes_, "_LIMIT", 1_000)  # packs that need more take most of a minute
            held(regime, vocabulary(), random_rows(rnd, open_, stated, 30), open_, stated)
    except Refusal as refusal:
        assume(not {"R401", "R403", "X301", "X401", "X402"} & {problem.code for problem in refusal.problems})
        raise


@pytest.mark.parametrize("case", list(worked()))
def test_worked_cases(case: dict[str, Any]) -> None:
    """The cases worked by hand, with whatever facts they leave out; budgets are no matter of one platform."""
    if "refused" in case:
        return
    packs = packs_of(case)
    rows = [typed({"location": "district_d", **asked.get("facts", {})}, vocabulary()).facts for asked in case["ask"]]
    plan = planned(packs, vocabulary(), {})
    rows = [{**dict.fromkeys(vocabulary().facts), **row, "as_of": DAY.toordinal()} for row in rows]
    open_ = frozenset(n for n in vocabulary().facts if any(row[n] is None for row in rows))
    held(Regime(tuple(packs), plan), vocabulary(), rows, open_, frozenset())


def test_arithmetic_below_zero_by_zero_and_past_64_bits() -> None:
    """Rounding goes down below 0 too, a division by 0 is 0, a product of 31 digits does not wrap."""
    b = Builder()
    x, y = b.fact("x"), b.fact("y")
    product = b.mul(x, y)
    wanted = [b.div(top, below, rounding) for top in (x, product, b.add(x, b.mul(y, b.const(-3))))
              for below in (y, b.const(3), b.const(4)) for rounding in ("down", "half_up")]  # fmt: skip
    wanted += [product, b.add(product, x), b.div(b.mul(product, b.const(900)), b.const(10**6), "half_up")]
    wanted += [b.min(x, product), b.max(x, b.mul(y, b.const(-1))), b.if_(b.less(x, y), product, x)]
    values = [None, -(10**15), -7, -4, -1, 0, 1, 2, 5, 10**15 - 1, 10**15]
    columns = {name: Column(name) for name in "xy"}
    asked = query(b.nodes, wanted, columns, dict.fromkeys("xy", Interval(-(10**15), 10**15)))
    steps, last = [], "platforms"
    for i, step in enumerate(asked.steps):
        made = ", ".join(f'{term.sql("duckdb")} AS "{name}"' for name, term, _ in step.columns)
        steps.append(f"s{i} AS (SELECT *, {made} FROM {last})")
        last = f"s{i}"
    terms = ", ".join(asked.value(n).sql("duckdb") for n in wanted)
    rows = [{"x": i, "y": j} for i in values for j in values]
    with duckdb.connect() as connection:
        stored(connection, rows, {"x": "BIGINT", "y": "BIGINT"})
        found = connection.execute(f"WITH {', '.join(steps)} SELECT {terms} FROM {last} ORDER BY id").fetchall()
    for row, answer in zip(rows, found, strict=True):
        missing = frozenset(name for name, value in row.items() if value is None)
        assert answer == emit(b.nodes, wanted, missing)(row), row
