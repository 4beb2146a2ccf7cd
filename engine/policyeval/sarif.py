"""Problems as SARIF 2.1.0, which code hosts and editors read.

In: problems, and those that are allowed, each with the reason. Out: one run as plain data. Promise: every result has
its rule, its level and its place; an allowed one is there as suppressed, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from policyeval.messages import MESSAGES
from policyeval.messages_lint import LINTS
from policyeval.problems import At, Lang, Problem

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(
    problems: Sequence[Problem], allowed: Sequence[tuple[Problem, str]], version: str, lang: Lang = "en"
) -> dict[str, Any]:
    every = [*problems, *(problem for problem, _ in allowed)]
    codes = sorted({problem.code for problem in every})
    results = [_result(problem, codes, lang) for problem in every]
    for result, (_, reason) in zip(results[len(problems) :], allowed, strict=True):
        result["suppressions"] = [{"kind": "inSource", "justification": reason}]
    driver = {"name": "policyeval", "version": version, "rules": [_rule(code) for code in codes]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    found: dict[str, Any] = {"id": code, "defaultConfiguration": {"level": MESSAGES[code].severity}}
    if code in LINTS:
        found["help"] = {"text": f"docs/lints/{code}.md"}
    return found


def _result(problem: Problem, codes: Sequence[str], lang: Lang) -> dict[str, Any]:
    mend = problem.help(lang)
    text = problem.message(lang) + (f"\n{mend}" if mend else "")
    found: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": problem.severity,
        "message": {"text": text},
    }
    if problem.at is not None:
        found["locations"] = [{"physicalLocation": _location(problem.at)}]
    if problem.others:
        found["relatedLocations"] = list(_related(problem.others, lang))
    return found


def _related(others: Sequence[tuple[At, str]], lang: Lang) -> Iterable[dict[str, Any]]:
    for i, (at, remark) in enumerate(others):
        yield {"id": i, "physicalLocation": _location(at), "message": {"text": MESSAGES[remark].text[lang]}}


def _location(at: At) -> dict[str, Any]:
    start, end = at.source.place(at.span.start), at.source.place(at.span.end)
    region = {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "snippet": {"text": at.source.text[at.span.start : at.span.end]},
    }
    return {"artifactLocation": {"uri": quote(at.source.name.replace("\\", "/"))}, "region": region}
