"""The bar: on a terminal alone, for work over a second alone."""

from __future__ import annotations

import os
import pty
import sys
from subprocess import PIPE, Popen
from threading import Thread

import pytest

_WORK = """
import sys, time
from policyeval.cli.progress import bar
with bar("work") as tell:
    for i in range(4):
        time.sleep(float(sys.argv[1]))
        tell(i + 1, 4)
print("done")
"""


def shown(seconds: str, terminal: bool) -> str:
    """What stderr shows of four steps of work."""
    ours, theirs = pty.openpty()
    found: list[bytes] = []

    def read() -> None:
        while True:
            try:
                data = os.read(ours, 4096)
            except OSError:  # the other end is closed
                return
            found.append(data)

    reader = Thread(target=read)
    reader.start()
    run = Popen(
        [sys.executable, "-c", _WORK, seconds],
        stdout=PIPE,
        stderr=theirs if terminal else PIPE,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"},
    )
    out, err = run.communicate(timeout=60)
    os.close(theirs)
    reader.join(timeout=10)
    os.close(ours)
    assert out.strip() == b"done"
    return (b"".join(found) if terminal else err or b"").decode()


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_a_bar_on_a_terminal_for_work_over_a_second() -> None:
    assert "/4" in shown("0.6", terminal=True)


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_no_bar_for_short_work() -> None:
    assert shown("0.01", terminal=True) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_no_bar_in_a_file() -> None:
    assert shown("0.6", terminal=False) == ""
