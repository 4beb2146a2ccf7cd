"""What a command reads: case files, standard input, and the platforms that these and `--set` describe.

In: names of files, settings, the vocabulary. Out: typed platforms. Promise: what is wrong in any platform is told at
once.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TypeVar

from policyeval import store
from policyeval.cases import CaseFile, Given, Platform, RawCase, read_cases, read_setting, typed
from policyeval.files import CASE_SIZE, read_file, too_large
from policyeval.near import did_you_mean
from policyeval.problems import Problem, Refusal
from policyeval.record import Record
from policyeval.vocabulary import Vocabulary

T = TypeVar("T")

_KEPT = 2**16  # bytes of a case file; of a longer one yaml itself is a small part


class Platforms(Record):
    """The platforms that a command is asked about; `listed`: as a list, even if of one."""

    each: tuple[Platform, ...]
    listed: bool

    def shown(self, found: Sequence[T]) -> Sequence[T] | T:
        """What was found of them, as JSON has it: a list for a list, one object for one platform."""
        return found if self.listed or len(found) > 1 else found[0]


def read_platforms(
    names: Sequence[str], settings: Sequence[str], vocabulary: Vocabulary, places: Sequence[str | None] = (None,)
) -> Platforms:
    """Each platform of the files, or the one that the settings describe; at each of the places. Raises Refusal."""
    if not names and not settings:
        raise Refusal(Problem("C107"))
    raw = [case for name in names for case in read_case_file(name)] or [RawCase(())]
    given = [read_setting(text) for text in settings]
    found: list[Platform] = []
    problems: list[Problem] = []
    for case in raw:
        for place in places:
            moved = [] if place is None else [Given(vocabulary.seat, place)]
            try:
                found.append(typed(case, vocabulary, [*given, *moved]))
            except Refusal as refusal:
                problems += refusal.problems
    if problems:
        raise Refusal(*problems)
    return Platforms(tuple(found), raw[0].listed)


def names_a_pack(name: str) -> bool:
    """Whether what stands in the place of a case is a pack: its id, or a file that says so."""
    if name == "-" or name.endswith((".yaml", ".yml", ".json")):
        return (
            os.path.isfile(name)
            and re.search(rb"^pack\s*:", read_file(name, name, CASE_SIZE), re.MULTILINE) is not None
        )
    return not os.path.exists(name)


def read_case_file(name: str) -> list[RawCase]:
    """The platforms of a file; `-` is standard input. Raises Refusal."""
    if name != "-":
        return _of_file(name)
    data = sys.stdin.buffer.read(CASE_SIZE + 1)
    if len(data) > CASE_SIZE:
        raise Refusal(too_large("<stdin>", len(data), CASE_SIZE))
    return read_cases(data, "<stdin>")


def _of_file(name: str) -> list[RawCase]:
    """The platforms of a file. Most are asked about again, so those of a short one are kept, and yaml is not loaded."""
    data = read_file(name, name, CASE_SIZE)
    if len(data) > _KEPT:
        return read_cases(data, name)
    return list(store.kept([(name, data)], CaseFile, lambda: CaseFile(tuple(read_cases(data, name)))).cases)


def meant(word: str, known: Mapping[str, str], code: str) -> str:
    """What a word of the command line means. Raises Refusal `code`, with the nearest words that are known."""
    if word not in known:
        raise Refusal(Problem(code, {"name": word, "near": did_you_mean(word, known)}))
    return known[word]


def place_meant(word: str | None, vocabulary: Vocabulary) -> str | None:
    """The place that `--place` means, where it was given. Raises Refusal."""
    return meant(word, vocabulary.place_spellings, "N105") if word else None
