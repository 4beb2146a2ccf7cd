"""Platforms: facts as a person writes them, typed by the vocabulary.

In: a case file (YAML or JSON), `--set FACT=VALUE`, or a mapping of texts. Out: a Platform with the whole numbers and
truth values that a plan reads, and the canonical texts that an answer shows. Promises: English names, Chinese labels
and other spellings mean the same; nothing is guessed, only the vocabulary's defaults are assumed, and listed; what
cannot be read is a problem that names the fact and the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from policyeval.money import NotMoney, read_money, yuan
from policyeval.near import did_you_mean, nearest
from policyeval.problems import At, Problem, Refusal
from policyeval.record import Record, field, replace
from policyeval.source import Source, Span
from policyeval.vocabulary import Fact, Vocabulary

if TYPE_CHECKING:
    from policyeval.nodes import Node, Scalar

Value = int | bool
Written = Any  # a text; of a list its items, each the texts of its fields
MILLIONTHS = 10**6  # of a ratio or a number, in a plan
TRUTHS = {"true": True, "yes": True, "是": True, "真": True} | {"false": False, "no": False, "否": False, "假": False}

_LARGEST = 10**15
_SHOWN = 60  # characters of a value in a message
_OTHER_FILES = {"pack": "N312", "vocabulary": "N313"}  # by the key that they begin with


class Given(Record):
    """One fact as written; `value` None means not known. `at` are the places of the name and of the value.

    `items` where it is written as a list: the fields of each item, or None for an item that is no mapping.
    """

    fact: str
    value: str | None
    name_at: At | None = None
    at: At | None = None
    items: tuple[tuple[Given, ...] | None, ...] | None = None

    @property
    def said(self) -> bool:
        return bool(self.value) or self.items is not None


class RawCase(Record):
    """One platform of a case file, before typing. `listed` says that the file holds a list."""

    facts: tuple[Given, ...]
    name: str | None = None
    listed: bool = False


class CaseFile(Record):
    """The platforms of a file."""

    cases: tuple[RawCase, ...]


class Platform(Record):
    """A typed platform.

    `facts`: money in fen, an enumeration as its place in the fact's values, a place by the vocabulary's index, a date
    as its ordinal, a ratio or number in millionths; a list as the number of its items, which follow each by itself.
    `written`: canonical names and texts, derived and assumed ones included. `assumed`: facts that took their default;
    `derived`: facts that followed from the place.
    """

    facts: dict[str, Value] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    derived: list[str] = field(default_factory=list)
    name: str | None = None


# Case files ------------------------------------------------------------------


def read_cases(data: bytes, name: str) -> list[RawCase]:
    """The platforms of a case file. Raises Refusal."""
    from policyeval.nodes import CASE_LIMITS, Mapped, Sequence, read_yaml  # noqa: PLC0415  # yaml costs 30 ms; `--set` needs none

    root, problems = read_yaml(data, name, CASE_LIMITS)
    for key, code in _OTHER_FILES.items():
        if isinstance(root, Mapped) and key in root and "platform" not in root:
            raise Refusal(Problem(code, {}, root.entries[key][0].at))
    listed = isinstance(root, Sequence)
    nodes = root.items if isinstance(root, Sequence) else (root,)
    cases = [_case(node, listed, problems) for node in nodes]
    if not cases:
        problems.append(Problem("N308", {}, root.at))
    if problems:
        raise Refusal(*problems)
    return cases


def _case(node: Node, listed: bool, problems: list[Problem]) -> RawCase:
    """`{platform: {FACT: VALUE}}`, with a `name` or without, or the facts alone."""
    from policyeval.nodes import Mapped, Scalar  # noqa: PLC0415  # as above

    platform: Node | None = node
    name: Node | None = None
    if isinstance(node, Mapped) and ("platform" in node or any(isinstance(v, Mapped) for _, v in node.items())):
        platform, name = node.get("platform"), node.get("name")
        for key, (written, _) in node.entries.items():
            if key not in ("platform", "name", "$schema"):
                near = did_you_mean(key, ["platform", "name"])
                problems.append(Problem("N309", {"key": key, "near": near}, written.at))
    if not isinstance(platform, Mapped):
        problems.append(Problem("N308", {}, (platform or node).at))
        return RawCase(())
    if name is not None and not isinstance(name, Scalar):
        problems.append(Problem("N310", {"fact": "name"}, name.at))
    facts = tuple(_given(key, value, problems) for key, value in platform.entries.values())
    return RawCase(facts, name.value if isinstance(name, Scalar) else None, listed)


def _given(key: Scalar, value: Node, problems: list[Problem]) -> Given:
    from policyeval.nodes import Scalar, Sequence  # noqa: PLC0415  # as above

    fact = key.value or ""
    if isinstance(value, Scalar):
        return Given(fact, value.value, key.at, value.at)
    items = tuple(_item(node, problems) for node in value.items) if isinstance(value, Sequence) else (None,)
    return Given(fact, None, key.at, value.at, items)


def _item(node: Node, problems: list[Problem]) -> tuple[Given, ...] | None:
    from policyeval.nodes import Mapped  # noqa: PLC0415  # as above

    if not isinstance(node, Mapped):
        return None
    return tuple(_given(key, value, problems) for key, value in node.entries.values())


def read_items(said: Given) -> Given:
    """A list that is written as one text, `[{FIELD: VALUE, …}, …]`. Raises Refusal where it cannot be read at all."""
    from policyeval.nodes import CASE_LIMITS, Sequence, read_yaml  # noqa: PLC0415  # as above

    root, problems = read_yaml((said.value or "").encode(), said.fact, CASE_LIMITS)
    items = tuple(_item(node, problems) for node in root.items) if isinstance(root, Sequence) else None
    if problems:
        raise Refusal(*problems)
    return replace(said, items=items)


def given_of(fact: str, value: object, name_at: At | None = None, at: At | None = None) -> Given:
    """A fact with what a program has for it: a text, None, or a list of mappings from fields to texts."""
    if isinstance(value, Mapping):
        return Given(fact, None, name_at, at, (None,))
    if isinstance(value, list | tuple):
        items = (tuple(given_of(*pair) for pair in v.items()) if isinstance(v, Mapping) else None for v in value)
        return Given(fact, None, name_at, at, tuple(items))
    return Given(fact, None if value is None else str(value), name_at, at)


def read_setting(text: str) -> Given:
    """`FACT=VALUE` of the command line; nothing after `=` means that the fact is not known. Raises Refusal."""
    source = Source("--set", text)
    match = re.fullmatch(r"\s*([^=＝]*?)\s*[=＝]\s*(.*?)\s*", text, re.DOTALL)
    if match is None or not match[1]:
        raise Refusal(Problem("N307", {"value": text[:_SHOWN]}, At(source, Span(0, len(text)))))
    return Given(match[1], match[2] or None, At(source, Span(*match.span(1))), At(source, Span(*match.span(2))))


# Typing ----------------------------------------------------------------------


def typed(raw: RawCase | Mapping[str, object], vocabulary: Vocabulary, settings: Iterable[Given] = ()) -> Platform:
    """The platform that `raw` describes, `settings` before what the case says. Raises Refusal with every problem."""
    case = raw if isinstance(raw, RawCase) else RawCase(tuple(given_of(fact, value) for fact, value in raw.items()))
    typing = _Typing(vocabulary)
    given = typing.named(case.facts, twice=True) | typing.named(settings, twice=False)
    found = Platform(name=case.name)
    values: dict[str, tuple[Value, Written]] = {}
    fields: dict[str, dict[str, Value]] = {}
    for fact in vocabulary.declared.values():
        said = given.get(fact.name)
        if fact.given is not None:
            if said is not None and said.said:
                typing.problems.append(Problem("N311", {"fact": said.fact[:_SHOWN]}, said.name_at))
        elif said is not None and said.said:
            if fact.kind == "list":
                fields[fact.name] = typing.read_list(fact, said, values)
            else:
                typing.read(fact, said, values)
        elif fact.default is not None:
            typing.read(fact, Given(fact.name, fact.default), values)
            found.assumed.append(fact.name)
    for fact in vocabulary.declared.values():
        if fact.derived and typing.derive(fact, given, values):
            found.derived.append(fact.name)
    if typing.problems:
        raise Refusal(*typing.problems)
    for name in vocabulary.declared:
        if name in values:
            found.facts[name], found.written[name] = values[name]
            found.facts.update(fields.get(name, {}))
    return found


def spelled_fact(word: str, vocabulary: Vocabulary) -> str | None:
    """The fact that a word names, in either language."""
    return _spelled(word, vocabulary.fact_spellings)


def read_value(fact: Fact, text: str, vocabulary: Vocabulary) -> Value | Problem:
    """One value of a fact that is no list, or what is wrong with it."""
    typing = _Typing(vocabulary)
    values: dict[str, tuple[Value, Written]] = {}
    typing.read(fact, Given(fact.name, text), values)
    return typing.problems[0] if typing.problems else values[fact.name][0]


def as_written(flat: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, Written]:
    """Facts as a plan names them, as a case file writes them: the items of each list in it, as many as it has."""
    found: dict[str, Written] = {}
    for name, value in flat.items():
        fact = vocabulary.facts[name]
        if fact.kind == "list":
            items = [f"{name}[{item + 1}]." for item in range(int(value))]
            found[name] = [{n.removeprefix(i): v for n, v in flat.items() if n.startswith(i)} for i in items]
        elif fact.within is None:
            found[name] = value
    return found


def dated(platform: Platform, vocabulary: Vocabulary, as_of: date) -> Platform:
    """The platform with the day of the question; what the platform itself has said stays as it was written."""
    given = {name: as_of.toordinal() for name, fact in vocabulary.declared.items() if fact.given == "as_of"}
    return replace(platform, facts={**platform.facts, **given}) if given else platform


class _Wrong(Exception):
    """A value that cannot be read; the code says why."""

    def __init__(self, code: str, **words: Any) -> None:
        super().__init__(code)
        self.code, self.words = code, words


class _Typing:
    """One platform being typed, with the problems met so far."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.problems: list[Problem] = []

    def named(self, facts: Iterable[Given], twice: bool) -> dict[str, Given]:
        """What is given, by the canonical name of the fact; `twice` makes a second mention a problem."""
        found: dict[str, Given] = {}
        for given in facts:
            name = _spelled(given.fact, self.vocabulary.fact_spellings)
            if name is None:
                word = given.fact.partition("[")[0] or given.fact  # `projects[1].funding` is part of a list
                near = did_you_mean(word, self.vocabulary.fact_spellings)
                self.problems.append(Problem("N301", {"fact": given.fact[:_SHOWN], "near": near}, given.name_at))
            elif twice and name in found:
                self.problems.append(_twice(name, found[name], given))
            else:
                found[name] = given
        return found

    def read(self, fact: Fact, said: Given, values: dict[str, tuple[Value, Written]]) -> None:
        """One value; of a field, under the name of the item that it is of."""
        if said.value is None:
            self.problems.append(Problem("N310", {"fact": said.fact}, said.at))
            return
        value = said.value
        try:
            values[fact.name] = _READERS[fact.kind](value, fact, self.vocabulary)
        except _Wrong as wrong:
            shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
            self.problems.append(Problem(wrong.code, {"fact": said.fact, "value": shown, **wrong.words}, said.at))

    def read_list(self, fact: Fact, said: Given, values: dict[str, tuple[Value, Written]]) -> dict[str, Value]:
        """The items of a list: fills in their number and how they are written, and gives the fields of each.

        An item that is not there counts for nothing, so its fields are filled in with zeros: they are not missing.
        """
        items = self._items(fact, said)
        if items is None:
            return {}
        found: dict[str, Value] = {}
        written: list[dict[str, str]] = []
        for number in range(1, (fact.most or 0) + 1):
            fields = self._fields(fact, number, items[number - 1]) if number <= len(items) else None
            for name, each in fact.fields.items():
                if fields is None:
                    found[f"{fact.name}[{number}].{name}"] = False if each.kind == "bool" else 0
                elif each.name in fields:
                    found[f"{fact.name}[{number}].{name}"] = fields[each.name][0]
            if fields is not None:
                written.append({name: fields[f.name][1] for name, f in fact.fields.items() if f.name in fields})
        values[fact.name] = len(items), written
        return found

    def _items(self, fact: Fact, said: Given) -> list[tuple[Given, ...]] | None:
        """The items as written, or None where they cannot be read or are too many."""
        if said.items is None:
            try:
                said = read_items(said)
            except Refusal as refusal:
                self.problems += [replace(p, at=said.at) for p in refusal.problems]
                return None
        if said.items is None or None in said.items:
            example = ", ".join(f"{name}: …" for name in fact.fields)
            self.problems.append(Problem("N321", {"fact": said.fact, "example": example}, said.at))
            return None
        if len(said.items) > (fact.most or 0):
            words = {"fact": said.fact, "count": len(said.items), "most": fact.most}
            self.problems.append(Problem("N322", words, said.at))
            return None
        return [item for item in said.items if item is not None]

    def _fields(self, fact: Fact, number: int, item: tuple[Given, ...]) -> dict[str, tuple[Value, Written]]:
        """The fields of one item that are stated, by their full names."""
        found: dict[str, tuple[Value, Written]] = {}
        named: dict[str, Given] = {}
        for said in item:
            name = _spelled(said.fact, fact.field_spellings)
            if name is None:
                near = did_you_mean(said.fact, fact.field_spellings)
                words = {"fact": fact.name, "field": said.fact[:_SHOWN], "near": near}
                self.problems.append(Problem("N323", words, said.name_at))
                continue
            full = name.replace(".", f"[{number}].")
            if name in named:
                self.problems.append(_twice(full, named[name], said))
            elif said.said:
                self.read(self.vocabulary.facts[name], replace(said, fact=full), found)
            named.setdefault(name, said)
        return found

    def derive(self, fact: Fact, given: Mapping[str, Given], values: dict[str, tuple[Value, Written]]) -> bool:
        """Fills in a fact that follows from a place; says whether it did."""
        assert fact.derived
        if fact.derived.source not in values:
            return False
        source = given.get(fact.derived.source) or Given(fact.derived.source, None)
        place = values[fact.derived.source][1]
        info = self.vocabulary.nearest(place, fact.derived.nearest)
        if info is None:
            words = {"fact": fact.name, "value": source.value or place, **_lower_places(fact, place, self.vocabulary)}
            self.problems.append(Problem("N305", words, source.at))
            return False
        said = values.get(fact.name)
        values[fact.name] = (list(fact.values).index(info.tier), info.tier)
        if said and said[1] != info.tier:
            words = {"fact": fact.name, "value": said[1], "place": place, "right": info.tier}
            self.problems.append(Problem("N306", words, given[fact.name].at))
        return said is None


def _twice(name: str, first: Given, second: Given) -> Problem:
    words = {"fact": name, "first": first.fact, "second": second.fact}
    return Problem("N304", words, second.name_at, ((first.name_at, "F122"),) if first.name_at else ())


def _lower_places(fact: Fact, place: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """The kinds of place that would do, and the places of these kinds below this one."""
    assert fact.derived
    tiers = [vocabulary.tiers[tier] for tier in fact.derived.nearest]
    below = vocabulary.below(place)
    lower = [info for name, info in vocabulary.places.items() if name in below and info.tier in fact.derived.nearest]
    return {
        "tiers": {"en": " or ".join(t.en for t in tiers), "zh": "、".join(t.zh for t in tiers)},
        "places": {
            "en": ", ".join(f"`{info.name}`" for info in lower) or "a place below it",
            "zh": "、".join(f"`{info.label.zh}`" for info in lower) or "其下的地方",
        },
    }


def _spelled(word: str, spellings: Mapping[str, str]) -> str | None:
    """What a spelling means; letter case, width, and blanks for underscores make no difference."""
    if word in spellings:
        return spellings[word]
    folded = _folded(word)
    return next((name for spelling, name in spellings.items() if _folded(spelling) == folded), None)


def _folded(word: str) -> str:
    return re.sub(r"[\s_-]+", "_", normalize("NFKC", word).strip().casefold())


# Readers of values, one a kind -----------------------------------------------


def _money(text: str, _fact: Fact, _vocabulary: Vocabulary) -> tuple[Value, str]:
    try:
        fen = read_money(text)
    except NotMoney as wrong:
        raise _Wrong(wrong.args[0]) from None
    return fen, yuan(fen)


def _enumeration(text: str, fact: Fact, vocabulary: Vocabulary) -> tuple[Value, str]:
    spellings = vocabulary.value_spellings[fact.name]
    value = _spelled(text, spellings)
    if value is None:
        raise _Wrong("N302", near=did_you_mean(text, spellings), values=_listed(fact))
    return list(fact.values).index(value), value


def _listed(fact: Fact) -> dict[str, str]:
    return {
        "en": ", ".join(f"`{value}`" for value in fact.values),
        "zh": "、".join(f"`{label.zh}`" for label in fact.values.values()),
    }


def _place(text: str, _fact: Fact, vocabulary: Vocabulary) -> tuple[Value, str]:
    place = _spelled(text, vocabulary.place_spellings)
    if place is None:
        raise _Wrong("N303", near=_near_place(text, vocabulary))
    return vocabulary.place_index[place], place


def _near_place(text: str, vocabulary: Vocabulary) -> dict[str, str]:
    """The nearest place by its name in either language."""
    spelling = nearest(text, vocabulary.place_spellings)
    if spelling is None:
        return {"en": "", "zh": ""}
    info = vocabulary.places[vocabulary.place_spellings[spelling]]
    return {"en": f"did you mean `{info.name}` ({info.label.en})?", "zh": f"是不是`{info.label.zh}`（{info.name}）？"}


def _bool(text: str, _fact: Fact, _vocabulary: Vocabulary) -> tuple[Value, str]:
    truth = TRUTHS.get(_folded(text))
    if truth is None:
        raise _Wrong("M107")
    return truth, "true" if truth else "false"


def _date(text: str, _fact: Fact, _vocabulary: Vocabulary) -> tuple[Value, str]:
    day = read_day(text)
    if day is None:
        raise _Wrong("M106")
    return day.toordinal(), day.isoformat()


def read_day(text: str) -> date | None:
    """`2023-06-30`, `2023/6/30` or `2023年6月30日`, if the calendar has it."""
    # which character stands between is asked afterwards: a class of `-`, `/` and `年` takes 2 ms to compile
    match = re.fullmatch(r"(\d{4})(\D)(\d{1,2})(\D)(\d{1,2})日?", normalize("NFKC", text).strip(), re.ASCII)
    if match is None or match[2] not in "-/年" or match[4] not in "-/月":
        return None
    try:
        return date(int(match[1]), int(match[3]), int(match[5]))
    except ValueError:
        return None


def _number(text: str, fact: Fact, _vocabulary: Vocabulary) -> tuple[Value, str]:
    """A ratio or number in millionths: `10%`, `0.1`."""
    millionths = _decimal(text) * MILLIONTHS
    if millionths.denominator != 1 or abs(millionths) > _LARGEST or (fact.kind == "ratio" and millionths < 0):
        raise _Wrong("M108")
    whole, part = divmod(abs(millionths.numerator), MILLIONTHS)
    decimals = f".{part:06d}".rstrip("0") if part else ""
    return millionths.numerator, f"{'-' if millionths < 0 else ''}{whole}{decimals}"


def _count(text: str, _fact: Fact, _vocabulary: Vocabulary) -> tuple[Value, str]:
    count = _decimal(text)
    if count.denominator != 1 or not 0 <= count <= _LARGEST or "%" in normalize("NFKC", text):
        raise _Wrong("M109")
    return count.numerator, str(count.numerator)


def _decimal(text: str) -> Fraction:
    written = normalize("NFKC", text[:_SHOWN]).strip()
    match = re.fullmatch(r"([+-]?(?:\d{1,3}(?:,\d{3}){1,9}|\d{1,30})(?:\.\d{0,20})?)\s*(%?)", written, re.ASCII)
    if match is None:
        raise _Wrong("M108")
    return Fraction(match[1].replace(",", "").rstrip(".")) / (100 if match[2] else 1)


_READERS: dict[str, Callable[[str, Fact, Vocabulary], tuple[Value, Written]]] = {
    "money": _money,
    "ratio": _number,
    "number": _number,
    "count": _count,
    "date": _date,
    "bool": _bool,
    "enumeration": _enumeration,
    "ordered": _enumeration,
    "place": _place,
}
