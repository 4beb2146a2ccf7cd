"""What the engine is measured against: the city plan, Qidong's and the Ganyu draft, written anew for each tool.

A peer is a module with `NAME`, `TAKES` and a class `Rules`. Making one loads the rules as the tool wants them.
`prepare(rows, times)` puts the rows, so many times over, into the form that the tool takes from a program; `run(given)`
is what is measured; `amounts(done)` gives the results as `Amounts`, in fen. A tool that can say how it came to a result
has `trace(given)` too. `PACKAGES` are what has to be installed, and whose versions are shown.
"""

from __future__ import annotations

from typing import NamedTuple

MANY, ONE = "columns", "one platform"  # what a tool takes at a time


class Row(NamedTuple):
    """A platform; money in fen."""

    location: str
    kind: str
    level: str
    upstream: int
    turnover: int
    performance: str
    exceptional: bool


class Amounts(NamedTuple):
    """What comes out, in fen; the city's share has no choice in it, and the province pays nothing."""

    support_min: int
    support_max: int
    city: int
    host_min: int
    host_max: int


def yuan(fen: int) -> float:
    """As a program without exact money holds it."""
    return fen / 100


def fen(yuan: float) -> int:
    return round(yuan * 100)
