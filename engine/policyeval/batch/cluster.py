"""A session on a Spark cluster, and an eye on it.

In: the address of a cluster. Out: a Cluster, which says how far its steps are. Promises: what Spark fails of is told in
a line; a master that is not there is told at once, and work that no worker takes up is not waited for in vain.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Event, Lock, Thread, current_thread, main_thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from policyeval.files import why_not
from policyeval.problems import Problem, Refusal
from policyeval.regime import Tell

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Steps = Callable[[str], AbstractContextManager[Tell]]  # what is told how far a step is, by the step's name

_PULSE = 0.5  # seconds
_ANSWER = 10  # seconds in which a master takes a call
_MUTE = {"zh": "它不像主节点那样应答", "en": "what takes the call there is none"}
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.csv.parser.columnPruning.enabled": "false",  # else a row of too few cells is found by some queries alone
    # the second one lets a lost task leave its rows
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
    # else the planner spends most of a minute on putting steps together
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.CollapseProject",
}


class Cluster:
    """A session. Once no worker has taken up its work for `wait` seconds, all of it fails, and `lost` says so.

    `ends`: what is done when nothing works any more.
    """

    def __init__(self, session: SparkSession, wait: int, steps: Steps) -> None:
        self.session, self.wait, self.steps = session, wait, steps
        self.lost = False
        self.ends: list[Callable[[], object]] = []
        self._tell: Tell | None = None
        self._seen: dict[int, tuple[int, int]] = {}  # tasks done, of how many, by stage
        self._telling = Lock()
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    @contextmanager
    def step(self, name: str) -> Iterator[Tell]:
        """Work whose tasks are told of; what tells of other work."""
        with self.steps(name) as tell:
            with self._telling:
                self._tell, self._seen = tell, {}
            try:
                yield tell
            finally:
                with self._telling:
                    self._tell = None

    def table(self, shape: str, rows: Sequence[Sequence[object]]) -> DataFrame:
        """A small table that every worker gets whole; it needs no Python there. `shape`: columns of plain names."""
        from pyspark.sql import functions as f  # noqa: PLC0415  # an extra

        names = [column.split()[0] for column in shape.split(",")]
        said = json.dumps([dict(zip(names, row, strict=True)) for row in rows])
        typed = f.from_json(f.lit(said), f"array<struct<{shape.replace(' ', ':')}>>")
        return f.broadcast(self.session.range(1, numPartitions=1).select(f.inline(typed)))

    def _watch(self) -> None:
        from py4j.protocol import Py4JError  # noqa: PLC0415  # an extra

        context = self.session.sparkContext
        alone = (context.master or "").startswith("local")
        alive = monotonic()
        while not self._over.wait(_PULSE):
            try:
                busy = self._look()
                if (
                    alone or not busy or len(context._jsc.sc().statusTracker().getExecutorInfos()) > 1
                ):  # the driver is one
                    alive = monotonic()
                elif self.lost or monotonic() - alive > self.wait:
                    self.lost = True
                    context.cancelAllJobs()
            except (Py4JError, OSError):  # told where work is waited for
                continue

    def _look(self) -> bool:
        """Tells how far the step in hand is. Whether there is work at all."""
        tracker = self.session.sparkContext.statusTracker()
        active = tracker.getActiveStageIds()
        found = {stage: tracker.getStageInfo(stage) for stage in active}
        with self._telling:
            self._seen = {stage: (total, total) for stage, (_, total) in self._seen.items()}
            self._seen |= {stage: (i.numCompletedTasks, i.numTasks) for stage, i in found.items() if i}
            if self._tell and self._seen:
                self._tell(*map(sum, zip(*self._seen.values(), strict=True)))
        return bool(active)


@contextmanager
def cluster_at(master: str, wait: int, steps: Steps) -> Iterator[Cluster]:
    """A cluster that says nothing by itself. Raises Refusal B301, B309 where no master answers, B307 where no worker
    does, and B302 with the reason of any other failure."""
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415  # an extra
        from pyspark.errors import PySparkException  # noqa: PLC0415
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise Refusal(Problem("B301", {})) from None
    _called(master)
    session = cluster = None
    signals, logged = signal.getsignal(signal.SIGINT), logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # a call that Ctrl-C breaks off is an error to Py4J
    try:
        builder = SparkSession.builder.master(master).appName("policyeval batch")
        for key, value in SETTINGS.items():
            builder = builder.config(key, value)
        builder = builder.config("spark.network.timeout", f"{max(wait, 30)}s")  # so long a silent worker is waited for
        with _hushed():
            session = builder.getOrCreate()
        if current_thread() is main_thread():
            signal.signal(signal.SIGINT, signals)  # PySpark's own calls Java from within a call, which fails
        session.sparkContext.setLogLevel("ERROR")
        cluster = Cluster(session, wait, steps)
        yield cluster
    except (PySparkException, Py4JError, OSError) as error:
        if cluster and cluster.lost:
            raise Refusal(Problem("B307", {"master": master, "seconds": wait})) from None
        if session is None and "stopped SparkContext" in str(error):  # Spark has called in vain, and given up
            raise Refusal(Problem("B309", {"master": master, "reason": _MUTE})) from None
        raise Refusal(Problem("B302", {"master": master, "reason": _told(error)})) from None
    finally:
        if cluster:
            cluster.close()
        if session:
            session.stop()
        for end in cluster.ends if cluster else ():
            with suppress(Py4JError):  # where Java itself is gone
                end()
        logging.disable(logged)


def _called(master: str) -> None:
    """Raises Refusal B309 where none of the masters of an address takes a call; Spark would call for a minute."""
    kind, _, named = master.partition("://")
    if kind != "spark":
        return
    failed: OSError | None = None
    for each in named.split(","):
        host, _, port = each.rpartition(":")
        if not (host and port.isdecimal() and int(port) < 2**16):
            return  # Spark says what is wrong with it
        try:
            socket.create_connection((host.strip("[]"), int(port)), _ANSWER).close()
        except OSError as error:
            failed = error
        else:
            return
    if failed:
        raise Refusal(Problem("B309", {"master": master, "reason": why_not(failed)}))


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


def in_order(table: DataFrame, by: Sequence[str]) -> Iterator[Any]:
    """The rows of a table that is small beside what it is taken from: one task puts them in order."""
    return table.repartition(1).sortWithinPartitions(*by).toLocalIterator()


def java(session: SparkSession) -> tuple[Any, Any]:
    """What Java has, and how it reaches files."""
    of: Any = session
    return of._jvm, of._jsc.hadoopConfiguration()
