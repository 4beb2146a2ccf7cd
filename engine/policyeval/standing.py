"""How far one target is reached at one place.

In: a target or a row of its quota, the figures, a day. Out: a Progress. Promises: all arithmetic is exact; a path is a
straight line between two things that are known; where there is none, the reason has a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from policyeval.actuals import Times, months
from policyeval.provisions import Period, Quota, Target
from policyeval.quantity import Measured, NotAQuantity, read_quantity
from policyeval.record import Record, field
from policyeval.series import Course, Remark, Series, elapsed
from policyeval.vocabulary import Metric

Status = Literal["met", "on_course", "behind", "over", "due", "past_due", "not_measured", "no_path", "no_figure"]

ABOUT = Fraction(1, 10)  # `about` is taken for this much either way
_RISING = frozenset({"at_least", "exceed", "double"})  # what more can only help
_DAY = timedelta(days=1)


class Asked(Record):
    """What is asked: a target, or a row of its quota, of places together, by a comparator as it is read.

    `since`: the day from which the document holds.
    """

    target: Target
    metric: Metric | None
    period: Period | None
    comparator: str
    places: tuple[str, ...]
    row: Quota | None = None
    since: date | None = None


class Part(Record):
    """A year, or a month, of a target for each one: its figure, None where there is none, and what it lacks."""

    times: Times
    value: Fraction | None
    holds: bool = False
    gap: Fraction = Fraction()


class Progress(Record):
    """How far it is. `why` names the reason where a status needs one.

    `to`: the day to which the figures run. `path`: what a straight line asks on that day. `gap`: what lacks, to the
    path where it is behind, to the goal otherwise. `under`: the status by each option of an open comparator, where they
    differ.
    """

    asked: Asked
    goal: Fraction | None
    status: Status
    why: str = ""
    value: Fraction | None = None
    to: date | None = None
    path: Fraction | None = None
    gap: Fraction | None = None
    parts: tuple[Part, ...] = ()
    remarks: tuple[Remark, ...] = ()
    under: Mapping[str, Status] = field(default_factory=dict)


def measured(target: Target, metric: Metric | None) -> Measured:
    """What the figures of a target are; those of an expression are percentages where the target is printed as one."""
    return metric.type if metric else "percent" if (target.value or "").rstrip().endswith("%") else "number"


def judge(asked: Asked, series: Series, as_of: date) -> Progress:
    """How far it is on a day."""
    return _Judge(asked, series, as_of).progress()


class _Judge:
    def __init__(self, asked: Asked, series: Series, as_of: date) -> None:
        self.asked, self.series, self.as_of = asked, series, as_of
        target, period = asked.target, asked.period
        self.first, self.last = (period.first, period.last) if period else (None, None)
        self.limit = min(as_of, self.last) if self.last else as_of
        self.kind = series.kind(target.metric)
        self.comparator = asked.comparator
        self.scale = Fraction(100 if self.kind == "ratio" and measured(target, asked.metric) == "percent" else 1)
        self.why = "no_baseline" if self.comparator == "double" else ""  # there is no goal
        try:
            self.goal = self._goal()
        except NotAQuantity:  # of an expression, whose figures no metric types
            self.goal, self.why = None, "no_quantity"

    def progress(self) -> Progress:
        if self.goal is None:
            return self._found("no_figure", self.why)
        if not self.asked.places:
            return self._found("not_measured", "bodies_only")
        if self.asked.target.per:
            return self._each(self.asked.target.per)
        if self.kind == "flow" and self.first is None and not self.asked.target.cumulative:
            there = self.series.earliest(self.asked.target.metric, self.asked.places)
            return self._found("no_path", "no_start") if there else self._found("not_measured", "no_figures")
        course = self.series.course(self.asked.target.metric, self.asked.places, self.first, self.limit)
        if isinstance(course, str):
            return self._found("not_measured", course)
        return self._judged(course)

    # the goal

    def _goal(self) -> Fraction | None:
        target, row = self.asked.target, self.asked.row
        done_or_not = self.asked.metric is not None and self.asked.metric.type == "milestone"
        if self.comparator == "none" and not done_or_not:
            return None
        written = row.value if row else target.value
        if written is not None:
            return self._figure(written)
        if self.comparator == "double" and target.baseline and not row:
            return 2 * self._figure(target.baseline.value)
        return Fraction(1) if done_or_not else None

    def _figure(self, text: str) -> Fraction:
        metric = self.asked.metric
        return read_quantity(
            text, measured(self.asked.target, metric), metric.unit.zh if metric and metric.unit else ""
        )

    def _holds(self, value: Fraction) -> bool:
        assert self.goal is not None
        match self.comparator:
            case "at_most":
                return value <= self.goal
            case "exceed":
                return value > self.goal
            case "exact":
                return value == self.goal
            case "about":
                return abs(value - self.goal) <= abs(self.goal) * ABOUT
            case _:
                return value >= self.goal

    def _ceiling(self) -> Fraction | None:
        """What must not be passed."""
        assert self.goal is not None
        ceilings = {"at_most": self.goal, "exact": self.goal, "about": self.goal + abs(self.goal) * ABOUT}
        return ceilings.get(self.comparator)

    # one figure

    def _judged(self, course: Course) -> Progress:
        assert self.goal is not None
        value = course.value * self.scale
        rising = self.comparator in _RISING
        holds, ceiling = self._holds(value), self._ceiling()
        more_may_come = self.kind == "flow" and (self.last is None or course.to < self.last)
        if holds and (rising or not more_may_come) and (course.whole or (rising and self.asked.metric)):
            return self._found("met", course=course)
        if self.kind == "flow" and ceiling is not None and value > ceiling:
            return self._found("over", course=course, gap=value - ceiling)
        if self.last is None:
            return self._found("no_path", "no_deadline", course, gap=abs(self.goal - value))
        if self.last < self.as_of:
            late = not holds or rising
            return self._found(
                "past_due" if late else "not_measured", "" if late else "gaps", course, gap=abs(self.goal - value)
            )
        return self._under_way(course, value, holds)

    def _under_way(self, course: Course, value: Fraction, holds: bool) -> Progress:
        assert self.goal is not None
        assert self.last is not None
        begun = self._beginning(course)
        why = begun if isinstance(begun, str) else ""
        path: Fraction | None = None
        remarks: tuple[Remark, ...] = ()
        ahead = False
        if not isinstance(begun, str):
            day, start, remarks = begun
            path = start + (self.goal - start) * elapsed(day, course.to) / elapsed(day, self.last)
            falling = self.goal < start or (self.comparator == "at_most" and self.kind == "flow")
            ahead = value <= path if falling else value >= path
        if self.last.year == self.as_of.year and not holds:
            return self._found("due", "", course, path, abs(self.goal - value), remarks)
        if path is None:
            return self._found("no_path", why, course, gap=abs(self.goal - value))
        if ahead:
            return self._found("on_course", "", course, path, None, remarks)
        if not course.whole:
            return self._found("not_measured", "gaps", course, path, None, remarks)
        return self._found("behind", "", course, path, abs(path - value), remarks)

    def _beginning(self, course: Course) -> tuple[date, Fraction, tuple[Remark, ...]] | str:
        """The first day of the path, what there is before it, and where that is known from; or why there is no path."""
        if self.asked.metric and self.asked.metric.type == "milestone":
            return "milestone"
        if self.kind == "flow":
            return (self.first, Fraction(), ()) if self.first else "no_start"
        baseline = None if self.asked.row else self.asked.target.baseline
        at = (baseline.at if baseline else None) or (self.first - _DAY if self.first else None)
        if at is None:
            return "no_baseline"
        if baseline:
            start, code = self._figure(baseline.value), "path_from_baseline"
        else:
            before = self.series.course(self.asked.target.metric, self.asked.places, None, at)
            if isinstance(before, str) or before.to != at or not before.whole:
                return "no_baseline"
            start, code = before.value * self.scale, "path_from_table"
        if course.to <= at:
            return "not_since"
        return at + _DAY, start, (Remark(code, {"value": start, "day": at}),)

    # each year or month

    def _each(self, per: Literal["year", "month"]) -> Progress:
        """Every whole year, or month, up to the day; without a period, from the year on in which the document came."""
        earliest = self.series.earliest(self.asked.target.metric, self.asked.places)
        came = self.asked.since.replace(month=1, day=1) if self.asked.since and earliest else None
        first = self.first or came or earliest
        remarks = (Remark("since", {"day": first}),) if first and not self.first else ()
        parts = tuple(self._part(times) for times in self._wholes(per, first)) if first else ()
        there = [part for part in parts if part.value is not None]
        if not there:
            return self._found("not_measured", f"no_whole_{per}" if earliest and not parts else "no_figures")
        failed = [part for part in there if not part.holds]
        over = self.last is not None and self.last < self.as_of
        if not over:  # nothing is late where the table ends
            parts = parts[: parts.index(there[-1]) + 1]
        course = Course((there[-1].value or Fraction()) / self.scale, there[-1].times.last)
        if failed:
            gap = sum((part.gap for part in failed), Fraction())
            return self._found("past_due" if over else "behind", "", course, gap=gap, parts=parts, remarks=remarks)
        if len(there) < len(parts):
            return self._found("not_measured", "some_missing", course, parts=parts, remarks=remarks)
        return self._found("on_course" if self.last and not over else "met", "", course, parts=parts, remarks=remarks)

    def _wholes(self, per: str, first: date) -> Iterator[Times]:
        for year in range(first.year, self.limit.year + 1):
            each = [months(year, 1, 12)] if per == "year" else [months(year, m, m) for m in range(1, 13)]
            yield from (times for times in each if first <= times.first and times.last <= self.limit)

    def _part(self, times: Times) -> Part:
        assert self.goal is not None
        value = self.series.over(self.asked.target.metric, self.asked.places, times)
        if value is None:
            return Part(times, None)
        value *= self.scale
        return Part(times, value, self._holds(value), Fraction() if self._holds(value) else abs(self.goal - value))

    # what was found

    def _found(
        self,
        status: Status,
        why: str = "",
        course: Course | None = None,
        path: Fraction | None = None,
        gap: Fraction | None = None,
        remarks: tuple[Remark, ...] = (),
        parts: tuple[Part, ...] = (),
    ) -> Progress:
        said = [*remarks, *(course.remarks if course else ())]
        if self.comparator == "about" and self.goal is not None:
            said.append(Remark("about"))
        if self.asked.row and len(self.asked.places) > 1:
            said.append(Remark("joint"))
        value = course.value * self.scale if course else None
        to = course.to if course else None
        return Progress(self.asked, self.goal, status, why, value, to, path, gap, parts, tuple(said))
