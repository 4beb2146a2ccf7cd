"""One certificate: the same generated platforms through the evaluator, the databases and the solver.

In: regimes, how many platforms, which engines. Out: a Certificate: what was compared, what disagrees,
what was left out and why, with the digests of the packs and the versions of the engines. Promises: amounts stand mostly
on and beside the ceilings and thresholds of the plan, facts are missing, every value of a listed fact occurs, under as
many combinations of readings as COMBINATIONS, in which any two options meet where the rows suffice; the same platforms
for the same seed; memory does not grow with rows.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import combinations as pairs
from itertools import islice, product
from math import prod
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
import z3
from sqlglot import exp

from policyeval.batch.cluster import SETTINGS
from policyeval.cases import as_written
from policyeval.claims import Ground
from policyeval.columns import Column, amount_columns
from policyeval.domains import bounds, following, homes, listed, spelled
from policyeval.evaluate import Amounts, Evaluator, Span
from policyeval.outcomes import Outcomes, outcomes
from policyeval.pack import Pack
from policyeval.plan import NO_MOST, Node
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.regime import Regimes, Tell, bearing, silent
from policyeval.solve import Clock, Solver
from policyeval.verdicts import Asked
from policyeval.view import view

ENGINES = ("duckdb", "spark", "postgres")
COMBINATIONS = 24  # of readings, at most
_FEWEST = 2_500  # platforms under each combination but the first
_CHUNK = 50_000  # rows at once
_SHOWN = 5  # disagreements that are told in full
_SOLVED = 40  # platforms of one regime, of which the solver is asked
_SOLVED_COMBINATIONS = 3
_GAPS = 3  # sets of missing facts under one combination of readings
_TABLE = "policyeval_certify"
_TYPES = {"text": "VARCHAR", "truth": "BOOLEAN", "number": "BIGINT"}

Facts = dict[str, Any]
Row = tuple[Any, ...]


class Wish(Record):
    """What is to be certified, and on what."""

    rows: int
    engines: tuple[str, ...] = ENGINES
    postgres: str | None = None  # the address of a database
    master: str | None = None  # of a Spark cluster; None: this machine
    seed: int = 2021


class Difference(Record):
    """A platform for which an engine says something else than the evaluator."""

    engine: str
    readings: Mapping[str, str]
    platform: Mapping[str, Any]  # as a case file has it
    expected: Mapping[str, Any]
    found: Mapping[str, Any]


class Tried(Record):
    """An engine against the evaluator. `left_out`: why, and how many platforms; the engine as a whole where all."""

    engine: str
    version: str | None
    compared: int
    disagree: int
    left_out: tuple[tuple[Problem, int], ...]


class Certificate(Record):
    """What was held against each other, and what came of it."""

    as_of: date
    packs: tuple[Pack, ...]
    rows: int
    seed: int
    combinations: tuple[Mapping[str, str], ...]
    possible: int  # combinations of readings that there are
    pairs: bool  # whether any two options of two readings meet in some combination
    tried: tuple[Tried, ...]
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        return not any(t.disagree for t in self.tried)


def certify(regimes: Regimes, wish: Wish, tell: Tell = silent) -> Certificate:
    """Holds every engine against the evaluator. Raises Refusal, B403 where no pack is in force."""
    _packs(regimes)  # before an engine is started
    with opened(wish) as engines:
        return certified(regimes, wish, engines, tell)


def certified(regimes: Regimes, wish: Wish, engines: Sequence[Engine], tell: Tell = silent) -> Certificate:
    """The same on engines that are open, for one set of packs after another."""
    every, fixed = _packs(regimes), regimes.chosen
    options = {id_: [fixed[id_]] if id_ in fixed else list(r.options) for id_, r in bearing(every).items()}
    number = max(1, min(COMBINATIONS, wish.rows // _FEWEST))
    some = combinations(options, number, Random(wish.seed))
    counts = [_Count(engine) for engine in engines]
    solver = _Count(Engine("solver", z3.get_version_string()))
    done = 0
    with TemporaryDirectory() as folder:
        for number, chosen in enumerate(some):
            rows = wish.rows // len(some) + (number < wish.rows % len(some))
            held = _Held(regimes.under(chosen), Random(wish.seed + number), Path(folder))
            for at in range(0, rows, _CHUNK):
                held.chunk(min(_CHUNK, rows - at), counts)
                done += min(_CHUNK, rows - at)
                tell(done, wish.rows)
            if number < _SOLVED_COMBINATIONS:
                held.solved(solver)
    all_ = [*counts, solver]
    return Certificate(
        as_of=regimes.as_of,
        packs=every,
        rows=wish.rows,
        seed=wish.seed,
        combinations=tuple(some),
        possible=prod(map(len, options.values())),
        pairs=_meet(some) >= _meetings(options),
        tried=tuple(count.result() for count in all_),
        differences=tuple(d for count in all_ for d in count.differences),
    )


def _packs(regimes: Regimes) -> tuple[Pack, ...]:
    found = regimes.at(None).packs
    if not found:
        raise Refusal(Problem("B403", {"day": regimes.as_of.isoformat()}))
    return found


# Readings --------------------------------------------------------------------


Chosen = dict[str, str]
Meeting = frozenset[tuple[str, str]]  # two options of two readings; one, where there is no other


def combinations(options: Mapping[str, Sequence[str]], number: int, rnd: Random) -> list[Chosen]:
    """So many combinations, the defaults first, or all: each the one, of those looked at, in which most options meet
    that have not met yet."""
    every = [dict(zip(options, found, strict=True)) for found in islice(product(*options.values()), 100_000)]
    if len(every) <= number:
        return every
    some, left = every[:1], every[1:]
    missing = _meetings(options) - _meet(some)
    while len(some) < number:
        looked_at = rnd.sample(range(len(left)), min(len(left), 300))
        best = max(looked_at, key=lambda i: len(missing & _meet([left[i]])))
        some.append(left.pop(best))
        missing -= _meet(some[-1:])
    return some


def _meet(some: Sequence[Chosen]) -> set[Meeting]:
    """The options that meet in any of these combinations."""
    return {frozenset(pair) for chosen in some for pair in pairs(chosen.items(), min(2, len(chosen)))}


def _meetings(options: Mapping[str, Sequence[str]]) -> set[Meeting]:
    """All that could meet."""
    each = [[(id_, option) for option in found] for id_, found in options.items()]
    return {frozenset(pair) for some in pairs(each, min(2, len(each))) for pair in product(*some)}


# Engines ---------------------------------------------------------------------


class Engine:
    """An engine: its name and version, or why it is left out."""

    def __init__(self, name: str, version: str | None, absent: Problem | None = None) -> None:
        self.name, self.version, self.absent = name, version, absent

    def answers(self, path: Path, columns: Mapping[str, str], query: str) -> Iterator[Row]:
        """The query's rows in their order, where the table holds what the file does."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing of it stays."""


class _DuckDB(Engine):
    def __init__(self) -> None:
        super().__init__("duckdb", duckdb.__version__)
        self.connection = duckdb.connect()

    def answers(self, path: Path, columns: Mapping[str, str], query: str) -> Iterator[Row]:
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS SELECT * FROM read_csv($1, header = false, nullstr = '', "
            f"columns = {dict(columns)})",
            [str(path)],
        )
        yield from self.connection.execute(query).fetchall()

    def close(self) -> None:
        self.connection.close()


class _Spark(Engine):
    def __init__(self, master: str | None) -> None:
        import pyspark  # noqa: PLC0415  # an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415

        super().__init__("spark", pyspark.__version__)
        builder = SparkSession.builder.master(master or "local[*]").appName("policyeval certify")
        for key, value in SETTINGS.items():
            builder = builder.config(key, value)
        self.session = builder.getOrCreate()

    def answers(self, path: Path, columns: Mapping[str, str], query: str) -> Iterator[Row]:
        schema = ", ".join(f"`{name}` {'STRING' if type_ == 'VARCHAR' else type_}" for name, type_ in columns.items())
        with path.open(encoding="utf-8", newline="") as file:
            cells = [
                [None if not cell else _READ[type_](cell) for cell, type_ in zip(row, columns.values(), strict=True)]
                for row in csv.reader(file)
            ]
        self.session.createDataFrame(cells, schema).createOrReplaceTempView(_TABLE)
        yield from (tuple(row) for row in self.session.sql(query).collect())

    def close(self) -> None:
        self.session.stop()


_READ: dict[str, Callable[[str], Any]] = {"VARCHAR": str, "BIGINT": int, "BOOLEAN": lambda text: text == "true"}


class _Postgres(Engine):
    def __init__(self, url: str) -> None:
        import psycopg  # noqa: PLC0415  # an extra

        self.connection = psycopg.connect(url)
        super().__init__("postgres", str(self.connection.info.server_version))

    def answers(self, path: Path, columns: Mapping[str, str], query: str) -> Iterator[Row]:
        made = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
        with self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{_TABLE}")
            cursor.execute(f"CREATE TEMP TABLE {_TABLE} ({made})")
            with cursor.copy(f"COPY {_TABLE} FROM STDIN (FORMAT csv)") as copy, path.open("rb") as file:
                while block := file.read(1 << 20):
                    copy.write(block)
            cursor.execute(query)
            yield from cursor

    def close(self) -> None:
        self.connection.close()


@contextmanager
def opened(wish: Wish) -> Iterator[list[Engine]]:
    """The engines that are wished for, as far as they are there."""
    found: list[Engine] = []
    try:
        found += _engines(wish)
        yield found
    finally:
        for engine in found:
            engine.close()


def _engines(wish: Wish) -> Iterator[Engine]:
    for name in wish.engines:
        try:
            if name == "duckdb":
                yield _DuckDB()
            elif name == "spark":
                yield _Spark(wish.master)
            elif wish.postgres is None:
                yield Engine(name, None, Problem("B410"))
            else:
                yield _Postgres(wish.postgres)
        except ImportError:
            yield Engine(name, None, Problem("B411", {"engine": name}))
        except Exception as error:  # noqa: BLE001  # whatever a driver raises: the engine is not there
            said = " ".join(str(error).split())[:200]
            yield Engine(name, None, Problem("B412", {"engine": name, "error": said}))


class _Count:
    """What came of one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.compared = self.disagree = 0
        self.left_out: Counter[tuple[str, tuple[tuple[str, Any], ...]]] = Counter()
        self.differences: list[Difference] = []

    def leave_out(self, why: Problem, rows: int) -> None:
        self.left_out[why.code, tuple(sorted(why.words.items()))] += rows

    def result(self) -> Tried:
        left_out = tuple((Problem(code, dict(words)), rows) for (code, words), rows in self.left_out.items())
        return Tried(self.engine.name, self.engine.version, self.compared, self.disagree, left_out)


# Platforms -------------------------------------------------------------------


class _Draw(NamedTuple):
    """How a fact is drawn: from these values, or beside these amounts within bounds."""

    name: str
    values: tuple[Any, ...]
    amounts: tuple[int, ...]
    low: int
    high: int


class _Held:
    """One combination of readings: platforms, what the evaluator says of them, and what the engines do."""

    def __init__(self, regimes: Regimes, rnd: Random, folder: Path) -> None:
        vocabulary = regimes.library.vocabulary
        self.regimes, self.vocabulary, self.readings, self.rnd = regimes, vocabulary, regimes.chosen, rnd
        self.path = folder / "rows.csv"
        self.regime = regimes.at(None)
        self.payers = tuple(self.regime.plan.payers)
        self.names = amount_columns(self.payers)
        self.places = list(vocabulary.places)
        self._evaluators: dict[str | None, Evaluator | None] = {}
        self._of_packs: dict[tuple[str, ...], Evaluator] = {}
        facts = [
            f for n in self.regime.plan.facts if (f := vocabulary.facts[n]).derived is None or n == vocabulary.seat
        ]
        self.open = frozenset(f.name for f in vocabulary.facts.values() if f.default is None and f.given is None)
        self.why: Problem | None = None
        self.made: Outcomes | None = None
        try:
            present = {f.name: homes(vocabulary, f.name) for f in facts if f.kind == "place"}
            self.made = outcomes(self.regime, vocabulary, set(), self.open, present=present)
        except Refusal as refusal:
            self.why = refusal.problems[0]
        limits = _limits(self.made.nodes if self.made else self.regime.plan.nodes)
        self.draws = [self._draw(f.name, limits) for f in facts if f.given is None]
        may_miss = [draw.name for draw in self.draws if draw.name in self.open]
        # the evaluator is written out anew for each set of missing facts, so that each combination has a few
        self.gaps = [
            frozenset(rnd.sample(may_miss, rnd.randint(min(1, len(may_miss)), len(may_miss)))) for _ in range(_GAPS)
        ]
        self.given: Facts = {f.name: regimes.as_of.toordinal() for f in facts if f.given is not None}
        self.follow = {
            place: following(vocabulary, vocabulary.seat, place) for place in homes(vocabulary, vocabulary.seat)
        }
        self.unplaced: Facts = dict.fromkeys(next(iter(self.follow.values()), {}))

    def _draw(self, name: str, limits: Sequence[int]) -> _Draw:
        fact = self.vocabulary.facts[name]
        values = homes(self.vocabulary, name) if fact.kind == "place" else listed(fact)
        bound = bounds(self.vocabulary).get(name)
        low, high = (bound.low or 0, bound.high or 0) if bound else (0, 0)
        inside = tuple(x for x in limits if low <= x <= high) or (high,)
        return _Draw(name, tuple(values), inside, low, high)

    def platform(self) -> Facts:
        rnd, facts = self.rnd, Facts(self.given)
        missing = rnd.choice(self.gaps) if rnd.random() < 0.4 else frozenset()
        tie = self._amount(self.draws[-1]) if rnd.random() < 0.05 else None
        for draw in self.draws:
            if draw.name in missing:
                facts[draw.name] = None
            elif draw.values:
                facts[draw.name] = rnd.choice(draw.values)
            elif tie is not None:
                facts[draw.name] = min(max(tie, draw.low), draw.high)
            else:
                facts[draw.name] = self._amount(draw)
        place = facts.get(self.vocabulary.seat)
        facts.update(self.unplaced if place is None else self.follow[place])
        return facts

    def _amount(self, draw: _Draw) -> int:
        """On a limit or a few beside it, anywhere below twice that, next to nothing, or as much as there can be."""
        rnd = self.rnd
        kind, limit = rnd.random(), rnd.choice(draw.amounts)
        if kind < 0.5:
            found = limit + rnd.randrange(-3, 4)
        elif kind < 0.8:
            found = rnd.randrange(2 * abs(limit) + 1)
        elif kind < 0.95:
            found = rnd.randrange(10)
        else:
            found = draw.high - rnd.randrange(10)
        return min(max(found, draw.low), draw.high)

    # what is said of them

    def evaluator(self, place: str | None) -> Evaluator | None:
        """That of the packs that apply at the place, as `eval` has it."""
        if place not in self._evaluators:
            regime = self.regimes.at(place)
            key = tuple(pack.sha256 for pack in regime.packs)
            if regime.packs and key not in self._of_packs:
                self._of_packs[key] = Evaluator(regime.plan)
            self._evaluators[place] = self._of_packs.get(key)
        return self._evaluators[place]

    def expected(self, facts: Facts) -> Row | Problem:
        """What the evaluator says, or why it says nothing."""
        place = facts.get(self.vocabulary.seat)
        evaluator = self.evaluator(None if place is None else self.places[place])
        if evaluator is None:
            return (None, None, False, True, *(None for _ in self.payers for _ in range(2)))
        try:
            found = evaluator.amounts(facts)
        except Refusal as refusal:
            return refusal.problems[0]
        ends = [end for p in self.payers for end in found.payers.get(p, _NOTHING)]
        return (*found.support, found.unquantified, found.undetermined, *ends)

    def chunk(self, rows: int, counts: Sequence[_Count]) -> None:
        """So many platforms more, through every engine."""
        made = self.made
        columns = {name: self._column(name) for name in (made.facts if made else ())}
        platforms = [self.platform() for _ in range(rows)] if made else []
        expected = [self.expected(facts) for facts in platforms]
        with self.path.open("w", encoding="utf-8", newline="") as file:
            write = csv.writer(file, lineterminator="\n").writerow
            for i, facts in enumerate(platforms):
                write([i, *(_cell(facts[name], column) for name, column in columns.items())])
        types = {"id": "BIGINT", **{name: _type(column) for name, column in columns.items()}}
        for count in counts:
            why = count.engine.absent or self.why
            try:
                text = "" if why else self.query(columns, count.engine.name)
            except Refusal as refusal:
                why = refusal.problems[0]
            if why:
                count.leave_out(why, rows)
                continue
            answers = count.engine.answers(self.path, types, text)
            for facts, right, (_, *found) in zip(platforms, expected, answers, strict=True):
                if isinstance(right, Problem):
                    count.leave_out(right, 1)
                    continue
                count.compared += 1
                if right != tuple(found):
                    said, other = (dict(zip(self.names, row, strict=True)) for row in (right, found))
                    self.differ(count, facts, said, other)

    def query(self, columns: Mapping[str, Column], dialect: str) -> str:
        assert self.made
        source = exp.select("*").from_(_TABLE)
        asked = view({"": self.made}, self.vocabulary, source, columns, ["id"], dialect, "fen")
        return asked.order_by(exp.column("id", quoted=True)).sql(dialect)

    def _column(self, name: str) -> Column:
        fact = self.vocabulary.facts[name]
        values = tuple(self.places) if fact.kind == "place" else tuple(fact.values)
        return Column(name, values, fact.kind == "bool", name in self.open)

    def differ(self, count: _Count, facts: Facts, right: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        count.disagree += 1
        if len(count.differences) < _SHOWN:
            known = {n: v for n, v in facts.items() if v is not None and self.vocabulary.facts[n].given is None}
            stated = {n: v for n, v in known.items() if self.vocabulary.facts[n].derived is None}
            platform = as_written({n: spelled(self.vocabulary, n, v) for n, v in stated.items()}, self.vocabulary)
            apart = [name for name in right if right[name] != found[name]]
            expected, said = ({n: side[n] for n in apart} for side in (right, found))
            count.differences.append(Difference(count.engine.name, self.readings, platform, expected, said))

    # the solver

    def solved(self, count: _Count) -> None:
        """Some platforms of each place where other packs apply, all facts stated, by the solver's terms."""
        for place in self.regimes.everywhere():
            regime = self.regimes.at(place)
            if regime.packs:
                asked = Asked(self.regimes.library, {"all": regime.packs}, place, self.regimes.as_of, self.readings)
                try:
                    self._solved_at(place, count, asked)
                except Refusal as refusal:
                    count.leave_out(refusal.problems[0], _SOLVED)

    def _solved_at(self, place: str, count: _Count, asked: Asked) -> None:
        ground = asked.ground()
        said = _Terms(ground)
        evaluator = self.evaluator(place)
        assert evaluator
        seat = self.vocabulary.place_index[place]
        for _ in range(_SOLVED):
            facts = self.platform()
            while None in facts.values():
                facts = self.platform()
            facts |= {self.vocabulary.seat: seat, **self.follow[seat]}
            found = evaluator.amounts(facts)
            if found.undetermined:
                count.leave_out(Problem("B413"), 1)
                continue
            right, other = _spans(found), said.of(facts)
            count.compared += 1
            if right != other:
                self.differ(count, facts, right, other)


_NOTHING = Span(0, 0)


def _limits(nodes: Sequence[Node]) -> list[int]:
    """The figures at which a formula may turn."""
    asked = (nodes[a] for node in nodes if node.kind in ("Min", "Max", "Less", "Equal") for a in node.args)
    figures = {int(node.data) for node in asked if node.kind == "Const" and 0 < abs(node.data) < NO_MOST}
    return sorted({figure * times for figure in figures for times in (1, 2, 4, 10)} | figures)


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return ""
    if column.values:
        return str(column.values[value])
    return str(value).lower() if column.truth else str(value)


def _type(column: Column) -> str:
    return _TYPES["text" if column.values else "truth" if column.truth else "number"]


def _spans(found: Amounts) -> dict[str, int | None]:
    spans = {"support": found.support, **found.payers}
    return {f"{name}_{end}": getattr(span, end) for name, span in spans.items() for end in ("min", "max")}


class _Terms:
    """The least and most of every amount as terms of the solver."""

    def __init__(self, ground: Ground) -> None:
        solver = Solver(ground.b, ground.space, Clock(float("inf")))
        ends = ground.outcome("all")
        self.names = ["support", *ends.payers]
        numbers = [node for pair in (ends.support, *ends.payers.values()) for node in pair]
        together = z3.Function("together", *[z3.IntSort()] * (len(numbers) + 1))
        self.term = together(*(solver.term(node) for node in numbers))

    def of(self, facts: Facts) -> dict[str, int | None]:
        pins = [
            (z3.Bool(name), z3.BoolVal(value)) if isinstance(value, bool) else (z3.Int(name), z3.IntVal(value))
            for name, value in facts.items()
        ]
        said = z3.simplify(z3.substitute(self.term, pins))
        ends = [said.arg(i).as_long() for i in range(said.num_args())]
        keys = [f"{name}_{end}" for name in self.names for end in ("min", "max")]
        return {key: None if end > NO_MOST else end for key, end in zip(keys, ends, strict=True)}
