"""Targets against each other: one metric twice, part and whole, a yearly figure and the total, a flow and a stock.

Targets are compared where they bind the same places and fall due together; one without a deadline is taken with that
target of its document which has the same figure, else with the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from policyeval.audit.findings import Finding, both
from policyeval.audit.promises import Promise, World, meets
from policyeval.vocabulary import Label


def twice(world: World) -> Iterator[Finding]:
    """Targets of one metric for the same places and time: alike, or of other figures or other comparators."""
    for promises in world.placed.values():
        for group in _together(promises):
            distinct = {(p.value, p.comparators): p for p in reversed(group)}
            if len(group) < 2:
                continue
            first = list(reversed(distinct.values()))
            why = next((p.metric.same_as.why for p in group if p.metric.same_as), None)
            if len(first) == 1:
                words = {"label": group[0].label, "figure": group[0].figure}
                yield Finding("A645", words, tuple(p.spot for p in group), why)
                continue
            figures = {lang: " / ".join(p.figure[lang] for p in first) for lang in ("en", "zh")}
            code = "A607" if len({p.value for p in first}) == 1 else "A606"
            yield Finding(code, {"label": group[0].label, "figures": figures}, tuple(p.spot for p in first), why)


def _together(promises: Iterable[Promise]) -> Iterator[list[Promise]]:
    """Groups of targets that mean the same things at the same time."""
    alike: dict[tuple[object, ...], dict[date | None, list[Promise]]] = {}
    for p in promises:
        alike.setdefault((p.target.when, p.target.per), {}).setdefault(p.end, []).append(p)
    for by_end in alike.values():
        endless = by_end.pop(None, [])
        ends: dict[str, list[Promise]] = {}
        for p in (p for group in by_end.values() for p in group):
            ends.setdefault(p.pack.ref, []).append(p)
        for promise in endless:
            near = _nearest(promise, ends.get(promise.pack.ref, []))
            by_end.setdefault(near.end if near else None, []).append(promise)
        yield from by_end.values()


def _nearest(promise: Promise, others: list[Promise]) -> Promise | None:
    """Of targets with a deadline the one of this figure, else the one that falls due last."""
    return max(others, key=lambda other: (other.value == promise.value, _last(other)), default=None)


def nested(world: World) -> Iterator[Finding]:
    """A figure for a part that is more than that for the whole."""
    for (name, places), parts in world.placed.items():
        for whole_name in world.wholes(name):
            wholes = _by_time(world.placed.get((whole_name, places), ()))
            for key, mine in _by_time(parts).items():
                part = max((p for p in mine if "at_most" not in p.comparators), key=_value, default=None)
                others = [p for p in wholes.get(key, ()) if part and p.target.when in (None, part.target.when)]
                whole = min(others, key=_value, default=None)
                if part is None or whole is None:
                    continue
                words = {
                    "part": part.label,
                    "figure": part.figure,
                    "whole": whole.label,
                    "other": whole.figure,
                    "value": part.number(_value(part)),
                }
                agrees = {**words, "value": part.figure, "rest": ""}
                if _value(part) > _value(whole):
                    yield Finding("A605", words, (part.spot, whole.spot), part.metric.note)
                elif not (part.target.quotas and whole.target.quotas):  # tables are held row by row
                    yield Finding("A644", agrees, (part.spot, whole.spot))


def _by_time(promises: Iterable[Promise]) -> dict[tuple[date | None, str | None], list[Promise]]:
    found: dict[tuple[date | None, str | None], list[Promise]] = {}
    for promise in promises:
        found.setdefault((promise.end, promise.target.per), []).append(promise)
    return found


def _value(promise: Promise) -> Fraction:
    return promise.value if promise.value is not None else Fraction(0)


def spans(world: World) -> Iterator[Finding]:
    """A figure for a part of a period against that for the whole of it, in one document."""
    for promises in world.placed.values():
        alike: dict[tuple[object, ...], list[Promise]] = {}
        for p in promises:
            if p.metric.measure == "flow" and p.target.per is None and p.years and "at_most" not in p.comparators:
                alike.setdefault((p.pack.ref, p.target.when), []).append(p)
        for group in alike.values():
            yield from _spans(group)


def _spans(group: list[Promise]) -> Iterator[Finding]:
    around: list[Promise] = []
    for part in sorted(group, key=lambda p: (_first(p), -_last(p).toordinal())):
        while around and _last(around[-1]) < _last(part):
            around.pop()
        whole = around[-1] if around else None
        around.append(part)
        if whole is None or (_first(whole), _last(whole)) == (_first(part), _last(part)):
            continue
        rest = _value(whole) - _value(part)
        if rest < 0:
            time = both(part.period.label) if part.period else ""
            words = {"label": whole.label, "part": part.figure, "whole": whole.figure, "time": time}
            yield Finding("A622", words, (part.spot, whole.spot))
            continue
        left = {"en": f"; {whole.number(rest)['en']} left", "zh": f"，还余{whole.number(rest)['zh']}"}
        words = {"part": part.label, "value": part.figure, "whole": whole.label, "other": whole.figure, "rest": left}
        yield Finding("A644", words, (part.spot, whole.spot))


def _first(promise: Promise) -> date:
    return promise.period.first if promise.period and promise.period.first else date.min


def _last(promise: Promise) -> date:
    return promise.period.last if promise.period and promise.period.last else date.max


def rates(world: World) -> Iterator[Finding]:
    """A yearly figure, times the years, against the total of the same thing."""
    for (name, places), promises in world.placed.items():
        like = world.vocabulary.metrics[name].like
        for rate in _yearly(promises):
            total = next((p for p in world.of_pack(name, places, rate.pack) if _is_total(p, rate)), None)
            if total is not None:
                yield from _rate(rate, total, "A608", "A646", None)
            elif like is not None:
                others = world.of_pack(like.metric, places, rate.pack)
                total = next((p for p in others if _is_total(p, rate)), None)
                if total is not None:
                    yield from _rate(rate, total, "A625", "A646", like.why)


def _yearly(promises: Iterable[Promise]) -> list[Promise]:
    return [p for p in promises if p.target.per == "year"]


def _is_total(total: Promise, rate: Promise) -> bool:
    """Whether one is the whole of what the other is a year's share of."""
    return total.target.per is None and total.metric.measure == "flow" and rate.end in (None, total.end)


def _rate(rate: Promise, total: Promise, differs: str, agrees: str, why: Label | None) -> Iterator[Finding]:
    years = rate.years or total.years
    if years is None or not _value(rate):
        return
    made = _value(rate) * years
    words = {
        "label": rate.label,
        "rate": rate.figure,
        "years": years,
        "made": rate.number(made),
        "total": total.label,
        "figure": total.figure,
        "needed": _years(_value(total) / _value(rate)),
    }
    met = meets(made, total.comparators, _value(total))
    yield Finding(agrees if met else differs, words, (rate.spot, total.spot), why)


def _years(number: Fraction) -> str:
    return str(number) if number.denominator == 1 else f"{float(number):.1f}"


def flows(world: World) -> Iterator[Finding]:
    """Where a stock begins and what is added to it, against what it is to be."""
    for (_, places), promises in world.placed.items():
        for flow in promises:
            stocks = world.of_pack(flow.metric.adds_to, places, flow.pack) if flow.metric.adds_to else []
            stock = next((p for p in stocks if p.target.baseline and "at_most" not in p.comparators), None)
            if stock is None or stock.target.baseline is None:
                continue
            years = flow.years or stock.years
            base = world.read(stock.target.baseline.value, stock.metric)
            if base is None or (flow.target.per == "year" and years is None) or flow.target.per == "month":
                continue
            added = _value(flow) * (years or 1) if flow.target.per else _value(flow)
            times = f"{_plain(flow)}×{years}" if flow.target.per else _plain(flow)
            words = {
                "stock": stock.label,
                "flow": flow.label,
                "made": stock.number(base + added),
                "sum": f"{_plain(stock, base)}+{times}",
                "figure": stock.figure,
            }
            code = "A647" if base + added >= _value(stock) else "A609"
            yield Finding(code, words, (flow.spot, stock.spot), flow.metric.note)


def _plain(promise: Promise, value: Fraction | None = None) -> str:
    return promise.number(_value(promise) if value is None else value)["en"]


def shares(world: World) -> Iterator[Finding]:
    """A yearly figure of what is counted by a stock: how the two relate is for the text to say."""
    for (name, places), promises in world.placed.items():
        for flow in _yearly(promises):
            if flow.metric.measure != "flow":
                continue
            for whole_name in world.wholes(name):
                wholes = world.of_pack(whole_name, places, flow.pack)
                whole = next((p for p in wholes if p.target.per is None and p.metric.measure == "stock"), None)
                years = flow.years or (whole.years if whole else None)
                if whole is None or years is None:
                    continue
                words = {
                    "label": flow.label,
                    "rate": flow.figure,
                    "years": years,
                    "made": flow.number(_value(flow) * years),
                    "whole": whole.label,
                    "other": whole.figure,
                }
                yield Finding("A626", words, (flow.spot, whole.spot))


def alike(world: World) -> Iterator[Finding]:
    """Metrics that are perhaps one thing: the same figure under two names, or different ones."""
    for name, metric in world.vocabulary.metrics.items():
        if metric.like is None or world.one(name) != name or world.one(metric.like.metric) == name:
            continue
        others: dict[tuple[tuple[str, ...], str | None], list[Promise]] = {}
        for promise in world.measured.get(world.one(metric.like.metric), ()):
            others.setdefault((promise.places, promise.target.per), []).append(promise)
        seen: set[tuple[object, ...]] = set()
        for mine in world.measured.get(name, ()):
            near = [
                p
                for p in others.get((mine.places, mine.target.per), ())[:_NEAR]
                if p.is_figure == mine.is_figure and (p.end == mine.end or None in (p.end, mine.end))
            ]
            if not near:
                continue
            other = next((p for p in near if p.value == mine.value), near[0])
            key = (mine.places, mine.target.per, mine.value, other.value)
            if key not in seen:
                seen.add(key)
                words = {
                    "label": mine.label,
                    "other_label": other.label,
                    "figure": mine.figure,
                    "other": other.figure,
                    "times": _times(mine, other),
                }
                code = "A623" if mine.value == other.value else "A624"
                yield Finding(code, words, (mine.spot, other.spot), metric.like.why)


def _times(mine: Promise, other: Promise) -> dict[str, str]:
    """Which of two targets has no deadline, where the other has one."""
    if mine.end == other.end or mine.target.per:
        return {"en": "", "zh": ""}
    dated, free = (mine, other) if mine.end else (other, mine)
    day = dated.end.isoformat() if dated.end else ""
    return {
        "en": f"; due by {day} and without a deadline ({free.label['en']})",
        "zh": f"；一处期限为{day}，另一处（{free.label['zh']}）没有期限",
    }


_NEAR = 20  # of the targets that a name may stand for; more than a document has
