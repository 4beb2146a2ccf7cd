"""What is wrong, as data.

In: a code of `messages`, a place and the words of the user. Out: a Problem. Nothing here prints: a door does, with
`render` or `as_json`, in either language. Promise: a problem names its place, and its code never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import east_asian_width

from policyeval.record import Record, field
from policyeval.source import Source, Span

if TYPE_CHECKING:
    from policyeval.message import Message

Severity = Literal["error", "warning", "note"]
Lang = Literal["en", "zh"]


class At(Record):
    """A place: a source and a span of it."""

    source: Source
    span: Span


class Problem(Record):
    """One finding about a text.

    `words` fill the message of `code`. `at` is None where the problem has no place in a text. `others` are further
    places with a short remark each (a code of MESSAGES again), such as the other side of a clash.
    """

    code: str
    words: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    at: At | None = None
    others: tuple[tuple[At, str], ...] = ()

    @property
    def severity(self) -> Severity:
        return _message(self.code).severity

    def message(self, lang: Lang = "en") -> str:
        return _message(self.code).text[lang].format_map(_Words(self.words, lang))

    def help(self, lang: Lang = "en") -> str:
        return _message(self.code).help[lang].format_map(_Words(self.words, lang)).strip()


class Refusal(Exception):
    """The work cannot be done; `problems` say why, each with its place and its mend."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(p.message() for p in problems))
        self.problems = problems


class _Words(dict[str, Any]):
    """Fills a message: a pair (en, zh) gives its own language, a near name becomes a question or nothing."""

    def __init__(self, words: Mapping[str, Any], lang: Lang) -> None:
        super().__init__(words)
        self.lang = lang

    def __getitem__(self, key: str) -> Any:
        value = self.get(key, "")
        if isinstance(value, Mapping):
            return value[self.lang]
        return value


def _message(code: str) -> Message:
    from policyeval.messages import MESSAGES  # noqa: PLC0415  # hundreds of texts, and most runs need none of them

    return MESSAGES[code]


def errors(problems: Iterable[Problem]) -> list[Problem]:
    return [p for p in problems if p.severity == "error"]


def render(problem: Problem, lang: Lang = "en") -> str:
    """A problem as a person reads it: place, message, the line with the piece underlined, other places, the mend."""
    lines = [_headline(problem, lang)]
    if problem.at is not None:
        lines += _underlined(problem.at)
    for at, remark in problem.others:
        place = at.source.place(at.span.start)
        lines.append(f"  {at.source.name}:{place.line}:{place.column}: {_message(remark).text[lang]}")
        lines += _underlined(at)
    mend = problem.help(lang)
    if mend:
        lines.append(f"  {'修改' if lang == 'zh' else 'help'}: {mend}")
    return "\n".join(lines)


def as_json(problem: Problem, lang: Lang = "en") -> dict[str, Any]:
    """A problem as a program reads it."""
    found: dict[str, Any] = {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message(lang),
        "help": problem.help(lang) or None,
        "path": None,
        "line": None,
        "column": None,
        "text": None,
        "others": [
            {"path": at.source.name, **_numbered(at), "message": _message(remark).text[lang]}
            for at, remark in problem.others
        ],
    }
    if problem.at is not None:
        source, span = problem.at.source, problem.at.span
        found |= {"path": source.name, **_numbered(problem.at), "text": source.text[span.start : span.end]}
    return found


def _numbered(at: At) -> dict[str, int]:
    place = at.source.place(at.span.start)
    return {"line": place.line, "column": place.column}


def _headline(problem: Problem, lang: Lang) -> str:
    words = {"error": ("", ""), "warning": ("warning: ", "提醒："), "note": ("note: ", "说明：")}
    kind = words[problem.severity][lang == "zh"]
    message = f"{problem.code} {kind}{problem.message(lang)}"
    if problem.at is None:
        return message
    place = problem.at.source.place(problem.at.span.start)
    return f"{problem.at.source.name}:{place.line}:{place.column}: {message}"


def _underlined(at: At) -> list[str]:
    start = at.source.place(at.span.start)
    line = at.source.line(start.line).replace("\t", " ")
    length = max(1, min(at.span.end - at.span.start, len(line) - start.column + 1))
    before, piece = line[: start.column - 1], line[start.column - 1 : start.column - 1 + length]
    if len(before) > 100:
        before = "…" + before[-60:]
    shown = before + line[start.column - 1 :]
    if len(shown) > 160:
        shown = shown[:160] + "…"
    return [f"    {shown}", f"    {' ' * _width(before)}{'^' * min(max(1, _width(piece)), 160)}"]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
