"""A cache of what was read and checked, an entry for each thing that can change by itself.

In: a value made of the project's own records, or the bytes of one. Out: the other. Promises: the format is JSON, safe
to read whoever wrote it; what is stale, cut short or not of the expected shape is never used and never fatal; reading
it needs neither yaml nor lark nor jsonschema.

The codec of a record follows from its fields' types, worked out once. An entry is a line of JSON, and behind it those
fields that are read when they are first asked for (`later` in their record): hardly a run needs the remarks of a pack,
or a pack that does not apply. A text that places refer to is stored once.
"""

from __future__ import annotations

import json
import os
import re
import sys
from binascii import crc32
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from fractions import Fraction
from functools import cache, cached_property, partial
from threading import local
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from policyeval import __version__
from policyeval.data_files import data_folder
from policyeval.record import Record, unread
from policyeval.record import names as names_of
from policyeval.source import Source

try:  # as `random` does: hashlib loads OpenSSL besides, which takes longer than to read all that a run needs
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

T = TypeVar("T")
Convert = Callable[[Any], Any]

_KEPT, _SIZE = 2_000, 100 * 2**20  # files in the cache folder, and their bytes; older ones go
_OURS = r"[0-9a-f]{64}\.json"
_FORMAT = b"policyeval 2 "


# The cache folder ------------------------------------------------------------


def key_of(files: Iterable[tuple[str, bytes]]) -> str:
    """The digest of everything that the value depends on: the engine, and the files (name, bytes)."""
    digest = blake2b(_ENGINE, digest_size=32)
    for name, data in files:
        digest.update(f"\n{name}\n{len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def _engine() -> bytes:
    """The engine as it is now: its files by their sizes and times, as Python tells whether to compile them anew."""
    found = [__version__]
    todo = [os.path.dirname(__file__), data_folder("grammar")]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in entries:
                if entry.name.endswith((".py", ".json", ".lark")):
                    facts = entry.stat()
                    found.append(f"{entry.path} {facts.st_size} {facts.st_mtime_ns}")
                elif entry.is_dir() and not entry.name.startswith("_"):
                    todo.append(entry.path)
    return "\n".join(sorted(found)).encode()


_ENGINE = _engine()  # as the process began: what it makes is not kept as that of an engine put in its place since


def kept(files: Iterable[tuple[str, bytes]], kind: type[T], make: Callable[[], T]) -> T:
    """What `make` makes of the files: what an earlier run has kept of the same, if it has."""
    key = key_of([(kind.__qualname__, b""), *files])
    found = read(key, kind)
    if found is None:
        found = make()
        write(key, found)
    return found


def read(key: str, kind: type[T]) -> T | None:
    """What is stored under the key, or None where nothing usable is."""
    folder = _folder()
    if folder is None:
        return None
    try:
        data = _bytes(os.path.join(folder, f"{key}.json"))
        start = data.index(b"\n") + 1
        return decode(data, kind, start) if data[:start] == _head(key, memoryview(data)[start:]) else None
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def write(key: str, value: Any) -> None:
    """Stores the value under the key, whole or not at all."""
    folder = _folder()
    if folder is None:
        return
    body = encode(value)
    unfinished = os.path.join(folder, f"{key}.{os.getpid()}.tmp")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(unfinished, "wb") as file:
            file.write(_head(key, body) + body)
        os.replace(unfinished, os.path.join(folder, f"{key}.json"))
        _forget_oldest(folder)
    except OSError:
        return  # no cache is a slower start, nothing more


def _head(key: str, body: bytes | memoryview) -> bytes:
    """The first line of a file: whose entry it is, and that it is whole."""
    return _FORMAT + f"{key} {crc32(body):08x}\n".encode()


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _folder() -> str | None:
    """The user's cache folder."""
    named = os.environ.get("POLICYEVAL_CACHE")
    if named:
        return named
    base = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    home = os.path.expanduser("~")
    if not base and home == "~":  # no home
        return None
    return os.path.join(base or os.path.join(home, ".cache"), "policyeval")


@cache  # once in a run is enough
def _forget_oldest(folder: str) -> None:
    with os.scandir(folder) as entries:
        ours = [(each.stat(), each.path) for each in entries if re.fullmatch(_OURS, each.name)]
    stored = sorted(ours, key=lambda pair: -pair[0].st_mtime)
    size = 0
    for i, (facts, path) in enumerate(stored):
        size += facts.st_size
        if i >= _KEPT or size > _SIZE:
            with suppress(FileNotFoundError):  # another run was quicker
                os.unlink(path)


# The codec -------------------------------------------------------------------


class _Entry:
    """What of an entry is read later, piece after piece, and the sources that the value in it refers to."""

    def __init__(self, later: bytes | memoryview = b"") -> None:
        self.later = later  # of an entry that is read
        self.pieces: list[bytes] = []  # of one that is written
        self.size = 0
        self.sources: list[Source] = []

    def add(self, piece: bytes) -> list[int]:
        """Where the piece will stand."""
        start, self.size = self.size, self.size + len(piece)
        self.pieces.append(piece)
        return [start, self.size]


def encode(value: Any) -> bytes:
    """A record as a line of JSON, of the sources and the value, and the pieces that are read later."""
    entry = _CODEC.entry = _Entry()
    body = _CODEC.of(type(value))[0](value)
    line = _json([[_CODEC.source[0](source) for source in entry.sources], body])
    return b"".join([line, b"\n", *entry.pieces])


def decode(data: bytes, kind: type[T], start: int = 0) -> T:
    """The record that `encode` was given. Raises what a wrong shape raises."""
    end = data.index(b"\n", start)
    entry = _CODEC.entry = _Entry(memoryview(data)[end + 1 :])
    sources, body = json.loads(data[start:end])
    entry.sources = [_CODEC.source[1](row) for row in sources]
    found = _CODEC.of(kind)[1](body)
    if not isinstance(found, kind):
        raise TypeError(kind)
    return found


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode()


class _Codec(local):
    """For each type a function to JSON and one back; `entry`: the one at hand, in each thread its own."""

    def __init__(self) -> None:
        self.entry = _Entry()
        self._made: dict[Any, tuple[Convert, Convert]] = {}

    @cached_property
    def source(self) -> tuple[Convert, Convert]:
        """Of a source itself; where a value refers to one, there is its number."""
        return self._record(Source)

    def of(self, hint: Any) -> tuple[Convert, Convert]:
        if hint not in self._made:
            self._made[hint] = self._later(hint)
            self._made[hint] = self._make(hint)
        return self._made[hint]

    def _later(self, hint: Any) -> tuple[Convert, Convert]:
        """A type may hold itself, as a tree does: until its codec is made, it is looked up when it is used."""

        def to(value: Any) -> Any:
            return self._made[hint][0](value)

        def back(value: Any) -> Any:
            return self._made[hint][1](value)

        return to, back

    def _make(self, hint: Any) -> tuple[Convert, Convert]:
        origin, args = get_origin(hint), get_args(hint)
        if hint is Source:
            return self._source_index, lambda i: self.entry.sources[i]
        if hint is date:
            return date.isoformat, date.fromisoformat
        if hint is Fraction:
            return str, _fraction
        if isinstance(hint, type) and issubclass(hint, Record):
            return self._record(hint)
        if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_make"):
            return list, partial(tuple.__new__, hint)
        if origin in (Union, UnionType):
            return self._union(args)
        if origin is tuple:
            return self._tuple(args)
        if origin in (dict, Mapping):
            to, back = self.of(args[1])
            if to is back is _same:
                return dict, _same
            return (lambda v: {k: to(x) for k, x in v.items()}), (lambda v: {k: back(x) for k, x in v.items()})
        if hint in (str, int, bool, NoneType, Any) or origin is Literal:
            return _same, _same
        raise TypeError(f"no codec for {hint}")

    def _source_index(self, source: Source) -> int:
        sources = self.entry.sources
        found = next((i for i, other in enumerate(sources) if other is source), None)
        if found is None:
            found = len(sources)
            sources.append(source)
        return found

    def _tuple(self, args: tuple[Any, ...]) -> tuple[Convert, Convert]:
        if args[-1] is not Ellipsis:
            codecs = [self.of(arg) for arg in args]
            return (
                lambda v: [to(x) for (to, _), x in zip(codecs, v, strict=True)],
                lambda v: tuple([back(x) for (_, back), x in zip(codecs, v, strict=True)]),
            )
        to, back = self.of(args[0])
        if back is _same:
            return list, tuple
        return (lambda v: [to(x) for x in v]), (lambda v: tuple([back(x) for x in v]))

    def _union(self, args: tuple[Any, ...]) -> tuple[Convert, Convert]:
        """None as itself; of several records each with the number of its type before it."""
        kinds = [arg for arg in args if arg is not NoneType]
        if len(kinds) == 1:
            to, back = self.of(kinds[0])
            if to is back is _same:
                return _same, _same
            return (lambda v: None if v is None else to(v)), (lambda v: None if v is None else back(v))
        encoders = {kind: (i, self.of(kind)[0]) for i, kind in enumerate(kinds)}
        decoders = [self.of(kind)[1] for kind in kinds]

        def to_numbered(value: Any) -> list[Any] | None:
            if value is None:
                return None
            number, to = encoders[type(value)]
            return [number, to(value)]

        return to_numbered, lambda v: None if v is None else decoders[v[0]](v[1])

    def _record(self, kind: type[Record]) -> tuple[Convert, Convert]:
        names, later = names_of(kind), unread(kind)
        hints = {name: partial(_hint, kind.__module__, kind.__annotations__[name]) for name in names}
        codecs = [self._read_later(hint) if name in later else self.of(hint()) for name, hint in hints.items()]
        encoders = [(name, to) for name, (to, _) in zip(names, codecs, strict=True)]
        decoders = [(i, back) for i, (_, back) in enumerate(codecs) if back is not _same]
        keys = [later.get(name, name) for name in names]
        new = object.__new__

        def back(row: list[Any]) -> Any:
            if len(row) != len(names):
                raise ValueError(kind)
            for i, convert in decoders:
                row[i] = convert(row[i])
            record: Any = new(kind)
            record.__dict__.update(zip(keys, row, strict=True))  # what `__init__` of a record does, at once
            return record

        def to(record: Any) -> list[Any]:
            return [convert(getattr(record, name)) for name, convert in encoders]

        return to, back

    def _read_later(self, hint: Callable[[], Any]) -> tuple[Convert, Convert]:
        """Of a field that is read later: where its piece stands."""

        def to(value: Any) -> list[int]:
            piece = _json(self.of(hint())[0](value))
            return self.entry.add(piece)

        def back(place: list[int]) -> Callable[[], Any]:
            return partial(found, self.entry, *place)

        def found(entry: _Entry, start: int, end: int) -> Any:
            before, self.entry = self.entry, entry  # another may be at hand: what it is made of is read on the way
            try:
                return self.of(hint())[1](json.loads(bytes(entry.later[start:end])))
            finally:
                self.entry = before

        return to, back


def _same(value: Any) -> Any:
    return value


_CODEC = _Codec()


@cache
def _hint(module: str, written: str) -> Any:
    """A field's type; many fields share one text, so this is quicker than `get_type_hints`."""
    return eval(written, vars(sys.modules[module]))


@cache
def _fraction(text: str) -> Fraction:
    return Fraction(text)
