"""`python -m bench` (or `make bench`): how fast the engine is, each figure beside what it is measured against.

In: the shipped packs. Out: a table. Engine and reference take turns in the same run, so that a machine that is busy or
slow changes both alike; what counts is the ratio. Of evaluations the quickest round counts, since whatever disturbs
one only adds to it, and of processes the median. Processes are measured by the processor time that they use, which
is what they take on a machine that does nothing else. First the two are held against each other on random platforms: a
figure for something that gives other amounts would mean nothing.
"""

from __future__ import annotations

import os
import platform as machine
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from policyeval.answer import Asker, as_json
from policyeval.cases import Platform, typed
from policyeval.evaluate import Evaluator
from policyeval.library import Library, open_library
from policyeval.regime import planned
from policyeval.vocabulary import Vocabulary

from bench.reference import reference

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parents[1]
PACKS = ("lianyungang-2021", "ganyu-draft")
DAY = date(2023, 6, 30)

COMPARED = 2_000  # random platforms on which engine and reference must agree
TIMED = 100  # of them, evaluated one after the other in a round
ROUNDS = 40
RUNS = 15  # of a process and of its reference, in turn
COLD_RUNS = 7

EVAL = ("eval", "examples/ganyu.yaml", "--with", "ganyu-draft", "--as-of", "2023-06-30")
COMPARE = ("compare", "ganyu-draft", "--as-of", "2023-06-30")
NOTHING = (sys.executable, "-c", "pass")
POLICYEVAL = (sys.executable, "-c", "from policyeval.cli.main import main; main()")


class Sample(NamedTuple):
    """A platform, and the same as the reference takes it."""

    platform: Platform
    arguments: tuple[int, int, str, str, str]


class Row(NamedTuple):
    """One line of the table: seconds, those of the reference, and the ratio of the two."""

    what: str
    took: float
    reference: str = ""
    other: float | None = None
    ratio: float | None = None
    wanted: str = ""


# Platforms -------------------------------------------------------------------


def samples(vocabulary: Vocabulary, number: int) -> list[Sample]:
    """Random platforms of the city, the same in every run; amounts at and beside the ceilings are among them."""
    random = Random(2021)
    return [_sample(random, vocabulary, _hosts(vocabulary)) for _ in range(number)]


def _hosts(vocabulary: Vocabulary) -> list[str]:
    """The counties, districts and zones of the city."""
    tiers = ("county", "district", "zone")
    return sorted(p for p in vocabulary.below("lianyungang") if vocabulary.places[p].tier in tiers)


def _sample(random: Random, vocabulary: Vocabulary, hosts: Sequence[str]) -> Sample:
    level, performance, host = (
        random.choice(list(vocabulary.facts["level"].values)),
        random.choice(list(vocabulary.facts["performance"].values)),
        random.choice(hosts),
    )
    upstream, turnover = _fen(random), _fen(random)
    facts = {
        "location": host,
        "kind": random.choice(list(vocabulary.facts["kind"].values)),
        "level": level,
        "upstream_funding": f"{upstream // 100}.{upstream % 100:02}",
        "contract_turnover": f"{turnover // 100}.{turnover % 100:02}",
        "performance": performance,
        "exceptional": "false",
    }
    return Sample(typed(facts, vocabulary), (upstream, turnover, level, performance, host))


def _fen(random: Random) -> int:
    ceiling = random.choice((500_0000_00, 1000_0000_00, 2000_0000_00))
    return random.choice((random.randrange(2 * ceiling), ceiling + random.randrange(-3, 4), random.randrange(9)))


# Agreement -------------------------------------------------------------------


def disagreement(evaluator: Evaluator, among: Sequence[Sample]) -> str | None:
    """The first platform for which engine and reference give other amounts, if there is one."""
    for sample in among:
        support, payers = reference(*sample.arguments)
        found = evaluator.amounts(sample.platform.facts)
        spans = {payer: tuple(span) for payer, span in found.payers.items()}
        if found.undetermined or tuple(found.support) != support or spans != payers:
            return f"{sample.platform.written}: {found}, by hand {support} {payers}"
    return None


# Timing ----------------------------------------------------------------------


def in_turn(*runs: Callable[[], object], rounds: int, clock: Callable[[], float] = perf_counter) -> list[list[float]]:
    """The seconds of each run in each round, after one round that does not count."""
    took: list[list[float]] = []
    for _ in range(rounds + 1):
        took.append([])
        for run in runs:
            start = clock()
            run()
            took[-1].append(clock() - start)
    return took[1:]


def of_processes() -> float:
    """The seconds of processor time that finished processes have used; where the system does not say, time itself."""
    if resource is None:
        return perf_counter()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def evaluations(evaluator: Evaluator, asker: Asker, among: Sequence[Sample]) -> list[Row]:
    """Evaluations in a process that has done some before."""
    facts = [sample.platform.facts for sample in among]
    arguments = [sample.arguments for sample in among]
    runs: dict[str, tuple[Callable[[], object], str]] = {
        "the amounts": (lambda: [evaluator.amounts(f) for f in facts], "5"),
        "with the full trace": (lambda: [evaluator.trace(f) for f in facts], "20"),
        "the whole answer": (lambda: [asker.answer(sample.platform) for sample in among], "40"),
        "the same as JSON, every sentence written": (
            lambda: [as_json(asker.answer(sample.platform)) for sample in among],
            "",
        ),
    }
    by_hand = lambda: [reference(*a) for a in arguments]  # noqa: E731  # one of a kind with those above
    took = in_turn(by_hand, *(run for run, _ in runs.values()), rounds=ROUNDS)
    hand, *ours = (min(turn[i] for turn in took) / len(among) for i in range(len(runs) + 1))
    return [
        Row(f"one evaluation: {what}", mine, "written by hand", hand, mine / hand, wanted)
        for mine, (what, (_, wanted)) in zip(ours, runs.items(), strict=True)
    ]


def processes(folder: Path) -> list[Row]:
    """Whole processes: with the cache of an earlier run, and without one."""
    warm, fresh = _environment(folder / "warm"), count()

    def cold() -> None:
        _run((*POLICYEVAL, *EVAL), _environment(folder / f"cold{next(fresh)}"))

    without = median(seconds for (seconds,) in in_turn(cold, rounds=COLD_RUNS, clock=of_processes))
    return [
        _paired("eval, as a process", (*POLICYEVAL, *EVAL), warm, "7"),
        _paired("eval as JSON, as a process", (*POLICYEVAL, *EVAL, "--format", "json"), warm, "7"),
        _paired("eval of a case from standard input, as a process", (*POLICYEVAL, *EVAL[:1], "-", *EVAL[2:]), warm, ""),
        Row("eval, as a process without a cache", without, wanted="0.6 s"),
        _paired("compare, as a process", (*POLICYEVAL, *COMPARE), warm, ""),
    ]


def _paired(what: str, command: Sequence[str], environment: dict[str, str], wanted: str) -> Row:
    took = in_turn(
        lambda: _run(NOTHING, environment), lambda: _run(command, environment), rounds=RUNS, clock=of_processes
    )
    nothing, ours = (median(turn[i] for turn in took) for i in (0, 1))
    return Row(what, ours, "python -c pass", nothing, median(b / a for a, b in took), wanted)


def _environment(cache: Path) -> dict[str, str]:
    """Ours, with a cache of its own; compiled bytecode is kept, as it is wherever the package is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "POLICYEVAL_CACHE": str(cache)}


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    with (ROOT / EVAL[1]).open() as case:  # for the command that reads it from there
        subprocess.run(
            command, stdin=case, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment, check=True, timeout=60
        )


# The table -------------------------------------------------------------------


def main() -> None:
    library: Library = open_library().sound()
    packs = [library.pack(id) for id in PACKS]
    evaluator = Evaluator(planned(packs, library.vocabulary, {}))
    asker = Asker(evaluator, packs, library.vocabulary, DAY)
    among = samples(library.vocabulary, COMPARED)
    print(f"Python {machine.python_version()}, {machine.system()} {machine.machine()}, {os.cpu_count()} processors")
    wrong = disagreement(evaluator, among)
    print(f"engine and reference disagree: {wrong}" if wrong else f"they agree on {COMPARED} random platforms", "\n")
    rows = evaluations(evaluator, asker, among[:TIMED])
    with tempfile.TemporaryDirectory() as folder:
        rows += processes(Path(folder))
    print_table(("what", "took", "beside", "which took", "ratio", "at most"), [_cells(row) for row in rows])


def _cells(row: Row) -> tuple[str, ...]:
    other = "" if row.other is None else shown(row.other)
    return row.what, shown(row.took), row.reference, other, "" if row.ratio is None else f"{row.ratio:.1f}", row.wanted


def shown(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """As Markdown, so that it can go into a document as it stands."""
    lines: list[Any] = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in (head, ["-" * width for width in widths], *rows):
        print(f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |")


if __name__ == "__main__":
    main()
