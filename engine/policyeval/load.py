"""Packs and vocabularies from YAML.

In: the bytes of files. Out: a Vocabulary, merged from all vocabulary files, and Packs whose expressions are trees with
names as typed. Promises: strict, so nothing unknown, doubled or missing passes; several problems in one run, each with
its place in the file; a pack with an error is not returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from hashlib import sha256
from typing import Literal, Protocol, TypeVar

from policyeval import fields
from policyeval.money import NotMoney, read_money
from policyeval.nodes import Mapped, Node, Scalar, Sequence, plain, read_yaml
from policyeval.pack import (
    Allow,
    Authority,
    Award,
    Budget,
    Case,
    Document,
    Entitlement,
    Guarantee,
    NotModelled,
    Pack,
    Reading,
    Slot,
    Statement,
)
from policyeval.parse import parse
from policyeval.problems import Problem, Refusal, errors
from policyeval.provided import read_provisions
from policyeval.record import Record
from policyeval.schema import against_schema
from policyeval.source import Span
from policyeval.tree import Node as Tree
from policyeval.tree import Op
from policyeval.vocabularies import merge
from policyeval.vocabulary import Label, Vocabulary

Start = Literal["amount", "condition", "statement", "claim"]
T = TypeVar("T")
K = TypeVar("K", bound=Record)
File = tuple[str, bytes]  # its name, as a user knows it, and its bytes

_EXPRESSIONS: tuple[tuple[str, str, Start], ...] = (
    ("awards", "amount", "amount"),
    ("awards", "when", "condition"),
    ("entitlements", "when", "condition"),
    ("authority", "when", "condition"),
    ("precedence", "rule", "statement"),
    ("guarantees", "claim", "claim"),
    ("targets", "metric", "amount"),
    ("targets", "when", "condition"),
    ("targets.*.quotas.*.rows", "when", "condition"),
    ("eligibility", "when", "condition"),
    ("duties", "when", "condition"),
    ("procedures.*.steps", "when", "condition"),
)


_NAMING = ("targets", "targets.*.quotas.*.rows", "definitions", "eligibility", "duties", "procedures.*.steps", "dates")
_NAMED = frozenset({"metric", "comparator", "value", "period", "of", "places", "bodies", "targets", "for"})


class Piece(Record):
    """What one file holds: a pack, words of the vocabulary, or nothing that can be read.

    `broken`: the id of a pack with an error, as far as it can be told; `words`: it is a vocabulary file.
    """

    pack: Pack | None = None
    problems: tuple[Problem, ...] = ()
    broken: str | None = None
    words: bool = False


class Words(Record):
    """All vocabulary files together; the vocabulary is not to be used where a problem is an error."""

    vocabulary: Vocabulary
    problems: tuple[Problem, ...] = ()


class Keep(Protocol):
    """Gives what `make` makes of some files, or what an earlier run has kept of the same."""

    def __call__(self, files: Iterable[File], kind: type[K], make: Callable[[], K]) -> K: ...


class Loaded(Record):
    """What a set of files holds. `broken`: the id of each pack with an error, and its file; `sound`: the vocabulary is;
    `words`: the vocabulary files."""

    vocabulary: Vocabulary
    packs: tuple[Pack, ...]
    problems: tuple[Problem, ...]
    broken: Mapping[str, str]
    sound: bool
    words: tuple[File, ...]


def load_pack(data: bytes, name: str) -> tuple[Pack | None, list[Problem]]:
    """The pack of one file, or None where it has an error, and the problems."""
    pack, problems = read_pack(data, name)
    return (None if errors(problems) else pack), problems


def read_pack(data: bytes, name: str) -> tuple[Pack | None, list[Problem]]:
    """The same, with the pack also where it has an error, so that it can be checked further; it is not to be used."""
    root, problems = _opened(data, name)
    if root and "pack" not in root:
        problems.append(Problem("S114", {"path": name}, root.at))
        return None, problems
    return _pack(root, data, problems) if root else (None, problems)


def load_vocabulary(files: Iterable[File]) -> tuple[Vocabulary, list[Problem]]:
    """All vocabulary files (name, bytes), merged; not to be used where a problem is an error."""
    loaded = load_files(files)
    return loaded.vocabulary, list(loaded.problems)


def anew(files: Iterable[File], kind: type[K], make: Callable[[], K]) -> K:
    """Keeps nothing."""
    return make()


def load_named(data: bytes, name: str, keep: Keep = anew) -> Piece:
    """What a file of the command line holds, which must be a pack."""

    def read() -> Piece:
        pack, problems = read_pack(data, name)
        return Piece(pack, tuple(problems))

    return keep([("named", b""), (name, data)], Piece, read)


def load_files(files: Iterable[File], keep: Keep = anew) -> Loaded:
    """The vocabulary and the packs of files (name, bytes); a file that was read before need not be read again."""
    reader = _Reader()
    pieces = {file: keep([file], Piece, partial(reader.piece, *file)) for file in files}
    words = tuple(file for file, piece in pieces.items() if piece.words)
    problems = [problem for piece in pieces.values() for problem in piece.problems]
    vocabulary, sound = Vocabulary({}, {}, {}, {}), not errors(p for file in words for p in pieces[file].problems)
    if sound:
        merged = keep(words, Words, partial(reader.words, words))
        vocabulary, sound = merged.vocabulary, not errors(merged.problems)
        problems += merged.problems
    packs = tuple(piece.pack for piece in pieces.values() if piece.pack)
    broken = {piece.broken: name for (name, _), piece in pieces.items() if piece.broken}
    return Loaded(vocabulary, packs, tuple(problems), broken, sound, words)


class _Reader:
    """Reads files one by one. The nodes of vocabulary files stay, since they are merged at the end."""

    def __init__(self) -> None:
        self._roots: dict[File, Mapped] = {}

    def piece(self, name: str, data: bytes) -> Piece:
        root, problems = _opened(data, name)
        if root is None:
            return Piece(problems=tuple(problems))
        if "pack" not in root:
            self._roots[name, data] = root
            return Piece(problems=(*problems, *against_schema(root, "vocabulary")), words=True)
        pack, problems = _pack(root, data, problems)
        id_ = plain(root["pack"]) if pack is None or errors(problems) else None
        return Piece(pack, tuple(problems), id_ if isinstance(id_, str) else None)

    def words(self, files: tuple[File, ...]) -> Words:
        for file in files:
            if file not in self._roots:  # what it holds was kept, its nodes were not
                self.piece(*file)
        vocabulary, problems = merge(self._roots[file] for file in files)
        return Words(vocabulary, tuple(problems))


def _opened(data: bytes, name: str) -> tuple[Mapped | None, list[Problem]]:
    try:
        root, problems = read_yaml(data, name)
    except Refusal as refusal:
        return None, list(refusal.problems)
    if not isinstance(root, Mapped) or not ("pack" in root or "vocabulary" in root):
        return None, [*problems, Problem("S113", {"path": name}, root.at)]
    return root, problems


def _pack(root: Mapped, data: bytes, problems: list[Problem]) -> tuple[Pack | None, list[Problem]]:
    shape = against_schema(root, "pack")
    builder = _Builder(root)
    pack = None if shape else builder.pack(sha256(data).hexdigest())
    found = [*problems, *shape, *builder.problems]
    found.sort(key=lambda p: p.at.span.start if p.at else 0)
    return pack, found


class _Builder:
    """Records from the nodes of a pack that fits its schema; what a schema cannot say is checked on the way."""

    def __init__(self, root: Mapped) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._trees: dict[tuple[str, Span], Tree] = {}
        for path, key, start in _EXPRESSIONS:
            for _, _, item in fields.nested(root, path):
                self._parse(key, item.get(key), start)

    def _parse(self, key: str, node: Node | None, start: Start) -> None:
        if isinstance(node, Scalar) and node.value:
            try:
                self._trees[key, node.span] = parse(node.text, start)
            except Refusal as refusal:
                self.problems += refusal.problems

    def tree(self, item: Mapped, key: str) -> Tree | None:
        """The expression under a key; None where it could not be parsed, which is a problem already."""
        return self._trees.get((key, fields.scalar(item, key).span)) if key in item else None

    def pack(self, digest: str) -> Pack:
        root = self.root
        first, last = self.effective()
        return Pack(
            id=fields.text(root, "pack"),
            version=fields.text(root, "version"),
            status="draft" if fields.text(root, "status") == "draft" else "enacted",
            jurisdiction=fields.text(root, "jurisdiction"),
            document=self.document(fields.mapped(root, "document")),
            source=root.source,
            sha256=digest,
            effective_from=first,
            effective_to=last,
            uses=fields.mapping(root, "uses"),
            payers=fields.listed(root, "payers"),
            readings=self.named("readings", self.reading),
            awards=self.named("awards", self.award),
            slots=self.named("slots", self.slot),
            budgets=self.named("budgets", self.budget),
            entitlements=self.named("entitlements", self.entitlement),
            authority=self.listed("authority", self.authority),
            precedence=self.listed("precedence", self.statement, "rule"),
            guarantees=self.listed("guarantees", self.guarantee, "claim"),
            provisions=read_provisions(root, self.tree, self.day),
            cases=self.listed("cases", self.case),
            not_modelled=self.listed("not_modelled", self.not_modelled),
            allow=self.listed("allow", self.allow),
            spans=dict(_spans(root)),
        )

    def named(self, section: str, build: Callable[[str, Mapped, Span], T]) -> dict[str, T]:
        return {name: build(name, item, span) for name, span, item in fields.items(self.root, section)}

    def listed(self, section: str, build: Callable[[Mapped], T], needs: str | None = None) -> tuple[T, ...]:
        """The items of a section, without those whose expression under `needs` could not be parsed."""
        items = (item for _, _, item in fields.items(self.root, section))
        return tuple(build(item) for item in items if needs is None or self.tree(item, needs) is not None)

    def effective(self) -> tuple[date | None, date | None]:
        item = self.root["effective"]
        if not isinstance(item, Mapped):
            if fields.text(self.root, "status") == "enacted":
                self.problems.append(Problem("S111", {}, self.root.entries["effective"][0].at))
            return None, None
        first, last = self.day(item, "from"), self.day(item, "to")
        if first and last and last < first:
            self.problems.append(Problem("S112", {"value": last, "first": first}, fields.scalar(item, "to").at))
        return first, last

    def day(self, item: Mapped, key: str) -> date | None:
        written = fields.optional(item, key)
        if written is None:
            return None
        try:
            return date.fromisoformat(written)
        except ValueError:
            self.problems.append(Problem("S109", {"value": written}, fields.scalar(item, key).at))
            return None

    def document(self, item: Mapped) -> Document:
        return Document(
            title=fields.label(item["title"]),
            number=fields.optional(item, "number"),
            issuer=fields.prose(item, "issuer"),
            issued=self.day(item, "issued"),
        )

    def reading(self, name: str, item: Mapped, span: Span) -> Reading:
        options = {key: fields.label(node) for key, node in fields.mapped(item, "options").items()}
        return Reading(
            id=name,
            ask=fields.label(item["ask"]),
            cite=fields.cite(item),
            options=options,
            default=fields.text(item, "default"),
            span=span,
            figures=fields.figures(item),
        )

    def award(self, name: str, item: Mapped, span: Span) -> Award:
        return Award(
            id=name,
            label=fields.label(item["label"]),
            cite=fields.cite(item),
            amount=self.tree(item, "amount") or Op("unspecified"),
            when=self.tree(item, "when"),
            family=fields.optional(item, "family"),
            beneficiary=fields.optional(item, "beneficiary") or "platform",
            per="year" if fields.optional(item, "per") == "year" else "platform",
            instrument=fields.optional(item, "instrument") or "grant",
            fills=fields.optional(item, "fills"),
            note=fields.prose(item, "note"),
            figures=fields.figures(item),
            span=span,
        )

    def slot(self, name: str, item: Mapped, span: Span) -> Slot:
        return Slot(name, fields.label(item["label"]), fields.cite(item), span)

    def budget(self, name: str, item: Mapped, span: Span) -> Budget:
        try:
            total = read_money(fields.text(item, "total"))
        except NotMoney as wrong:
            words = {"fact": "total", "value": fields.text(item, "total")}
            self.problems.append(Problem(wrong.args[0], words, fields.scalar(item, "total").at))
            total = 0
        return Budget(name, fields.label(item["label"]), fields.cite(item), fields.listed(item, "awards"), total, span)

    def entitlement(self, name: str, item: Mapped, span: Span) -> Entitlement:
        return Entitlement(
            id=name,
            label=fields.label(item["label"]),
            cite=fields.cite(item),
            when=self.tree(item, "when"),
            beneficiary=fields.optional(item, "beneficiary") or "platform",
            note=fields.prose(item, "note"),
            figures=fields.figures(item),
            span=span,
        )

    def authority(self, item: Mapped) -> Authority:
        return Authority(
            fields.label(item["body"]),
            fields.label(item["does"]),
            fields.cite(item),
            self.tree(item, "when"),
            fields.figures(item),
            item.span,
        )

    def statement(self, item: Mapped) -> Statement:
        rule = fields.scalar(item, "rule")
        text = " ".join(fields.text(item, "rule").split())
        return Statement(
            self.tree(item, "rule") or Op("unspecified"),
            fields.cite(item),
            text,
            fields.prose(item, "note"),
            fields.figures(item),
            rule.span,
        )

    def guarantee(self, item: Mapped) -> Guarantee:
        claim = fields.scalar(item, "claim")
        text = " ".join(fields.text(item, "claim").split())
        return Guarantee(
            self.tree(item, "claim") or Op("unspecified"),
            text,
            fields.cite(item) if "cite" in item else None,
            claim.span,
        )

    def case(self, item: Mapped) -> Case:
        name = item["name"]
        return Case(
            name=fields.label(name)
            if isinstance(name, Mapped)
            else Label(fields.text(item, "name"), fields.text(item, "name")),
            platform=plain(item["platform"]),
            expect=plain(item["expect"]),
            as_of=self.day(item, "as_of"),
            with_=fields.listed(item, "with"),
            readings=fields.mapping(item, "readings"),
            because=fields.prose(item, "because"),
            span=item.span,
        )

    def not_modelled(self, item: Mapped) -> NotModelled:
        return NotModelled(
            fields.text(item, "section"),
            fields.label(item["what"]),
            fields.label(item["reason"]),
            fields.listed(item, "kinds"),
        )

    def allow(self, item: Mapped) -> Allow:
        where = fields.scalar(item, "where")
        return Allow(fields.text(item, "code"), fields.text(item, "where"), fields.label(item["reason"]), where.span)


# Places ----------------------------------------------------------------------


def _spans(root: Mapped) -> Iterator[tuple[str, Span]]:
    """Where the names stand that a later step may have to show."""
    for key in ("pack", "version", "status", "jurisdiction"):
        yield key, fields.scalar(root, key).span
    yield "effective", root.entries["effective"][0].span
    if isinstance(uses := root.get("uses"), Mapped):
        for name, (key_node, _) in uses.entries.items():
            yield f"uses.{name}", key_node.span
    if isinstance(payers := root["payers"], Sequence):
        for node in payers.items:
            if isinstance(node, Scalar):
                yield f"payers.{node.value}", node.span
    for name, _, award in fields.items(root, "awards"):
        if "fills" in award:
            yield f"awards.{name}.fills", fields.scalar(award, "fills").span
    for name, _, budget in fields.items(root, "budgets"):
        if isinstance(named := budget.get("awards"), Sequence):
            for node in named.items:
                if isinstance(node, Scalar):
                    yield f"budgets.{name}.{node.value}", node.span
    for path in _NAMING:
        section, *_ = path.split(".")
        for name, _, item in fields.nested(root, path):
            for key, (_, node) in item.entries.items():
                if key in _NAMED and isinstance(node, Sequence | Scalar):
                    for scalar in node.items if isinstance(node, Sequence) else (node,):
                        if isinstance(scalar, Scalar):
                            yield f"{section}.{name}.{key}.{scalar.value}", scalar.span
    for i, _, case in fields.items(root, "cases"):
        yield from _inside(case, f"cases.{i}")


def _inside(node: Node, path: str) -> Iterator[tuple[str, Span]]:
    """Where each key in a node stands (`cases.0.expect.support`), and each value (`cases.0.expect.support=`)."""
    if isinstance(node, Mapped):
        for name, (key, item) in node.entries.items():
            yield f"{path}.{name}", key.span
            yield from _inside(item, f"{path}.{name}")
    elif isinstance(node, Sequence):
        for i, item in enumerate(node.items):
            yield from _inside(item, f"{path}.{i}")
    yield f"{path}=", node.span


def expressions(root: Mapped) -> Iterator[tuple[str, str, str, Mapped, Scalar, Start]]:
    """Every expression of a pack: section, name or number of the item, key, the item, the scalar, how it is read."""
    for path, key, start in _EXPRESSIONS:
        section, *_ = path.split(".")
        for name, _, item in fields.nested(root, path):
            node = item.get(key)
            if isinstance(node, Scalar) and node.value:
                yield section, name, key, item, node, start
