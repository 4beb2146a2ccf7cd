"""The same on a Spark cluster: a table that the cluster reads, and a folder that it writes.

In: a Request, the address of a cluster, the regime. Out: a folder of Parquet or CSV in its place, the cells that could
not be read beside it, and counts that add up. Promises: cells mean what they mean to DuckDB, for the same typing reads
each distinct text once, on the driver; rows are counted in what was written, so that a task that is done twice counts
once; nothing half done stands in the place of the result.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any, cast

import sqlglot
from sqlglot import exp

from policyeval.batch.formulas import Formulas
from policyeval.batch.header import headings
from policyeval.batch.run import Done, Request, about_of, lacking, reason, strangers
from policyeval.batch.table import PART, Engine, Table
from policyeval.batch.typed import Facts, Typing
from policyeval.budgets import Budgets, Columns, Look, totals
from policyeval.problems import Problem, Refusal
from policyeval.regime import Regimes
from policyeval.view import added_up, amount_columns, view

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MOST = 200_000  # distinct texts of columns that the driver reads
_CSV: dict[str, Any] = {"header": True, "escape": '"', "encoding": "UTF-8"}
_STRICT = {**_CSV, "multiLine": True, "mode": "FAILFAST"}
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.csv.parser.columnPruning.enabled": "false",  # else a row of too few cells is found by some queries alone
    # the second one lets a lost task leave its rows
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
    # else the planner spends most of a minute on putting steps together
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.CollapseProject",
}
_TYPES = {"STRING": "VARCHAR", "INT": "INTEGER", "TIMESTAMP_NTZ": "TIMESTAMP"}  # as the typing calls them
_NESTED = ("ARRAY", "STRUCT", "MAP")


def run(request: Request, master: str, regimes: Regimes) -> tuple[Done, tuple[Problem, ...]]:
    """Raises Refusal: B301 without PySpark, B302 where Spark fails, B303 to B306."""
    form = _form(request.target)
    regime, vocabulary = regimes.at(None), regimes.library.vocabulary
    made = amount_columns([*regime.plan.payers])
    with _session(master) as session:
        place = _Place(session, request)
        rows = session.read.csv(request.source, **_STRICT) if _is_csv(request.source) else _parquet(session, request)
        rows.createOrReplaceTempView(PART)
        columns = tuple((name, _kind(type_)) for name, type_ in rows.dtypes)
        table = Table(request.source, columns, "", None, lambda *_: iter(()))
        found = headings(rows.columns, vocabulary, request.mapped, request.units, made)
        asking = cast("Engine", _Asking(session))
        typing = _Typing(table, found, vocabulary, request.settings, "")
        lacking(typing, [regime])
        facts = typing.part(asking)
        facts.source.set("order", None)
        formulas = Formulas(regime, vocabulary)
        if request.budgets:
            formulas.totals = totals(regime.plan, _looking(session, formulas, typing, facts))
        formula = formulas.of(typing, facts)
        whole = view({"": formula}, vocabulary, _spoken(facts.source), facts.columns, rows.columns, "spark")
        about = about_of(regimes, formulas, request)
        with place.parts() as parts:
            _written(session.sql(whole.sql("spark")), form, parts)
            there = session.read.csv(parts, **_STRICT) if form == "csv" else session.read.parquet(parts)
            count, written = rows.count(), there.count()
            if count != written + facts.rejected:
                words = {"rows": count, "written": written, "rejected": facts.rejected}
                raise Refusal(Problem("B304", words))
            rejects = place.reject(typing.wrong(session, facts))
            place.finish(about)
        done = Done(count, written, facts.rejected, 0, rejects, about)
        return done, (*strangers(table, typing), *regime.notes, *formulas.notes)


# The cluster ---------------------------------------------------------------------------------------------------------


@contextmanager
def _session(master: str) -> Iterator[SparkSession]:
    """A session that says nothing by itself. Raises Refusal B301, and B302 with the reason of any failure."""
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415  # an extra
        from pyspark.errors import PySparkException  # noqa: PLC0415
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise Refusal(Problem("B301", {})) from None
    session = None
    try:
        builder = SparkSession.builder.master(master).appName("policyeval batch")
        for key, value in _SETTINGS.items():
            builder = builder.config(key, value)
        with _hushed():
            session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
    except (PySparkException, Py4JError, OSError) as error:
        raise Refusal(Problem("B302", {"master": master, "reason": _told(error)})) from None
    finally:
        if session is not None:
            session.stop()


@contextmanager
def _hushed() -> Iterator[None]:
    """Java keeps the standard error that it starts with, and writes what it likes there."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _told(error: Exception) -> str:
    """Spark's reason, in one line."""
    lines = [line.strip(" :\t") for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith("An error occurred while calling")]
    return " ".join((told or lines or [type(error).__name__])[0].split())[:300]


def _parquet(session: SparkSession, request: Request) -> DataFrame:
    return session.read.option("mergeSchema", "true").parquet(request.source)


def _is_csv(name: str) -> bool:
    return name.lower().rstrip("/").endswith(".csv")


def _form(target: str) -> str:
    """Raises Refusal B306 where the name means something else than a folder that Spark writes."""
    if _is_csv(target):
        return "csv"
    if target.endswith("/") or target.lower().endswith(".parquet"):
        return "parquet"
    raise Refusal(Problem("B306", {"name": target}))


def _looking(session: SparkSession, formulas: Formulas, typing: Typing, facts: Facts) -> Look:
    """Adds up over all rows, wherever they are."""

    def look(columns: Callable[[Budgets], Columns]) -> dict[str, int]:
        asked = columns(formulas.under(formulas.regime.plan.budgets, typing, facts))
        source = _spoken(facts.source)
        query = added_up(
            asked.nodes, asked.amounts, asked.conditions, typing.vocabulary, source, facts.columns, "spark"
        )
        (sums,) = session.sql(query.sql("spark")).collect()
        return dict(zip([*asked.amounts, *asked.conditions], map(int, sums), strict=True))

    return look


def _written(answers: DataFrame, form: str, path: str) -> None:
    if form == "csv":
        answers.write.csv(path, **_CSV, ignoreLeadingWhiteSpace=False, ignoreTrailingWhiteSpace=False)
    else:
        answers.write.parquet(path)


# Typing --------------------------------------------------------------------------------------------------------------


def _kind(type_: str) -> str:
    name = type_.upper()
    return "STRUCT[]" if name.startswith(_NESTED) else _TYPES.get(name, name)


def _spoken(tree: exp.Select) -> exp.Select:
    """A query of the typing in the words of Spark."""

    def word(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.RegexpFullMatch):
            pattern = exp.Literal.string(f"\\A(?:{node.expression.this})\\z")
            return exp.RegexpLike(this=node.this, expression=pattern)
        if isinstance(node, exp.IgnoreNulls) and isinstance(node.this, exp.AnyValue):
            return exp.Max(this=node.this.this)
        return node

    return cast("exp.Select", tree.transform(word))


class _Asking:
    """A session, asked as the typing asks its engine. Raises Refusal B303 where that is too much to hold."""

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self._found: list[Any] = []

    def execute(self, query: str) -> _Asking:
        tree = cast("exp.Select", sqlglot.parse_one(query, dialect="duckdb"))
        self._found = self.session.sql(_spoken(tree).sql("spark")).limit(MOST + 1).collect()
        if len(self._found) > MOST:
            columns = dict.fromkeys(f"`{c.name}`" for c in tree.find_all(exp.Column))
            raise Refusal(Problem("B303", {"columns": ", ".join(columns), "limit": MOST}))
        return self

    def fetchone(self) -> Any:
        return self._found[0]

    def fetchall(self) -> list[Any]:
        return [tuple(row) for row in self._found]

    def lay(self, name: str, kinds: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        """A small table that every worker gets whole; it needs no Python there."""
        from pyspark.sql import functions as f  # noqa: PLC0415  # an extra

        shape = "array<struct<" + ",".join(f"c{i}:string" for i in range(len(kinds))) + ">>"
        said = json.dumps([{f"c{i}": cell for i, cell in enumerate(row)} for row in rows])
        cells = self.session.range(1, numPartitions=1).select(f.inline(f.from_json(f.lit(said), shape)))
        spark = {"VARCHAR": "STRING"}
        typed = cells.selectExpr(*(f"CAST(c{i} AS {spark.get(kind, kind)}) AS c{i}" for i, kind in enumerate(kinds)))
        f.broadcast(typed).createOrReplaceTempView(name)


class _Typing(Typing):
    few = 0  # texts go into a table of their own, always

    def _lay(self, engine: Engine, alias: str, kinds: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        cast("_Asking", engine).lay(alias, kinds, rows)

    def wrong(self, session: SparkSession, facts: Facts) -> list[tuple[int, str, str, Problem]]:
        """The cells that cannot be read, each with the number of rows that have it: Spark numbers no rows."""
        if not facts.rejected:
            return []
        names = [h.column for h in self.headings]
        asked = sqlglot.parse_one(f"SELECT {', '.join(self.cells)} FROM {facts.bad}", dialect="duckdb")
        counts: Counter[tuple[str, str]] = Counter()
        problems: dict[tuple[str, str], Problem] = {}
        for row in session.sql(_spoken(cast("exp.Select", asked)).sql("spark")).toLocalIterator():
            for cell in self._wrong(0, dict(zip(names, row, strict=True))):
                counts[cell.column, cell.value] += 1
                problems.setdefault((cell.column, cell.value), cell.problem)
        return [(count, *key, problems[key]) for key, count in sorted(counts.items())]


# The place of the result ---------------------------------------------------------------------------------------------


class _Place:
    """OUT on whatever file system the cluster has. Raises Refusal B201, B202 or B209 where something is in the way."""

    def __init__(self, session: SparkSession, request: Request) -> None:
        self.request = request
        self.name = request.target.rstrip("/")
        java = cast("Any", session)
        self._path, self._conf = java._jvm.org.apache.hadoop.fs.Path, java._jsc.hadoopConfiguration()
        self.files = self._path(self.name).getFileSystem(self._conf)
        self.files.setWriteChecksum(False)
        if self._whole(request.source) == self._whole(self.name):
            raise Refusal(Problem("B202", {"path": request.target}))
        if self._there(self.name) and not request.overwrite:
            raise Refusal(Problem("B201", {"path": request.target}))
        if self._there(self._parts):
            raise Refusal(Problem("B209", {"folder": self._parts}))

    def _whole(self, name: str) -> str:
        path = self._path(name.rstrip("/"))
        return str(path.getFileSystem(self._conf).makeQualified(path).toString())

    @property
    def _parts(self) -> str:
        return f"{self.name}.parts"

    def _there(self, name: str) -> bool:
        return bool(self.files.exists(self._path(name)))

    @contextmanager
    def parts(self) -> Iterator[str]:
        """A folder that is gone at the end."""
        try:
            yield self._parts
        finally:
            self.files.delete(self._path(self._parts), True)

    def reject(self, wrong: Sequence[tuple[int, str, str, Problem]]) -> str | None:
        """The cells that cannot be read, in OUT.rejects."""
        name = f"{self.name}.rejects"
        if not wrong:
            if self.request.overwrite:
                self.files.delete(self._path(name), False)
            return None
        text = StringIO()
        write = csv.writer(text).writerow
        write(("rows", "column", "value", "code", "reason"))
        for count, column, value, problem in wrong:
            write((count, column, value, problem.code, reason(problem, self.request.lang)))
        self._write(name, text.getvalue())
        return name

    def finish(self, about: Mapping[str, str]) -> None:
        self._write(f"{self._parts}/_policyeval.json", json.dumps(about, ensure_ascii=False, indent=2) + "\n")
        self.files.delete(self._path(self.name), True)
        if not self.files.rename(self._path(self._parts), self._path(self.name)):
            raise OSError(f"{self._parts} cannot be renamed")

    def _write(self, name: str, text: str) -> None:
        file = self.files.create(self._path(name), True)
        file.write(bytearray(text.encode()))
        file.close()
