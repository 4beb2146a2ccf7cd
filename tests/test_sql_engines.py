"""The policy as SQL, on the engines themselves, says what the evaluator says: to the fen, and of what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import combinations as pairs
from itertools import product
from random import Random
from typing import Any, NamedTuple

import pytest
import random_packs
from policyeval.check import check
from policyeval.columns import Column, amount_columns
from policyeval.domains import following, homes, listed
from policyeval.evaluate import Amounts, Evaluator, Facts, Span, emit
from policyeval.lower import lower
from policyeval.money import LIMIT
from policyeval.outcomes import Outcomes, outcomes
from policyeval.plan import UNBOUNDED, Builder, cone
from policyeval.problems import Refusal, errors
from policyeval.regime import Regime, Regimes, bearing
from policyeval.resolve import resolve
from policyeval.simplify import Interval
from policyeval.sql import DIALECTS, query
from policyeval.view import view
from policyeval.vocabulary import Vocabulary
from regimes import shipped
from small_packs import build, vocabulary
from sql_tables import Engine, Kind, duckdb_engine, postgres_engine, spark_engine
from sqlglot import exp

DAY = date(2023, 6, 30)
AT_ONCE = 2  # outcomes of one query: Spark resolves no more than some hundred steps
SMALL, LARGE = 200, 600  # nodes of a plan, and of outcomes, that engines read in a short time
CEILINGS = (100_0000_00, 200_0000_00, 500_0000_00, 1000_0000_00, 2000_0000_00)


@pytest.fixture(params=["duckdb", "postgres", pytest.param("spark", marks=pytest.mark.cluster)])
def engine(request: pytest.FixtureRequest) -> Engine:
    match request.param:
        case "postgres":
            return postgres_engine(request.getfixturevalue("postgres").url())
        case "spark":
            return spark_engine(request.getfixturevalue("spark"))
    return duckdb_engine()


# Nodes --------------------------------------------------------------------------------------------------------------

NUMBERS = {"a": Interval(-(10**15), 10**15), "b": Interval(0, 10**15), "c": Interval(0, 9), "d": Interval(-9, 9)}
TRUTHS = ("p", "q")


def graph(rnd: Random, size: int) -> tuple[Builder, list[int]]:
    """A builder with nodes of every kind over small and large numbers of either sign."""
    b = Builder()
    numbers = [*(b.fact(name) for name in NUMBERS), *map(b.const, (0, 1, -1, 3, 10**6, -(10**15), UNBOUNDED))]
    truths = [b.fact(name) for name in TRUTHS]
    leaves = tuple(numbers)
    for _ in range(size):
        x, y, z = rnd.choice(numbers), rnd.choice(numbers), rnd.choice(leaves)
        p, q = rnd.choice(truths), rnd.choice(truths)
        match rnd.randrange(14):
            case 0 | 1:
                numbers.append(b.add(x, y, z))
            case 2:
                numbers.append(b.mul(x, z))
            case 3 | 4:
                numbers.append(b.div(x, rnd.choice([y, z]), rnd.choice(["half_up", "down"])))
            case 5:
                numbers.append(rnd.choice([b.min, b.max])(x, y, z))
            case 6:
                numbers.append(b.if_(p, x, y))
            case 7:
                truths.append(b.less(x, y))
            case 8:
                truths.append(b.equal(x, z))
            case 9:
                truths.append(b.member(x, rnd.sample(range(-9, 10), 3)))
            case 10:
                truths.append(rnd.choice([b.and_, b.or_])(p, q))
            case 11:
                truths.append(b.if_(p, q, b.not_(p)))
            case 12:
                truths.append(b.not_(p))
            case 13:
                truths.append(b.known(rnd.choice([x, p])))
    return b, list(dict.fromkeys([*numbers, *truths]))


def fits(b: Builder, number: int, columns: Mapping[str, Column]) -> bool:
    """Every dialect has room for the node, which is no mere number."""
    if b.nodes[number].kind == "Const":
        return False
    try:
        for dialect in DIALECTS:
            query(b.nodes, [number], columns, NUMBERS, dialect).value(number)
    except Refusal:
        return False
    return True


def of_numbers(rnd: Random) -> dict[str, Any]:
    near = [0, 1, -1, 2, 3, 7, -7, 10**6, 10**15, -(10**15)]
    row: dict[str, Any] = {
        name: max(low, min(high, rnd.choice([*near, rnd.randrange(low, high + 1)])))
        for name, (low, high) in ((name, interval._key()) for name, interval in NUMBERS.items())
    }
    row |= {name: rnd.random() < 0.5 for name in TRUTHS}
    return {name: None if rnd.random() < 0.12 else value for name, value in row.items()}


def test_every_kind_of_node(engine: Engine) -> None:
    columns = {n: Column(n) for n in NUMBERS} | {n: Column(n, truth=True) for n in TRUTHS}
    kinds: dict[str, Kind] = {**dict.fromkeys(NUMBERS, "bigint"), **dict.fromkeys(TRUTHS, "boolean")}
    rnd = Random(6)
    seen: set[str] = set()
    for _ in range(2 if engine.most else 4):
        b, numbers = graph(rnd, 80)
        wanted = [n for n in numbers if fits(b, n, columns)]
        assert len(wanted) > len(numbers) / 2
        seen |= {b.nodes[n].kind for n in cone(b.nodes, wanted)}
        rows = [of_numbers(rnd) for _ in range(200)]
        asked = query(b.nodes, wanted, columns, NUMBERS, engine.dialect)
        source = exp.select("*").from_("platforms")
        for i, step in enumerate(asked.steps):
            made = [exp.alias_(term, name, quoted=True) for name, term, _ in step.columns]
            source = DIALECTS[engine.dialect].step(exp.select("*", *made).from_(source.subquery(f"s{i}")))
        found = [exp.alias_(asked.value(n), f"v{n}", quoted=True) for n in wanted]
        said = engine.ask(exp.select("row", *found).from_(source.subquery("last")), kinds, rows)
        for row, values in zip(rows, said, strict=True):
            missing = frozenset(name for name, value in row.items() if value is None)
            for n, true in zip(wanted, emit(b.nodes, wanted, missing)(row), strict=True):
                assert values[f"v{n}"] == true, (n, row)
                assert isinstance(values[f"v{n}"], bool) == isinstance(true, bool)
    assert seen == {
        "Const",
        "Truth",
        "Fact",
        "Add",
        "Mul",
        "Div",
        "Min",
        "Max",
        "Less",
        "Equal",
        "Member",
        "And",
        "Or",
        "Not",
        "If",
        "Known",
    }


# Packs --------------------------------------------------------------------------------------------------------------


def columns_of(v: Vocabulary, names: Sequence[str], texts: bool) -> tuple[dict[str, Column], dict[str, Kind]]:
    """The columns of facts, enumerations and places as their names or by their numbers."""
    columns: dict[str, Column] = {}
    kinds: dict[str, Kind] = {}
    for name in names:
        fact = v.facts[name]
        values = tuple(v.places) if fact.kind == "place" else tuple(fact.values)
        columns[name] = Column(name, values if texts else (), fact.kind == "bool")
        kinds[name] = "boolean" if fact.kind == "bool" else "text" if texts and values else "bigint"
    return columns, kinds


def cells(row: Facts, columns: Mapping[str, Column]) -> dict[str, Any]:
    """A platform as its row says it."""
    found = {name: row.get(name) for name in columns}
    return {n: columns[n].values[v] if columns[n].values and v is not None else v for n, v in found.items()}


def said(name: str, payers: Iterable[str], amounts: Amounts | None) -> dict[str, Any]:
    """The evaluator's answer as a row of a table has it."""
    payers = list(payers)
    if amounts is None:
        nothing = dict.fromkeys(amount_columns(payers))
        return {name + key: value for key, value in {**nothing, "unquantified": False, "undetermined": True}.items()}
    spans = {"support": amounts.support, **{p: amounts.payers.get(p, Span(0, 0)) for p in payers}}
    ends = {f"{key}_{end}": getattr(span, end) for key, span in spans.items() for end in ("min", "max")}
    flags = {"unquantified": amounts.unquantified, "undetermined": amounts.undetermined}
    return {name + key: value for key, value in {**ends, **flags}.items()}


def yuan(value: Any) -> Any:
    return value if value is None or isinstance(value, bool) else Decimal(value) / 100


def chunks(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (found[i : i + AT_ONCE] for i in range(0, len(found), AT_ONCE))


# The shipped packs ---


def open_to(v: Vocabulary) -> frozenset[str]:
    """What a platform may leave open."""
    return frozenset(n for n, f in v.facts.items() if f.default is None and f.given is None)


def of_the_city(rnd: Random, v: Vocabulary) -> dict[str, Any]:
    """A platform of the shipped vocabulary: amounts near where ceilings begin to bind, facts left out."""
    place = rnd.choice(homes(v, v.seat))
    facts: dict[str, Any] = {v.seat: place, **following(v, v.seat, place)}
    for name, fact in v.facts.items():
        if fact.given or fact.within or name in facts:
            continue
        if values := listed(fact):
            facts[name] = rnd.choice(values)
        else:
            near = rnd.choice(CEILINGS) * rnd.choice([1, 1, 2, 4]) + rnd.randrange(-4, 5)
            facts[name] = rnd.choice([near, near, rnd.randrange(9), rnd.randrange(10**12), LIMIT])
    gone = {name for name in facts if rnd.random() < 0.08 and name in open_to(v) and not v.facts[name].derived}
    if v.seat in gone:
        gone |= following(v, v.seat, place).keys()
    return {name: value for name, value in facts.items() if name not in gone}


@cache
def readings() -> list[dict[str, str]]:
    """Combinations of options in which any two options of two readings stand together at least once."""
    packs = Regimes(shipped(), DAY, with_=("ganyu-draft",)).at(None).packs
    options = {key: list(reading.options) for key, reading in bearing(packs).items()}
    every = [tuple(zip(options, chosen, strict=True)) for chosen in product(*options.values())]
    left = {pair for one in every for pair in pairs(one, 2)}
    found = []
    while left:
        best = max(every, key=lambda one: sum(pair in left for pair in pairs(one, 2)))
        left.difference_update(pairs(best, 2))
        found.append(dict(best))
    return found


class Compared(NamedTuple):
    """What is asked of engines, and what the evaluator says: to each set of outcomes a row for each platform."""

    vocabulary: Vocabulary
    sets: dict[str, Outcomes]
    rows: list[dict[str, Any]]
    true: dict[str, list[dict[str, Any]]]

    def ask(self, engine: Engine, names: Sequence[str], texts: bool, unit: str) -> dict[str, list[dict[str, Any]]]:
        """The same by the engine."""
        asked = {name for n in names for name in self.sets[n].facts}
        columns, kinds = columns_of(self.vocabulary, sorted(asked), texts)
        source, sets = exp.select("*").from_("platforms"), {name: self.sets[name] for name in names}
        whole = view(sets, self.vocabulary, source, columns, ["row"], engine.dialect, unit)
        answers = engine.ask(whole, kinds, [cells(row, columns) for row in self.rows])
        return {name: [{key: answer[key] for key in self.true[name][0]} for answer in answers] for name in names}


@cache
def of_the_shipped(with_: tuple[str, ...]) -> Compared:
    v, rnd = shipped().vocabulary, Random(7)
    rows = [of_the_city(rnd, v) for _ in range(250)]
    given = {name: DAY.toordinal() for name, fact in v.facts.items() if fact.given == "as_of"}
    found = Compared(v, {}, rows, {})
    for i, chosen in enumerate(readings()[: 4 if with_ else None]):  # formulas of the draft take seconds each
        regimes = Regimes(shipped(), DAY, with_=with_, readings=chosen)
        whole, name = regimes.at(None), f"r{i}_"
        found.sets[name] = outcomes(whole, v, frozenset(), open_to(v))
        there = {place: regimes.at(place) for place in (None, *v.places)}
        evaluators = {place: Evaluator(here.plan) for place, here in there.items() if here.packs}
        found.true[name] = []
        for row in rows:
            asker = evaluators.get(list(v.places)[row[v.seat]] if v.seat in row else None)
            amounts = asker.amounts(row | given) if asker else None
            found.true[name].append({key: yuan(v) for key, v in said(name, whole.plan.payers, amounts).items()})
    return found


@pytest.mark.parametrize("with_", [(), ("ganyu-draft",)], ids=["in force", "with the draft"])
def test_the_shipped_packs_under_many_readings(engine: Engine, with_: tuple[str, ...]) -> None:
    asked = of_the_shipped(with_)
    for names in chunks(list(asked.sets)[: engine.most]):
        for name, answers in asked.ask(engine, names, texts=True, unit="yuan").items():
            for row, true, answer in zip(asked.rows, asked.true[name], answers, strict=True):
                assert answer == true, row


# Random packs ---


def made(rnd: Random) -> Regime | None:
    """Two random packs without an error as a regime."""
    words = random_packs.packs(rnd, choices=0.3)
    built = {id: build(id, dict(pack)) for id, pack in words.items()}
    found = {id: resolve(pack, vocabulary(), built) for id, pack in built.items()}
    packs = {id: pack for id, (pack, _) in found.items()}
    problems = [p for _, said in found.values() for p in said]
    problems += [p for pack in packs.values() for p in check(pack, vocabulary(), packs)]
    if errors(problems) or any(p.code == "W402" for p in problems):
        return None
    return Regime(tuple(packs.values()), lower(list(packs.values()), vocabulary(), {}))


def size(made: Outcomes) -> int:
    return len(cone(made.nodes, made.wanted))


@cache
def of_random_packs() -> Compared:
    v, rnd = vocabulary(), Random(8)
    facts, open_ = frozenset(random_packs.platform(rnd)), ("exceptional", "funding", "level")
    gone = [set[str](), *({*rnd.sample(open_, rnd.choice([1, 2, 3]))} for _ in range(4))]
    rows = [random_packs.platform(rnd) for _ in range(60)]
    rows = [{n: value for n, value in row.items() if n not in gone[i % len(gone)]} for i, row in enumerate(rows)]
    found, refused = Compared(v, {}, rows, {}), 0
    while len(found.sets) < 12:
        name, regime = f"p{len(found.sets)}_", made(rnd)
        try:
            short = regime and len(regime.plan.nodes) < SMALL
            found_here = outcomes(regime, v, facts, frozenset(open_)) if regime and short else None
        except Refusal:
            refused += 1
            continue
        if regime and found_here and size(found_here) < LARGE:
            evaluator = Evaluator(regime.plan)
            found.sets[name] = found_here
            found.true[name] = [said(name, regime.plan.payers, evaluator.amounts(row)) for row in rows]
    assert refused < 8
    return found


def test_random_packs(engine: Engine) -> None:
    asked = of_random_packs()
    short_first = sorted(asked.sets, key=lambda name: size(asked.sets[name]))
    for names in chunks(short_first[: engine.most]):
        for name, answers in asked.ask(engine, names, texts=False, unit="fen").items():
            for row, true, answer in zip(asked.rows, asked.true[name], answers, strict=True):
                assert answer == true, row
