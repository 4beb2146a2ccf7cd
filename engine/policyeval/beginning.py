"""A new draft pack that begins as a copy of another one.

In: an id, the pack it is to be like, a place. Out: the text of the new pack, its comments and order kept. Promises: it
is a draft, version 0.1.0, in force from no day, with a title to be written and without number, issuer and date; it
speaks of itself by its own id; it checks without an error, or nothing is given out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from policyeval.check import check
from policyeval.data_files import data_file
from policyeval.edits import Edit, edited, extent, in_style
from policyeval.library import Library
from policyeval.load import expressions, read_pack
from policyeval.near import did_you_mean
from policyeval.nodes import Mapped, Node, Scalar, Sequence, read_yaml
from policyeval.pack import Pack
from policyeval.problems import Problem, Refusal, errors
from policyeval.resolve import resolve
from policyeval.source import Span

VERSION = "0.1.0"
TITLE = {"zh": "标题待定", "en": "Title to be written"}

_SCHEMA = re.compile(r"(?m)^(# yaml-language-server: \$schema=)\S+")


def begin(id: str, like: Pack, library: Library, place: str | None = None, schema: str | None = None) -> str:
    """The text of a new pack; `schema` is where the file will find the schema for editors. Raises Refusal."""
    _refuse(id, library)
    text = like.source.text
    root, _ = read_yaml(text.encode(), like.source.name)
    assert isinstance(root, Mapped)  # it is a pack
    edits = [*_frame(root, id, _place(place, library)), *_own_names(root, like.id, id)]
    new = edited(root.source.text, edits)
    if schema is not None:
        new = _SCHEMA.sub(lambda line: line[1] + schema, new, count=1)
    _check(new, id, library)
    return new


def _refuse(id: str, library: Library) -> None:
    named = json.loads(data_file("grammar", "pack.schema.json").read_text("utf-8"))["$defs"]["pack_id"]
    if not re.search(named["pattern"], id):
        raise Refusal(Problem("D111", {"id": id, "example": named["examples"][0]}))
    if id in library.versions:
        raise Refusal(Problem("D112", {"id": id, "path": library.versions[id][0].source.name}))


def _place(place: str | None, library: Library) -> str | None:
    known = library.vocabulary.place_spellings
    if place is not None and place not in known:
        raise Refusal(Problem("N105", {"name": place, "near": did_you_mean(place, known)}))
    return known[place] if place is not None else None


def _frame(root: Mapped, id: str, place: str | None) -> Iterator[Edit]:
    """What a new draft says of itself."""
    said = {"pack": id, "version": VERSION, "status": "draft", "effective": "null", "jurisdiction": place}
    for key, text in said.items():
        if text is not None:
            yield _put(root[key], text)
    document = root["document"]
    assert isinstance(document, Mapped)
    for key in ("number", "issuer", "issued"):
        if key in document:
            yield _put(document[key], "null")
    title = document["title"]
    assert isinstance(title, Mapped)
    yield from (_put(title[lang], text) for lang, text in TITLE.items())


def _put(node: Node, text: str) -> Edit:
    """A plain text in place of a node; where nothing was written, after a space."""
    span = extent(node)
    if span.start == span.end and node.source.text[span.start - 1 : span.start] == ":":
        text = f" {text}"
    return Edit(span, text)


def _own_names(root: Mapped, old: str, new: str) -> Iterator[Edit]:
    """Where the old pack spoke of itself: in expressions, slots to fill, examples, and what may stand."""
    named = re.compile(rf"(?<![\w./-]){re.escape(old)}(?=/)")
    whole = re.compile(rf"{re.escape(old)}(@\S+)?(?=/|$)")
    done: set[Span] = set()
    for *_, scalar, _ in expressions(root):
        written = scalar.source.text[slice(*scalar.span)]
        if scalar.span not in done and named.search(written):
            done.add(scalar.span)
            yield Edit(scalar.span, named.sub(new, written))
    for scalar in [*_scalars(root.get("cases")), *_scalars(root.get("allow")), *_filling(root.get("awards"))]:
        if scalar.span not in done and scalar.value and whole.match(scalar.value):
            done.add(scalar.span)
            yield Edit(extent(scalar), in_style(scalar, whole.sub(new, scalar.value, count=1), flow=True))


def _filling(awards: Node | None) -> Iterator[Scalar]:
    """The slots that awards fill."""
    for _, item in awards.items() if isinstance(awards, Mapped) else ():
        if isinstance(item, Mapped) and isinstance(slot := item.get("fills"), Scalar):
            yield slot


def _scalars(node: Node | None) -> Iterator[Scalar]:
    """Every key and value below a node."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, Mapped):
        for key, value in node.entries.values():
            yield key
            yield from _scalars(value)


def _check(text: str, name: str, library: Library) -> None:
    pack, problems = read_pack(text.encode(), f"{name}.yaml")
    if pack is not None:
        around = library.around(pack)
        pack, found = resolve(pack, library.vocabulary, around)
        problems += found or check(pack, library.vocabulary, around)
    if wrong := errors(problems):
        raise Refusal(*wrong)
