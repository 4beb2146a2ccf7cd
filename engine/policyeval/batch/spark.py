"""The same on a Spark cluster: a table that the cluster reads, and a folder that it writes.

In: a Request, the address of a cluster, the regime. Out: a folder of Parquet or CSV in its place, the rows that could
not be read beside it, and counts that add up. Promises: cells mean what they mean to DuckDB, for the same typing reads
each distinct text once, on the driver; rows are counted in what was written, so that a task that is done twice counts
once; nothing half done stands in the place of the result.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import merge
from io import StringIO
from itertools import accumulate
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from sqlglot import exp

from policyeval.batch.cluster import Cluster, Steps, cluster_at, in_order, java
from policyeval.batch.formulas import Formulas
from policyeval.batch.header import headings
from policyeval.batch.run import Done, Request, about_of, lacking, reason, strangers
from policyeval.batch.spark_csv import PLACE, Csv
from policyeval.batch.table import PART, Engine, Table, quoted
from policyeval.batch.typed import Facts, Typing
from policyeval.budgets import Budgets, Columns, Look, totals
from policyeval.columns import amount_columns
from policyeval.problems import Problem, Refusal
from policyeval.regime import Regimes, Tell
from policyeval.view import added_up, read, view

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MOST = 200_000  # distinct texts of columns that the driver reads
_MUCH = 2**20  # characters that are written at a time
_OF, _AT = "_metadata.file_path", "_metadata.row_index"
_CSV: dict[str, Any] = {"header": True, "escape": '"', "encoding": "UTF-8"}
_TYPES = {"STRING": "VARCHAR", "INT": "INTEGER", "TIMESTAMP_NTZ": "TIMESTAMP"}  # as the typing calls them
_NESTED = ("ARRAY", "STRUCT", "MAP")


def run(request: Request, master: str, regimes: Regimes, wait: int, steps: Steps) -> tuple[Done, tuple[Problem, ...]]:
    """Raises Refusal: B301 without PySpark, B302, B307 or B309 where Spark fails, B303, B304, B306."""
    form = _form(request.target)
    regime, vocabulary = regimes.at(None), regimes.library.vocabulary
    made = amount_columns([*regime.plan.payers])
    with cluster_at(master, wait, steps) as cluster:
        session = cluster.session
        place = _Place(session, request)
        source = Csv(cluster, request.source) if _is_csv(request.source) else _Parquet(cluster, request.source)
        table = Table(request.source, source.columns, "", None, lambda *_: iter(()))
        names = [name for name, _ in source.columns]
        typing = _Typing(
            table, headings(names, vocabulary, request.mapped, request.units, made), vocabulary, request.settings, ""
        )
        lacking(typing, [regime])
        formulas = Formulas(regime, vocabulary)
        parts = place.parts(cluster)
        with cluster.step("read") as tell:
            source.read(f"{parts}/rows", tell).createOrReplaceTempView(PART)
            facts = typing.part(cast("Engine", _Asking(cluster)))
        if request.budgets:
            with cluster.step("budgets"):
                formulas.totals = totals(regime.plan, _looking(session, formulas, typing, facts))
        formula, about = formulas.of(typing, facts), about_of(regimes, formulas, request)
        whole = view({"": formula}, vocabulary, _spoken(facts.source.sql()), facts.columns, names, "spark")
        with cluster.step("write"):
            _written(session.sql(whole.sql("spark")), form, f"{parts}/whole")
        with cluster.step("count"):
            there = (
                session.read.csv(f"{parts}/whole", **_CSV, multiLine=True)
                if form == "csv"
                else session.read.parquet(f"{parts}/whole")
            )
            written, rejected = there.count(), source.damaged + facts.rejected
            if source.rows != written + rejected + source.blank:
                words = {"rows": source.rows - source.blank, "written": written, "rejected": rejected}
                raise Refusal(Problem("B304", words))
            wrong = merge(source.wrong(), typing.wrong(session, facts, source), key=_where)
            rejects = place.reject(source, wrong) if rejected else None
        place.finish(about, rejects)
        done = Done(source.rows, written, rejected, source.blank, rejects, about)
        return done, (*source.notes, *strangers(table, typing), *regime.notes, *formulas.notes)


def _where(found: tuple[object, ...]) -> tuple[object, ...]:
    return found[:2]


# Tables -------------------------------------------------------------------------------------------------------------


class _Parquet:
    """Parquet files; their rows count on through them in the order of their names."""

    counted, several = "row", False
    blank = damaged = 0
    marked = False
    notes: tuple[Problem, ...] = ()

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.table = cluster.session.read.option("mergeSchema", "true").parquet(name)
        self.columns = tuple((column, _kind(kind)) for column, kind in self.table.dtypes)

    def read(self, folder: str, tell: Tell) -> DataFrame:
        """The rows, and where each stands."""
        del folder, tell
        self.rows = self.table.count()
        return self.table.selectExpr("*", *(f"{e} AS `{n}`" for e, n in zip((_OF, "0", _AT), PLACE, strict=True)))

    def place(self, file: str, number: int) -> tuple[str, int]:
        """Where the row with that number in a file stands."""
        return "", self._before[file] + number + 1

    def wrong(self) -> Iterator[tuple[str, int, Problem]]:
        """Nothing of it is damaged."""
        return iter(())

    @cached_property
    def _before(self) -> dict[str, int]:
        """How many rows there are before a file."""
        counts = sorted(self.table.groupBy(_OF).count().collect(), key=lambda row: unquote(row[0]))
        return dict(zip((row[0] for row in counts), accumulate((row[1] for row in counts), initial=0), strict=False))


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
        source = _spoken(facts.source.sql())
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


def _spoken(query: str) -> exp.Select:
    """A query of the typing in the words of Spark."""

    def word(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.RegexpFullMatch):
            pattern = exp.Literal.string(f"\\A(?:{node.expression.this})\\z")
            return exp.RegexpLike(this=node.this, expression=pattern)
        if isinstance(node, exp.IgnoreNulls) and isinstance(node.this, exp.AnyValue):
            return exp.Max(this=node.this.this)
        return node

    return cast("exp.Select", read(query).transform(word))


class _Asking:
    """A session, asked as the typing asks its engine. Raises Refusal B303 where that is too much to hold."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._found: list[Any] = []

    def execute(self, query: str) -> _Asking:
        tree = _spoken(query)
        self._found = self.cluster.session.sql(tree.sql("spark")).limit(MOST + 1).collect()
        if len(self._found) > MOST:
            columns = dict.fromkeys(f"`{c.name}`" for c in tree.find_all(exp.Column))
            raise Refusal(Problem("B303", {"columns": ", ".join(columns), "limit": MOST}))
        return self

    def fetchone(self) -> Any:
        return self._found[0]

    def fetchall(self) -> list[Any]:
        return [tuple(row) for row in self._found]

    def lay(self, name: str, kinds: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        """A small table, of texts that say what they are."""
        cells = self.cluster.table(",".join(f"c{i} string" for i in range(len(kinds))), rows)
        spark = {"VARCHAR": "STRING"}
        typed = cells.selectExpr(*(f"CAST(c{i} AS {spark.get(kind, kind)}) AS c{i}" for i, kind in enumerate(kinds)))
        typed.hint("broadcast").createOrReplaceTempView(name)


class _Typing(Typing):
    few = 0  # texts go into a table of their own, always

    def _lay(self, engine: Engine, alias: str, kinds: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        cast("_Asking", engine).lay(alias, kinds, rows)

    def wrong(
        self, session: SparkSession, facts: Facts, source: Csv | _Parquet
    ) -> Iterator[tuple[str, int, str, str, Problem]]:
        """The cells that cannot be read, row by row."""
        if not facts.rejected:
            return
        names = [h.column for h in self.headings]
        place = [f"p.{quoted(name)}" for name in PLACE]
        asked = f"SELECT {', '.join([*place, *self.cells])} FROM {facts.bad}"
        for file, _, number, *texts in in_order(session.sql(_spoken(asked).sql("spark")), PLACE):
            at = source.place(file, number)
            for cell in self._wrong(at[1], dict(zip(names, texts, strict=True))):
                yield *at, cell.column, cell.value, cell.problem


# The place of the result ---------------------------------------------------------------------------------------------


class _Place:
    """OUT on whatever file system the cluster has. Raises Refusal B201, B202 or B209 where something is in the way."""

    def __init__(self, session: SparkSession, request: Request) -> None:
        self.request = request
        self.name = request.target.rstrip("/")
        jvm, self._conf = java(session)
        self._path = jvm.org.apache.hadoop.fs.Path
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

    def parts(self, cluster: Cluster) -> str:
        """A folder that is gone at the end, when no task writes there."""
        cluster.ends.append(lambda: self.files.delete(self._path(self._parts), True))
        return self._parts

    def reject(self, source: Csv | _Parquet, wrong: Iterable[tuple[Any, ...]]) -> str:
        """What cannot be read, for OUT.rejects: a row without cells is damaged."""
        text = StringIO()
        text.write("\ufeff" if source.marked else "")
        write = csv.writer(text).writerow
        file = self.files.create(self._path(f"{self._parts}/rejects"), True)
        write([*(["file"] if source.several else []), source.counted, "column", "value", "code", "reason"])
        for of, line, *cell, problem in wrong:
            said = [line, *(cell or ("", "")), problem.code, reason(problem, self.request.lang)]
            write([of, *said] if source.several else said)
            if text.tell() > _MUCH:
                file.write(bytearray(text.getvalue().encode()))
                text.seek(0)
                text.truncate()
        file.write(bytearray(text.getvalue().encode()))
        file.close()
        return f"{self.name}.rejects"

    def finish(self, about: Mapping[str, str], rejects: str | None) -> None:
        """All is put in its place."""
        self._write(f"{self._parts}/whole/_policyeval.json", json.dumps(about, ensure_ascii=False, indent=2) + "\n")
        self.files.delete(self._path(self.name), True)
        self._rename("whole", self.name)
        if rejects or self.request.overwrite:
            self.files.delete(self._path(f"{self.name}.rejects"), False)
        if rejects:
            self._rename("rejects", rejects)

    def _rename(self, part: str, name: str) -> None:
        if not self.files.rename(self._path(f"{self._parts}/{part}"), self._path(name)):
            raise OSError(f"{self._parts}/{part} cannot be renamed")

    def _write(self, name: str, text: str) -> None:
        file = self.files.create(self._path(name), True)
        file.write(bytearray(text.encode()))
        file.close()
