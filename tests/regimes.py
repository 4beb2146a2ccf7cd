"""The shipped packs, opened once for the tests that ask them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from policyeval.answer import as_json
from policyeval.cases import typed
from policyeval.library import Library, open_library
from policyeval.regime import Regimes


@cache
def shipped() -> Library:
    return open_library(use_cache=False).sound()


@cache
def _regimes(as_of: date, with_: tuple[str, ...], readings: tuple[tuple[str, str], ...]) -> Regimes:
    return Regimes(shipped(), as_of, with_=with_, readings=dict(readings))


def ask(
    platform: Mapping[str, Any], as_of: date, with_: Sequence[str] = (), readings: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The JSON of `eval` for one platform."""
    regimes = _regimes(as_of, tuple(with_), tuple(sorted((readings or {}).items())))
    facts = {name: str(value).lower() if isinstance(value, bool) else value for name, value in platform.items()}
    return as_json(regimes.answer(typed(facts, shipped().vocabulary)))
