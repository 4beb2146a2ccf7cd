"""Which column of a table is which fact.

In: the names of the columns, and what the user says of them. Out: a heading for each column that is a fact. Promises:
English names and Chinese labels mean the same, whatever blanks and marks of a form (`*`) stand in them; a unit in the
name of a column of money (`经费（万元）`) holds for its bare numbers, also where --map names the fact, and one that is
not known is refused; a fact that two columns claim is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from unicodedata import normalize

from policyeval.cases import spelled_fact
from policyeval.near import did_you_mean
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.units import UNITS, canonical
from policyeval.vocabulary import Vocabulary

FEN = "分"  # a unit that only tables have: whole numbers, as programs keep money
_WITH_UNIT = re.compile(r"(.+?)[\s(\[【_/:,]+(?:单位\s*:?\s*)?([^\s()\[\]【】_/:,]+)\s*[)\]】]?")
_WORDS = re.compile(r"[^\s()\[\]【】_/:,]+")
_YUAN = re.compile(r"[十百千万亿]*[美欧港日]?元(?![\u4e00-\u9fff])")


class Heading(Record):
    """A column that is a fact. `unit`: what its bare numbers of money are in, where that is said."""

    column: str
    fact: str
    unit: str | None = None


def headings(
    columns: Sequence[str],
    vocabulary: Vocabulary,
    mapped: Mapping[str, str],
    units: Mapping[str, str],
    made: Iterable[str],
) -> tuple[Heading, ...]:
    """The facts among the columns. `mapped`: facts by column; `units`: units by column or fact; `made`: the columns
    that will be added. Raises Refusal B101 to B107, B131."""
    problems = [*_twice(columns, made), *_unknown(columns, mapped, vocabulary)]
    found: dict[str, Heading] = {}
    for column in columns:
        if column in mapped:
            fact = spelled_fact(mapped[column], vocabulary)
            unit = _unit_in(column) if fact and vocabulary.declared[fact].kind == "money" else None
        else:
            fact, unit = _meant(column, vocabulary)
        if fact is None:
            continue
        if vocabulary.declared[fact].given is not None:
            problems.append(Problem("B105", {"column": column}))
        elif fact in found:
            problems.append(Problem("B101", {"fact": fact, "first": found[fact].column, "second": column}))
        else:
            found[fact] = Heading(column, fact, unit)
    for name, unit in units.items():
        fact = next((f for f, h in found.items() if name in (h.column, f)), None) or spelled_fact(name, vocabulary)
        if fact not in found or vocabulary.declared[fact].kind != "money":
            near = did_you_mean(name, [h.column for f, h in found.items() if vocabulary.declared[f].kind == "money"])
            problems.append(Problem("B106", {"name": name, "near": near}))
        elif unit_of(unit) is None:
            problems.append(Problem("B107", {"unit": unit}))
        else:
            found[fact] = Heading(found[fact].column, fact, unit_of(unit))
    strange = [h for h in found.values() if h.unit and unit_of(h.unit) is None]
    problems += [Problem("B131", {"column": h.column, "unit": h.unit}) for h in strange]
    if problems:
        raise Refusal(*problems)
    return tuple(found.values())


def unit_of(word: str) -> str | None:
    """A unit of money as it is called: fen are a unit of tables alone."""
    word = normalize("NFKC", word).strip()
    if word in (FEN, "fen"):
        return FEN
    unit = canonical(word)
    return unit if unit and UNITS[unit].kind == "money" else None


def fen_in(unit: str | None) -> int:
    """The zeros that turn a number of the unit into fen; yuan where nothing is said."""
    return 0 if unit == FEN else len(str(int(UNITS[unit or "元"].size))) - 1


def _meant(column: str, vocabulary: Vocabulary) -> tuple[str | None, str | None]:
    """The fact that the name of a column says, and its unit, which may be none that there is."""
    name = " ".join(normalize("NFKC", column).split()).strip("* ")
    if fact := _spelled(name, vocabulary):
        return fact, None
    match = _WITH_UNIT.fullmatch(name)
    unit = match and (unit_of(match[2]) or (_YUAN.fullmatch(match[2]) and match[2]))
    fact = _spelled(match[1], vocabulary) if match and unit else None
    return (fact, unit) if fact and vocabulary.declared[fact].kind == "money" else (None, None)


def _spelled(name: str, vocabulary: Vocabulary) -> str | None:
    return spelled_fact(name, vocabulary) or spelled_fact(name.replace(" ", ""), vocabulary)


def _unit_in(column: str) -> str | None:
    """The unit that the name of a column of money holds anywhere."""
    name = normalize("NFKC", column)
    units = (unit_of(word) for word in _WORDS.findall(name)[1:])
    return next((unit for unit in units if unit), None) or next(iter(_YUAN.findall(name)), None)


def _twice(columns: Sequence[str], made: Iterable[str]) -> list[Problem]:
    seen: dict[str, str] = {}
    problems = []
    for column in columns:
        if column.casefold() in seen:
            problems.append(Problem("B102", {"column": column}))
        seen[column.casefold()] = column
    return [*problems, *(Problem("B103", {"column": seen[m]}) for m in made if m in seen)]


def _unknown(columns: Sequence[str], mapped: Mapping[str, str], vocabulary: Vocabulary) -> list[Problem]:
    missing = [c for c in mapped if c not in columns]
    problems = [Problem("B104", {"column": c, "near": did_you_mean(c, columns)}) for c in missing]
    strange = [f for f in mapped.values() if spelled_fact(f, vocabulary) is None]
    near = {f: did_you_mean(f, vocabulary.fact_spellings) for f in strange}
    return [*problems, *(Problem("N301", {"fact": f, "near": near[f]}) for f in strange)]
