"""An Impact as JSON, as the contract fixes it.

In: an Impact. Out: one object. Promise: money is a string in yuan, or null where it is not known; rows without a
figure are counted beside every amount.
"""

from __future__ import annotations

from typing import Any

from policyeval.answer import money_json, packs_json
from policyeval.evaluate import Span
from policyeval.impact.run import Impact, Large
from policyeval.impact.settings import Readings, Setting, Totals, Turn
from policyeval.impact.sums import SIDES, SUPPORT, Change, Sums
from policyeval.money import yuan
from policyeval.problems import Lang
from policyeval.regime import Regime


def as_json(found: Impact, lang: Lang) -> dict[str, Any]:
    return {
        "source": found.source,
        "as_of": found.as_of.isoformat(),
        **{side: _regime(regime) for side, regime in zip(SIDES, (found.before, found.after), strict=True)},
        "rows": {
            "all": found.whole.rows + found.rejected + found.blank,
            "rejected": found.rejected,
            "blank": found.blank,
            **_rows(found.whole),
        },
        **_amounts(found, found.whole),
        "budgets": _budgets(found.budgets),
        "largest": {way: [_large(each, found) for each in large] for way, large in found.largest.items()},
        "readings": None if found.readings is None else _readings(found, found.readings, lang),
        "by": [by.name for by in found.by],
        "groups": [
            {
                "of": dict(zip((by.name for by in found.by), key, strict=True)),
                "rows": {"all": sums.rows, **_rows(sums)},
                **_amounts(found, sums),
            }
            for key, sums in found.groups.items()
        ],
        "treasuries": {payer: label[lang] for payer, label in found.payers.items()},
        "rejected": [
            {
                found.counted: each.row,
                "column": each.column,
                "value": each.value,
                "code": each.problem.code,
                "reason": each.problem.message(lang),
            }
            for each in found.reasons
        ],
        "notes": [{"code": note.code, "text": note.message(lang)} for note in found.notes],
    }


def _regime(regime: Regime) -> dict[str, Any]:
    return {"packs": packs_json(regime.packs), "readings": regime.plan.readings}


def _readings(found: Impact, readings: Readings, lang: Lang) -> dict[str, Any]:
    span = readings.range
    return {
        "each": [_turn(found, turn, lang) for turn in readings.turns],
        "combinations": readings.combinations,
        "combinations_refused": 0 if span is None else span.refused,
        "least": None if span is None else _setting(span.least),
        "most": None if span is None else _setting(span.most),
    }


def _turn(found: Impact, turn: Turn, lang: Lang) -> dict[str, Any]:
    asked = found.whole.amount(SUPPORT).after
    return {
        "reading": turn.id,
        "ask": turn.reading.ask[lang],
        "asked": turn.asked,
        "changes": turn.matters,
        "changes_together": turn.together,
        "options": {
            option: {
                "means": turn.reading.options[option][lang],
                "rows": _rows(sums),
                **_amounts(found, sums),
                "difference": money_json(Change(asked, sums.amount(SUPPORT).after).change),
                "budgets": _budgets(turn.budgets[option]),
            }
            for option, sums in turn.others.items()
        },
        "refused": {
            option: {
                "means": turn.reading.options[option][lang],
                "reasons": [{"code": problem.code, "text": problem.message(lang)} for problem in problems],
            }
            for option, problems in turn.refused.items()
        },
    }


def _budgets(found: Totals) -> dict[str, Any]:
    return {side: [total.as_json() for total in totals] for side, totals in found.items()}


def _setting(setting: Setting) -> dict[str, Any]:
    amounts = {side: money_json(span) for side, span in zip(SIDES, setting.whole.amount(SUPPORT)._key(), strict=True)}
    return {"readings": dict(setting.readings), "settled": setting.whole.settled, "support": amounts}


def _rows(sums: Sums) -> dict[str, Any]:
    undetermined = {
        "all": sums.undetermined,
        **_sides(sums, "undetermined"),
        "missing": sums.missing,
        "certain": {side: yuan(sums[f"certain.{side}"]) for side in SIDES},
    }
    return {
        "settled": sums.settled,
        "undetermined": undetermined,
        "no_policy": {"all": sums.outside, **_sides(sums, "outside")},
        "unquantified": _sides(sums, "unquantified"),
    }


def _sides(sums: Sums, name: str) -> dict[str, int]:
    return {side: sums[f"{name}.{side}"] for side in SIDES}


def _amounts(found: Impact, sums: Sums) -> dict[str, Any]:
    return {
        "support": _change(sums.amount(SUPPORT)),
        "payers": {payer: _change(sums.amount(payer)) for payer in found.payers},
        "gain": {"rows": sums["gain"], **money_json(sums.moved("gain").change)},
        "lose": {"rows": sums["lose"], **money_json(sums.moved("lose").change)},
        "mixed": sums["mixed"],
        "same": sums.same,
        "unlimited": sums["unlimited"],
    }


def _change(change: Change) -> dict[str, Any]:
    spans: dict[str, Span] = {"before": change.before, "after": change.after, "change": change.change}
    return {name: money_json(span) for name, span in spans.items()}


def _large(large: Large, found: Impact) -> dict[str, Any]:
    return {
        found.counted: large.row,
        "platform": dict(large.platform.written),
        "support": _change(large.support),
        "unquantified": dict(zip(SIDES, large.unquantified, strict=True)),
    }
