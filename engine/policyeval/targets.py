"""Targets: what documents promise to reach, and how far it is reached.

In: packs, a day, readings, and a table of actual figures or none. Out: for each target and each place that has a part
of it a Progress: met, on course, behind, over, due, past due, not measured, or the reason why no path can be drawn.
Promises: all arithmetic is exact; a path is a straight line between two things that are known, and never guessed;
what a figure does not cover is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from policyeval.actuals import Actuals
from policyeval.grounded import metric_of
from policyeval.library import Library
from policyeval.pack import Pack, Reading
from policyeval.problems import Problem
from policyeval.provisions import Period, Quota, Target
from policyeval.record import Record, replace
from policyeval.regime import chosen_readings
from policyeval.series import Series
from policyeval.standing import Asked, Progress, Status, judge
from policyeval.vocabulary import Metric, Vocabulary


class Entry(Record):
    """A target with its period, its metric where it is one alone, and how its comparator is read."""

    pack: Pack
    target: Target
    metric: Metric | None
    period: Period | None
    comparator: str
    reading: Reading | None
    quotas: tuple[Quota, ...]
    progress: tuple[Progress, ...] = ()


class Targets(Record):
    """Of each document its targets. `aside`: packs with targets that are not shown unless they are named."""

    as_of: date
    place: str | None
    documents: tuple[tuple[Pack, tuple[Entry, ...]], ...]
    aside: tuple[Pack, ...]
    vocabulary: Vocabulary
    readings: Mapping[str, str]
    actuals: Actuals | None = None
    notes: tuple[Problem, ...] = ()


def targets(
    library: Library,
    as_of: date,
    packs: Sequence[str] = (),
    with_: Sequence[str] = (),
    place: str | None = None,
    readings: Mapping[str, str] | None = None,
    actuals: Actuals | None = None,
) -> Targets:
    """The targets of the packs that are named, or else of those in force on the day; drafts only where named.

    Raises Refusal for a reference or a reading that means nothing.
    """
    chosen = chosen_readings(library, readings or {})
    named = {pack.id: pack for pack in (library.pack(reference) for reference in (*packs, *with_))}
    enacted = {versions[0].id: versions[0] for versions in library.versions.values()}
    in_force = {id: pack for id, pack in enacted.items() if pack.in_force(as_of)}
    taken = named if packs else {**in_force, **named}
    shown, notes = _reaching(library, taken, named, place)
    aside = [pack for id, pack in enacted.items() if id not in taken and pack.provisions.targets]
    read = _Reader(library.vocabulary, as_of, chosen, place, actuals)
    return Targets(
        as_of,
        place,
        tuple((pack, tuple(read.entries(pack))) for pack in library.ordered(shown)),
        tuple(library.ordered(p for p in aside if place is None or library.reaches(p, place))) if not packs else (),
        library.vocabulary,
        chosen,
        actuals,
        tuple(notes),
    )


def _reaching(
    library: Library, taken: Mapping[str, Pack], named: Mapping[str, Pack], place: str | None
) -> tuple[list[Pack], list[Problem]]:
    """The packs that apply at the place; a note on each that was named and does not."""
    if place is None:
        return list(taken.values()), []
    notes = []
    for pack in named.values():
        if not library.reaches(pack, place):
            of, at = (library.vocabulary.places[name].label for name in (pack.jurisdiction, place))
            words = {"of": {"en": of.en, "zh": of.zh}, "place": {"en": at.en, "zh": at.zh}}
            notes.append(Problem("L201", {"pack": pack.id, **words}))
    return [pack for pack in taken.values() if library.reaches(pack, place)], notes


class _Reader:
    """Reads the targets of packs for one question."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        as_of: date,
        readings: Mapping[str, str],
        place: str | None,
        actuals: Actuals | None,
    ) -> None:
        self.vocabulary, self.as_of, self.readings, self.place = vocabulary, as_of, readings, place
        self.actuals = actuals
        self.series = Series(vocabulary, actuals.figures if actuals else ())

    def entries(self, pack: Pack) -> Iterator[Entry]:
        for target in pack.provisions.targets.values():
            if not self._concerns(target.places or (pack.jurisdiction,)):
                continue
            rows = [row for table in target.quotas.values() for row in table.rows]
            quotas = tuple(row for row in rows if not row.places or self._concerns(row.places))
            reading = pack.readings.get(target.comparator)
            entry = Entry(
                pack,
                target,
                metric_of(target.metric, self.vocabulary),
                pack.provisions.periods[target.period] if target.period else None,
                self._comparator(pack, target.comparator),
                reading,
                quotas,
            )
            yield self._measured(entry) if self.actuals else entry

    def _concerns(self, places: Sequence[str]) -> bool:
        """Whether one of the places is the one asked about, or above it, or in it."""
        if self.place is None:
            return True
        up = {info.name for info in self.vocabulary.upward(self.place)}
        return any(p in up or p in self.vocabulary.below(self.place) for p in places)

    def _comparator(self, pack: Pack, written: str) -> str:
        """The comparator, or how it is read."""
        reading = pack.readings.get(written)
        return self.readings.get(f"{pack.id}/{reading.id}", reading.default) if reading else written

    # how far

    def _measured(self, entry: Entry) -> Entry:
        places = entry.target.places or (entry.pack.jurisdiction,)
        found = [self._progress(entry, (place,), None) for place in places if self._concerns((place,))]
        found += [self._progress(entry, row.places, row) for row in entry.quotas if row.value is not None]
        return replace(entry, progress=tuple(found))

    def _progress(self, entry: Entry, places: tuple[str, ...], row: Quota | None) -> Progress:
        """The progress by the comparator as it is read; and by its other options, where they come out otherwise."""
        written = (row.comparator if row else None) or entry.target.comparator
        reading = entry.pack.readings.get(written)
        options = tuple(reading.options) if reading else ()
        chosen = self._comparator(entry.pack, written)
        since = entry.pack.effective_from or entry.pack.document.issued
        asked = Asked(entry.target, entry.metric, entry.period, chosen, places, row, since)
        judged = {
            option: judge(replace(asked, comparator=option), self.series, self.as_of)
            for option in dict.fromkeys((chosen, *options))
        }
        under: dict[str, Status] = {option: judged[option].status for option in options}
        return replace(judged[chosen], under=under if len({*under.values()}) > 1 else {})
