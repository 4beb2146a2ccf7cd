"""How long proofs take: `python -m bench.prove`.

In: the shipped packs, made-up packs of 10 to 500 awards, and a claim that is hard on purpose. Out: the whole
comparison with its verdicts as a process; each verdict's median and 99th percentile over many runs; how this grows with
a pack; and whether the time limit of a claim is honoured.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

from policyeval.claims import Claim, Ground, standard
from policyeval.domains import Domains
from policyeval.library import Library, open_library
from policyeval.load import load_pack
from policyeval.pack import Pack
from policyeval.prove import SECONDS, Prover
from policyeval.record import replace
from policyeval.regime import in_force_around, planned
from policyeval.resolve import resolve
from policyeval.verdicts import AFTER, BEFORE, own_claims, proved

from bench.__main__ import COMPARE, NOTHING, POLICYEVAL, _environment, _run, in_turn, of_processes
from bench.check import pack as made_up

DAY = date(2023, 6, 30)
RUNS = 11  # of the process
TIMES = 50  # of each verdict
SIZES = (10, 100, 500)
LIMIT = 1.0  # seconds for the hard claim
PRIMES = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)


def process(folder: Path) -> Iterator[str]:
    """The comparison with all its verdicts, from start to end."""
    environment = _environment(folder)
    command = (*POLICYEVAL, *COMPARE)
    nothing, ours = (median(t) for t in zip(*_taken(environment, command, of_processes), strict=True))
    walls = [wall for _, wall in _taken(environment, command, perf_counter)]
    yield "| the whole comparison | processor time | beside `python -c pass` | wall, median | wall, quickest |"
    yield "| --- | --- | --- | --- | --- |"
    yield f"| `{' '.join(COMPARE)}` | {ours:.2f} s | {nothing:.2f} s | {median(walls):.2f} s | {min(walls):.2f} s |"


def _taken(environment: dict[str, str], command: Sequence[str], clock: Any) -> list[list[float]]:
    return in_turn(lambda: _run(NOTHING, environment), lambda: _run(command, environment), rounds=RUNS, clock=clock)


def claims(library: Library, subject: Pack) -> tuple[Prover, list[Claim]]:
    """What `compare` decides about a draft, as it builds it."""
    base = in_force_around(library, subject.jurisdiction, DAY)
    sides = {BEFORE: library.ordered(base), AFTER: library.ordered([*base, subject])}
    plans = {name: planned(packs, library.vocabulary, {}, DAY) for name, packs in sides.items()}
    ground = Ground(library.vocabulary, Domains(library.vocabulary, sides[AFTER], subject.jurisdiction).space(), plans)
    own = own_claims(ground, subject, {pack.id: pack for pack in sides[AFTER]})
    return Prover(ground, SECONDS), [*standard(ground, BEFORE, AFTER, subject), *own]


def verdicts(library: Library) -> Iterator[str]:
    """Each verdict, with everything that a solver has learnt forgotten between two runs."""
    took: dict[str, list[float]] = {}
    said: dict[str, str] = {}
    for _ in range(TIMES + 1):
        prover, every = claims(library, library.pack("ganyu-draft"))
        for claim in every:
            start = process_time()
            said[claim.id] = prover.decide(claim).verdict
            took.setdefault(claim.id, []).append(process_time() - start)
    yield "| claim | verdict | median | 99th percentile |"
    yield "| --- | --- | --- | --- |"
    for id_, seconds in took.items():
        rest = seconds[1:]
        yield f"| {id_} | {said[id_]} | {_ms(median(rest))} | {_ms(quantiles(rest, n=100, method='inclusive')[98])} |"


def growth(library: Library) -> Iterator[str]:
    """The claims of a comparison with a made-up draft."""
    yield "| awards | plans and graph | all verdicts | of them unknown | the slowest |"
    yield "| --- | --- | --- | --- | --- |"
    for size in SIZES:
        loaded, problems = load_pack(made_up(size), "large.yaml")
        assert loaded is not None
        assert not problems
        subject, _ = resolve(loaded, library.vocabulary, {})
        start = process_time()
        prover, every = claims(replace(library, packs=(*library.packs, subject)), subject)
        built = process_time() - start
        took: dict[str, float] = {}
        unknown = 0
        for claim in every:
            start = process_time()
            unknown += prover.decide(claim).verdict == "unknown"
            took[claim.id] = process_time() - start
        slowest = max(took, key=lambda id_: took[id_])
        whole = f"{_ms(built)} | {_ms(sum(took.values()))} | {unknown} of {len(took)}"
        yield f"| {len(subject.awards)} | {whole} | {slowest}: {_ms(took[slowest])} |"


def limit(folder: Path) -> Iterator[str]:
    """A claim about many roundings that would have to fall together; nobody knows a quick way to it."""
    cite, label = {"section": "一", "phrase": "例"}, {"zh": "例", "en": "an example"}
    awards = {
        f"a{p}": {"label": label, "cite": cite, "amount": f"(upstream_funding + {p} * contract_turnover) / {p} by host"}
        for p in PRIMES
    }
    data = {"pack": "hard", "version": "1.0.0", "status": "draft", "jurisdiction": "ganyu", "payers": ["host"]}
    data |= {"document": {"title": label}, "effective": None, "awards": awards}
    (folder / "hard.yaml").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    left = " + ".join(f"{p} * hard/a{p}" for p in PRIMES)
    most = sum(p // 2 for p in PRIMES) - 1
    claim = f"{left} <= {len(PRIMES)} * upstream_funding + {sum(PRIMES)} * contract_turnover + {most / 100:.2f}元"
    library = open_library([folder]).sound()
    start = perf_counter()
    verdict = proved(library, claim, DAY, {}, seconds=LIMIT).verdict.verdict
    yield f"a hard claim with a limit of {LIMIT:g} s: {verdict} after {perf_counter() - start:.2f} s"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def main() -> int:
    library = open_library().sound()
    with tempfile.TemporaryDirectory() as folder:
        for part in (process(Path(folder) / "warm"), verdicts(library), growth(library), limit(Path(folder))):
            print(*part, "", sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
