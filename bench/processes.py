"""What a process takes: time on the clock and of the processors, memory. It imports nothing that would add to them."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time, sleep
from typing import NamedTuple

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parents[1]
TICK = 0.05  # seconds between two looks at a process


class Took(NamedTuple):
    """What one process took: seconds on the clock and of the processors, MB of memory at the most."""

    clock: float
    processor: float
    peak: float


def took(command: Sequence[str]) -> Took:
    """Runs a process to its end; one that prints `{"seconds": …}` says itself what counts."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as wrong:
        start, peak, ended = perf_counter(), 0.0, 0
        process = subprocess.Popen(command, stdout=said, stderr=wrong, cwd=ROOT, env=kept)
        while not ended:
            peak = high_water(process.pid) or peak
            sleep(TICK)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
        clock, processor = perf_counter() - start, used.ru_utime + used.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            wrong.seek(0)
            raise SystemExit(f"{' '.join(command)}\n{wrong.read().decode()}")
        said.seek(0)
        line = said.read().decode().strip()
    if line.startswith('{"seconds"'):
        clock = processor = json.loads(line)["seconds"]
    return Took(clock, processor, peak)


def high_water(process: int | str = "self") -> float | None:
    """The most memory that a process has held, in MB, where the system tells; `ru_maxrss` has its parent's in it."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def spent() -> float:
    """The processor time of this process and of those that it has waited for; where nobody counts these, its own."""
    if resource is None:
        return process_time()
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + others.ru_utime + others.ru_stime
