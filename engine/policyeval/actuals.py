"""Actual figures: what was reached, where and when, as a table has it.

In: a Sheet and the vocabulary. Out: typed figures, and each row that was left out with its reason. Promises: a figure
is read where its meaning is certain and never guessed; every row is read or left out, so the counts add up.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple
from unicodedata import normalize

from policyeval.near import did_you_mean
from policyeval.problems import Problem, Refusal
from policyeval.quantity import NotAQuantity, read_quantity
from policyeval.record import Record
from policyeval.sheet import Cell, Sheet
from policyeval.vocabulary import Metric, Vocabulary

_SHOWN = 40  # characters of a value in a message
_COLUMNS: dict[str, tuple[str, ...]] = {
    "metric": ("metric", "indicator", "指标", "指标名称", "项目"),
    "place": ("place", "area", "region", "地方", "地区", "区域", "所在地", "县区"),
    "period": ("period", "time", "date", "year", "时期", "时间", "期间", "年份", "年度"),
    "value": ("value", "actual", "figure", "数值", "值", "实际值", "完成数", "完成值", "完成情况"),
    "unit": ("unit", "单位", "计量单位"),
}
_NEEDED = ("metric", "place", "period", "value")
_NAMES = {"metric": "指标", "place": "地方", "period": "时期", "value": "数值"}
_BRACKETED = re.compile(r"(.+?)\s*[(（]\s*(.+?)\s*[)）]")
_NUMBER = re.compile(r"-?[\d,]*\.?\d+")
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?![\d,])")  # any other comma may be a decimal point


class Times(NamedTuple):
    """The days of a period, both included."""

    first: date
    last: date


class Actual(Record):
    """One figure: of a metric (of those that are one thing, the first), of places together, over some days."""

    metric: str
    places: frozenset[str]
    times: Times
    value: Fraction
    line: int


class Left(Record):
    """A row that was left out: the cell that is to blame, and why."""

    cell: Cell
    problem: Problem


class Actuals(Record):
    """`rows` are all those below the header: each figure is of one or more of them, the rest was left out."""

    name: str
    rows: int
    figures: tuple[Actual, ...]
    left: tuple[Left, ...]
    notes: tuple[Problem, ...] = ()

    @property
    def read(self) -> int:
        return self.rows - len(self.left)


class _Wrong(Exception):
    """A cell that cannot be read; the code says why."""

    def __init__(self, code: str, cell: Cell, **words: Any) -> None:
        super().__init__(code)
        self.code, self.cell, self.words = code, cell, words


def read_actuals(sheet: Sheet, vocabulary: Vocabulary) -> Actuals:
    """The figures of a table. Raises Refusal where it lacks a column that it needs."""
    return _Reader(sheet, vocabulary).read()


def one_thing(vocabulary: Vocabulary) -> dict[str, str]:
    """For each metric the first of those that the vocabulary says are the same."""
    found = {name: name for name in vocabulary.metrics}
    for metric in vocabulary.metrics.values():
        if metric.same_as:
            pair = {found[metric.name], found[metric.same_as.metric]}
            first = next(name for name in found if name in pair)
            found = {name: first if root in pair else root for name, root in found.items()}
    return found


class _Reader:
    def __init__(self, sheet: Sheet, vocabulary: Vocabulary) -> None:
        self.sheet, self.vocabulary = sheet, vocabulary
        self.roots = one_thing(vocabulary)
        self.metrics = {_plain(word): name for word, name in vocabulary.metric_spellings.items()}
        self.places = {_plain(word): name for word, name in vocabulary.place_spellings.items()}
        self.at: dict[str, int] = {}
        self.unit = ""  # that the header of the values names

    def read(self) -> Actuals:
        rows, notes = self._below_header(), [*self.sheet.notes]
        found: list[tuple[Actual, Cell]] = []
        left: list[Left] = []
        for row in rows:
            try:
                found.append((self._actual(row), self._cell(row, "value")))
            except _Wrong as wrong:
                left.append(self._left(wrong))
        kept = self._agreeing(found, left)
        left.sort(key=lambda one: (one.cell.line, one.cell.column))
        return Actuals(self.sheet.name, len(rows), kept, tuple(left), (*notes, *self._unused()))

    # the header

    def _below_header(self) -> list[tuple[Cell, ...]]:
        """The rows below the first that names every column that is needed."""
        best: dict[str, int] = {}
        for i, row in enumerate(self.sheet.rows):
            named = self._columns(row)
            if all(key in named for key in _NEEDED):
                self.at, self.header = named, row
                return list(self.sheet.rows[i + 1 :])
            best = max(best, named, key=len)
        lacking = [key for key in _NEEDED if key not in best]
        words = {"en": ", ".join(f"`{k}`" for k in lacking), "zh": "、".join(f"“{_NAMES[k]}”" for k in lacking)}
        raise Refusal(Problem("Q202", {"path": self.sheet.name, "columns": words}))

    def _columns(self, row: tuple[Cell, ...]) -> dict[str, int]:
        found: dict[str, int] = {}
        for i, cell in enumerate(row):
            written = _plain(cell.text).lower()
            bracketed = _BRACKETED.fullmatch(written)
            for key, words in _COLUMNS.items():
                if key in found:
                    continue
                if written in words:
                    found[key] = i
                elif key == "value" and bracketed and bracketed[1] in words:
                    found[key], self.unit = i, bracketed[2]
        return found

    def _unused(self) -> list[Problem]:
        """A note on columns that are not read."""
        others = [cell.text for i, cell in enumerate(self.header) if i not in self.at.values() and cell.text]
        if not others:
            return []
        named = {"en": ", ".join(f"`{o}`" for o in others), "zh": "、".join(f"`{o}`" for o in others)}
        return [Problem("Q221", {"path": self.sheet.name, "columns": named})]

    # a row

    def _cell(self, row: tuple[Cell, ...], key: str) -> Cell:
        at = self.at[key]
        return row[at] if at < len(row) else Cell("", row[-1].line, at + 1)

    def _actual(self, row: tuple[Cell, ...]) -> Actual:
        cells = {key: self._cell(row, key) for key in self.at}
        for key in _NEEDED:
            if not cells[key].text:
                raise _Wrong("Q215", cells[key], column={"en": key, "zh": _NAMES[key]})
        metric, named = self._metric(cells["metric"])
        places, times = self._places(cells["place"]), self._times(cells["period"])
        if cells["value"].merged:
            raise _Wrong("Q214", cells["value"])
        value = self._value(cells["value"], cells.get("unit"), named or self.unit, metric)
        return Actual(self.roots[metric.name], places, times, value, cells["value"].line)

    def _metric(self, cell: Cell) -> tuple[Metric, str]:
        """The metric, and the unit that may stand in brackets behind it."""
        name, named = _plain(cell.text), ""
        bracketed = _BRACKETED.fullmatch(name)
        if name not in self.metrics and bracketed and bracketed[1] in self.metrics:
            name, named = bracketed.groups()
        if name not in self.metrics:
            raise _Wrong("Q205", cell, near=did_you_mean(name, self.vocabulary.metric_spellings))
        return self.vocabulary.metrics[self.metrics[name]], named

    def _places(self, cell: Cell) -> frozenset[str]:
        """One place, or several together where each of them is known: `A（B）`, `A、B`."""
        known, name = self.places, _plain(cell.text)
        if name in known:
            return frozenset({known[name]})
        parts = [part.strip() for part in re.split(r"[()（）、,，/和与及]", name) if part.strip()]
        if len(parts) > 1 and all(part in known for part in parts):
            return frozenset(known[part] for part in parts)
        raise _Wrong("Q206", cell, near=did_you_mean(name, self.vocabulary.place_spellings))

    def _times(self, cell: Cell) -> Times:
        found = read_times(cell.text)
        if found is None:
            raise _Wrong("Q207", cell)
        return found

    def _value(self, cell: Cell, unit: Cell | None, elsewhere: str, metric: Metric) -> Fraction:
        named = _plain(unit.text) if unit and unit.text else elsewhere
        mine = {_plain(spelling).lower() for spelling in metric.unit.spellings} if metric.unit else set()
        named = "" if named.lower() in mine else named
        text = _plain(cell.text)
        if "," in text and not _GROUPED.match(text):
            raise _Wrong("Q208", cell, metric=metric.name)
        if _NUMBER.fullmatch(text):
            text += named
            self._certain(text, named, cell, metric)
        elif named and not text.endswith(named):
            raise _Wrong("Q209", unit if unit and unit.text else cell, metric=metric.name)
        for spelling in sorted(mine, key=len, reverse=True):
            text = text[: -len(spelling)].strip() if text.lower().endswith(spelling) else text
        try:
            return read_quantity(text, metric.type, metric.unit.zh if metric.unit else "")
        except NotAQuantity as wrong:
            code = {"Q101": "Q208", "Q102": "Q209", "Q103": "Q210"}[wrong.args[0]]
            raise _Wrong(code, unit if unit and unit.text and code == "Q209" else cell, metric=metric.name) from None

    def _certain(self, text: str, named: str, cell: Cell, metric: Metric) -> None:
        """A bare number of yuan may be meant in 万元; a bare number up to 1 may be a part of one, or of a hundred."""
        if metric.type == "money" and not named:
            raise _Wrong("Q213", cell, metric=metric.name)
        if metric.type == "percent" and not named and 0 < abs(Fraction(text.replace(",", ""))) <= 1:
            raise _Wrong("Q212", cell, metric=metric.name)

    # rows together

    def _agreeing(self, found: list[tuple[Actual, Cell]], left: list[Left]) -> tuple[Actual, ...]:
        """One figure for each metric, places and period; where rows differ, none is better than another."""
        alike: dict[Any, list[tuple[Actual, Cell]]] = defaultdict(list)
        for actual, cell in found:
            alike[actual.metric, actual.places, actual.times].append((actual, cell))
        kept = []
        for group in alike.values():
            if len({actual.value for actual, _ in group}) == 1:
                kept.append(group[0][0])
                continue
            for actual, cell in group:
                others = [str(other.line) for other, _ in group if other is not actual]
                left.append(self._left(_Wrong("Q211", cell, lines=", ".join(others))))
        return tuple(kept)

    def _left(self, wrong: _Wrong) -> Left:
        cell = wrong.cell
        column = _letters(cell.column) if self.sheet.lettered else str(cell.column)
        at = {
            "en": f"{self.sheet.name}, line {cell.line}, column {column}",
            "zh": f"{self.sheet.name}第{cell.line}行第{column}列",
        }
        shown = cell.text if len(cell.text) <= _SHOWN else f"{cell.text[:_SHOWN]}…"
        return Left(cell, Problem(wrong.code, {"at": at, "value": shown, **wrong.words}))


def _plain(text: str) -> str:
    return normalize("NFKC", text).strip()


def _letters(column: int) -> str:
    """A spreadsheet's name of a column: A to Z, then AA."""
    rest, last = divmod(column - 1, 26)
    return (_letters(rest) if rest else "") + chr(ord("A") + last)


# Periods ---------------------------------------------------------------------

_Y = r"(?P<y>(?:19|20)\d\d)"
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_FORMS = {
    "year": re.compile(rf"{_Y}\s*(?:年度?)?"),
    "years": re.compile(rf"{_Y}\s*年?\s*[-~—–至到]+\s*(?P<z>(?:19|20)\d\d)\s*年?"),
    "half": re.compile(rf"{_Y}\s*(?:[-/]?\s*[hH](?P<h>[12])|年?\s*(?P<n>[上下])半年)"),
    "quarter": re.compile(rf"{_Y}\s*(?:[-/]?\s*[qQ](?P<q>[1-4])|年\s*第?(?P<n>[一二三四1-4])季度?)"),
    "month": re.compile(rf"{_Y}(?:\s*[-/]\s*(?P<a>\d\d?)|\s*年\s*(?P<b>\d\d?)\s*月份?)"),
    "months": re.compile(rf"{_Y}\s*年\s*(?P<a>\d\d?)\s*月?\s*[-~—–至到]+\s*(?P<b>\d\d?)\s*月份?"),
    "day": re.compile(rf"{_Y}(?:[-/](?P<a>\d\d?)[-/](?P<b>\d\d?)|\s*年\s*(?P<c>\d\d?)\s*月\s*(?P<d>\d\d?)\s*日)"),
}


def read_times(text: str) -> Times | None:
    """The days that `2023`, `2023H1`, `2023年一季度`, `2023-05`, `2023年1-6月` or `2023-12-31` mean; else None."""
    written = normalize("NFKC", text).strip()
    for form, pattern in _FORMS.items():
        if match := pattern.fullmatch(written):
            parts = {key: value for key, value in match.groupdict().items() if value is not None}
            try:
                return _days(form, int(parts.pop("y")), parts)
            except ValueError:
                return None
    return None


def _days(form: str, year: int, parts: Mapping[str, str]) -> Times | None:
    """Raises ValueError for what is in no calendar."""
    said = list(parts.values())
    match form:
        case "year":
            return months(year, 1, 12)
        case "years":
            return Times(date(year, 1, 1), date(int(said[0]), 12, 31)) if year < int(said[0]) else None
        case "half":
            return months(year, 1, 6) if said[0] in "1上" else months(year, 7, 12)
        case "quarter":
            quarter = _QUARTERS.get(said[0]) or int(said[0])
            return months(year, 3 * quarter - 2, 3 * quarter)
        case "month":
            return months(year, int(said[0]), int(said[0]))
        case "months":
            return months(year, int(said[0]), int(said[1])) if int(said[0]) <= int(said[1]) else None
        case _:
            day = date(year, int(said[0]), int(said[1]))
            return Times(day, day)


def months(year: int, first: int, last: int) -> Times:
    """The days of months of one year."""
    return Times(date(year, first, 1), date(year, last, monthrange(year, last)[1]))
