"""The pieces of a pack's nodes.

In: a mapping that fits its schema, and a key. Out: the text, list, label or clause under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.nodes import Mapped, Node, Scalar, Sequence, plain
from policyeval.provisions import Cite, Figure
from policyeval.source import Span
from policyeval.vocabulary import Label

Item = tuple[str, Span, Mapped]  # a name or number, where it stands, and what stands under it


def items(root: Mapped, section: str) -> Iterator[Item]:
    """The mappings of a section, be it a mapping of names or a list; what has another shape the schema tells."""
    return below(root.get(section))


def below(node: Node | None) -> Iterator[Item]:
    """The mappings in a mapping of names or in a list."""
    if isinstance(node, Mapped):
        for name, (key, item) in node.entries.items():
            if isinstance(item, Mapped):
                yield name, key.span, item
    elif isinstance(node, Sequence):
        for i, item in enumerate(node.items):
            if isinstance(item, Mapped):
                yield str(i), item.span, item


def nested(root: Mapped, path: str) -> Iterator[Item]:
    """The same along a path with `*` for every name (`targets.*.quotas`), by their places below the first section."""
    section, *steps = path.split(".")
    found = list(items(root, section))
    for step in steps:
        if step == "*":
            continue
        found = [
            (f"{name}.{step}.{inner}", span, item)
            for name, _, mapped in found
            for inner, span, item in below(mapped.get(step))
        ]
    return iter(found)


def scalar(item: Mapped, key: str) -> Scalar:
    node = item[key]
    assert isinstance(node, Scalar)
    return node


def mapped(item: Mapped, key: str) -> Mapped:
    node = item[key]
    assert isinstance(node, Mapped)
    return node


def text(item: Mapped, key: str) -> str:
    return scalar(item, key).value or ""


def optional(item: Mapped, key: str) -> str | None:
    return scalar(item, key).value if key in item else None


def mapping(item: Mapped, key: str) -> Mapping[str, str]:
    found: dict[str, str] = (plain(item[key]) or {}) if key in item else {}
    return found


def listed(item: Mapped, key: str) -> tuple[str, ...]:
    return tuple(plain(item[key]) or ()) if key in item else ()


def label(node: Node) -> Label:
    words: dict[str, Any] = plain(node)
    return Label(words["zh"], words["en"], tuple(words.get("also", ())))


def prose(item: Mapped, key: str) -> Label | None:
    node = item.get(key)
    return label(node) if isinstance(node, Mapped) else None


def cite(item: Mapped) -> Cite:
    clause = mapped(item, "cite")
    return Cite(text(clause, "section"), text(clause, "phrase"))


def labels(item: Mapped, key: str) -> tuple[Label, ...]:
    return tuple(label(node) for _, _, node in items(item, key))


def figures(item: Mapped) -> tuple[Figure, ...]:
    return tuple(
        Figure(text(figure, "kind"), optional(figure, "value"), optional(figure, "section"))
        for _, _, figure in items(item, "figures")
    )
