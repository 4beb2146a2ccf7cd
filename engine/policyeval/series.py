"""Figures of metrics over time, and of expressions over metrics.

In: actual figures, an expression, places, days. Out: a Course: the value up to a day, and what it does not cover; or
the reason why there is none. Promises: what comes in adds up over periods that do not overlap, how many there are is
the latest figure, and a ratio is of figures of one period; nothing is filled in between.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import Any, Literal

from policyeval.actuals import Actual, Times, one_thing
from policyeval.record import Record, field
from policyeval.tree import Node, Number, Op, Ref, walk
from policyeval.vocabulary import Metric, Vocabulary

Kind = Literal["flow", "stock", "ratio"]
_DAY = timedelta(days=1)
_SUMMED = frozenset({"count", "money"})  # of several places; a number may be a rate like a percentage


class Remark(Record):
    """Something to know of a figure; `words` fill the sentence that a door has for `code`."""

    code: str
    words: Mapping[str, Any] = field(default_factory=dict)


class Course(Record):
    """A value up to the day `to`. `whole`: no place and no stretch of time is lacking.

    `uneven`: figures of one of its metrics or places run on beyond that day.
    """

    value: Fraction
    to: date
    whole: bool = True
    remarks: tuple[Remark, ...] = ()
    uneven: bool = False


Found = Course | str  # or the reason why there is no value


class Series:
    """All figures of one table."""

    def __init__(self, vocabulary: Vocabulary, figures: Iterable[Actual]) -> None:
        self.vocabulary = vocabulary
        self._roots = one_thing(vocabulary)
        self._figures: dict[tuple[str, frozenset[str]], list[Actual]] = defaultdict(list)
        for figure in figures:
            self._figures[figure.metric, figure.places].append(figure)

    def kind(self, node: Node) -> Kind:
        """Whether the expression adds up over time, is taken at its latest, or divides metrics by one another."""
        if not _is_linear(node):
            return "ratio"
        return "flow" if all(map(_adds_up, self._metrics(node))) else "stock"

    def course(self, node: Node, places: Sequence[str], first: date | None, last: date) -> Found:
        """The value at places together, up to the day `last`; of what comes in, from the day `first` on."""
        if self.kind(node) == "ratio":
            return self._ratio(node, places, last)
        found = self._linear(node, places, first, last)
        while isinstance(found, Course) and found.uneven:  # all of them up to one day
            found = self._linear(node, places, first, found.to)
        return found

    def _linear(self, node: Node, places: Sequence[str], first: date | None, last: date) -> Found:
        courses: dict[str, Course] = {}
        for metric in self._metrics(node):
            found = self._together(metric, places, partial(_course, metric, first=first, last=last))
            if isinstance(found, str):
                return found
            courses[metric.name] = found
        return _worked_out(node, courses)

    def over(self, node: Node, places: Sequence[str], times: Times) -> Fraction | None:
        """The value of one whole year or month."""
        courses: dict[str, Course] = {}
        for metric in self._metrics(node):
            found = self._together(metric, places, partial(_over, metric, times=times))
            if isinstance(found, str) or not found.whole:
                return None
            courses[metric.name] = found
        found = _worked_out(node, courses)
        return None if isinstance(found, str) else found.value

    def earliest(self, node: Node, places: Sequence[str]) -> date | None:
        """The first day of which there is a figure."""
        found = [f.times.first for metric in self._metrics(node) for f in self._of(metric, places)]
        return min(found, default=None)

    def _metrics(self, node: Node) -> list[Metric]:
        names = dict.fromkeys(n.name for n in walk(node) if isinstance(n, Ref) and n.role == "metric")
        return [self.vocabulary.metrics[name] for name in names]

    def _of(self, metric: Metric, places: Sequence[str]) -> list[Actual]:
        root = self._roots[metric.name]
        sets = {frozenset(places), *(frozenset({place}) for place in places)}
        return [figure for each in sets for figure in self._figures[root, each]]

    def _together(self, metric: Metric, places: Sequence[str], read: Callable[[list[Actual]], Found]) -> Found:
        """The figures that the table has for the places together, else the sum of what it has for each."""
        root = self._roots[metric.name]
        if len(places) == 1 or self._figures[root, frozenset(places)]:
            return read(self._figures[root, frozenset(places)])
        each = {place: read(self._figures[root, frozenset({place})]) for place in places}
        there = {place: found for place, found in each.items() if isinstance(found, Course)}
        if not there:
            return next(iter(each.values()), "no_figures")
        if metric.type not in _SUMMED:
            return "not_summed"
        lacking = tuple(place for place in places if place not in there)
        whole = [Remark("places_lacking", {"places": lacking})] if lacking else []
        return _joined(sum((one.value for one in there.values()), Fraction()), there.values(), whole)

    def _ratio(self, node: Node, places: Sequence[str], last: date) -> Found:
        """The value in the latest period of which every metric has a figure."""
        periods = [
            {f.times for f in self._of(metric, places) if f.times.last <= last} for metric in self._metrics(node)
        ]
        for times in sorted(set.intersection(*periods), key=lambda t: (t.last, t.first), reverse=True):
            value = self.over(node, places, times)
            if value is not None:
                return Course(value, times.last)
        return "no_common_period" if all(periods) else "no_figures"


def _adds_up(metric: Metric) -> bool:
    return metric.measure == "flow" and metric.type not in ("percent", "milestone")


def _is_linear(node: Node) -> bool:
    """Whether the value of a sum over time is the sum of the values."""
    if not isinstance(node, Op):
        return True
    measured = [any(isinstance(n, Ref) for n in walk(arg)) for arg in node.args]
    if (node.op == "mul" and sum(measured) > 1) or (node.op == "div" and measured[1]):
        return False
    return all(map(_is_linear, node.args))


# Over time -------------------------------------------------------------------


def _course(metric: Metric, figures: Sequence[Actual], first: date | None, last: date) -> Found:
    return _sum(figures, first, last) if _adds_up(metric) else _latest(figures, last)


def _over(metric: Metric, figures: Sequence[Actual], times: Times) -> Found:
    if _adds_up(metric):
        found = _sum(figures, *times)
        return "no_figures" if isinstance(found, Course) and found.to < times.last else found
    exactly = [figure for figure in figures if figure.times == times]
    inside = exactly or ([f for f in figures if times.first <= f.times.last] if metric.measure == "stock" else [])
    return _latest(inside, times.last)


def _sum(figures: Sequence[Actual], first: date | None, last: date) -> Found:
    """The sum over periods within the days; a period within another is a part of it, and is not counted again."""
    inside: list[Actual] = []
    across: list[Actual] = []
    for figure in figures:
        if (first is None or first <= figure.times.first) and figure.times.last <= last:
            inside.append(figure)
        elif figure.times.first <= last and (first is None or first <= figure.times.last):
            across.append(figure)
    taken: list[Actual] = []  # in the order of time
    clashing: list[Actual] = []
    for figure in sorted(inside, key=lambda f: (f.times.first - f.times.last, f.times.first)):
        at = bisect_right(taken, figure.times.first, key=lambda f: f.times.first)
        before, after = taken[at - 1 : at], taken[at : at + 1]
        if before and figure.times.last <= before[0].times.last:
            continue
        if any(_meet(figure.times, other.times) for other in (*before, *after)):
            clashing.append(figure)
        else:
            taken.insert(at, figure)
    remarks = [Remark("across", {"times": tuple(f.times for f in across)})] if across else []
    if not taken:
        return "across" if across else "no_figures"
    gaps, reached = [], first or taken[0].times.first
    for figure in taken:
        if figure.times.first > reached:
            gaps.append(Times(reached, figure.times.first - _DAY))
        reached = figure.times.last + _DAY
    if gaps:
        remarks.append(Remark("gaps", {"times": tuple(gaps)}))
    if clashing:
        remarks.append(Remark("clashing", {"times": tuple(f.times for f in clashing)}))
    value = sum((figure.value for figure in taken), Fraction())
    return Course(value, reached - _DAY, not gaps and not clashing, tuple(remarks))


def _latest(figures: Sequence[Actual], last: date) -> Found:
    """The figure that ends last; where several do, they must agree."""
    usable = [figure for figure in figures if figure.times.last <= last]
    if not usable:
        return "no_figures"
    to = max(figure.times.last for figure in usable)
    values = {figure.value for figure in usable if figure.times.last == to}
    return Course(values.pop(), to) if len(values) == 1 else "disagree"


def _meet(one: Times, other: Times) -> bool:
    return one.first <= other.last and other.first <= one.last


# Expressions -----------------------------------------------------------------


def _worked_out(node: Node, courses: Mapping[str, Course]) -> Found:
    if any(isinstance(part, Number) and part.unit for part in walk(node)):
        return "unit_in_metric"
    try:
        value = _value(node, courses)
    except ZeroDivisionError:
        return "divided_by_zero"
    return _joined(value, courses.values(), [])


def _joined(value: Fraction, courses: Collection[Course], lacking: Sequence[Remark]) -> Course:
    """A value that rests on several courses; with a remark on what is lacking, it is not whole."""
    days = {course.to for course in courses}
    remarks: list[Remark] = []
    for remark in (*lacking, *(remark for course in courses for remark in course.remarks)):
        if remark not in remarks:
            remarks.append(remark)
    return Course(
        value,
        min(days),
        not lacking and all(course.whole for course in courses),
        tuple(remarks),
        len(days) > 1 or any(course.uneven for course in courses),
    )


def _value(node: Node, courses: Mapping[str, Course]) -> Fraction:
    """Exact; percentages in points."""
    match node:
        case Number():
            return node.value
        case Ref():
            return courses[node.name].value
        case Op(op, args):
            left, *rest = (_value(arg, courses) for arg in args)
            match op:
                case "neg":
                    return -left
                case "add":
                    return left + rest[0]
                case "sub":
                    return left - rest[0]
                case "mul":
                    return left * rest[0]
                case "div":
                    return left / rest[0]
    raise AssertionError(node)


# Time ------------------------------------------------------------------------


def elapsed(first: date, last: date) -> Fraction:
    """Months from the beginning of one day to the end of another; within a month, every day counts alike."""
    after = last + _DAY
    return _position(after) - _position(first)


def _position(day: date) -> Fraction:
    return day.year * 12 + day.month + Fraction(day.day - 1, monthrange(day.year, day.month)[1])
