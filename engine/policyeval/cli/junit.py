"""The results of examples as JUnit XML, which CI systems read.

In: results by pack, and a path. Out: the file. Promise: written whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from policyeval.cli.test_text import difference_line, name_of, place_of
from policyeval.examples import Result
from policyeval.files import why_not
from policyeval.problems import Problem, Refusal


def write_junit(path: Path, results: Mapping[str, Sequence[Result]], lang: str) -> None:
    """Raises Refusal where the file cannot be written."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_bytes(_xml(results, lang))
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Refusal(Problem("T110", {"path": str(path), "reason": why_not(error)})) from None


def _xml(results: Mapping[str, Sequence[Result]], lang: str) -> bytes:
    everything = [result for found in results.values() for result in found]
    root = ET.Element("testsuites", _counts("policyeval", everything))
    for found in results.values():
        if found:
            suite = ET.SubElement(root, "testsuite", _counts(found[0].example.pack.ref, found))
            for result in found:
                _case(suite, result, lang)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _counts(name: str, results: Sequence[Result]) -> dict[str, str]:
    failed = sum(1 for result in results if result.differences)
    return {"name": name, "tests": str(len(results)), "failures": str(failed), "errors": "0", "skipped": "0"}


def _case(suite: ET.Element, result: Result, lang: str) -> None:
    example = result.example
    path, line, _ = place_of(example.at)
    words = {"classname": example.pack.id, "name": name_of(example, lang), "file": path, "line": str(line)}
    case = ET.SubElement(suite, "testcase", words)
    if result.differences:
        lines = [difference_line(difference, lang) for difference in result.differences]
        failure = ET.SubElement(case, "failure", {"message": lines[0]})
        failure.text = "\n".join(
            part
            for line, difference in zip(lines, result.differences, strict=True)
            for part in (
                line,
                *(f"  {award}: {s.text(lang)}" for award, sentences in difference.because for s in sentences),
            )
        )
