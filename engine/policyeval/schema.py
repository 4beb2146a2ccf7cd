"""Nodes against a JSON Schema of `grammar/`.

In: nodes and the name of a schema. Out: problems in a person's words, each with its place: unknown keys with the
nearest known one, missing keys, wrong shapes, texts that are not what their key asks for. Promise: no path of a schema
and no word of the validator reaches a reader; the schema itself gives the names (`title`, `x-zh`) and the examples.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from functools import cache, reduce
from operator import ge, getitem, le
from typing import TYPE_CHECKING, Any

from policyeval.data_files import data_bytes
from policyeval.near import nearest, one_of
from policyeval.nodes import Mapped, Node, Scalar, Sequence, plain
from policyeval.problems import At, Problem

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

_SHOWN = 60  # characters of a value in a message
_SHAPES = {
    "string": {"en": "text", "zh": "文字"},
    "object": {"en": "keys and values (`key: value`)", "zh": "键和值（`键: 值`）"},
    "array": {"en": "a list (`- …`)", "zh": "列表（`- …`）"},
}


def against_schema(root: Node, schema: str) -> list[Problem]:
    """What does not fit the schema, in the order of the file."""
    value, rules = plain(root), _rules(schema)
    if fits(value, rules, rules):
        return []
    problems = list(_problems(root, _validator(schema).iter_errors(value)))
    return sorted(problems, key=lambda p: p.at.span.start if p.at else 0)


@cache
def _rules(schema: str) -> Any:
    return json.loads(data_bytes("grammar", f"{schema}.schema.json"))


@cache
def _validator(schema: str) -> Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # costs 100 ms, and only what does not fit needs it

    return Draft202012Validator(_rules(schema))


# Whether all is well ---------------------------------------------------------

Check = Callable[[Any], bool]
_TYPES: dict[str, type] = {"string": str, "object": dict, "array": list, "null": type(None)}  # a file has no others
_SAYS_NOTHING = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "x-zh"})
_MADE: dict[int, tuple[Any, Check]] = {}  # by the identity of a part of a schema, which is in it and so lives on


def fits(value: Any, schema: Any, root: Any) -> bool:
    """Whether a value surely fits a part of the schema `root`.

    The validator finds out what is wrong; that nothing is, as with nearly every file, is known here in a tenth of the
    time. What this does not know of a schema fits nothing, and so goes to the validator.
    """
    return _check(schema, root)(value)


def _check(schema: Any, root: Any) -> Check:
    """The check that a part of the schema `root` asks for, made once."""
    found = _MADE.get(id(schema))
    if found is None:
        found = _MADE[id(schema)] = schema, _made(schema, root)
    return found[1]


def _made(schema: Any, root: Any) -> Check:
    if isinstance(schema, bool):
        return lambda _: schema
    asked = {key: value for key, value in schema.items() if key not in _SAYS_NOTHING}
    if not asked.keys() <= _CHECKS.keys():
        return lambda _: False
    checks = [_CHECKS[key](value, schema, root) for key, value in asked.items()]

    def check(value: Any) -> bool:
        for each in checks:  # noqa: SIM110  # a loop is quicker than `all`, and thousands of values pass here
            if not each(value):
                return False
        return True

    return checks[0] if len(checks) == 1 else check


def _is_of(asked: str | list[str], _schema: Any, _root: Any) -> Check:
    kinds = tuple(_TYPES[name] for name in ([asked] if isinstance(asked, str) else asked) if name in _TYPES)
    return lambda value: isinstance(value, kinds)


def _referred(asked: str, _schema: Any, root: Any) -> Check:
    part = reduce(getitem, asked.removeprefix("#/").split("/"), root)
    return lambda value: _check(part, root)(value)  # noqa: PLW0108  # made when it is needed: it may refer to itself


def _matches(asked: str, _schema: Any, _root: Any) -> Check:
    found = re.compile(asked).search
    return lambda value: not isinstance(value, str) or found(value) is not None


def _items(asked: Any, _schema: Any, root: Any) -> Check:
    check = _check(asked, root)
    return lambda value: not isinstance(value, list) or all(map(check, value))


def _names(asked: Any, _schema: Any, root: Any) -> Check:
    check = _check(asked, root)
    return lambda value: not isinstance(value, dict) or all(map(check, value))


def _properties(asked: Any, _schema: Any, root: Any) -> Check:
    checks = {name: _check(part, root) for name, part in asked.items()}

    def check(value: Any) -> bool:
        return not isinstance(value, dict) or all(checks[name](value[name]) for name in value if name in checks)

    return check


def _others(asked: Any, schema: Any, root: Any) -> Check:
    known, other = schema.get("properties", {}), _check(asked, root)

    def check(value: Any) -> bool:
        return not isinstance(value, dict) or all(other(value[name]) for name in value if name not in known)

    return check


def _sized(kind: type[Sized], fine: Callable[[int, int], bool]) -> Callable[[int, Any, Any], Check]:
    return lambda asked, _schema, _root: lambda value: not isinstance(value, kind) or fine(len(value), asked)


# Each makes the check for what is asked under its key; it asks nothing of a value of another type.
_CHECKS: dict[str, Callable[[Any, Any, Any], Check]] = {
    "$ref": _referred,
    "type": _is_of,
    "enum": lambda asked, _s, _r: lambda value: value in asked,
    "pattern": _matches,
    "minLength": _sized(str, ge),
    "maxLength": _sized(str, le),
    "minItems": _sized(list, ge),
    "minProperties": _sized(dict, ge),
    "items": _items,
    "required": lambda asked, _s, _r: lambda value: not isinstance(value, dict) or all(k in value for k in asked),
    "properties": _properties,
    "additionalProperties": _others,
    "propertyNames": _names,
}


def _problems(root: Node, found: Iterable[ValidationError]) -> Iterator[Problem]:
    found = list(found)
    unknown = [problem for error in found for problem in _unknown_keys(root, error)]
    meant = {(p.words["within"], p.words["meant"]) for p in unknown}
    yield from unknown
    for error in found:
        if error.validator == "required":
            missing = _missing_key(error)
            if (tuple(error.absolute_path), missing) not in meant:  # a mistyped key is told once
                yield Problem("S102", {"key": missing}, _owner(root, error.absolute_path))
        elif error.validator != "additionalProperties":
            yield _wrong_value(root, error)


def _unknown_keys(root: Node, error: ValidationError) -> Iterator[Problem]:
    if error.validator != "additionalProperties" or not isinstance(error.schema, Mapping):
        return
    within = tuple(error.absolute_path)
    _, node = _find(root, within)
    assert isinstance(node, Mapped)
    known = error.schema.get("properties", {})
    for name, (key, _) in node.entries.items():
        if name not in known:
            free = [k for k in known if k not in node]
            words = {"key": name, "within": within, "meant": nearest(name, free), "near": one_of(name, free)}
            yield Problem("S101", words, key.at)


def _missing_key(error: ValidationError) -> str:
    """The key that `required` found missing: the validator gives one error a key, with the key in its words."""
    required: Any = error.validator_value
    return str(next(key for key in required if error.message.startswith(repr(key))))


def _wrong_value(root: Node, error: ValidationError) -> Problem:
    key, node = _find(root, error.absolute_path)
    schema: Any = error.schema
    value: Any = error.instance
    limit: Any = error.validator_value
    words: dict[str, Any] = {"key": key.value if key else "", "value": _short(value), "limit": limit}
    if "propertyNames" in error.absolute_schema_path:
        assert isinstance(node, Mapped)
        named, _ = node.entries[value]
        return Problem("S104", {**words, **_asked(schema)}, named.at)
    at = key.at if key and isinstance(node, Scalar) and node.value is None else node.at
    match error.validator:
        case "type":
            item = bool(error.absolute_path) and isinstance(error.absolute_path[-1], int)
            code = "S107" if value is None else "S115" if item else "S103"
            return Problem(code, {**words, "shape": _shape(limit)}, at)
        case "pattern":
            return Problem("S104", {**words, **_asked(schema)}, at)
        case "enum":
            return Problem("S105", {**words, "near": one_of(str(value), limit)}, at)
        case "maxLength":
            return Problem("S106", {**words, "length": len(value)}, at)
        case "minLength":
            return Problem("S107", {**words, "shape": _SHAPES["string"]}, at)
        case _:  # minItems, minProperties
            return Problem("S108", words, key.at if key else at)


def _short(value: Any) -> str:
    return text if len(text := str(value)) <= _SHOWN else text[:_SHOWN] + "…"


def _asked(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a text should have been, and an example of it."""
    return {"what": {"en": schema["title"], "zh": schema["x-zh"]}, "example": schema["examples"][0]}


def _shape(types: str | list[str]) -> dict[str, str]:
    shapes = [_SHAPES[t] for t in ([types] if isinstance(types, str) else types) if t in _SHAPES]
    return {"en": " or ".join(s["en"] for s in shapes), "zh": "或".join(s["zh"] for s in shapes)}


def _find(root: Node, path: Iterable[str | int]) -> tuple[Scalar | None, Node]:
    """The node at a path, and the key that it is the value of or stands under."""
    key: Scalar | None = None
    node = root
    for step in path:
        if isinstance(node, Mapped):
            key, node = node.entries[str(step)]
        elif isinstance(node, Sequence):
            node = node.items[int(step)]
    return key, node


def _owner(root: Node, path: Iterable[str | int]) -> At:
    """Where to say that a key is missing: at the key it is missing under, at the first key in a list's item."""
    steps = list(path)
    key, node = _find(root, steps)
    in_list = bool(steps) and isinstance(steps[-1], int)
    if isinstance(node, Mapped) and node.entries and (key is None or in_list):
        return next(iter(node.entries.values()))[0].at
    return key.at if key else node.at
