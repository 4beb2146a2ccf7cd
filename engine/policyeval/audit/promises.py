"""The targets of several packs, with their figures read, by what they measure and where and when they fall due.

In: packs, the vocabulary and a day. Out: a World, which every check of an audit reads. Promise: targets are found by
metric, place and deadline, so that no check holds each target against every other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property

from policyeval.audit.findings import Spot, both, spot
from policyeval.grounded import metric_of
from policyeval.library import Library
from policyeval.pack import Pack
from policyeval.provisions import Allocation, Comparator, Period, Quota, Target
from policyeval.quantity import in_figures, read_quantity
from policyeval.record import Record
from policyeval.vocabulary import Metric, Vocabulary

FIGURES = frozenset({"at_least", "at_most", "exceed", "exact", "about"})

_WORDS: dict[Comparator, tuple[str, str]] = {
    "at_least": ("at least {}", "不少于{}"),
    "at_most": ("at most {}", "不超过{}"),
    "exceed": ("more than {}", "超过{}"),
    "exact": ("{}", "{}"),
    "about": ("about {}", "{}左右"),
    "double": ("twice as many", "翻一番"),
    "none": ("no figure", "没有数字"),
}
_PER = {"year": "年", "month": "月"}
_OPEN: dict[Comparator, tuple[str, str]] = {
    "at_least": ("at least", "不少于"),
    "at_most": ("at most", "不超过"),
    "exceed": ("more than", "超过"),
    "exact": ("exactly", "正好"),
    "about": ("about", "约"),
    "double": ("doubled", "翻一番"),
    "none": ("no figure", "没有数字"),
}


class Promise(Record):
    """A target of one metric. `comparators` are several where a reading leaves them open; `reading` is its id."""

    pack: Pack
    target: Target
    metric: Metric
    value: Fraction | None
    comparators: tuple[Comparator, ...]
    reading: str | None
    places: tuple[str, ...]
    period: Period | None

    @property
    def spot(self) -> Spot:
        return spot(self.pack, f"targets.{self.target.id}", self.target)

    @property
    def label(self) -> dict[str, str]:
        return both(self.target.label)

    @property
    def end(self) -> date | None:
        return self.period.last if self.period else None

    @property
    def years(self) -> int | None:
        """How many years its period has, where both ends are known."""
        if self.period is None or self.period.first is None or self.period.last is None:
            return None
        return self.period.last.year - self.period.first.year + 1

    @property
    def is_figure(self) -> bool:
        return self.value is not None and FIGURES.issuperset(self.comparators)

    @cached_property
    def figure(self) -> dict[str, str]:
        """As a person says it: `at least 10`, `每年20家`."""
        return self.said(self.value, self.comparators, self.reading)

    def said(self, value: Fraction | None, comparators: Sequence[Comparator], reading: str | None) -> dict[str, str]:
        found = {}
        for lang, i in (("en", 0), ("zh", 1)):
            number = self.number(value)[lang] if value is not None else ""
            if reading is None or value is None:
                text = _WORDS[comparators[0]][i].format(number)
            elif lang == "en":
                text = f"{number} ({' or '.join(_OPEN[c][i] for c in comparators)}, by `{reading}`)"
            else:
                text = f"{number}（{'或'.join(_OPEN[c][i] for c in comparators)}，依解读`{reading}`）"
            if self.target.per:
                text = f"{text} a {self.target.per}" if lang == "en" else f"每{_PER[self.target.per]}{text}"
            if self.target.cumulative:
                text = f"{text} in total" if lang == "en" else f"累计{text}"
            found[lang] = text
        return found

    def number(self, value: Fraction) -> dict[str, str]:
        """A figure of this metric, with its unit where the language needs one."""
        if self.metric.type == "milestone":
            return {"en": "done", "zh": "完成"} if value else {"en": "not done", "zh": "未完成"}
        text = in_figures(value, self.metric.type)
        counted = self.metric.unit is not None and self.metric.type in ("count", "number")
        return {"en": text, "zh": text + (self.metric.unit.zh if counted and self.metric.unit else "")}

    def plain(self, value: Fraction) -> str:
        return in_figures(value, self.metric.type)


class Row(Record):
    """A row of an allocation with its figure read."""

    quota: Quota
    value: Fraction | None
    spot: Spot

    @property
    def key(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(sorted(self.quota.places)), tuple(sorted(self.quota.bodies))


class Table(Record):
    """An allocation with its figures read. A blank cell is unknown."""

    promise: Promise
    id: str
    rows: tuple[Row, ...]
    printed: Fraction | None
    total: Spot  # where the total is printed; the target's own clause where none is

    @cached_property
    def known(self) -> tuple[Fraction, ...]:
        return tuple(row.value for row in self.rows if row.value is not None)

    @property
    def is_whole(self) -> bool:
        return len(self.known) == len(self.rows)

    @cached_property
    def made(self) -> Fraction:
        return sum(self.known, Fraction(0))

    @property
    def comes_to(self) -> Fraction | None:
        """The printed total, else the sum where no cell is blank."""
        return self.printed if self.printed is not None else self.made if self.is_whole else None

    @property
    def text(self) -> str:
        """`80 = 10+8+…`, the same in both languages."""
        return f"{self.promise.plain(self.made)} = {'+'.join(self.promise.plain(number) for number in self.known)}"

    @property
    def first(self) -> Spot:
        """The first row that has a figure, else the first."""
        return next((row for row in self.rows if row.value is not None), self.rows[0]).spot


class World:
    """The packs of an audit, the newest of each id, and their targets by all that checks ask for."""

    def __init__(self, library: Library, packs: Sequence[Pack], day: date) -> None:
        self.library, self.packs, self.day = library, packs, day
        self.vocabulary: Vocabulary = library.vocabulary
        self.by_id: Mapping[str, Pack] = {pack.id: pack for pack in packs}

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        return tuple(p for pack in self.packs for p in self._promises(pack))

    def _promises(self, pack: Pack) -> Iterator[Promise]:
        for target in pack.provisions.targets.values():
            metric = metric_of(target.metric, self.vocabulary)
            if metric is not None:
                value = self.read(target.value, metric)
                comparators, reading = compared(pack, target.comparator)
                places = tuple(sorted(target.places or (pack.jurisdiction,)))
                period = pack.provisions.periods[target.period] if target.period else None
                yield Promise(pack, target, metric, value, comparators, reading, places, period)

    def read(self, value: str | None, metric: Metric) -> Fraction | None:
        return None if value is None else read_quantity(value, metric.type, metric.unit.zh if metric.unit else "")

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """All tables that divide targets."""
        return tuple(self._table(p, table) for p in self.promises for table in p.target.quotas.values())

    def _table(self, promise: Promise, table: Allocation) -> Table:
        part = f"targets.{promise.target.id}.quotas.{table.id}"
        rows = tuple(
            Row(quota, self.read(quota.value, promise.metric), spot(promise.pack, f"{part}.rows.{i}", quota))
            for i, quota in enumerate(table.rows)
        )
        printed = self.read(table.total.value, promise.metric) if table.total else None
        total = spot(promise.pack, f"{part}.total", table.total) if table.total else promise.spot
        return Table(promise, table.id, rows, printed, total)

    @cached_property
    def measured(self) -> dict[str, list[Promise]]:
        """Targets by metric; metrics that are the same thing are one."""
        found: dict[str, list[Promise]] = {}
        for promise in self.promises:
            found.setdefault(self.one(promise.metric.name), []).append(promise)
        return found

    @cached_property
    def placed(self) -> dict[tuple[str, tuple[str, ...]], list[Promise]]:
        """Targets that have a figure, by metric and by the places that they bind."""
        found: dict[tuple[str, tuple[str, ...]], list[Promise]] = {}
        for promise in self.promises:
            if promise.is_figure:
                found.setdefault((self.one(promise.metric.name), promise.places), []).append(promise)
        return found

    def one(self, name: str) -> str:
        """The first name of a metric that others are the same as."""
        seen = {name}
        while (same := self.vocabulary.metrics[name].same_as) and same.metric not in seen:
            name = same.metric
            seen.add(name)
        return name

    def wholes(self, name: str) -> Iterator[str]:
        """The metrics that also count what this one counts."""
        seen = {self.one(name)}
        at = self.vocabulary.metrics[self.one(name)].within
        while at is not None and self.one(at) not in seen:
            at = self.one(at)
            seen.add(at)
            yield at
            at = self.vocabulary.metrics[at].within

    def of_pack(self, metric: str, places: tuple[str, ...], pack: Pack) -> list[Promise]:
        """The targets of one pack that have a figure, by metric and places."""
        return self._of_pack.get((self.one(metric), places, pack.ref), [])

    @cached_property
    def _of_pack(self) -> dict[tuple[str, tuple[str, ...], str], list[Promise]]:
        found: dict[tuple[str, tuple[str, ...], str], list[Promise]] = {}
        for (name, places), promises in self.placed.items():
            for promise in promises:
                found.setdefault((name, places, promise.pack.ref), []).append(promise)
        return found

    @cached_property
    def liked(self) -> dict[str, set[str]]:
        """The metrics that are perhaps another name of each."""
        found: dict[str, set[str]] = {}
        for name, metric in self.vocabulary.metrics.items():
            if metric.like is not None:
                found.setdefault(self.one(metric.like.metric), set()).add(self.one(name))
        return found

    def today(self, body: str) -> str:
        """The body that has the work of this one now."""
        seen = {body}
        while (heir := self._heirs.get(body)) is not None and heir not in seen:
            body = heir
            seen.add(body)
        return body

    @cached_property
    def _heirs(self) -> dict[str, str]:
        return {body.succeeds: body.name for body in self.vocabulary.bodies.values() if body.succeeds is not None}

    def used(self, pack: Pack) -> Iterator[Pack]:
        """The packs at hand that a pack builds on."""
        return (self.by_id[id] for id in pack.uses if id in self.by_id and id != pack.id)


def compared(pack: Pack, comparator: str) -> tuple[tuple[Comparator, ...], str | None]:
    """The comparators that a word may stand for, and the reading that leaves it open."""
    if comparator in pack.readings and comparator not in _WORDS:
        return tuple(pack.readings[comparator].options), comparator  # type: ignore[arg-type]  # `grounded` has seen to it
    return (comparator,), None  # type: ignore[return-value]


def meets(value: Fraction, comparators: Sequence[Comparator], wanted: Fraction) -> bool:
    """Whether a figure fulfils another, however it is read."""
    held = {
        "at_least": value >= wanted,
        "at_most": value <= wanted,
        "exceed": value > wanted,
        "exact": value == wanted,
        "about": True,
    }
    return all(held.get(comparator, True) for comparator in comparators)
