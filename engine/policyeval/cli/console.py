"""Where a command prints: results to stdout, messages to stderr.

In: texts and problems. Out: bytes that the terminal, pipe or file can take. Promises: no character breaks a console of
another encoding; colour only where a person looks; JSON is right in every encoding.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from policyeval.files import create_file, replace_file, why_not
from policyeval.problems import Lang, Problem, Refusal, render

if TYPE_CHECKING:
    from policyeval.cli.page import Page

_WIDEST = 120  # columns that are still read with ease
_WITHOUT_TERMINAL = 100


class ReaderGone(Exception):
    """Whoever read our output has stopped, as `head` does."""


def make_safe() -> None:
    """Characters that a console cannot show become escapes, in place of an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Prints a result."""
    _write(sys.stdout, text if text.endswith("\n") else f"{text}\n")


def say_bytes(data: bytes) -> None:
    """Prints a file as it is."""
    _write(sys.stdout, data)


def json_bytes(value: Any) -> bytes:
    """A result for a program, as a file holds it."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def save(path: str, data: bytes, force: bool) -> None:
    """Writes a file, whole, and prints its name. `force`: in place of one that is there. Raises Refusal."""
    (replace_file if force and os.path.exists(path) else create_file)(path, data)  # noqa: PTH110
    say(path)


def look_for_room(path: str, force: bool) -> None:
    """Raises Refusal where `save` would, as far as that can be told before there is anything to write."""
    if os.path.exists(path) and not force:  # noqa: PTH110
        raise Refusal(Problem("D113", {"path": path}))
    try:
        os.stat(os.path.dirname(os.path.abspath(path)))  # noqa: PTH100, PTH116, PTH120
    except OSError as error:
        raise Refusal(Problem("D107", {"path": path, "reason": why_not(error)})) from None


def say_json(value: Any) -> None:
    """Prints a result for a program; only ASCII where the stream is not UTF-8."""
    unicode = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    say(json.dumps(value, ensure_ascii=not unicode, indent=2))


def say_pages(pages: Sequence[Page], form: str) -> None:
    """Prints pages one after the other, as text for a person or as Markdown."""
    texts = [page.markdown() if form == "md" else page.terminal(columns(), colour()) for page in pages]
    say(("\n" if form == "md" else f"\n{'─' * columns()}\n").join(texts))


def complain(problems: Iterable[Problem], lang: Lang) -> None:
    """Prints messages, each once."""
    for text in dict.fromkeys(render(problem, lang) for problem in problems):
        _write(sys.stderr, f"{text}\n")


def colour() -> bool:
    """Whether stdout is a terminal whose user has not declined colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def columns() -> int:
    """Columns to fill."""
    named = os.environ.get("COLUMNS", "")
    if named.isdigit() and int(named) > 0:
        found = int(named)
    elif sys.stdout.isatty():
        found = os.get_terminal_size(sys.stdout.fileno()).columns or _WITHOUT_TERMINAL
    else:
        found = _WITHOUT_TERMINAL
    return max(40, min(found, _WIDEST))


def _write(stream: TextIO, text: str | bytes) -> None:
    from click import echo  # on Windows it writes to the console itself and turns colour codes into colours

    try:
        echo(text, file=stream, nl=False, color=colour() if stream is sys.stdout else None)
    except BrokenPipeError:
        _close(stream)
        raise ReaderGone from None


def _close(stream: TextIO) -> None:
    """Nothing more goes there, not even what Python flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
