"""The examples that a pack carries: what each expects, and what the rules say.

In: a library, and packs with examples. Out: a Result for each platform of each example: what was expected otherwise,
to the fen, and the sentences of the awards concerned. Promises: a name or an amount that an example gets wrong is a
problem with its place, before anything is run; what an example does not name is not asserted; a platform of which
nothing is expected is never called right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from math import prod
from typing import Any

from policyeval.answer import Answer, AwardAnswer
from policyeval.cases import Platform, RawCase, given_of, typed
from policyeval.evaluate import Span
from policyeval.library import Library
from policyeval.money import NotMoney, read_money
from policyeval.near import did_you_mean, one_of
from policyeval.pack import Case, Pack
from policyeval.problems import At, Problem, Refusal
from policyeval.record import Record, field
from policyeval.regime import Regimes
from policyeval.sentences import Sentence
from policyeval.source import Span as Piece
from policyeval.tree import NOWHERE
from policyeval.vocabulary import Vocabulary

MOST = 1000  # platforms that one example may stand for

Value = Span | str | tuple[str, ...] | bool

_ENDS = ("min", "max")


class Claim(Record):
    """One thing that an example expects: of the support, a payer, an award …; `of` says of which."""

    about: str
    of: str
    value: Value


class Example(Record):
    """One platform of an example, under one choice of readings. `varied`: what tells it from its sisters."""

    pack: Pack
    reference: str
    case: Case
    number: int  # of the case in its pack, from 0
    varied: dict[str, str]
    platform: Platform
    as_of: date
    with_: tuple[str, ...]
    readings: dict[str, str]
    claims: tuple[Claim, ...]

    @property
    def at(self) -> At:
        return At(self.pack.source, self.case.span)


class Difference(Record):
    """What was expected and what was found; `because` are the sentences of the awards that it comes from."""

    about: str
    of: str
    expected: Value
    found: Value
    because: tuple[tuple[str, tuple[Sentence, ...]], ...] = ()


class Result(Record):
    """What became of one example; none different: it holds."""

    example: Example
    answer: Answer
    differences: tuple[Difference, ...] = field(default=())


def examples(library: Library, reference: str) -> list[Example]:
    """The examples of a pack, one a platform. Raises Refusal with all that is wrong in them."""
    pack = library.pack(reference)
    reader = _Reader(library, pack, reference)
    found = [example for number in range(len(pack.cases)) for example in reader.read(number)]
    if reader.problems:
        raise Refusal(*reader.problems)
    return found


class Runner:
    """Runs examples; those of one day, the same drafts and readings share a plan."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._regimes: dict[tuple[Any, ...], Regimes] = {}

    def answer(self, example: Example) -> Answer:
        key = (example.as_of, example.with_, tuple(sorted(example.readings.items())))
        if key not in self._regimes:
            self._regimes[key] = Regimes(self.library, example.as_of, (), example.with_, example.readings)
        return self._regimes[key].answer(example.platform)

    def run(self, example: Example) -> Result:
        answer = self.answer(example)
        return Result(example, answer, tuple(differences(example, answer)))


def differences(example: Example, answer: Answer) -> Iterator[Difference]:
    """What an answer says otherwise than the example."""
    for claim in example.claims:
        found = _found(claim, answer)
        if found != claim.value:
            yield Difference(claim.about, claim.of, claim.value, found, tuple(_because(claim, found, answer)))


# What is found ---------------------------------------------------------------


def _found(claim: Claim, answer: Answer) -> Value:
    match claim.about:
        case "support":
            return answer.support
        case "payers":
            return answer.payers.get(claim.of, Span(0, 0))
        case "awards":
            return next((a.outcome for a in answer.awards if a.id == claim.of), "not_loaded")
        case "paid_by":
            return next((tuple(sorted(a.payers)) for a in answer.awards if a.id == claim.of), ())
        case "unquantified":
            return tuple(sorted(answer.unquantified_awards))
        case "entitlements":
            return tuple(sorted(answer.entitlements))
        case "authority":
            return tuple(sorted({body.zh for _, body in answer.authority}))
        case "findings":
            return tuple(sorted({finding.code for finding in answer.findings}))
        case "missing":
            return tuple(sorted(answer.missing))
    return answer.undetermined


def _because(claim: Claim, found: Value, answer: Answer) -> Iterator[tuple[str, tuple[Sentence, ...]]]:
    """The awards that the difference comes from, each with its sentences."""
    for award in answer.awards:
        if _concerned(claim, found, award):
            yield award.id, award.because


def _concerned(claim: Claim, found: Value, award: AwardAnswer) -> bool:
    match claim.about:
        case "support":
            return award.outcome not in ("not_applicable", "unquantified")
        case "payers":
            return award.outcome not in ("not_applicable", "unquantified") and claim.of in award.payers
        case "awards" | "paid_by":
            return award.id == claim.of
        case "unquantified":
            assert isinstance(found, tuple)
            assert isinstance(claim.value, tuple)
            return award.id in {*found} ^ {*claim.value}
        case "undetermined" | "missing":
            return award.outcome == "undetermined"
    return False


# What is expected ------------------------------------------------------------


class _Reader:
    """The examples of one pack, with the problems met so far."""

    def __init__(self, library: Library, pack: Pack, reference: str) -> None:
        self.library, self.pack, self.reference = library, pack, reference
        self.vocabulary: Vocabulary = library.vocabulary
        self.problems: list[Problem] = []

    def read(self, number: int) -> list[Example]:
        case, key = self.pack.cases[number], f"cases.{number}"
        before = len(self.problems)
        day = case.as_of or self.pack.effective_from
        if day is None:
            self._problem("T104", case.span)
        axes = {f"platform.{fact}": self._values(fact, values) for fact, values in case.platform.items()}
        axes |= {f"readings.{reading}": _several(options) for reading, options in case.readings.items()}
        count = prod(map(len, axes.values()))
        if count > MOST:
            self._problem("T108", case.span, count=count, limit=MOST)
        if len(self.problems) > before:
            return []
        items = case.expect if isinstance(case.expect, list) else [case.expect]
        where = f"{key}.expect." if isinstance(case.expect, list) else f"{key}.expect"
        expected = [
            (self._when(item, axes, path), self._claims(item, path))
            for i, item in enumerate(items)
            for path in [f"{where}{i}" if isinstance(case.expect, list) else where]
        ]
        combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
        assert day is not None  # or it was a problem
        return [e for chosen in combinations if (e := self._example(number, day, axes, chosen, expected))]

    def _example(
        self,
        number: int,
        day: date,
        axes: Mapping[str, Sequence[str | None]],
        chosen: Mapping[str, str | None],
        expected: Iterable[tuple[dict[str, list[str | None]], list[Claim]]],
    ) -> Example | None:
        case, key = self.pack.cases[number], f"cases.{number}"
        varied = {name.partition(".")[2]: chosen[name] or "null" for name in axes if len(axes[name]) > 1}
        claims = [c for when, found in expected if all(chosen[n] in v for n, v in when.items()) for c in found]
        if not claims:
            where = ", ".join(f"{name} = {value}" for name, value in varied.items()) or "…"
            self._problem("T107", self._span(f"{key}.expect", case.span), where=where)
            return None
        facts = {name.partition(".")[2]: value for name, value in chosen.items() if name.startswith("platform.")}
        platform = self._platform(facts, axes, key)
        readings = {n.partition(".")[2]: v or "" for n, v in chosen.items() if n.startswith("readings.")}
        if platform is None:
            return None
        return Example(
            pack=self.pack,
            reference=self.reference,
            case=case,
            number=number,
            varied=varied,
            platform=platform,
            as_of=day,
            with_=self._applied(case),
            readings={name if "/" in name else f"{self.pack.id}/{name}": v for name, v in readings.items()},
            claims=tuple(claims),
        )

    def _values(self, fact: str, values: Any) -> list[Any]:
        """The values that an example takes in turn; what a list holds is one value of it."""
        listed = self.vocabulary.fact_spellings.get(fact) in self.vocabulary.lists
        return [values] if listed or values == [] else _several(values)

    def _applied(self, case: Case) -> tuple[str, ...]:
        """The pack itself, files that stand in for packs it may meet, and the drafts that the example names."""
        own, named = self.reference, self.library.named
        met = {*self.library.versions, *self.pack.uses} - {self.pack.id}
        files = [r for r, p in named.items() if p.id in met and p.status == "enacted"]
        by_id = {pack.id: reference for reference, pack in named.items()}
        others = [by_id.get(r, r) for r in case.with_ if r.partition("@")[0] != self.pack.id]
        return tuple(dict.fromkeys([own, *files, *others]))

    def _platform(
        self, facts: Mapping[str, str | None], axes: Mapping[str, Sequence[str | None]], key: str
    ) -> Platform | None:
        given = []
        for fact, value in facts.items():
            path = f"{key}.platform.{fact}"
            several = axes[f"platform.{fact}"]
            place = path if len(several) == 1 else f"{path}.{several.index(value)}"
            at = self._span(f"{place}=", self._span(f"{path}="))
            given.append(given_of(fact, value, self._at(self._span(path)), self._at(at)))
        try:
            return typed(RawCase(tuple(given)), self.vocabulary)
        except Refusal as refusal:
            known = [(p.code, p.at) for p in self.problems]
            self.problems += [p for p in refusal.problems if (p.code, p.at) not in known]
            return None

    def _when(
        self, item: Mapping[str, Any], axes: Mapping[str, Sequence[str | None]], path: str
    ) -> dict[str, list[str | None]]:
        """Where an expectation holds: the axes that it names, each with its values."""
        found: dict[str, list[str | None]] = {}
        for name, values in item.get("when", {}).items():
            axis, place = self._axis(name, axes), f"{path}.when.{name}"
            if axis is None:
                self._problem("T105", self._span(place), name=name)
                continue
            found[axis] = _several(values)
            for i, value in enumerate(found[axis]):
                if value not in axes[axis]:
                    at = self._span(f"{place}.{i}=", self._span(f"{place}="))
                    known = [v for v in axes[axis] if v is not None]
                    self._problem("T106", at, value=value, name=name, near=one_of(value or "", known))
        return found

    def _axis(self, name: str, axes: Mapping[str, Sequence[str | None]]) -> str | None:
        """The fact or reading of several values that `name` means, however each of them is spelled."""
        meant = self.vocabulary.fact_spellings.get(name, name)
        for axis, values in axes.items():
            spelled = axis.partition(".")[2]
            if len(values) > 1 and meant in (spelled, self.vocabulary.fact_spellings.get(spelled)):
                return axis
        return None

    # claims

    def _claims(self, item: Mapping[str, Any], path: str) -> list[Claim]:
        found: list[Claim] = []
        for about, written in item.items():
            at = f"{path}.{about}"
            match about:
                case "when":
                    continue
                case "support":
                    found.append(Claim(about, "", self._amount(written, at, about)))
                case "payers":
                    for payer, amount in written.items():
                        meant = self._payer(payer, f"{at}.{payer}")
                        found.append(Claim(about, meant, self._amount(amount, f"{at}.{payer}", payer)))
                case "awards":
                    found += [
                        Claim(about, self._award(award, f"{at}.{award}"), outcome) for award, outcome in written.items()
                    ]
                case "paid_by":
                    for award, names in written.items():
                        payers = {self._payer(name, f"{at}.{award}.{i}=") for i, name in enumerate(names)}
                        id_ = self._award(award, f"{at}.{award}")
                        found.append(Claim(about, id_, tuple(sorted(payers))))
                case "undetermined":
                    found.append(Claim(about, "", written == "true"))
                case "findings":
                    found.append(Claim(about, "", tuple(sorted(set(written)))))
                case _:
                    names = {self._named(about, name, f"{at}.{i}=") for i, name in enumerate(written)}
                    found.append(Claim(about, "", tuple(sorted(names))))
        return found

    def _amount(self, written: Any, path: str, name: str) -> Span:
        if not isinstance(written, Mapping):
            exact = self._money(written, path, name)
            return Span(exact, exact)
        low, high = (self._money(written[end], f"{path}.{end}", name) for end in _ENDS)
        return Span(low, high)

    def _money(self, written: str | None, path: str, name: str) -> int | None:
        if written is None:
            return None
        try:
            return read_money(written)
        except NotMoney as wrong:
            self._problem(wrong.args[0], self._span(f"{path}="), fact=name, value=written)
            return 0

    def _payer(self, name: str, path: str) -> str:
        spellings = self.vocabulary.payer_spellings
        if name not in spellings:
            self._problem("N104", self._span(path), name=name, near=did_you_mean(name, spellings))
        return spellings.get(name, name)

    def _named(self, about: str, name: str, path: str) -> str:
        match about:
            case "unquantified":
                return self._award(name, path)
            case "entitlements":
                return self._entitlement(name, path)
            case "authority":
                return self._department(name, path)
        spellings = self.vocabulary.fact_spellings
        if name not in spellings and name not in self.vocabulary.facts:
            words = {"wanted": {"en": "a fact", "zh": "事实"}, "near": did_you_mean(name, spellings)}
            self._problem("N101", self._span(path), name=name, **words)
        return spellings.get(name, name)

    def _award(self, name: str, path: str) -> str:
        pack, id_ = self._owner(name)
        known = [a.id for a in pack.awards.values() if a.beneficiary == "platform"] if pack else []
        if id_ not in known:
            owner = pack.id if pack else name.partition("/")[0]
            self._problem("T101", self._span(path), name=id_, pack=owner, near=did_you_mean(id_, known))
        return f"{pack.id if pack else ''}/{id_}"

    def _entitlement(self, name: str, path: str) -> str:
        pack, id_ = self._owner(name)
        known = list(pack.entitlements) if pack else []
        if id_ not in known:
            owner = pack.id if pack else name.partition("/")[0]
            self._problem("T102", self._span(path), name=id_, pack=owner, near=did_you_mean(id_, known))
        return f"{pack.id if pack else ''}/{id_}"

    def _owner(self, name: str) -> tuple[Pack | None, str]:
        """The pack that a name of an award or entitlement is of, and the name without it."""
        owner, _, id_ = name.rpartition("/")
        if owner in ("", self.pack.id):
            return self.pack, id_
        named = [p for p in self.library.named.values() if p.id == owner]
        return next(iter([*named, *self.library.versions.get(owner, ())]), None), id_

    def _department(self, name: str, path: str) -> str:
        everyone = (self.pack, *self.library.packs, *self.library.named.values())
        bodies = {
            spelling: entry.body.zh
            for pack in everyone
            for entry in pack.authority
            for spelling in entry.body.spellings
        }
        if name not in bodies:
            self._problem("T103", self._span(path), name=name, near=did_you_mean(name, bodies))
        return bodies.get(name, name)

    # places and problems

    def _span(self, key: str, otherwise: Piece = NOWHERE) -> Piece:
        return self.pack.spans.get(key, otherwise)

    def _at(self, span: Piece) -> At:
        return At(self.pack.source, span)

    def _problem(self, code: str, span: Piece, **words: object) -> None:
        self.problems.append(Problem(code, words, self._at(span)))


def _several(values: Any) -> list[str | None]:
    return list(values) if isinstance(values, list) else [values]
