"""Targets as JSON: what is promised, where, by when, by whom, and how far it is reached.

In: Targets. Out: what `json` can print. Promise: figures are exact: whole numbers and fractions as text, money in yuan,
percentages in points.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from policyeval.problems import Lang
from policyeval.problems import as_json as problem_json
from policyeval.provisions import Cite, Quota
from policyeval.standing import Progress
from policyeval.targets import Entry, Targets
from policyeval.write import write


def as_json(found: Targets, lang: Lang) -> dict[str, Any]:
    actuals = found.actuals
    return {
        "as_of": found.as_of.isoformat(),
        "place": found.place,
        "packs": [pack.ref for pack, _ in found.documents],
        "aside": [pack.ref for pack in found.aside],
        "targets": [_entry(entry, lang) for _, entries in found.documents for entry in entries],
        "data": None
        if actuals is None
        else {
            "path": actuals.name,
            "rows": actuals.rows,
            "read": actuals.read,
            "left_out": [
                {
                    **{key: problem_json(left.problem, lang)[key] for key in ("code", "message")},
                    "line": left.cell.line,
                    "column": left.cell.column,
                    "value": left.cell.text,
                }
                for left in actuals.left
            ],
        },
    }


def _entry(entry: Entry, lang: Lang) -> dict[str, Any]:
    target, period = entry.target, entry.period
    return {
        "pack": entry.pack.id,
        "target": target.id,
        "label": target.label[lang],
        "metric": write(target.metric),
        "unit": entry.metric.unit[lang] if entry.metric and entry.metric.unit else None,
        "measure": entry.metric.measure if entry.metric else None,
        "comparator": entry.comparator,
        "reading": f"{entry.pack.id}/{entry.reading.id}" if entry.reading else None,
        "value": target.value,
        "per": target.per,
        "cumulative": target.cumulative,
        "hedged": target.hedged,
        "period": None
        if period is None
        else {"from": _day(period.first), "to": _day(period.last), "label": period.label[lang]},
        "places": list(target.places or (entry.pack.jurisdiction,)),
        "bodies": list(target.bodies),
        "when": write(target.when) if target.when is not None else None,
        "baseline": None
        if target.baseline is None
        else {"value": target.baseline.value, "at": _day(target.baseline.at), "cite": _cite(target.baseline.cite)},
        "cite": _cite(target.cite),
        "quotas": [_quota(quota, lang) for quota in entry.quotas],
        "progress": [_progress(one) for one in entry.progress],
    }


def _quota(quota: Quota, lang: Lang) -> dict[str, Any]:
    return {
        "places": list(quota.places),
        "bodies": list(quota.bodies),
        "value": quota.value,
        "items": [item[lang] for item in quota.items],
        "cite": _cite(quota.cite),
    }


def _progress(one: Progress) -> dict[str, Any]:
    return {
        "places": list(one.asked.places),
        "bodies": list(one.asked.row.bodies) if one.asked.row else [],
        "quota": one.asked.row is not None,
        "comparator": one.asked.comparator,
        "goal": _number(one.goal),
        "status": one.status,
        "why": one.why or None,
        "value": _number(one.value),
        "to": _day(one.to),
        "path": _number(one.path),
        "gap": _number(one.gap),
        "parts": [
            {
                "from": _day(part.times.first),
                "to": _day(part.times.last),
                "value": _number(part.value),
                "holds": part.value is not None and part.holds,
                "gap": _number(part.gap) if part.value is not None else None,
            }
            for part in one.parts
        ],
        "remarks": [{"code": remark.code, **_words(remark.words)} for remark in one.remarks],
        "under": dict(one.under),
    }


def _words(words: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in words.items():
        match value:
            case Fraction():
                found[key] = _number(value)
            case date():
                found[key] = _day(value)
            case tuple() if key == "times":
                found[key] = [{"from": _day(times.first), "to": _day(times.last)} for times in value]
            case _:
                found[key] = list(value)
    return found


def _cite(cite: Cite) -> dict[str, str]:
    return {"section": cite.section, "phrase": cite.phrase}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _number(number: Fraction | None) -> str | None:
    return None if number is None else str(number)
