"""Packs for the tests of `audit`, written in short.

In: packs of a case of `tests/cases/audit/*.yaml`. Out: a Library with them. A case leaves out whatever does not matter
to it: labels and clauses are named after the part; `local` is a county's draft under `plan`, all others are the city's;
each has the periods `plan` (three years) and `year` (the first of them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from lint_packs import _Plain
from policyeval.library import Library, _build

CASES = Path(__file__).parent / "cases" / "audit"
VOCABULARY = CASES / "vocabulary.yaml"

_TERM = {"from": "2024-01-01", "to": None}
_CITY = {"status": "enacted", "effective": _TERM, "jurisdiction": "north"}
_COUNTY = {"status": "draft", "effective": None, "jurisdiction": "hill"}
_PERIODS = {"plan": {"from": "2024-01-01", "to": "2026-12-31"}, "year": {"from": "2024-01-01", "to": "2024-12-31"}}


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(CASES.glob("*.yaml")):
        if path != VOCABULARY:
            for i, case in enumerate(yaml.load(path.read_bytes(), yaml.BaseLoader)):
                yield f"{path.stem}: {case['code']} {i}", _with_nulls(case)


def _with_nulls(item: Any) -> Any:
    """A case as read, where `null` is nothing and all else is text."""
    if isinstance(item, dict):
        return {key: _with_nulls(inner) for key, inner in item.items()}
    if isinstance(item, list):
        return [_with_nulls(inner) for inner in item]
    return None if item == "null" else item


def library(packs: Mapping[str, Any]) -> Library:
    files = [("vocabulary.yaml", VOCABULARY.read_bytes())]
    files += [(f"{id}.yaml", written(id, words, "plan" in packs)) for id, words in packs.items()]
    found = _build([files], [], use_cache=False)[0]
    wrong = [p.message() for p in found.problems if p.severity == "error"]
    assert not wrong, wrong
    return found


def written(id: str, words: Mapping[str, Any], has_plan: bool) -> bytes:
    """A pack as a file, with what the case leaves out filled in."""
    around = {**_COUNTY, **({"uses": {"plan": "^1"}} if has_plan else {})} if id == "local" else _CITY
    pack: dict[str, Any] = {"pack": id, "version": "1.0.0", "document": {"title": _label(id)}, "payers": ["city"]}
    pack |= {"awards": {}, **around, **words}
    pack["awards"] = {name: _part(name, item) for name, item in pack["awards"].items()}
    pack["readings"] = {name: _reading(name, options) for name, options in words.get("readings", {}).items()}
    periods = {**_PERIODS, **words.get("periods", {})}
    pack["periods"] = {name: {"label": _label(name), **item} for name, item in periods.items()}
    pack["targets"] = {name: _target(name, item) for name, item in words.get("targets", {}).items()}
    pack["definitions"] = {n: {"means": _label(n), **_part(n, d)} for n, d in words.get("definitions", {}).items()}
    pack["eligibility"] = {name: _part(name, item) for name, item in words.get("eligibility", {}).items()}
    pack["duties"] = {name: _duty(name, item) for name, item in words.get("duties", {}).items()}
    pack["procedures"] = {name: _procedure(name, item) for name, item in words.get("procedures", {}).items()}
    return yaml.dump(pack, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000).encode()


def _label(name: str) -> dict[str, str]:
    return {"zh": name, "en": name}


def _cite(phrase: str) -> dict[str, str]:
    return {"section": "一", "phrase": phrase}


def _part(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    return {"label": _label(name), "cite": _cite(name), **item}


def _reading(name: str, options: list[str]) -> dict[str, Any]:
    labels = {option: _label(option) for option in options}
    return {"ask": _label(name), "cite": _cite(name), "options": labels, "default": options[0]}


def _target(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    found = _part(name, {"metric": name, "comparator": "at_least", **item})
    if "baseline" in item:
        found["baseline"] = {"cite": _cite("base"), **item["baseline"]}
    found["quotas"] = {table: _table(table, rows) for table, rows in item.get("quotas", {}).items()}
    return found


def _table(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    rows = [{"cite": _cite(f"{name} {i}"), **row} for i, row in enumerate(table["rows"])]
    return {"rows": rows, **({"total": {"cite": _cite("total"), **table["total"]}} if "total" in table else {})}


def _duty(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    return {"does": _label(name), "bodies": ["bureau"], "cite": _cite(name), **item}


def _procedure(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    steps = [{"does": _label(f"{name} {i}"), "cite": _cite(f"{name} {i}"), **s} for i, s in enumerate(item["steps"])]
    return {**_part(name, item), "steps": steps}
