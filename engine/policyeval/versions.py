"""Versions and ranges of versions.

In: a version `1.2.3` and a range `^1`, `^1.2`, `~1.2`, `1.2` or `1.0.0`. Out: whether the version lies in the range.
Promise: `^` allows what keeps every outcome (the first part that is not 0 stays), `~` allows the last part to grow, a
bare version allows itself, with any figures for the parts it leaves out.
"""

from __future__ import annotations

import re

Version = tuple[int, int, int]

_RANGE = r"([\^~]?)(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?"
_VERSION = r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})"


def read_version(text: str) -> Version | None:
    """`1.2.3` as numbers, or None."""
    match = re.fullmatch(_VERSION, text.strip())
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def bounds(text: str) -> tuple[Version, Version] | None:
    """The least version of a range and the first one above it, or None where the range cannot be read."""
    match = re.fullmatch(_RANGE, text.strip())
    if match is None:
        return None
    parts = [int(part) for part in match.groups()[1:] if part is not None]
    keep = _kept(match[1], parts)
    least = parts + [0] * (3 - len(parts))
    above = [*least[: keep - 1], least[keep - 1] + 1] + [0] * (3 - keep)
    return (least[0], least[1], least[2]), (above[0], above[1], above[2])


def _kept(sign: str, parts: list[int]) -> int:
    """How many leading parts must stay as they are."""
    if sign == "^":
        return next((i for i, part in enumerate(parts, 1) if part), len(parts))
    return min(len(parts), 2) if sign == "~" else len(parts)


def meets(version: str, wanted: str) -> bool:
    """Whether the version lies in the range; what cannot be read meets nothing."""
    limits, found = bounds(wanted), read_version(version)
    return limits is not None and found is not None and limits[0] <= found < limits[1]
