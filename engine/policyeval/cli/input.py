"""What a command reads: case files, and standard input."""

from __future__ import annotations

import sys

from policyeval.cases import RawCase, read_cases
from policyeval.files import CASE_SIZE, read_file, too_large
from policyeval.problems import Refusal


def read_case_file(name: str) -> list[RawCase]:
    """The platforms of a file; `-` is standard input. Raises Refusal."""
    if name != "-":
        return read_cases(read_file(name, name, CASE_SIZE), name)
    data = sys.stdin.buffer.read(CASE_SIZE + 1)
    if len(data) > CASE_SIZE:
        raise Refusal(too_large("<stdin>", len(data), CASE_SIZE))
    return read_cases(data, "<stdin>")
