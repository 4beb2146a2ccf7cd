"""A pack's expressions in one surface, Chinese or English, or with their spacing put right.

In: the bytes of a pack file, the library it is read with, a language or none. Out: the bytes of the same file with its
expressions rewritten. Promises:

- Everything else keeps every byte: comments, order, quotes, line ends, a byte order mark. A text keeps its style and
  its line breaks, each before the same word; quotes are added where the new text needs them.
- What is given out was read again and means the same: the same pack, the same trees, a plan of the same digest.
  Where that fails, the expression is named and nothing is given out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from unicodedata import east_asian_width

from policyeval.check import check
from policyeval.digest import digest
from policyeval.edits import Edit, can_be_plain, edited, in_flow
from policyeval.functions import PHRASES, SLOT, TABLE, UNIT_WORDS
from policyeval.library import Library
from policyeval.load import expressions, read_pack
from policyeval.lower import lower
from policyeval.naming import WORD, naming
from policyeval.nodes import Mapped, Scalar, read_yaml
from policyeval.pack import Pack
from policyeval.parse import plainly
from policyeval.problems import Lang, Problem, Refusal, errors
from policyeval.record import replace
from policyeval.resolve import resolve
from policyeval.source import Source, Span
from policyeval.tree import Node
from policyeval.write import write

LONG = 120  # columns; a line that has become longer is divided

_BOM = "\ufeff"
_BLOCK = (">", "|")
_QUOTED = ("'", '"')

Where = tuple[str, str, str]  # section, name or number, key


def restyled(data: bytes, name: str, library: Library, lang: Lang | None) -> bytes:
    """The file with its expressions in `lang`; None: each as it is, only its spacing put right. Raises Refusal."""
    before = _read(data, name, library)
    root, _ = read_yaml(data, name)
    text = data.decode("utf-8-sig")
    if len(root.source.text) != len(text):
        raise Refusal(Problem("D101", {"path": name}))
    assert isinstance(root, Mapped)  # it is a pack
    new = edited(text, _edits(root, before, library, lang))
    written = (_BOM if data.startswith(_BOM.encode()) else "").encode() + new.encode()
    if written != data:
        _compare(before, written, name, library, root)
    return written


def _read(data: bytes, name: str, library: Library) -> Pack:
    """The pack of a file, resolved. Raises Refusal where anything is wrong with it."""
    pack, problems = read_pack(data, name)
    if pack is not None:
        around = library.around(pack)
        pack, found = resolve(pack, library.vocabulary, around)
        problems += found or check(pack, library.vocabulary, around)
    if pack is None or errors(problems):
        raise Refusal(*errors(problems))
    return pack


# The same meaning ------------------------------------------------------------


def _compare(before: Pack, written: bytes, name: str, library: Library, root: Mapped) -> None:
    """Reads the new file. Raises Refusal unless it is the same pack with the same plan."""
    try:
        after = _read(written, name, library)
    except Refusal:
        raise Refusal(_refused(before, None, root)) from None
    same = _bare(before) == _bare(after) and _planned(before, library) == _planned(after, library)
    if not same:
        raise Refusal(_refused(before, after, root))


def _refused(before: Pack, after: Pack | None, root: Mapped) -> Problem:
    """The problem, at the first expression that would mean something else."""
    old, new = _trees(before), _trees(after) if after else {}
    for section, item, key, _, scalar, _ in expressions(root):
        if after and old[section, item, key] != new.get((section, item, key)):
            return Problem("D102", {"path": root.source.name}, scalar.at)
    return Problem("D102", {"path": root.source.name})


def _trees(pack: Pack) -> dict[Where, Node]:
    """Every expression of a pack, by where it stands."""
    conditioned = (("awards", pack.awards), ("entitlements", pack.entitlements))
    trees: dict[Where, Node | None] = {("awards", id, "amount"): award.amount for id, award in pack.awards.items()}
    trees |= {(section, id, "when"): item.when for section, items in conditioned for id, item in items.items()}
    trees |= {("authority", str(i), "when"): item.when for i, item in enumerate(pack.authority)}
    trees |= {("precedence", str(i), "rule"): item.rule for i, item in enumerate(pack.precedence)}
    trees |= {("guarantees", str(i), "claim"): item.claim for i, item in enumerate(pack.guarantees)}
    for where, tree in pack.provisions.expressions():
        section, _, rest = where.partition(".")
        item, _, key = rest.rpartition(".")
        trees[section, item, key] = tree
    return {where: tree for where, tree in trees.items() if tree is not None}


def _bare(pack: Pack) -> Pack:
    """The pack without the text that it was read from."""
    return replace(
        pack,
        source=Source("", ""),
        sha256="",
        precedence=tuple(replace(item, text="") for item in pack.precedence),
        guarantees=tuple(replace(item, text="") for item in pack.guarantees),
    )


def _planned(pack: Pack, library: Library) -> str | None:
    """The digest of the pack's plan, with the packs it was written for; None where one of them is not there."""
    around = library.around(pack)
    packs, wanted = {pack.id: pack}, [*pack.uses]
    while wanted:
        id = wanted.pop()
        if id not in packs:
            if id not in around:
                return None
            packs[id] = around[id]
            wanted += around[id].uses
    return digest(lower(library.ordered(packs.values()), library.vocabulary, {}))


# Edits -----------------------------------------------------------------------


def _edits(root: Mapped, pack: Pack, library: Library, lang: Lang | None) -> Iterator[Edit]:
    """What to change in the file; a text that two keys share (`&a`, `*a`) is changed once."""
    trees = _trees(pack)
    called = naming(library.vocabulary, pack.id, lang or "en", {**library.around(pack), pack.id: pack})
    made: dict[Span, Edit | None] = {}
    for section, item, key, mapped, scalar, _ in expressions(root):
        old = scalar.value or ""
        new = write(trees[section, item, key], lang, called) if lang else respaced(old)
        edit = _edit(scalar, old, new, in_flow(mapped))
        if made.setdefault(scalar.span, edit) != edit:
            raise Refusal(Problem("D103", {"path": root.source.name}, scalar.at))
    yield from (edit for edit in made.values() if edit)


def _edit(scalar: Scalar, old: str, new: str, flow: bool) -> Edit | None:
    """The change of one scalar, if there is one."""
    if new == old:
        return None
    span = _inside(scalar)
    text = "".join(_laid_out(scalar, new))
    if text == scalar.source.text[slice(*span)]:
        return None
    if not scalar.style and not can_be_plain(new, flow):
        text = f"'{text}'"
    return Edit(span, text)


def _inside(scalar: Scalar) -> Span:
    """The characters that the expression is written in: without quotes, and without the header of a block."""
    start, end = scalar.span
    if scalar.style in _QUOTED:
        return Span(start + 1, end - 1)
    if scalar.style in _BLOCK:
        offsets = scalar.text.offsets
        filled = [offset for offset, char in zip(offsets, scalar.value or "", strict=True) if not char.isspace()]
        return Span(filled[0], filled[-1] + 1)
    return Span(start, end)


# Words and spaces ------------------------------------------------------------


class Token(NamedTuple):
    """A word of an expression. `kind` is the same in both languages: the keyword that it is, a sign, or "" for a name
    or a number."""

    kind: str
    start: int
    end: int


def _kinds() -> dict[str, str]:
    """Every phrase of the language by the first English phrase of its operator in the same place.

    What an operator shares with an earlier one, as `的` and `of`, is known by then, wherever it stands.
    """
    found: dict[str, str] = {}
    for row in TABLE.values():
        base = _phrases_of(row.en[0])
        own = [phrase for phrase in base if phrase not in found] or base
        for spelling in (*row.en, *row.zh):
            new = [phrase for phrase in _phrases_of(spelling) if phrase not in found]
            found |= zip(new, own if len(new) == len(own) else own[:1] * len(new), strict=True)
    return found


def _phrases_of(spelling: str) -> list[str]:
    """The keywords of a spelling, or its signs where it has none."""
    pieces = [*SLOT.split(spelling)[::3], *(joint or "" for _, joint in SLOT.findall(spelling))]
    words = [" ".join(re.findall(r"\w+", piece)) for piece in pieces]
    return [word for word in words if word] or [piece.strip() for piece in pieces if piece.strip()]


_KINDS = _kinds()
_UNITS = "|".join(sorted(UNIT_WORDS, key=len, reverse=True))
_TOKEN = re.compile(
    rf"""\d{{4}}-\d{{1,2}}-\d{{1,2}}(?![\w./-])
    | (?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?(?:\s*(?:(?:{_UNITS})(?![\w./-])|%))?
    | {WORD}(?:-\w+)+(?![\w./-])
    | (?:{WORD}(?:-\w+)*/)?{WORD}(?:\.{WORD})?
    | >= | <= | \S""",
    re.VERBOSE,
)
_LONGEST_PHRASE = max(len(phrase.split()) for phrase in PHRASES)
_FUNCTIONS = ("min", "max", "known", "已知")


def tokens(text: str) -> list[Token]:
    """The words of an expression, in order; a keyword of several words is one."""
    plain = plainly(text)
    pieces = [match.span() for match in _TOKEN.finditer(plain)]
    found: list[Token] = []
    at = 0
    while at < len(pieces):
        for count in range(min(_LONGEST_PHRASE, len(pieces) - at), 0, -1):
            start, end = pieces[at][0], pieces[at + count - 1][1]
            words = " ".join(plain[slice(*piece)] for piece in pieces[at : at + count])
            if words in _KINDS or count == 1:
                break
        sign = not words[0].isalnum() and words[0] != "_"
        found.append(Token(_KINDS.get(words, {"、": ","}.get(words, words) if sign else ""), start, end))
        at += count
    return found


def respaced(text: str) -> str:
    """The expression in its own words, with one space between two of them and none at brackets, commas and colons."""
    plain, written = plainly(text), ""
    before: Token | None = None
    for token in tokens(text):
        if before is not None and not _tight(plain, before, token):
            written += " "
        written += _joined(text[token.start : token.end], token)
        before = token
    return written


def _joined(piece: str, token: Token) -> str:
    """A token without the spaces it needs not have: `100 万元` has none, `capped  at` one."""
    return ("" if not token.kind else " ").join(piece.split())


def _tight(plain: str, before: Token, token: Token) -> bool:
    """Whether no space stands between two tokens."""
    one, other = plain[before.start : before.end], plain[token.start : token.end]
    if one == "-" and before.end == token.start:
        return True  # a sign, not a difference
    if one == ",":
        return False
    return one in "(:、" or other in "),:、" or (other == "(" and one in _FUNCTIONS)


# Line breaks -----------------------------------------------------------------


def _laid_out(scalar: Scalar, new: str) -> Iterator[str]:
    """The new text in pieces, with a line break before the words that began a line before, if they follow a space.

    A line that has become longer than the old ones, and longer than LONG, is divided; a text on one line stays there
    unless it is a block.
    """
    file, old = scalar.source, scalar.text
    breaks = list(_breaks(scalar))
    at = dict(_numbered(new))
    starts = dict(sorted((place, indent) for word, indent in breaks if new[(place := at.get(word, 0)) - 1] == " "))
    if not breaks and scalar.style not in _BLOCK:
        yield new
        return
    first, last = file.place(old.offsets[0]).line, file.place(old.offsets[-1]).line
    widest = max(LONG, *(_width(file.line(number).rstrip()) for number in range(first, last + 1)))
    line_end = "\r\n" if "\r\n" in file.text else "\n"
    margin = _indent(file, old.offsets[tokens(old.value)[0].start])
    pieces = [0, *starts, len(new)]
    indents = [margin, *starts.values()]
    for i, (start, end) in enumerate(pairwise(pieces)):
        line, room = new[start:end].rstrip(), LONG - len(indents[i])
        lines = _divided(line, max(room, 40)) if len(indents[i]) + _width(line) > widest else [line]
        for j, line in enumerate(lines):
            if i or j:
                yield line_end + indents[i]
            yield line


def _breaks(scalar: Scalar) -> Iterator[tuple[tuple[str, int], str]]:
    """The words that begin a line, each by its kind and its number among those of the kind, with the indentation."""
    file, text = scalar.source, scalar.text
    line: int | None = None
    for word, start in _numbered(text.value):
        here = file.place(text.offsets[start]).line
        if line is not None and here != line:
            yield word, _indent(file, text.offsets[start])
        line = here


def _numbered(text: str) -> Iterator[tuple[tuple[str, int], int]]:
    """Every token as its kind and its number among those of the kind, with where it starts."""
    times: dict[str, int] = {}
    for token in tokens(text):
        times[token.kind] = times.get(token.kind, 0) + 1
        yield (token.kind, times[token.kind]), token.start


def _indent(file: Source, offset: int) -> str:
    line = file.line(file.place(offset).line)
    return line[: len(line) - len(line.lstrip(" \t"))]


def _divided(line: str, room: int) -> Iterator[str]:
    """The line in pieces of at most `room` columns where its spaces allow it, rather before a keyword."""
    while _width(line) > room:
        places = [token for token in tokens(line) if token.start and line[token.start - 1] == " "]
        within = [token for token in places if _width(line[: token.start - 1]) <= room] or places[:1]
        if not within:
            break
        later = [t for t in within if t.kind.isalpha() and _width(line[: t.start]) > room // 2]
        start = (_best(later) or within[-1]).start
        yield line[: start - 1]
        line = line[start:]
    yield line


_LOOSEST = ("else", "when", "or", "and")


def _best(places: Sequence[Token]) -> Token | None:
    """The place where a reader would pause first: before `else`, then `or`, then `and`, then any keyword."""
    for kind in _LOOSEST:
        if found := [token for token in places if token.kind == kind]:
            return found[-1]
    return places[-1] if places else None


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
