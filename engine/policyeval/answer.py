"""The answer to "what does this platform get, and from whom": the outcome as data.

In: the packs in force, their plan, and a platform. Out: an Answer, and its JSON as the contract fixes it. Promise:
every amount names its clause, every outcome its reason; what is open is shown as open, never as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any

from policyeval.cases import Platform
from policyeval.evaluate import Evaluator, Span, Trace, outcome
from policyeval.money import half_up, read_money, yuan
from policyeval.pack import Award, Pack
from policyeval.plan import PlannedAward, Step
from policyeval.problems import Lang, Problem
from policyeval.provisions import Cite
from policyeval.record import Record, field
from policyeval.sentences import Expression, Sentence, amount_words, readable
from policyeval.tree import Node as Tree
from policyeval.vocabulary import Label, Vocabulary

UNKNOWN = Span(None, None)
NOTHING = Span(0, 0)


class AwardAnswer(Record):
    """One award of a loaded pack. Money in fen; a None end is unknown."""

    id: str
    award: Award
    pack: Pack
    outcome: str
    amount: Span
    before: Span
    payers: dict[str, Span]
    explain: Callable[[], list[Sentence]] = field(compare=False)

    @cached_property
    def because(self) -> tuple[Sentence, ...]:
        """Why, in sentences. They cost more than all the rest, so they wait until someone reads them."""
        return tuple(self.explain())


class Answer(Record):
    """What a platform gets. Money in fen; `support` None where no policy is in force there."""

    platform: Platform
    as_of: date
    packs: tuple[Pack, ...]
    readings: dict[str, str]
    support: Span
    unquantified: bool
    undetermined: bool
    payers: dict[str, Span]
    treasuries: dict[str, Label]
    awards: tuple[AwardAnswer, ...]
    for_others: tuple[str, ...]
    entitlements: tuple[str, ...]
    authority: tuple[tuple[str, Label], ...]
    missing: tuple[str, ...]
    asleep: tuple[tuple[str, Sentence], ...]
    findings: tuple[Sentence, ...]
    notes: tuple[Problem, ...]  # what there is to say about packs that were named and do not apply

    @property
    def unquantified_awards(self) -> list[str]:
        return [a.id for a in self.awards if a.outcome == "unquantified"]


class Asker:
    """Answers for one plan; any number of platforms."""

    def __init__(self, evaluator: Evaluator, packs: Sequence[Pack], vocabulary: Vocabulary, as_of: date) -> None:
        self.evaluator = evaluator
        self.plan = evaluator.plan
        self.packs = {pack.id: pack for pack in packs}
        self.vocabulary = vocabulary
        self.as_of = as_of
        # what is the same for every platform
        self._own = [(planned, *self._of(planned.id)) for planned in self.plan.awards if planned.own]
        self._others = [planned for planned in self.plan.awards if not planned.own]
        self._bodies = [(entry.applies, self._body(entry.id)) for entry in self.plan.authority]
        self._at: dict[str | None, dict[str, Label]] = {}  # the treasuries of each place met so far

    def answer(self, platform: Platform, notes: Sequence[Problem] = ()) -> Answer:
        """The answer for one platform; `notes` were made before, while packs were chosen."""
        trace = self.evaluator.trace(platform.facts)
        awards = tuple([self._award(*own, platform, trace) for own in self._own])
        undetermined = trace.sometimes(self.plan.undetermined)
        support = trace.span(self.plan.support)
        return Answer(
            platform=platform,
            as_of=self.as_of,
            packs=tuple(self.packs.values()),
            readings=self.plan.readings,
            support=Span(support.min, None) if undetermined else support,
            unquantified=trace.sometimes(self.plan.unquantified),
            undetermined=undetermined,
            payers=self._payers(trace),
            treasuries=self._treasuries(platform),
            awards=awards,
            for_others=tuple([a.id for a in self._others if trace.holds(a.applies)]),
            entitlements=tuple([e.id for e in self.plan.entitlements if trace.holds(e.applies)]),
            authority=self._authority(trace),
            missing=self._missing(awards),
            asleep=self._asleep(trace),
            findings=tuple(self._alarms(trace)),
            notes=tuple(notes),
        )

    def _payers(self, trace: Trace) -> dict[str, Span]:
        spans = {}
        for payer, node in self.plan.payers.items():
            span = trace.span(node)
            spans[payer] = Span(span.min, None) if trace.sometimes(self.plan.payers_open[payer]) else span
        return spans

    def _treasuries(self, platform: Platform) -> dict[str, Label]:
        place = platform.written.get(self.vocabulary.seat)
        if place not in self._at:
            self._at[place] = {
                payer: self.vocabulary.treasury(payer, place) if place else self.vocabulary.payers[payer].label
                for payer in self.plan.payers
            }
        return dict(self._at[place])

    def _authority(self, trace: Trace) -> tuple[tuple[str, Label], ...]:
        return tuple(dict.fromkeys([body for applies, body in self._bodies if trace.holds(applies)]))

    def _body(self, id_: str) -> tuple[str, Label]:
        pack, _, number = id_.partition("/")
        return pack, self.packs[pack].authority[int(number)].body

    def _missing(self, awards: Sequence[AwardAnswer]) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for award in awards:
            for sentence in award.because if award.outcome == "undetermined" else ():
                if sentence.code == "fact_missing":
                    names.update(dict.fromkeys(sentence.ids))
        return tuple([n for n in self.vocabulary.facts if n in names]) if names else ()

    def _asleep(self, trace: Trace) -> tuple[tuple[str, Sentence], ...]:
        absent = [
            (a.id, Sentence("asleep_no_pack", (a.id, a.pack), {"pack": a.pack, "text": self._words(a.tree, a.id)}))
            for a in self.plan.asleep
        ]
        idle = [
            (s.id, Sentence("asleep_not_applicable", (s.id,), {"text": self._words(s.tree, s.id)}))
            for s in self.plan.statements
            if trace.holds(s.asleep)
        ]
        return (*absent, *idle)

    def _alarms(self, trace: Trace) -> list[Sentence]:
        return [Sentence(a.code, a.ids) for a in self.plan.alarms if trace.sometimes(a.node)]

    # one award

    def _of(self, id_: str) -> tuple[Pack, Award]:
        pack, _, award = id_.partition("/")
        return self.packs[pack], self.packs[pack].awards[award]

    def _award(self, planned: PlannedAward, pack: Pack, award: Award, platform: Platform, trace: Trace) -> AwardAnswer:
        what = outcome(planned, trace)
        amount = before = NOTHING
        payers: dict[str, Span] = {}
        if what == "undetermined":
            amount = before = UNKNOWN
            payers = {s.payer: UNKNOWN for s in planned.shares if s.payer}
        elif what != "not_applicable":
            amount, before = trace.span(planned.after), trace.span(planned.before)
            payers = {s.payer: trace.span(s.after) for s in planned.shares if s.payer and trace.holds(s.present)}
            if what == "unquantified" and not trace.holds(planned.against):
                amount = before = UNKNOWN
                payers = dict.fromkeys(payers, UNKNOWN)
        explain = partial(self._because, planned, what, platform, trace)
        return AwardAnswer(planned.id, award, pack, what, amount, before, payers, explain)

    def _because(self, planned: PlannedAward, what: str, platform: Platform, trace: Trace) -> list[Sentence]:
        if what == "not_applicable":
            return [
                Sentence("condition_fails", c.facts, {"text": self._words(c.tree, planned.id), "facts": shown})
                for c in planned.conditions
                if trace.holds(c.node) is False and (shown := self._facts(c.facts, platform))
            ]
        if what == "undetermined":
            node = planned.applies if trace.holds(planned.applies) is None else planned.after
            names = tuple(self._as_stated(self.evaluator.blame(platform.facts, node)))
            return [Sentence("fact_missing", names, {"facts": [self._label(n) for n in names]})]
        found = [
            Sentence("condition_holds", c.facts, {"text": self._words(c.tree, planned.id)})
            for c in planned.conditions[1:]
        ]
        if what == "unquantified":
            found.append(Sentence("no_figure"))
        else:
            found += [
                s for step in planned.steps if trace.holds(step.guard) for s in self._step(step, trace, planned.id)
            ]
        if any(s.payer is None and trace.holds(s.present) for s in planned.shares):
            found.append(Sentence("payer_open"))
        return [*found, *self._statements(planned, trace)]

    def _as_stated(self, missing: Sequence[str]) -> list[str]:
        """What is missing as a person would state it: of a list that is missing itself, not its items."""
        facts = self.vocabulary.facts
        return [n for n in missing if n not in facts or facts[n].within not in missing]

    def _step(self, step: Step, trace: Trace, home: str) -> list[Sentence]:
        if step.op == "way":
            return [Sentence("way_taken", (), {"text": self._words(step.tree, home)})] if trace.holds(step.node) else []
        if step.op == "limit":
            return []  # the amount says so
        if step.den == 0:
            code = "branch_taken" if trace.holds(step.node) else "branch_not_taken"
            return [Sentence(code, (), {"text": self._words(step.tree, home)})]
        amount, operand = self._fen(step.node, step.den, trace), self._fen(step.operand, step.operand_den, trace)
        words = {"text": self._words(step.tree, home), "amount": amount}
        match step.op:
            case "fact":
                return [Sentence("given", (str(step.tree),), {**words, "text": self._label(str(step.tree))})]
            case "cap" | "cap_each":
                return [Sentence("cap_binds" if amount != operand else "cap_not_reached", (), words)]
            case "at_least":
                return [Sentence("floor_binds", (), words)] if amount != operand else []
            case "up_to":
                low, high = trace.span(step.node)  # a bound between two fen goes down
                bound = (low and low // step.den, high if high is None else high // step.den)
                return [Sentence("discretion", (), {**words, "amount": bound})]
        return [Sentence("step", (), words)] if step.op in _SHOWN_STEPS else []

    def _statements(self, planned: PlannedAward, trace: Trace) -> list[Sentence]:
        found = []
        for statement in self.plan.statements:
            effects = [e for e in statement.effects if e.award == planned.id]
            changes = [(trace.span(e.before), trace.span(e.after)) for e in effects]
            if any(old != new for old, new in changes):
                ids = (statement.id, *(a for a in statement.awards if a != planned.id))
                words = {
                    "text": self._words(statement.tree, statement.id),
                    "change": Label(self._change(changes, "zh"), self._change(changes, "en")),
                }
                found.append(Sentence(statement.op, ids, words))
        return found

    def _change(self, changes: Sequence[tuple[Span, Span]], lang: str) -> str:
        return ", ".join(
            f"{amount_words(*old, lang)} → {amount_words(*new, lang)}" for old, new in changes if old != new
        )

    def _fen(self, node: int, den: int, trace: Trace) -> tuple[int | None, int | None]:
        low, high = trace.span(node)
        return (None if low is None else half_up(low, den), None if high is None else half_up(high, den))

    def _facts(self, names: Sequence[str], platform: Platform) -> list[Label]:
        return [self._shown(name, platform) for name in names]

    def _shown(self, name: str, platform: Platform) -> Label:
        fact = self.vocabulary.facts[name]
        written = self.as_of.isoformat() if fact.given else platform.written.get(name, "?")
        if isinstance(written, list):
            return Label(f"{fact.label.zh}有{len(written)}项", f"{fact.label.en}: {len(written)}")
        value = fact.values.get(written) or (self.vocabulary.places[written].label if fact.kind == "place" else None)
        label = value or _plainly(fact.kind, written)
        return Label(f"{fact.label.zh}为{label.zh}", f"{fact.label.en} is {label.en}")

    def _words(self, tree: Tree, id_: str) -> Expression:
        """The expression of an award or a statement, by its id."""
        return Expression(tree, self.vocabulary, id_.partition("/")[0], self.packs)

    def _label(self, name: str) -> Label:
        fact = self.vocabulary.facts.get(name)
        return fact.label if fact else Label(name, name)


_SHOWN_STEPS = frozenset(
    {"matched", "award", "as_if", "higher", "lower", "of", "mul", "div", "add", "sub", "first_by", "brackets", "steps"}
    | {"for_each", "for_each_most", "shared", "rounded", "rounded_down", "top_up", "sum_of"}
)


def nothing_in_force(platform: Platform, as_of: date, notes: Sequence[Problem]) -> Answer:
    """The answer where no policy applies: not zero, but nothing to answer from."""
    return Answer(
        platform=platform,
        as_of=as_of,
        packs=(),
        readings={},
        support=UNKNOWN,
        unquantified=False,
        undetermined=True,
        payers={},
        treasuries={},
        awards=(),
        for_others=(),
        entitlements=(),
        authority=(),
        missing=(),
        asleep=(),
        findings=(Sentence("no_pack", (), {"as_of": as_of.isoformat()}),),
        notes=tuple(notes),
    )


def _plainly(kind: str, written: str) -> Label:
    """A value that has no label, as people write it."""
    if kind == "bool":
        return Label("是", "yes") if written == "true" else Label("否", "no")
    text = readable(read_money(written)) if kind == "money" and written != "?" else written
    return Label(text, text)


# JSON


def packs_json(packs: Iterable[Pack]) -> list[dict[str, str]]:
    return [{"pack": p.id, "version": p.version, "status": p.status, "sha256": p.sha256} for p in packs]


def as_json(answer: Answer, lang: str = "en") -> dict[str, Any]:
    """The JSON object of the contract."""
    return {
        "platform": dict(answer.platform.written),
        "assumed": list(answer.platform.assumed),
        "as_of": answer.as_of.isoformat(),
        "packs": packs_json(answer.packs),
        "readings": answer.readings,
        "support": {
            **money_json(answer.support),
            "unquantified": answer.unquantified,
            "unquantified_awards": answer.unquantified_awards,
            "undetermined": answer.undetermined,
        },
        "payers": {payer: money_json(span) for payer, span in answer.payers.items()},
        "treasuries": {payer: label[lang] for payer, label in answer.treasuries.items()},
        "awards": [_award_json(a, lang) for a in answer.awards],
        "for_others": list(answer.for_others),
        "entitlements": [_entitlement_json(id_, answer, lang) for id_ in answer.entitlements],
        "authority": list(dict.fromkeys(body[lang] for _, body in answer.authority)),
        "missing": list(answer.missing),
        "asleep": [{"statement": id_, **sentence_json(sentence, lang)} for id_, sentence in answer.asleep],
        "findings": [
            *(sentence_json(f, lang) for f in answer.findings),
            *({"code": n.code, "ids": [n.words.get("pack", "")], "text": n.message(_lang(lang))} for n in answer.notes),
        ],
    }


def _lang(lang: str) -> Lang:
    return "zh" if lang == "zh" else "en"


def money_json(span: Span) -> dict[str, str | None]:
    return {"min": None if span.min is None else yuan(span.min), "max": None if span.max is None else yuan(span.max)}


def cite_json(pack: Pack, cite: Cite) -> dict[str, str]:
    """A clause; a document without a number is cited by its title."""
    return {"document": document_name(pack, "zh"), "section": cite.section, "phrase": cite.phrase}


def document_name(pack: Pack, lang: str) -> str:
    return pack.document.number or pack.document.title[lang]


def sentence_json(sentence: Sentence, lang: str) -> dict[str, Any]:
    return {"code": sentence.code, "ids": list(sentence.ids), "text": sentence.text(lang)}


def _award_json(a: AwardAnswer, lang: str) -> dict[str, Any]:
    return {
        "award": a.id,
        "label": a.award.label[lang],
        "outcome": a.outcome,
        **money_json(a.amount),
        "before": money_json(a.before),
        "per": a.award.per,
        "instrument": a.award.instrument,
        "payers": {payer: money_json(span) for payer, span in a.payers.items()},
        "cite": cite_json(a.pack, a.award.cite),
        "because": [sentence_json(s, lang) for s in a.because],
    }


def _entitlement_json(id_: str, answer: Answer, lang: str) -> dict[str, Any]:
    pack_id, _, name = id_.partition("/")
    pack = next(p for p in answer.packs if p.id == pack_id)
    entitlement = pack.entitlements[name]
    return {
        "id": id_,
        "label": entitlement.label[lang],
        "beneficiary": entitlement.beneficiary,
        "cite": cite_json(pack, entitlement.cite),
    }
