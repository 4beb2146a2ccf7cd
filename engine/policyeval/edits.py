"""Changes of a YAML file that leave the rest of it as it stands.

In: a file's text, nodes of it, new texts. Out: the text with the changes made. Promise: what no change names keeps
every byte: comments, order, quotes, line ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from policyeval.nodes import Mapped, Node, Scalar, Sequence, read_yaml
from policyeval.problems import Refusal
from policyeval.source import Span

_CLOSE = {"{": "}", "[": "]"}
_BETWEEN = re.compile(r"(?:[\s,]|(?<=\s)#[^\n]*)*")


class Edit(NamedTuple):
    """Characters of a text, and what shall stand in their place."""

    span: Span
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; they may not overlap."""
    pieces, at = [], 0
    for edit in sorted(edits):
        pieces += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join([*pieces, text[at:]])


def extent(node: Node) -> Span:
    """The characters of a whole node, without the blanks and line ends after it."""
    text = node.source.text
    if isinstance(node, Scalar):
        return Span(node.span.start, node.span.start + len(text[slice(*node.span)].rstrip()))
    children = list(node.items if isinstance(node, Sequence) else (value for _, value in node.entries.values()))
    opened = text[node.span.start]
    end = extent(children[-1]).end if children else node.span.start + 1
    if opened in _CLOSE:
        between = _BETWEEN.match(text, end)
        end = (between.end() if between else end) + 1
    return Span(node.span.start, end)


def in_flow(item: Mapped) -> bool:
    """Whether a mapping is written in curly brackets."""
    return item.source.text[item.span.start :].lstrip()[:1] == "{"


def can_be_plain(text: str, flow: bool) -> bool:
    """Whether YAML reads the text back where it stands without quotes."""
    try:
        root, problems = read_yaml((f"{{k: {text}, z: z}}" if flow else f"k: {text}\nz: z\n").encode(), "")
    except Refusal:
        return False
    if problems or not isinstance(root, Mapped) or list(root.entries) != ["k", "z"]:
        return False
    value = root["k"]
    return isinstance(value, Scalar) and value.value == text and not value.style


def in_style(scalar: Scalar, text: str, flow: bool) -> str:
    """The text as a scalar on one line, in the style of one that it replaces, with quotes where it needs them."""
    quote = scalar.style if scalar.style in ("'", '"') else ""
    if not quote and not can_be_plain(text, flow):
        quote = "'"
    if quote == '"' and not set(text) & set('\\"\n'):
        return f'"{text}"'
    return f"'{text.replace(chr(39), chr(39) * 2)}'" if quote else text
