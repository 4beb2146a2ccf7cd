"""Frozen records: what `@dataclass(frozen=True)` makes, at a fraction of its cost.

In: a class with annotated fields. Out: its records: equal where their fields are, hashable, never changed. Reason:
`dataclasses` writes and compiles six functions for every class, about a millisecond each time a process starts; here
all classes share those below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NoReturn, TypeVar, dataclass_transform

R = TypeVar("R", bound="Record")

_NEEDED: Any = object()


class _Field:
    def __init__(self, default: Any, default_factory: Callable[[], Any] | None, compare: bool, later: bool) -> None:
        self.default, self.default_factory, self.compare, self.later = default, default_factory, compare, later


class _Later:
    """A field whose value the cache reads when it is first asked for; until then the record has the function for it.

    The value then stands among the other fields, where Python finds it before this.
    """

    def __init__(self, name: str) -> None:
        self.name, self.unread = name, f"{name} unread"

    def __get__(self, record: Record, _kind: type[Record]) -> Any:
        fields = record.__dict__
        if read := fields.get(self.unread):
            fields[self.name] = read()
            fields.pop(self.unread, None)  # another thread may have been quicker
        return fields[self.name]


def field(
    *,
    default: Any = _NEEDED,
    default_factory: Callable[[], Any] | None = None,
    compare: bool = True,
    later: bool = False,
) -> Any:
    """A field that is more than its type and default; without `compare` it takes no part in equality. `later`: the
    cache reads it when it is first asked for."""
    return _Field(default, default_factory, compare, later)


def names(kind: type[Record]) -> tuple[str, ...]:
    """The fields of a kind of record, in order."""
    return kind.__match_args__


def unread(kind: type[Record]) -> dict[str, str]:
    """The fields that may be read later, each with the name of the function that reads it."""
    return {name: found.unread for name in names(kind) if isinstance(found := vars(kind).get(name), _Later)}


def replace(record: R, **changes: Any) -> R:
    """The record with other values in some fields."""
    kind = type(record)
    if not changes.keys() <= kind._all:
        raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(changes.keys() - kind._all))}")
    return kind(*[changes[name] if name in changes else getattr(record, name) for name in names(kind)])


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record:
    """The base of all records."""

    __match_args__: ClassVar[tuple[str, ...]] = ()
    _all: ClassVar[frozenset[str]] = frozenset()
    _compared: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}
    _factories: ClassVar[dict[str, Callable[[], Any]]] = {}

    def __init_subclass__(cls) -> None:
        names, own = tuple(cls.__annotations__), vars(cls)
        compared: list[str] = []
        defaults: dict[str, Any] = {}
        factories: dict[str, Callable[[], Any]] = {}
        for name in names:
            default = own.get(name, _NEEDED)
            if isinstance(default, _Field):
                said, default = default, default.default
                if said.default_factory:
                    factories[name] = said.default_factory
                if said.later:
                    setattr(cls, name, _Later(name))
                if said.compare:
                    compared.append(name)
            else:
                compared.append(name)
            if default is not _NEEDED:
                defaults[name] = default
        cls.__match_args__ = names  # type: ignore[misc]  # mypy works it out for itself
        cls._all, cls._compared = frozenset(names), tuple(compared)
        cls._defaults, cls._factories = defaults, factories

    def __init__(self, *args: Any, **given: Any) -> None:
        names = self.__match_args__
        if not given and len(args) == len(names):  # the quickest way, since records are made by the thousand
            self.__dict__.update(zip(names, args))  # noqa: B905  # they are as many
            return
        fields = self._defaults | given
        fields.update(zip(names, args, strict=False))
        if fields.keys() != self._all or len(args) > len(names):
            self._fill(fields, len(args))
        self.__dict__.update(fields)

    @classmethod
    def _fill(cls, fields: dict[str, Any], positional: int) -> None:
        """Adds the defaults that are made anew for each record."""
        for name, make in cls._factories.items():
            if name not in fields:
                fields[name] = make()
        if fields.keys() != cls._all or positional > len(cls.__match_args__):
            wrong = ", ".join(sorted(fields.keys() ^ cls._all)) or f"{positional} values"
            raise TypeError(f"{cls.__name__} has the fields {', '.join(cls.__match_args__)}: {wrong}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(self) is not type(other):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        fields = self.__dict__
        try:
            return tuple([fields[name] for name in self._compared])
        except KeyError:  # some are not read yet
            return tuple([getattr(self, name) for name in self._compared])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._compared)})"

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")
