"""What is doubtful in a pack that loads: what a drafter should look at before it is decided.

In: a checked pack of a library, and a day. Out: Linted: problems W501 to W528 in the order of the file, without those
that the pack allows, and these apart. Promises: each finding has a stable code, a place and a mend; what is proved of a
plan holds for every platform of the pack's place and every reading; what cannot be decided is said. A page for each
code is in `docs/lints/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from policyeval import store
from policyeval.library import Library
from policyeval.lint import awards, cliffs, statements, texts
from policyeval.lint.findings import Findings, rule_at, severe
from policyeval.lint.parts import Around
from policyeval.messages import MESSAGES
from policyeval.pack import Allow, Pack
from policyeval.problems import At, Problem
from policyeval.record import Record, replace

__all__ = ["Linted", "lint", "linted"]

_DEAD = ("W404", "W405")  # what `check` calls dead by its shape alone
_UNUSED = "W519"


class Linted(Record):
    """The findings to show, each with the rule it is about in `words["rule"]`, and those that the pack allows.

    `hurried`: the time for a proof was over, so that another run may find out more.
    """

    problems: tuple[Problem, ...]
    allowed: tuple[tuple[Problem, Allow], ...]
    hurried: bool = False


def linted(library: Library, pack: Pack, day: date, notes: bool = False, known: Sequence[Problem] = ()) -> Linted:
    """The same as `lint`, which is done anew only where something has changed that its findings may depend on."""
    mine = _of(pack, known)
    enacted = [
        p
        for p in (*library.packs, *library.named.values())
        if p.status == "enacted" and (library.reaches(p, pack.jurisdiction) or library.reaches(pack, p.jurisdiction))
    ]
    key = store.key_of([
        (f"lint {day} {notes} {pack.source.name}", pack.sha256.encode()),
        ("", store.encode(library.vocabulary)),
        ("", store.encode(Linted(tuple(mine), ()))),
        *library.behind([pack, *enacted], from_file=True),
    ])  # fmt: skip
    found = store.read(key, Linted)
    if found is None:
        found = lint(library, pack, day, notes, mine)
        if not found.hurried:
            store.write(key, found)
    return found


def lint(library: Library, pack: Pack, day: date, notes: bool = False, known: Sequence[Problem] = ()) -> Linted:
    """`known`: what `check` has found in the pack's file; `notes`: notes too, not warnings alone."""
    around = Around(library, pack, day)
    findings = Findings(around, notes)
    mine = _of(pack, known)
    awards.find(findings, {p.at.span for p in mine if p.code in _DEAD and p.at is not None})
    statements.find(findings)
    cliffs.find(findings)
    texts.find(findings)
    if pack.guarantees:
        from policyeval.lint import guarantees  # noqa: PLC0415  # a solver is slow to import

        guarantees.find(findings, library, day)
    return replace(_allowing(pack, [*mine, *findings.problems], notes), hurried=findings.hurried)


def _of(pack: Pack, known: Sequence[Problem]) -> list[Problem]:
    """The problems in the pack's own file."""
    return [p for p in known if p.at is not None and p.at.source.name == pack.source.name]


def _allowing(pack: Pack, problems: Sequence[Problem], notes: bool) -> Linted:
    """The problems without those that the pack allows; and each `allow` that allows nothing is one more."""
    used: set[int] = set()
    shown: list[Problem] = []
    allowed: list[tuple[Problem, Allow]] = []
    for problem in problems:
        meant = [
            (i, a) for i, a in enumerate(pack.allow) if a.code == problem.code and a.where in _about(pack, problem)
        ]
        if meant and problem.severity != "error":
            used.update(i for i, _ in meant)
            allowed.append((problem, meant[0][1]))
        elif notes or severe(problem):
            shown.append(problem)
    for i, allow in enumerate(pack.allow):
        if i not in used and (notes or not _is_note(allow.code)):
            words = {"rule": allow.where, "code": allow.code, "where": allow.where}
            shown.append(Problem(_UNUSED, words, At(pack.source, allow.span)))
    shown.sort(key=lambda p: p.at.span if p.at else (0, 0))
    return Linted(tuple(shown), tuple(allowed))


def _is_note(code: str) -> bool:
    """Notes are only looked for where they are asked for, so that nothing can be said of an `allow` for one."""
    return code in MESSAGES and MESSAGES[code].severity == "note"


def _about(pack: Pack, problem: Problem) -> list[str]:
    """The rules that a problem is about."""
    if "rule" in problem.words:
        return [str(problem.words["rule"]), *problem.words.get("rules", ())]
    return [rule_at(pack, problem.at.span.start)] if problem.at else []
