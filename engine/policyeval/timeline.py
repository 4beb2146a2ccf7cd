"""Documents, terms, dates and deadlines on one line of time.

In: packs. Out: what lies where in time, by document, and the years that all of it spans. Promise: an end that the
document leaves open stays open; targets without a deadline are counted and never put at a date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from policyeval.pack import Pack
from policyeval.provisions import Cite, Target
from policyeval.record import Record
from policyeval.vocabulary import Label

_TERM = Label("施行", "in force")
_ISSUED = Label("印发", "issued")
_UNDATED = Label("没有期限的目标", "targets without a deadline")


class Event(Record):
    """A day (`first` is `last`) or a span of time. None is an end that is open; both None have no place in time."""

    pack: Pack
    kind: Literal["issued", "term", "period", "date", "targets"]
    label: Label
    first: date | None
    last: date | None
    cite: Cite | None = None
    targets: tuple[Target, ...] = ()


def events(packs: Iterable[Pack]) -> list[Event]:
    """Of each document in the order in which they begin: issue, term, dates, periods, then targets by deadline."""
    found = [list(_of(pack)) for pack in packs]
    return [event for each in sorted(found, key=_begins) for event in each]


def years(found: Iterable[Event]) -> tuple[int, int] | None:
    """The first year and the last that anything is in; None where nothing has a date."""
    days = [day for event in found for day in (event.first, event.last) if day is not None]
    return (min(days).year, max(days).year) if days else None


def _begins(each: list[Event]) -> tuple[date, str]:
    days = [event.first for event in each if event.first is not None]
    return min(days, default=date.max), each[0].pack.id if each else ""


def _of(pack: Pack) -> Iterator[Event]:
    document = pack.document
    if document.issued:
        yield Event(pack, "issued", _ISSUED, document.issued, document.issued)
    if pack.effective_from:
        yield Event(pack, "term", _TERM, pack.effective_from, pack.effective_to)
    mine = pack.provisions
    for day in mine.dates.values():
        if day.on:
            yield Event(pack, "date", day.label, day.on, day.on, day.cite)
    by_period: dict[str | None, list[Target]] = defaultdict(list)
    for target in mine.targets.values():
        by_period[target.period].append(target)
    for period in mine.periods.values():
        yield Event(
            pack, "period", period.label, period.first, period.last, period.cite, tuple(by_period.pop(period.id, ()))
        )
    if by_period.get(None):
        yield Event(pack, "targets", _UNDATED, None, None, None, tuple(by_period[None]))
