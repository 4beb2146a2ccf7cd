"""YAML as nodes with places.

In: the bytes of a file. Out: mappings, lists and scalars; every scalar is text (or None where it is left empty, `null`
or `~`), and knows for each of its characters where that stands in the file. Promises: a file is read within its
Limits, checked while it is read; what is wrong with it is said in a person's words, with its place.

JSON is read as the YAML that it is, so a number keeps the digits it was written with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml
from yaml import AliasEvent, MappingEndEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from policyeval.files import CASE_SIZE, PACK_SIZE, too_large
from policyeval.problems import At, Problem, Refusal
from policyeval.record import Record, field
from policyeval.source import Source, Span, Text

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Limits(Record):
    """What a file may cost. `expanded` counts what aliases (`*name`) repeat."""

    size: int = PACK_SIZE
    depth: int = 20
    nodes: int = 50_000
    expanded: int = 10_000


PACK_LIMITS = Limits()
CASE_LIMITS = Limits(size=CASE_SIZE, nodes=1_000_000)


class Scalar(NamedTuple):
    """A piece of text. `span` is where it is written, quotes included."""

    value: str | None
    span: Span
    source: Source
    style: str = ""

    @property
    def at(self) -> At:
        return At(self.source, self.span)

    @property
    def text(self) -> Text:
        """The value with the place of each of its characters."""
        value = self.value or ""
        return Text(value, self.source, tuple(_offsets(self.source.text, self.span, self.style, value)))


class Sequence(Record):
    """A list. `span` is where it begins."""

    items: tuple[Node, ...]
    span: Span
    source: Source = field(compare=False)

    @property
    def at(self) -> At:
        return At(self.source, self.span)


class Mapped(Record):
    """A mapping, each key once, in order. `span` is where it begins."""

    entries: dict[str, tuple[Scalar, Node]]
    span: Span
    source: Source = field(compare=False)

    @property
    def at(self) -> At:
        return At(self.source, self.span)

    def __getitem__(self, key: str) -> Node:
        return self.entries[key][1]

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def get(self, key: str) -> Node | None:
        return self.entries[key][1] if key in self.entries else None

    def items(self) -> Iterator[tuple[str, Node]]:
        return ((key, node) for key, (_, node) in self.entries.items())


Node = Scalar | Sequence | Mapped


def plain(node: Node) -> Any:
    """The node as dicts, lists, texts and None."""
    if isinstance(node, Mapped):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value


def read_yaml(data: bytes, name: str, limits: Limits = PACK_LIMITS) -> tuple[Node, list[Problem]]:
    """The one document of a file, and what is wrong with it that does not stop reading (a key written twice, …).

    Raises Refusal where nothing can be read.
    """
    if len(data) > limits.size:
        raise Refusal(too_large(name, len(data), limits.size))
    source = Source(name, _decoded(data, name))
    reader = _Reader(source, limits)
    try:
        return reader.document(), reader.problems
    except yaml.MarkedYAMLError as error:
        raise Refusal(_in_our_words(error, source)) from None


# Text ------------------------------------------------------------------------

# What a file must not hold is a tenth of the work, at start-up, of what it may; the others are compiled when needed.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_PAIR = r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"  # JSON's 𬭎
_CHINESE = r"[\u4e00-\u9fff]"


def _decoded(data: bytes, name: str) -> str:
    """The text of a file in UTF-8, with or without a byte order mark."""
    if b"\0" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refusal(Problem("F104", {"path": name}))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(_other_encoding(data, name, error.start)) from None
    odd = _CONTROL.search(text)
    if odd:
        at = At(Source(name, text), Span(*odd.span()))
        raise Refusal(Problem("F108", {"char": f"U+{ord(odd.group()):04X}"}, at))
    if text.lstrip()[:1] in ("{", "["):
        text = re.sub(_PAIR, _one_character, text).replace("\t", " ")
    return text


def _other_encoding(data: bytes, name: str, byte: int) -> Problem:
    """GBK is recognised by what it says: a text of Chinese characters."""
    try:
        chinese = re.search(_CHINESE, data.decode("gb18030"))
    except UnicodeDecodeError:
        chinese = None
    return Problem("F105", {"path": name}) if chinese else Problem("F106", {"path": name, "byte": byte + 1})


def _one_character(pair: re.Match[str]) -> str:
    return bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be")


# Nodes -----------------------------------------------------------------------

_TEXT = "tag:yaml.org,2002:str"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class _Reader:
    """Builds nodes from the events of the YAML parser: events do not nest, so depth can be refused before it costs."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self.problems: list[Problem] = []
        self._next: Callable[[], Any] = _LOADER(source.text).get_event
        self._anchors: dict[str, tuple[Node, int]] = {}  # each with the number of its nodes
        self._nodes = self._expanded = self._depth = 0
        self._most = limits.nodes

    def document(self) -> Node:
        root: Node | None = None
        while (event := self._next()) is not None:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self._refused("F117", event)
                root = self._node(self._next())
        if root is None:
            raise Refusal(Problem("F107", {"path": self.source.name}))
        return root

    def _node(self, event: Any) -> Node:
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event)
        before = self._nodes
        if before >= self._most:
            raise self._refused("X204", event, limit=self._most)
        self._nodes = before + 1
        tag = event.tag
        if tag is not None and tag not in ("!", _TEXT):
            words = {"tag": tag.removeprefix("tag:yaml.org,2002:")}
            self.problems.append(Problem("F118", words, self._at(event)))
        node = self._scalar(event) if kind is ScalarEvent else self._collection(event)
        if event.anchor:
            self._anchors[event.anchor] = (node, self._nodes - before)
        return node

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            raise self._refused("F116", event, name=event.anchor)
        node, size = self._anchors[event.anchor]
        self._expanded += size
        if self._expanded > self.limits.expanded:
            raise self._refused("X202", event, limit=self.limits.expanded)
        self._nodes += size
        return node

    def _scalar(self, event: Any) -> Scalar:
        start, end, style, value = event.start_mark.index, event.end_mark.index, event.style, event.value
        if event.anchor or event.tag:
            start = _after_properties(self.source.text, start, end)
        if not style and value in _NULLS:
            value = None
        return Scalar(value, Span(start, end), self.source, style or "")

    def _collection(self, event: Any) -> Node:
        self._depth += 1
        if self._depth > self.limits.depth:
            raise self._refused("X203", event, limit=self.limits.depth)
        span = Span(event.start_mark.index, event.start_mark.index + 1)
        node: Node
        if type(event) is SequenceStartEvent:
            node = Sequence(self._items(), span, self.source)
        else:
            node = Mapped(self._entries(), span, self.source)
        self._depth -= 1
        return node

    def _items(self) -> tuple[Node, ...]:
        found: list[Node] = []
        while type(event := self._next()) is not SequenceEndEvent:
            found.append(self._node(event))
        return tuple(found)

    def _entries(self) -> dict[str, tuple[Scalar, Node]]:
        found: dict[str, tuple[Scalar, Node]] = {}
        while type(event := self._next()) is not MappingEndEvent:
            key, value = self._node(event), self._node(self._next())
            if not isinstance(key, Scalar) or key.value is None:
                self.problems.append(Problem("F123", {}, key.at))
            elif key.value in found:
                first = found[key.value][0].at
                self.problems.append(Problem("F121", {"key": key.value}, key.at, ((first, "F122"),)))
            else:
                found[key.value] = (key, value)
        return found

    def _at(self, event: Any) -> At:
        start = event.start_mark.index
        return At(self.source, Span(start, max(start + 1, event.end_mark.index)))

    def _refused(self, code: str, event: Any, **words: Any) -> Refusal:
        return Refusal(Problem(code, {"path": self.source.name, **words}, self._at(event)))


# Places inside a scalar ------------------------------------------------------

_BLANK = " \t\r\n\x85\u2028\u2029"
_CODE_LENGTH = {"x": 2, "u": 4, "U": 8}


def _after_properties(text: str, start: int, end: int) -> int:
    """Where a scalar begins after its anchor and tag (`&a !!str x`)."""
    while start < end and text[start] in "&!":
        while start < end and text[start] not in _BLANK:
            start += 1
        while start < end and text[start] in _BLANK:
            start += 1
    return start


def _offsets(text: str, span: Span, style: str, value: str) -> Iterator[int]:
    """The offset in `text` of each character of `value`.

    Folding and indentation change blanks only, so other characters stand in the file in their own order; a run of
    blanks is matched with the run in the file, one for one as far as that goes.
    """
    at = span.start
    if style in (">", "|"):
        at = text.find("\n", at) + 1  # the header may carry a comment
    elif style:
        at += 1
    end = max(at, span.end - 1)
    for char in value:
        if style == '"':
            at = _past_continuation(text, at, end)
        if char not in _BLANK:
            while at < end and text[at] in _BLANK:
                at += 1
            if style == '"':
                at = _past_continuation(text, at, end)
        yield min(at, end)
        at += _written_length(text, at, style, char)


def _written_length(text: str, at: int, style: str, char: str) -> int:
    """How many characters the file spends on this one."""
    written = text[at : at + 2]
    if style == '"' and written[:1] == "\\":
        return 2 + _CODE_LENGTH.get(written[1:], 0)
    if style == "'" and written == "''":
        return 2
    return 0 if char in _BLANK and written[:1] not in _BLANK else 1


def _past_continuation(text: str, at: int, end: int) -> int:
    """Past a line that a backslash continues, in double quotes."""
    while at < end and text[at] == "\\" and text[at + 1] in "\r\n":
        at += 1
        while at < end and text[at] in _BLANK:
            at += 1
    return at


# Syntax errors ---------------------------------------------------------------

_WORDS = (
    (r"cannot start any token", "F119"),
    (r"mapping values are not allowed", "F112"),
    (r"quoted scalar.*end of stream|end of stream.*quoted scalar", "F113"),
    (r"flow (sequence|mapping)", "F114"),
    (r"could not find expected ':'", "F115"),
    (r"escape (character|code)", "F120"),
    (r"block (mapping|collection|sequence|entries)|document start", "F111"),
)


def _tab(text: str, offset: int) -> int | None:
    """The first tab in the indentation of the line that `offset` is in."""
    indentation = re.compile(r"[ \t]*").match(text, text.rfind("\n", 0, offset) + 1)
    at = text.find("\t", *indentation.span()) if indentation else -1
    return at if at >= 0 else None


def _in_our_words(error: yaml.MarkedYAMLError, source: Source) -> Problem:
    said = f"{error.context or ''} {error.problem or ''}"
    code = next((code for pattern, code in _WORDS if re.search(pattern, said)), "F110")
    offset = min(error.problem_mark.index if error.problem_mark else 0, len(source.text))
    if code in ("F113", "F114", "F115") and error.context_mark:
        offset = error.context_mark.index  # where the piece began that never ends
    piece = source.text[offset : offset + 1]
    if (tab := _tab(source.text, offset)) is not None:
        code, offset, piece = "F109", tab, "\t"
    return Problem(code, {"char": piece}, At(source, Span(offset, offset + 1)))
