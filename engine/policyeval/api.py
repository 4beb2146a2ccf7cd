"""The Python interface: load, evaluate and compare, with typed results.

In: facts and references as a user types them. Out: the engine's own records. Raises `problems.Refusal`, whose
`problems` say what is wrong, where, and how to mend it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from policyeval.answer import Answer
from policyeval.cases import typed
from policyeval.compare import Comparison
from policyeval.compare import compare as compare_packs
from policyeval.library import Library, open_library
from policyeval.regime import Regimes

Facts = Mapping[str, object]


def load(*policies: str | Path, packs: Sequence[str] = ()) -> Library:
    """The shipped policies, those of the folders `policies`, and the pack files named in `packs`.

    Raises Refusal where a folder cannot be read or a pack does not load.
    """
    return open_library([Path(folder) for folder in policies], packs).sound()


def evaluate(
    platform: Facts,
    *,
    as_of: date | str | None = None,
    with_: Sequence[str] = (),
    packs: Sequence[str] = (),
    readings: Mapping[str, str] | None = None,
    library: Library | None = None,
) -> Answer:
    """What a platform gets, and from whom. `platform` maps facts to values, as a case file does.

    `as_of` is a date or `YYYY-MM-DD`, today by default; `with_` adds drafts, `packs` narrows what is in force. Money in
    the result is in fen; `policyeval.answer.as_json` gives the JSON of the command line. Raises Refusal.
    """
    found = library or load(packs=[*packs, *with_])
    regimes = Regimes(found, _day(as_of), packs, with_, readings)
    return regimes.answer(typed(_texts(platform), found.vocabulary))


def compare(
    pack: str,
    against: str | None = None,
    *,
    as_of: date | str | None = None,
    readings: Mapping[str, str] | None = None,
    cases: Sequence[Facts] = (),
    library: Library | None = None,
) -> Comparison:
    """What `pack` changes against what is in force on `as_of`, or against another pack. Raises Refusal."""
    found = library or load(packs=[pack, *([against] if against else [])])
    platforms = [typed(_texts(case), found.vocabulary) for case in cases]
    return compare_packs(found, pack, against, _day(as_of), readings or {}, platforms)


def _day(day: date | str | None) -> date:
    if day is None:
        return date.today()  # noqa: DTZ011  # a policy is in force on a calendar day, wherever the user is
    return date.fromisoformat(day) if isinstance(day, str) else day


def _texts(facts: Facts) -> dict[str, object]:
    return {name: _text(value) for name, value in facts.items()}


def _text(value: object) -> object:
    """A value as a case file would hold it; floats keep the digits that Python prints."""
    if isinstance(value, list | tuple):
        return [_texts(item) if isinstance(item, Mapping) else item for item in value]
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
