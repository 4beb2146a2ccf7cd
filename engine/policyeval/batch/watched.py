"""A statement that takes a while, on a thread of its own.

In: an engine and a statement. Out: the rows that it gives. Promises: how far it is is told ten times a second; Ctrl-C
ends it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from policyeval.batch.table import Engine

_PULSE = 0.1  # seconds


def watched(engine: Engine, statement: str, tell: Callable[[float], None]) -> list[Any]:
    """`tell` takes the share that is done. Raises what the engine does."""
    found: list[Any] = []
    failed: list[BaseException] = []
    done = Event()  # not the end of the thread: a join that Ctrl-C breaks off takes the thread for ended

    def work() -> None:
        try:
            found.extend(engine.execute(statement).fetchall())
        except BaseException as error:  # noqa: BLE001  # told where it is waited for
            failed.append(error)
        finally:
            done.set()

    Thread(target=work).start()
    try:
        while not done.wait(_PULSE):
            tell(min(max(0.0, engine.query_progress()), 100) / 100)
    except BaseException:
        while not done.is_set():  # again and again: what comes before the statement begins is lost
            with suppress(KeyboardInterrupt):
                engine.interrupt()
                done.wait(_PULSE)
        raise
    for error in failed:
        raise error
    return found
