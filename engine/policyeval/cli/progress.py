"""A bar for work that takes a while.

In: how much is done of how much. Out: a bar on stderr, gone when the work is. Promise: only on a terminal, and only for
work over a second, so nothing else ever sees it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

    from policyeval.regime import Tell

_PATIENCE = 1.0  # seconds before a bar is shown


@contextmanager
def bar(words: str, rated: bool = False) -> Iterator[Tell]:
    """What to tell of the work's progress; `rated`: with how much is done in a second."""
    shown = _Bar(words, rated)
    try:
        yield shown.tell
    finally:
        shown.stop()


class _Bar:
    def __init__(self, words: str, rated: bool) -> None:
        self.words = words
        self.rated = rated
        self._begun = monotonic()
        self._progress: Progress | None = None

    def tell(self, done: int, total: int | None) -> None:
        if self._progress is None:
            if monotonic() - self._begun < _PATIENCE or not _watched():
                return
            self._progress = self._shown(total)
        rate = f"{done / (monotonic() - self._begun):,.0f}/s" if self.rated else ""
        self._progress.update(self._progress.task_ids[0], completed=done, total=total, rate=rate)

    def stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()

    def _shown(self, total: int | None) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        rate = [TextColumn("{task.fields[rate]}")] if self.rated else []
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *rate, TimeRemainingColumn()
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        progress.add_task(self.words, total=total, rate="")
        progress.start()
        return progress


def _watched() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
