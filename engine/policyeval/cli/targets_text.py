"""Targets as a page: of each document a table, and how far each is reached.

In: Targets. Out: a page. Promises: a figure shows the day to which it runs; what a status rests on stands below it;
bars are drawn in characters that need no colour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, get_args

from policyeval.actuals import Times, months
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.pack import Pack
from policyeval.provisions import Quota
from policyeval.quantity import in_figures
from policyeval.record import replace
from policyeval.sentences import Expression
from policyeval.series import Remark
from policyeval.standing import Progress, Status, measured
from policyeval.targets import Entry, Targets

Draw = Callable[[Sequence[Entry], Targets, str], bytes]

STYLES: dict[str, str] = {
    "met": "green", "on_course": "green", "behind": "red", "over": "red", "due": "yellow", "past_due": "red",
    "not_measured": "dim", "no_path": "dim", "no_figure": "dim",
}  # fmt: skip
_BAR = 16


def page_of(found: Targets, lang: str, draw: Draw | None = None, bars: bool = False) -> Page:
    """The whole of it; with `bars` in characters, or with pictures that `draw` makes."""
    return Writer(found, lang, bars).page(draw)


class Writer:
    def __init__(self, found: Targets, lang: str, bars: bool = False) -> None:
        self.found, self.lang, self.bars, self.vocabulary = found, lang, bars, found.vocabulary
        self.said = say(lang)

    def page(self, draw: Draw | None) -> Page:
        found, said, page = self.found, self.said, Page()
        day = found.as_of.isoformat()
        page.title(
            said("targets_at", place=self._place(found.place), day=day) if found.place else said("targets_of", day=day)
        )
        if found.aside:
            page.text(said("target_set_aside", packs=listed([pack.id for pack in found.aside], self.lang)), "dim")
        if found.actuals:
            self._about_data(page)
        shown = [(pack, entries) for pack, entries in found.documents if entries]
        for pack, entries in shown:
            page.heading(self.document(pack))
            if found.actuals:
                self._held_against(pack, entries, page, draw)
            else:
                header = [said(key) for key in ("target", "asked", "deadline", "clause")]
                page.rows([self._promised(entry) for entry in entries], header)
        if not shown:
            page.text(said("no_targets"))
        return page

    def _about_data(self, page: Page) -> None:
        found, said, actuals = self.found, self.said, self.found.actuals
        assert actuals
        words = {"file": actuals.name, "rows": actuals.rows, "read": actuals.read, "left": len(actuals.left)}
        page.text(said("data_counts", **words))
        every = [one for _, entries in found.documents for entry in entries for one in entry.progress]
        counts = Counter(one.status for one in every)
        summed = [f"{said(f'count_{status}')} {counts[status]}" for status in get_args(Status) if counts[status]]
        if summed:
            page.text(listed(summed, self.lang))
        if any(one.path is not None for one in every):
            page.text(said("path_assumed"), "dim")

    def _held_against(self, pack: Pack, entries: Sequence[Entry], page: Page, draw: Draw | None) -> None:
        """What there are figures for, then, in a line each, what the table or the document has none for."""
        said, known = self.said, [shown(entry) for entry in entries]
        if any(entry.progress for entry in known):
            if draw:
                page.figure(
                    draw(known, self.found, self.lang), said("picture_of", title=pack.document.title[self.lang])
                )
            header = [said(key) for key in ("target", "asked", "of_target", "status", "progress")]
            page.rows([one for entry in known for one in self._measured(entry)], header)
        for key, status in (("none_in_table", "not_measured"), ("none_printed", "no_figure")):
            if names := [name for pair in zip(entries, known, strict=True) if (name := self._lacking(*pair, status))]:
                page.text(said(key, targets=listed(names, self.lang)), "dim")

    def _lacking(self, entry: Entry, known: Entry, status: str) -> str:
        """The target, and those of its places, whose progress is of that status and not shown."""
        lacking = [one for one in entry.progress if one.status == status and one not in known.progress]
        whole = any(one.asked.row is None and not entry.target.places for one in lacking)
        where = [self._of(one) for one in lacking if one.asked.row or entry.target.places]
        label = entry.target.label[self.lang]
        if not lacking or (whole and status == "no_figure") or not where:
            return label if lacking else ""
        return self.said("of_places", target=label, places=listed(where, self.lang))

    def _of(self, one: Progress) -> str:
        return self._who(one.asked.row) if one.asked.row else self._places(one.asked.places)

    def document(self, pack: Pack) -> str:
        return f"{pack.document.title[self.lang]} ({pack.id})"

    # what is promised

    def _promised(self, entry: Entry) -> Row:
        target = entry.target
        cite = self.said("cite", section=target.cite.section, phrase=target.cite.phrase)
        cells = (Cell(target.label[self.lang], "bold"), self.asked(entry), self._deadline(entry), Cell(cite, "dim"))
        return row(*cells, below=[*self._below(entry), *self._quotas(entry)])

    def _below(self, entry: Entry) -> Iterator[Below]:
        target, said = entry.target, self.said
        if target.places:
            yield Below(said("target_places", places=self._places(target.places)))
        if target.bodies:
            yield Below(said("target_bodies", bodies=self._bodies(target.bodies)))
        yield from self._counted(entry)
        if target.baseline:
            cite = said("cite", section=target.baseline.cite.section, phrase=target.baseline.cite.phrase)
            words = {"value": self._written(entry, target.baseline.value), "day": target.baseline.at, "cite": cite}
            yield Below(said("target_baseline_at" if target.baseline.at else "target_baseline", **words), "dim")
        if target.note:
            yield Below(target.note[self.lang], "dim")

    def _counted(self, entry: Entry) -> Iterator[Below]:
        """Which platforms count, and how an open comparator is read."""
        target, said = entry.target, self.said
        if target.when is not None:
            when = Expression(target.when, self.vocabulary, entry.pack.id, {entry.pack.id: entry.pack})[self.lang]
            yield Below(said("target_counts", when=when))
        if entry.reading:
            others = listed([option for option in entry.reading.options if option != entry.comparator], self.lang)
            full = f"{entry.pack.id}/{entry.reading.id}"
            words = {"phrase": target.cite.phrase, "reading": full, "option": entry.comparator, "others": others}
            yield Below(
                said("goal_read_as", default="" if full in self.found.readings else said("read_default"), **words),
                "dim",
            )

    def _quotas(self, entry: Entry) -> Iterator[Below]:
        for quota in entry.quotas:
            value = self.said("quota_blank") if quota.value is None else self._written(entry, quota.value)
            if quota.comparator and quota.value is not None:
                value = self._compared(quota.comparator, value)
            if quota.items:
                value = self.said(
                    "quota_items", value=value, items=listed([i[self.lang] for i in quota.items], self.lang)
                )
            joint = self.said("quota_joint") if len(quota.places) > 1 and quota.value is not None else ""
            cite = self.said("cite", section=quota.cite.section, phrase=quota.cite.phrase)
            yield Below(self.said("quota", who=self._who(quota), value=f"{value}{joint}  {cite}"))
        if self.found.place is None:
            for table in entry.target.quotas.values():
                if table.total:
                    yield Below(self.said("quota_total", value=self._written(entry, table.total.value)), "dim")

    def _who(self, quota: Quota) -> str:
        parts = [self._places(quota.places)] if quota.places else []
        return listed([*parts, *([self._bodies(quota.bodies)] if quota.bodies else [])], self.lang)

    def asked(self, entry: Entry, quota: Quota | None = None) -> str:
        """The comparator and the figure, each year or once, cumulative, to strive for."""
        target, said = entry.target, self.said
        written = quota.value if quota else target.value
        comparator = entry.comparator if not (quota and quota.comparator) else quota.comparator
        if self._is_milestone(entry):
            words = said("milestone")
        elif written is None:
            words = said("goal_double") if comparator == "double" else said("goal_without")
        else:
            words = said(
                "goal_double_to" if comparator == "double" else f"goal_{comparator}",
                value=self._written(entry, written),
            )
        if target.per:
            words = said(f"each_{target.per}", asked=words)
        if target.cumulative:
            words = said("is_cumulative", asked=words)
        return said("is_hedged", asked=words) if target.hedged else words

    def _compared(self, comparator: str, value: str) -> str:
        return self.said("goal_double_to" if comparator == "double" else f"goal_{comparator}", value=value)

    def _deadline(self, entry: Entry) -> str:
        period = entry.period
        if period is None or period.last is None:
            return period.label[self.lang] if period else self.said("deadline_none")
        return self.said("of_period", label=period.label[self.lang], day=period.last)

    # how far

    def _measured(self, entry: Entry) -> Iterator[Row]:
        for one in entry.progress:
            quota = one.asked.row
            label = f"· {self._who(quota)}" if quota else self.name(entry, one)
            reached = self.figure(entry, one.value) if one.value is not None else self.said("no_amount")
            cells = (Cell(label, "" if quota else "bold"), self.asked(entry, quota), reached)
            status = Cell(self.status(entry, one), STYLES[one.status])
            below = [*self._counted(entry), *self._said(entry, one)] if not quota else self._said(entry, one)
            yield row(*cells, status, bar(one, self.bars), below=below)

    def name(self, entry: Entry, one: Progress) -> str:
        """The target, and where: at one of its places, or in a row of its quota."""
        label = entry.target.label[self.lang]
        return f"{label} · {self._of(one)}" if one.asked.row or entry.target.places else label

    def status(self, entry: Entry, one: Progress) -> str:
        if one.gap is None or one.status == "no_path" or self._is_milestone(entry):
            return self.said(f"count_{one.status}")
        return self.said(f"{one.status}_by", gap=self._gap(entry, one.gap))

    def why(self, entry: Entry, one: Progress) -> str:
        """What a status rests on, in one line."""
        said = self.said
        parts = [said("figures_to", day=one.to)] if one.to and not one.parts else []
        if one.why:
            parts.append(said(f"why_{one.why}"))
        if one.path is not None:
            parts.append(said("said_path", value=self.figure(entry, one.path)))
        if one.gap is not None and one.status == "no_path" and not self._is_milestone(entry):
            parts.append(said("to_go", gap=self._gap(entry, one.gap)))
        parts += [self._part(entry, part) for part in one.parts]
        return ("；" if self.lang == "zh" else "; ").join(parts)

    def _said(self, entry: Entry, one: Progress) -> Iterator[Below]:
        """What a status rests on."""
        if words := self.why(entry, one):
            yield Below(words, "dim")
        for remark in one.remarks:
            yield Below(self._remark(entry, remark), "dim")
        if one.under:
            ways = [f"{option}: {self.said(f'count_{status}')}" for option, status in one.under.items()]
            yield Below(self.said("matters_here", ways=listed(ways, self.lang)), "yellow")

    def _part(self, entry: Entry, part: Any) -> str:
        times = self.times(part.times)
        if part.value is None:
            return self.said("part_missing", times=times)
        words = {"times": times, "value": self.figure(entry, part.value), "gap": self._gap(entry, part.gap)}
        return self.said("part_holds" if part.holds else "part_short", **words)

    def _remark(self, entry: Entry, remark: Remark) -> str:
        words = dict(remark.words)
        if "times" in words:
            words["times"] = listed([self.times(times) for times in words["times"]], self.lang)
        if "places" in words:
            words["places"] = self._places(words["places"])
        if "value" in words:
            words["value"] = self.figure(entry, words["value"])
        return self.said(f"said_{remark.code}", **words)

    # words

    def figure(self, entry: Entry, number: Fraction) -> str:
        """A figure with its unit; of what is done or not, which."""
        if self._is_milestone(entry):
            return self.said("reached_yes" if number else "reached_no")
        return self._written(entry, in_figures(number, measured(entry.target, entry.metric)))

    def _is_milestone(self, entry: Entry) -> bool:
        return entry.metric is not None and entry.metric.type == "milestone"

    def _gap(self, entry: Entry, number: Fraction) -> str:
        """What lacks; between percentages, in points."""
        if measured(entry.target, entry.metric) != "percent":
            return self.figure(entry, number)
        return self.said("points", number=in_figures(number, "number"))

    def _written(self, entry: Entry, text: str) -> str:
        """A figure as the document has it, with its unit."""
        unit = entry.metric.unit if entry.metric else None
        if unit is None or text.endswith(unit.zh):
            return text
        return f"{text}{unit.zh}" if self.lang == "zh" else f"{text} {unit.en}"

    def times(self, times: Times) -> str:
        if times == months(times.first.year, 1, 12):
            return str(times.first.year)
        if times == months(times.first.year, times.first.month, times.first.month):
            return f"{times.first:%Y-%m}"
        if times.first == times.last:
            return times.first.isoformat()
        return self.said("day_to_day", first=times.first, last=times.last)

    def _place(self, name: str) -> str:
        return self.vocabulary.places[name].label[self.lang]

    def _places(self, names: Sequence[str]) -> str:
        return listed([self._place(name) for name in names], self.lang)

    def _bodies(self, names: Sequence[str]) -> str:
        return listed([self.vocabulary.bodies[name].label[self.lang] for name in names], self.lang)


def shown(entry: Entry) -> Entry:
    """The target with what there are figures for; where that is a row of a quota, below what the row is of."""
    known = [
        one for one in entry.progress if one.why not in ("no_figures", "bodies_only") and one.status != "no_figure"
    ]
    return replace(
        entry, progress=tuple(one for one in entry.progress if one in known or (known and not one.asked.row))
    )


def share(number: Fraction | None, goal: Fraction | None) -> Fraction | None:
    """The part of the goal that a figure is, where that can be drawn."""
    return number / goal if number is not None and goal is not None and goal > 0 and number >= 0 else None


def bar(one: Progress, drawn: bool) -> str:
    """How much of the goal there is; drawn, with `|` where the straight line stands: `[#####---|--]47%`."""
    reached, asked = share(one.value, one.goal), share(one.path, one.goal)
    if reached is None:
        return ""
    percent = f"{int(reached * 100)}%"
    if not drawn:
        return percent
    filled = min(int(reached * _BAR), _BAR)
    signs = ["#"] * filled + ["-"] * (_BAR - filled)
    if asked is not None and 0 < asked < 1:
        signs[int(asked * _BAR)] = "|"
    return f"[{''.join(signs)}]{percent}"
