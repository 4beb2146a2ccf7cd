"""Real engines for tests: a PostgreSQL server and a Spark cluster, on the loopback address alone.

An engine starts when a test first asks for it, once for all processes that share the tests, and is stopped at the end.
Each has a keeper, this file run as a process of its own: it starts the servers, starts one again that died, and stops
them when the test run is over or gone in whatever way, so that nothing is left behind. Where an engine is not
installed, its tests are skipped and say so in one line; one that is installed and does not start is an error.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO
from uuid import uuid4

import pytest

if os.name != "posix":
    pytest.skip("real engines are started on Linux and macOS alone", allow_module_level=True)

import fcntl
import pwd

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FOLDER = "POLICYEVAL_ENGINES"  # where engines live, told to the processes that share the tests
LOOPBACK = "127.0.0.1"
PATIENCE = 120.0  # seconds in which an engine must answer, on a busy machine
WORKERS = 2
# of Java, for less of the processors: no second compiler, and no second look at the classes of Spark
SWIFT = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
RUN = pytest.StashKey[TextIO]()
STARTED: list[subprocess.Popen[bytes]] = []

# What is there ------------------------------------------------------------------------------------------------------


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's server programs; Debian leaves them off the path."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: float(f.parent.name), reverse=True)
    return next((f for f in found if (f / "initdb").is_file() and (f / "postgres").is_file()), None)


def spark_home() -> Path | None:
    """The folder of PySpark, which holds the whole of Spark."""
    spec = importlib.util.find_spec("pyspark")
    return Path(spec.origin).parent if spec and spec.origin and java() else None


def java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which(str(Path(home) / "bin/java") if home else "java"))


# A keeper -----------------------------------------------------------------------------------------------------------


class Server(NamedTuple):
    """A program that is kept running."""

    name: str
    command: list[str]
    env: dict[str, str]
    user: str | None = None
    again: bool = False  # it is started again where it ends
    stop: signal.Signals = signal.SIGTERM

    def start(self, folder: Path) -> subprocess.Popen[bytes]:
        """In a process group of its own, so that what it starts ends with it."""
        with (folder / f"{self.name}.log").open("ab") as log:
            return subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=os.environ | self.env,
                start_new_session=True,
                **as_user(self.user),
            )


class Keeper:
    """Starts servers, writes to `state.json` where they are, and stops them when the run is over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, tuple[Server, subprocess.Popen[bytes]]] = {}
        self.later: list[Server] = []

    def start(self, server: Server) -> None:
        self.running[server.name] = (server, server.start(self.folder))

    def away(self, server: Server) -> bool:
        """It is not to run for now."""
        return (self.folder / f"{server.name}.away").exists()

    def wait(self, answers: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not answers() and not self.over():
            for server, process in self.running.values():
                if process.poll() is not None or time.monotonic() > until:
                    log = (self.folder / f"{server.name}.log").read_text(errors="replace")
                    raise SystemExit(f"{server.name} does not answer:\n{log[-3000:]}")
            time.sleep(0.1)

    def keep(self, **state: Any) -> None:
        while not self.over():
            ended = [server for server, process in self.running.values() if process.poll() is not None and server.again]
            for server in [*ended, *(s for s in self.later if s.name not in self.running)]:
                if not self.away(server):
                    self.start(server)
            written = state | {"pids": {n: p.pid for n, (_, p) in self.running.items()}}
            if not (self.folder / "state.json").exists() or state_of(self.folder) != written:
                new = self.folder / "state.new"
                new.write_text(json.dumps(written))
                new.replace(self.folder / "state.json")
            time.sleep(0.2)

    def over(self) -> bool:
        """The run holds a lock on its folder as long as it lives."""
        run = self.folder.parent / "run"
        return not run.exists() or free(run)

    def stop(self) -> None:
        for again in (False, True):
            for server, process in self.running.values():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL if again else server.stop)
            for _, process in self.running.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)


def as_user(name: str | None) -> dict[str, Any]:
    return {} if name is None else {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


def free_port() -> int:
    with socket.socket() as s:
        s.bind((LOOPBACK, 0))
        return int(s.getsockname()[1])


def keep_postgres(keeper: Keeper) -> None:
    programs, port = postgres_programs(), free_port()
    assert programs
    user = None
    if os.geteuid() == 0:  # the server refuses to run as root
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = "postgres" if "postgres" in names else "nobody"
        shutil.chown(keeper.folder, user)
    data, env = keeper.folder / "data", {"LC_ALL": "C", "TZ": "UTC"}
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=False,
        stdout=subprocess.DEVNULL,
        cwd=keeper.folder,
        env=os.environ | env,
        **as_user(user),
    )
    if made.returncode:
        raise SystemExit(made.returncode)
    command = [programs / "postgres", "-D", data, "-h", LOOPBACK, "-p", port, "-k", keeper.folder, "-F"]
    keeper.start(Server("postgres", [str(c) for c in command], env, user, again=True, stop=signal.SIGINT))
    said = data / "postmaster.pid"
    keeper.wait(lambda: said.is_file() and said.read_text().split()[-1:] == ["ready"])
    keeper.keep(port=port)


def keep_spark(keeper: Keeper) -> None:
    home, port, page = spark_home(), free_port(), free_port()
    assert home
    env = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": LOOPBACK, "SPARK_DAEMON_MEMORY": "256m"}
    env["SPARK_DAEMON_JAVA_OPTS"] = f"{SWIFT} -Dspark.master.rest.enabled=false"
    env["SPARK_LOCAL_DIRS"] = str(keeper.folder / "local")
    master = f"spark://{LOOPBACK}:{port}"

    def server(name: str, of: str, *options: str, again: bool = False) -> Server:
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{of}", "--host", LOOPBACK, *options]
        return Server(name, command, env, again=again)

    keeper.start(server("master", "master.Master", "--port", str(port), "--webui-port", str(page)))
    for n in range(WORKERS):
        own = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(keeper.folder / f"work{n}"))
        keeper.later.append(server(f"worker{n}", "worker.Worker", *own, master, again=True))
        (keeper.folder / f"worker{n}.away").touch()
    keeper.wait(lambda: workers_at(page) is not None)
    keeper.keep(master=master, page=page)


def workers_at(page: int) -> int | None:
    """How many workers the master with that page says are alive; None where it says nothing yet."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{page}/json/", timeout=5) as answer:
            return int(json.load(answer)["aliveworkers"])
    except (OSError, ValueError):
        return None


def keep() -> None:
    kind, folder = sys.argv[1:]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit())
    keeper = Keeper(Path(folder))
    try:
        {"postgres": keep_postgres, "spark": keep_spark}[kind](keeper)
    finally:
        keeper.stop()
        shutil.rmtree(keeper.folder)


# What tests ask for -------------------------------------------------------------------------------------------------


class NotInstalled(pytest.skip.Exception):
    """An engine is not there."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """One line for an engine, however many tests it has: all are said to be skipped at one place."""
    report = yield
    if call.excinfo and isinstance(call.excinfo.value, NotInstalled):
        report.longrepr = (__file__, None, str(call.excinfo.value))
    return report


class Postgres(NamedTuple):
    """A server of this run."""

    folder: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@{LOOPBACK}:{state_of(self.folder)['port']}/{database}"

    def kill(self) -> None:
        """As in a power cut; the server comes back after a while."""
        os.kill(state_of(self.folder)["pids"]["postgres"], signal.SIGQUIT)


class Cluster(NamedTuple):
    """A Spark master with its workers."""

    folder: Path

    @property
    def master(self) -> str:
        return str(state_of(self.folder)["master"])

    def kill_worker(self, number: int) -> None:
        """With all that it runs; another one comes in its place once it is asked for."""
        (self.folder / f"worker{number}.away").touch()
        os.killpg(state_of(self.folder)["pids"][f"worker{number}"], signal.SIGKILL)

    def has(self, number: int) -> None:
        """So many workers are there, at least."""
        for n in range(number):
            (self.folder / f"worker{n}.away").unlink(missing_ok=True)
        until = time.monotonic() + PATIENCE
        while (workers_at(state_of(self.folder)["page"]) or 0) < number:
            assert time.monotonic() < until, "a worker of Spark does not come"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    if postgres_programs() is None or importlib.util.find_spec("psycopg") is None:
        raise NotInstalled("PostgreSQL is not installed (its server, and psycopg): its tests are skipped")
    return Postgres(started("postgres"))


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The address of a new, empty database."""
    import psycopg

    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return postgres.url(name)


class Lease:
    """The cluster as one process has it, with a session on it; nobody else uses it meanwhile, for an application takes
    all of it. A process has it from the first test that asks for it until the next test is one that does not: a session
    takes longer to begin and to end than most of what it is for.

    All tests on the cluster come first. So of one process or two, and of eight unless seven of them are through with
    all else before, the first has all of these tests, with one session, and no other waits. One that takes some of them
    over waits until the first is through with its own, and then has a session of its own.
    """

    def __init__(self) -> None:
        self._given_back = contextlib.ExitStack()
        self._cluster: Cluster | None = None
        self._session: SparkSession | None = None

    def cluster(self, workers: int = 1) -> Cluster:
        if not self._cluster:
            folder = started("spark")
            self._given_back.enter_context(locked(folder / "used"))
            patch = self._given_back.enter_context(pytest.MonkeyPatch.context())
            patch.setenv("SPARK_LOCAL_IP", LOOPBACK)
            patch.setenv("SPARK_CONF_DIR", str(quiet(folder)))
            self._cluster = Cluster(folder)
        self._cluster.has(workers)
        return self._cluster

    def session(self) -> SparkSession:
        from pyspark.sql import SparkSession

        if not self._session:
            builder = SparkSession.builder.master(self.cluster().master).config("spark.ui.enabled", "false")
            for of in ("driver", "executor"):
                builder = builder.config(f"spark.{of}.extraJavaOptions", SWIFT)
            builder = builder.config("spark.ui.showConsoleProgress", "false")
            self._session = builder.config("spark.sql.shuffle.partitions", "4").getOrCreate()
            self._given_back.callback(ended, self._session)
        return self._session

    def give_back(self) -> None:
        self._cluster = self._session = None
        self._given_back.close()


def ended(session: SparkSession) -> None:
    """The session, and the Java that it runs in."""
    from pyspark import SparkContext

    session.stop()
    gateway = SparkContext._gateway
    assert gateway is not None
    gateway.shutdown()
    gateway.proc.stdin.close()  # what its process waits for
    gateway.proc.wait(30)
    SparkContext._gateway = SparkContext._jvm = None


def works_on_all(session: SparkSession) -> None:
    """Each worker has begun to work for the session."""
    tracker, until = session.sparkContext._jsc.sc().statusTracker(), time.monotonic() + PATIENCE
    while len(tracker.getExecutorInfos()) < WORKERS + 1:  # and the process that asks
        assert time.monotonic() < until, "a worker of Spark does not take up work"
        time.sleep(0.1)


LEASE = Lease()


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """A Spark cluster that nobody else uses meanwhile, with a worker, for each takes long to be of use; with all of
    them for a test that is marked so."""
    if spark_home() is None:
        raise NotInstalled("Spark is not installed (PySpark by `make engines`, and Java): its tests are skipped")
    return LEASE.cluster(WORKERS if wants_all(request.node) else 1)


@pytest.fixture
def spark(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[SparkSession]:
    """A session on the cluster, for whoever asks Spark for one: it goes on when they are done, as it was before."""
    del cluster
    session = LEASE.session()
    monkeypatch.setattr(type(session), "stop", lambda _: None)
    before = session.conf.getAll
    yield session
    for name in session.conf.getAll.keys() - before.keys():
        if session.conf.isModifiable(name):
            session.conf.unset(name)


def wants_all(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("cluster")
    return bool(mark and mark.kwargs.get("all_workers"))


def turn(item: pytest.Item) -> int:
    """Tests on the cluster come before all others, and those of them last that want all its workers. A test that finds
    its fixtures while it runs is marked."""
    if item.get_closest_marker("cluster") or "cluster" in getattr(item, "fixturenames", ()):
        return int(wants_all(item))
    return 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=turn)


@pytest.hookimpl(trylast=True)  # after its fixtures
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    if nextitem is None or turn(nextitem) == 2:
        LEASE.give_back()


def quiet(folder: Path) -> Path:
    """A configuration of Spark that logs errors alone."""
    conf = folder / "conf"
    conf.mkdir(exist_ok=True)
    lines = ("rootLogger.level = error", "rootLogger.appenderRef.stderr.ref = stderr", "appender.stderr.name = stderr")
    lines += ("appender.stderr.type = Console", "appender.stderr.target = SYSTEM_ERR")
    (conf / "log4j2.properties").write_text("\n".join(lines))
    return conf


def state_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "state.json").read_text()))


def free(path: Path) -> bool:
    """Nobody holds that lock."""
    with contextlib.suppress(BlockingIOError), path.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return True
    return False


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def started(kind: str) -> Path:
    """The folder of an engine that answers: of all processes that ask for it, the first starts it."""
    folder = Path(os.environ[FOLDER]) / kind
    with locked(folder.with_suffix(".start")):
        lock, log = folder.with_suffix(".keeper"), folder.with_suffix(".log")
        if not folder.exists():
            folder.mkdir()
            with lock.open("w") as held, log.open("w") as said:
                fcntl.flock(held, fcntl.LOCK_EX)  # the keeper takes the lock over, and holds it as long as it lives
                keeper = subprocess.Popen(
                    [sys.executable, __file__, kind, folder],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    pass_fds=[held.fileno()],
                    start_new_session=True,  # Ctrl-C is for the run, which then ends in order
                )
                STARTED.append(keeper)
        while not (folder / "state.json").exists():
            if free(lock):
                pytest.fail(f"{kind} is installed and does not start:\n{log.read_text()}")
            time.sleep(0.1)
    return folder


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # not a process that only shares the tests
        folder = Path(tempfile.mkdtemp(prefix="policyeval-engines-"))
        folder.chmod(0o711)  # the user of a server must come through
        os.environ[FOLDER] = str(folder)
        config.stash[RUN] = (folder / "run").open("w")
        fcntl.flock(config.stash[RUN], fcntl.LOCK_EX)


def pytest_unconfigure(config: pytest.Config) -> None:
    LEASE.give_back()
    if RUN in config.stash:
        config.stash[RUN].close()
        folder = Path(os.environ.pop(FOLDER))
        for keeper in folder.glob("*.keeper"):
            with locked(keeper):  # it has ended
                pass
        for keeper in STARTED:
            keeper.wait()
        shutil.rmtree(folder)
    else:
        for keeper in STARTED:
            keeper.returncode = 0  # it ends with the run, which waits for it, and not with this process


if __name__ == "__main__":
    keep()
