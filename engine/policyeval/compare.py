"""What a draft would change: rules, classes of platforms with formulas, gains and losses, and what stays open.

In: a library and a pack, with what to hold it against. Out: a Comparison, and its JSON as the contract fixes it.
Promise: the classes cover every platform of the places concerned; formulas and effects come from the plan, not from
samples; equal formulas are called the same, and only these or ones whose difference is 0 everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import product
from math import prod
from typing import Any, Literal

from policyeval.answer import Answer, money_json
from policyeval.cases import Platform, Written, as_written
from policyeval.changes import pairs
from policyeval.domains import Space, bounds, following, homes, listed, spelled
from policyeval.evaluate import Span
from policyeval.formula import Formulas
from policyeval.kinks import COMPARISONS, CONDITIONS, Peak, peak, thresholds
from policyeval.library import Library
from policyeval.money import in_words, yuan
from policyeval.pack import Pack
from policyeval.plan import Node, Plan, facts_below, needed
from policyeval.problems import Problem, Refusal
from policyeval.prove import SECONDS, Verdict, beginnings
from policyeval.ranges import least_and_most
from policyeval.record import Record, field, replace
from policyeval.regime import Regimes, Tell, chosen_readings, planned, sides, silent
from policyeval.simplify import Interval, Simplifier, specialise
from policyeval.solve import Clock
from policyeval.verdicts import compared, verdict_json
from policyeval.vocabulary import Label, Vocabulary

Effect = Literal["same", "never_less", "never_more", "mixed", "unknown"]

_RULES = ("award", "entitlement", "statement")
_MOST_CLASSES = 200_000  # combinations of discrete facts that are looked at
_MOST_OF_ITEMS = 100  # combinations of how many items a list has, and of their own discrete facts
_ITEM_NUMBERS = 3  # amounts and other numbers of items: their corners multiply
_SHORT = 240  # characters of a formula that a person still reads
_FEW = 5_000  # nodes that a class may take before it is looked at piece by piece


class Extreme(Record):
    """A largest gain or loss in fen (None where it is not known), and a platform at which it is reached, if any.

    `begins`: for each amount of that platform, the others as they stand, the least at which there is any, to the fen.
    """

    amount: int | None
    at: dict[str, Written] | None
    begins: dict[str, str] = field(default_factory=dict)


class Side(Record):
    """What a class of platforms gets, as formulas in the language's words, and from whom."""

    support: dict[str, str]
    payers: dict[str, dict[str, str]]


class Class(Record):
    """Platforms that share their formulas on both sides. `when`: the values of each fact that tell them apart."""

    when: dict[str, list[str]]
    before: Side
    after: Side
    effect: dict[str, Effect]
    changes: dict[str, tuple[Extreme, Extreme]]  # of the support and each payer: largest gain, largest loss

    @property
    def gain(self) -> Extreme:
        return self.changes["support"][0]

    @property
    def loss(self) -> Extreme:
        return self.changes["support"][1]


class CaseChange(Record):
    """One case under both sides."""

    name: str
    before: Answer
    after: Answer


class Comparison(Record):
    """A pack held against what is in force, or against another. `displaced`: what it sets aside on the old side."""

    vocabulary: Vocabulary
    subject: Pack
    before: tuple[Pack, ...]
    after: tuple[Pack, ...]
    where: tuple[str, ...]
    as_of: date
    readings: dict[str, str]
    rules: dict[str, list[str]]
    displaced: tuple[str, ...]
    classes: tuple[Class, ...]
    unquantified: tuple[str, ...]
    discretionary: tuple[str, ...]
    cases: tuple[CaseChange, ...] = ()
    claims: tuple[Verdict, ...] = ()
    notes: tuple[Problem, ...] = field(default=())
    against: Pack | None = None  # the pack that was named to be compared with


def compare(
    library: Library,
    subject: str,
    against: str | None,
    as_of: date,
    readings: Mapping[str, str],
    cases: Sequence[Platform] = (),
    seconds: float = SECONDS,
    tell: Tell = silent,
) -> Comparison:
    """The comparison of a pack, named by any PACK reference, with `against`, or with what is in force without it.

    `seconds`: the limit for each claim; `tell` hears of the progress. Raises Refusal where a reference means nothing,
    or L301 where the two packs have no place in common.
    """
    held = sides(library, subject, against, as_of)
    chosen = chosen_readings(library, readings)
    plans = [planned(packs, library.vocabulary, chosen, as_of) for packs in (held.before, held.after)]
    both = (held.before, held.after), (plans[0], plans[1])
    claims = compared(library.vocabulary, held.subject, *both, seconds, tell)
    base = {p.id for p in held.before if p in held.after}
    return Comparison(
        vocabulary=library.vocabulary,
        subject=held.subject,
        before=held.before,
        after=held.after,
        where=(held.subject.jurisdiction,),
        as_of=as_of,
        readings={**plans[0].readings, **plans[1].readings},
        rules=_rules(held.before, held.after),
        displaced=_newly(_displaced(plans[0], base), _displaced(plans[1], base)),
        classes=classes(plans[0], plans[1], library.vocabulary, held.subject.jurisdiction),
        unquantified=_unquantified(plans[1]),
        discretionary=_discretionary(plans[1]),
        cases=tuple(_cases(library, as_of, chosen, held.before, held.after, cases)),
        claims=claims,
        notes=held.notes,
        against=held.against,
    )


def classes(before: Plan, after: Plan, vocabulary: Vocabulary, where: str) -> tuple[Class, ...]:
    """The platforms of a place, by what the two plans make of them. Raises Refusal R402, X301 or X302."""
    return tuple(_Table(before, after, vocabulary, where).classes())


# rules


def _rules(before: Sequence[Pack], after: Sequence[Pack]) -> dict[str, list[str]]:
    old, new = ({pack.id: pack for pack in packs} for packs in (before, after))
    found = [pair for id_ in {**new, **old} for pair in pairs(old.get(id_), new.get(id_)) if pair.rule.kind in _RULES]
    return {how: [pair.id for pair in found if pair.how == how] for how in ("added", "removed", "changed")}


def _newly(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(id_ for id_ in new if id_ not in old)


def _displaced(plan: Plan, old: set[str]) -> tuple[str, ...]:
    """Awards of the old packs, or payers' parts of them, that the new side may set aside."""
    truths = {i for i, node in enumerate(plan.nodes) if node == Node("Truth", (), False)}
    found = []
    for award in plan.awards:
        if award.id.partition("/")[0] in old:
            lost = [s for s in award.shares if s.displaced not in truths]
            whole = len(lost) == len(award.shares)
            found += [award.id] if lost and whole else [f"{award.id}.{s.payer}" for s in lost]
    return tuple(found)


def _unquantified(plan: Plan) -> tuple[str, ...]:
    never = {i for i, node in enumerate(plan.nodes) if node == Node("Truth", (), False)}
    return tuple(a.id for a in plan.awards if a.own and a.unquantified not in never)


def _discretionary(plan: Plan) -> tuple[str, ...]:
    chosen = {node.data.partition("#")[0] for node in plan.nodes if node.kind == "Choice" and node.args}
    return tuple(a.id for a in plan.awards if a.own and a.id in chosen)


# classes

Combo = tuple[int | bool, ...]
Box = tuple[frozenset[Any], ...]


Pair = tuple[Peak | None, Peak | None]  # of the least, and of the most


class Piece(Record):
    """A part of a class, between bounds of the facts that are still open, where the formulas are short.

    `rises` and `falls`: for the support and each payer the most by which least and most change; `open`: its facts.
    """

    within: dict[str, Interval]
    before: Side
    after: Side
    rises: list[Pair]
    falls: list[Pair]
    open: set[str]


class _Table:
    """The classes of platforms in which two plans differ or agree."""

    def __init__(self, before: Plan, after: Plan, vocabulary: Vocabulary, where: str) -> None:
        self.vocabulary = vocabulary
        self.bounds = bounds(vocabulary)
        self.builder = Simplifier(self.bounds)
        self.payers = [p for p in vocabulary.payers if p in {**before.payers, **after.payers}]
        self.sides = [self._outputs(plan) for plan in (before, after)]
        self.asked = {n for nodes, wanted in self.sides for n in facts_below(nodes, wanted)}
        self.axes = self._axes(where)

    def _outputs(self, plan: Plan) -> tuple[tuple[Node, ...], list[int]]:
        """The plan's graph, and its outputs: the support and each payer."""
        zero = next(i for i, node in enumerate(plan.nodes) if node == Node("Const", (), 0))
        return needed(plan.nodes, [plan.support, *(plan.payers.get(p, zero) for p in self.payers)])

    def _axes(self, where: str) -> dict[str, list[Any]]:
        """The discrete facts that the formulas depend on, with their values; the place stands for what follows it."""
        v, asked = self.vocabulary, self.asked
        sources = {f.derived.source if f.derived and n in asked else n for n, f in v.facts.items() if n in asked}
        axes: dict[str, list[Any]] = {}
        for name, fact in v.facts.items():
            if name in sources and fact.derived is None:
                values = homes(v, name, where) if fact.kind == "place" else listed(fact)
                if values:
                    axes[name] = values
        return axes

    def classes(self) -> Iterable[Class]:
        self._refuse_many()
        groups: dict[tuple[int, ...], list[Combo]] = {}
        for combo in product(*self.axes.values()):
            groups.setdefault(self._specialised(self.builder, combo), []).append(combo)
        for outputs, combos in groups.items():
            pieces = self._pieces(combos[0], outputs)
            for box in _boxes(combos):
                inside = next(c for c in combos if all(v in values for v, values in zip(c, box, strict=True)))
                for piece in pieces:
                    yield self._class(piece, inside, box)

    def _refuse_many(self) -> None:
        facts = self.vocabulary.facts
        fields = [facts[name] for name in self.asked if name in facts and facts[name].within]
        lists = dict.fromkeys(f"`{fact.within}`" for fact in fields)
        kinds = prod(len(values) for name, values in self.axes.items() if facts[name].within or facts[name].most)
        if lists and (kinds > _MOST_OF_ITEMS or sum(f.name not in self.axes for f in fields) > _ITEM_NUMBERS):
            raise Refusal(Problem("X306", {"lists": ", ".join(lists)}))
        size = prod(map(len, self.axes.values()))
        if size > _MOST_CLASSES:
            raise Refusal(Problem("X302", {"classes": size, "limit": _MOST_CLASSES}))

    def _specialised(self, builder: Simplifier, combo: Combo) -> tuple[int, ...]:
        """The outputs of both sides for one combination of the discrete facts, choices still in."""
        known = dict(zip(self.axes, combo, strict=True))
        known |= self._derived(known)
        found: list[int] = []
        for nodes, wanted in self.sides:
            numbers = specialise(builder, nodes, known)
            found += [numbers[i] for i in wanted]
        return tuple(found)

    def _pieces(self, combo: Combo, outputs: tuple[int, ...]) -> list[Piece]:
        """One piece where the formulas are short; otherwise as few as they need.

        The facts are cut where one alone turns a condition, or, where that is not enough, any comparison.
        """
        cuts = [{}, *(thresholds(self.builder.nodes, outputs, kinds) for kinds in (CONDITIONS, COMPARISONS))]
        for i, cut in enumerate(cuts):
            last = i == len(cuts) - 1
            try:
                return _joined([self._piece(combo, within, last) for within in self._cells(cut)])
            except Refusal:
                if last:
                    raise
        return []

    def _piece(self, combo: Combo, within: dict[str, Interval], at_any_length: bool) -> Piece:
        """Raises Refusal where the formulas grow beyond what a person reads, or what can be worked out."""
        builder = Simplifier({**self.bounds, **within}) if within else self.builder
        outputs = self._specialised(builder, combo)
        ends = least_and_most(builder, outputs) if at_any_length else least_and_most(builder, outputs, limit=_FEW)
        half = len(ends) // 2
        sides = [self._side(builder, part) for part in (ends[:half], ends[half:])]
        if not at_any_length and max(map(_length, sides)) > _SHORT:
            raise Refusal(Problem("X301", {"limit": _SHORT}))
        changes = [
            (_peaks(builder, new, old, at_any_length), _peaks(builder, old, new, at_any_length))
            for old, new in zip(ends[:half], ends[half:], strict=True)
        ]
        open_ = {*facts_below(builder.nodes, [n for pair in ends for n in pair]), *within}
        return Piece(within, sides[0], sides[1], [c[0] for c in changes], [c[1] for c in changes], open_)

    def _cells(self, cuts: Mapping[str, Sequence[int]]) -> Iterable[dict[str, Interval]]:
        """Bounds for the facts that are cut, least first; without a cut one cell without bounds."""
        pieces: dict[str, list[Interval]] = {}
        for name, points in cuts.items():
            low, high = self.bounds[name].low or 0, self.bounds[name].high or 0
            inner = [p for p in points if low <= p < high]
            if inner:
                starts, ends = [low, *(p + 1 for p in inner)], [*inner, high]
                pieces[name] = [Interval(*pair) for pair in zip(starts, ends, strict=True)]
        for cell in product(*pieces.values()):
            yield dict(zip(pieces, cell, strict=True))

    def _derived(self, known: Mapping[str, Any]) -> dict[str, int]:
        places = [name for name in known if self.vocabulary.facts[name].kind == "place"]
        return {k: v for name in places for k, v in following(self.vocabulary, name, known[name]).items()}

    def _class(self, piece: Piece, combo: Combo, box: Box) -> Class:
        names = ["support", *self.payers]
        when = {
            name: [spelled(self.vocabulary, name, v) for v in self.axes[name] if v in values]
            for name, values in zip(self.axes, box, strict=True)
            if len(values) < len(self.axes[name])
        }
        when |= {name: words for name, within in piece.within.items() if (words := self._limits(name, within))}
        bounds = {**self.bounds, **piece.within}
        example = {name: spelled(self.vocabulary, name, value) for name, value in zip(self.axes, combo, strict=True)}
        example |= {
            n: spelled(self.vocabulary, n, bounds[n].low or 0) for n in self.vocabulary.facts if n in piece.open
        }
        return Class(
            when=when,
            before=piece.before,
            after=piece.after,
            effect={n: _effect(r, f) for n, r, f in zip(names, piece.rises, piece.falls, strict=True)},
            changes={
                n: (self._extreme(r[1], example), self._extreme(f[0], example))
                for n, r, f in zip(names, piece.rises, piece.falls, strict=True)
            },
        )

    def _limits(self, name: str, within: Interval) -> list[str]:
        """Between which amounts a piece of a class lies; nothing where it is all there is."""
        whole = self.bounds[name]
        words = []
        if within.low is not None and within.low != whole.low:
            words.append(f"above {in_words(within.low - 1)}")
        if within.high is not None and within.high != whole.high:
            words.append(f"at most {in_words(within.high)}")
        return words

    def _side(self, builder: Simplifier, ends: Sequence[tuple[int, int]]) -> Side:
        words = {lang: Formulas(builder, self.vocabulary, lang) for lang in ("en", "zh")}
        texts = [{lang: f.amount(*pair) for lang, f in words.items()} for pair in ends]
        return Side(texts[0], dict(zip(self.payers, texts[1:], strict=True)))

    def _extreme(self, found: Peak | None, example: Mapping[str, str]) -> Extreme:
        if found is None:
            return Extreme(None, None)
        if found.value <= 0:
            return Extreme(0, None)
        at, begins = (
            {name: spelled(self.vocabulary, name, v) for name, v in values.items()}
            for values in (found.at, found.begins)
        )
        return Extreme(found.value, as_written({**example, **at}, self.vocabulary), begins)


def _peaks(builder: Simplifier, high: tuple[int, int], low: tuple[int, int], or_none: bool) -> Pair:
    """The most by which least is above least, and most above most; None where that is not made of straight lines.

    Raises Refusal R402 in place of None where `or_none` is false.
    """
    try:
        first, second = (_peak(builder, builder.sub(a, b)) for a, b in zip(high, low, strict=True))
    except Refusal:
        if not or_none:
            raise
        return None, None
    return first, second


def _peak(builder: Simplifier, difference: int) -> Peak:
    found = peak(builder.nodes, difference, builder.bounds)
    if found.value <= 0:
        return found
    some = builder.less(builder.zero, difference)
    return replace(found, begins=beginnings(builder, some, found.at, Space(builder.bounds, {}, ()), Clock(SECONDS)))


def _length(side: Side) -> int:
    """How long the longest formula is; one with a condition in it reads better in pieces, however short."""
    texts = [words["en"] for words in (side.support, *side.payers.values())]
    return max(_SHORT + 1 if "(if " in text else len(text) for text in texts)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours with the same formulas as one; pieces come least first."""
    found: list[Piece] = []
    for piece in pieces:
        for i, other in enumerate(found):
            within = _both(other.within, piece.within)
            if within is not None and (other.before, other.after) == (piece.before, piece.after):
                found[i] = Piece(
                    within,
                    piece.before,
                    piece.after,
                    [_higher(a, b) for a, b in zip(other.rises, piece.rises, strict=True)],
                    [_higher(a, b) for a, b in zip(other.falls, piece.falls, strict=True)],
                    other.open | piece.open,
                )
                break
        else:
            found.append(piece)
    return found if len(found) == len(pieces) else _joined(found)


def _both(a: Mapping[str, Interval], b: Mapping[str, Interval]) -> dict[str, Interval] | None:
    """The bounds of two pieces that meet in one fact and agree in the others."""
    apart = [name for name in a if a[name] != b[name]]
    if len(apart) != 1:
        return None
    name = apart[0]
    first, second = sorted((a[name], b[name]), key=lambda i: i.low or 0)
    if first.high is None or first.high + 1 != second.low:
        return None
    return {**a, name: Interval(first.low, second.high)}


def _higher(a: Pair, b: Pair) -> Pair:
    """Of each kind the higher, of equal ones the first; it begins where either does."""
    return _higher_of(a[0], b[0]), _higher_of(a[1], b[1])


def _higher_of(a: Peak | None, b: Peak | None) -> Peak | None:
    if a is None or b is None:
        return None
    found = max(a, b, key=lambda p: p.value)
    if a.value <= 0 or b.value <= 0:
        return found
    return replace(found, begins={name: min(v, b.begins.get(name, v)) for name, v in a.begins.items()})


def _effect(rises: Pair, falls: Pair) -> Effect:
    """From how least and most change."""
    if None in (*rises, *falls):
        return "unknown"
    rise, fall = (any(p.value > 0 for p in peaks if p) for peaks in (rises, falls))
    if rise:
        return "mixed" if fall else "never_less"
    return "never_more" if fall else "same"


def _boxes(combos: Sequence[Combo]) -> list[Box]:
    """The combinations as few products of sets of values: two that differ in one fact alone are joined."""
    boxes: dict[Box, None] = dict.fromkeys(tuple(frozenset([v]) for v in combo) for combo in combos)
    axes = len(next(iter(boxes))) if boxes else 0
    for axis in range(axes - 1, -1, -1):
        joined: dict[tuple[Any, ...], set[Any]] = {}
        for box in boxes:
            joined.setdefault((*box[:axis], *box[axis + 1 :]), set()).update(box[axis])
        boxes = {(*rest[:axis], frozenset(values), *rest[axis:]): None for rest, values in joined.items()}
    return list(boxes)


# cases


def _cases(
    library: Library,
    as_of: date,
    readings: Mapping[str, str],
    before: Sequence[Pack],
    after: Sequence[Pack],
    cases: Sequence[Platform],
) -> Iterable[CaseChange]:
    sides = [Regimes(library, as_of, readings=readings, only=packs) for packs in (before, after)]
    for number, platform in enumerate(cases, 1):
        name = platform.name or str(number)
        yield CaseChange(name, sides[0].answer(platform), sides[1].answer(platform))


# JSON


def as_json(comparison: Comparison, lang: str = "en") -> dict[str, Any]:
    """The JSON object of the contract."""
    return {
        "from": [p.ref for p in comparison.before],
        "to": [p.ref for p in comparison.after],
        "where": list(comparison.where),
        "as_of": comparison.as_of.isoformat(),
        "readings": comparison.readings,
        "rules": comparison.rules,
        "displaced": list(comparison.displaced),
        "classes": [class_json(c, lang) for c in comparison.classes],
        "unquantified_awards": list(comparison.unquantified),
        "discretionary_awards": list(comparison.discretionary),
        "claims": [verdict_json(v, comparison.vocabulary, lang) for v in comparison.claims],
        "cases": [_case_json(c) for c in comparison.cases],
    }


def class_json(c: Class, lang: str) -> dict[str, Any]:
    return {
        "when": c.when,
        "from": _side_json(c.before, lang),
        "to": _side_json(c.after, lang),
        "effect": c.effect,
        "largest_gain": _extreme_json(c.gain),
        "largest_loss": _extreme_json(c.loss),
        "payers": {
            payer: {"largest_gain": _extreme_json(gain), "largest_loss": _extreme_json(loss)}
            for payer, (gain, loss) in c.changes.items()
            if payer != "support"
        },
    }


def _extreme_json(found: Extreme) -> dict[str, Any]:
    return {"amount": None if found.amount is None else yuan(found.amount), "at": found.at, "begins": found.begins}


def _side_json(side: Side, lang: str) -> dict[str, Any]:
    return {"support": side.support[lang], "payers": {payer: words[lang] for payer, words in side.payers.items()}}


def _case_json(change: CaseChange) -> dict[str, Any]:
    def side(answer: Answer) -> dict[str, Any]:
        payers: dict[str, Span] = answer.payers
        return {
            "support": {
                **money_json(answer.support),
                "unquantified": answer.unquantified,
                "undetermined": answer.undetermined,
            },
            "payers": {payer: money_json(span) for payer, span in payers.items()},
        }

    return {
        "case": change.name,
        "platform": dict(change.before.platform.written),
        "from": side(change.before),
        "to": side(change.after),
    }


def describe(when: Mapping[str, Sequence[str]], vocabulary: Vocabulary) -> Label:
    """A class in words: each fact with the labels of its values."""
    parts = []
    for name, values in when.items():
        fact = vocabulary.facts[name]
        labels = [vocabulary.places[v].label if fact.kind == "place" else fact.values.get(v) for v in values]
        shown = [label or _limit(v) for label, v in zip(labels, values, strict=True)]
        parts.append(
            Label(
                f"{fact.label.zh}：{'、'.join(s.zh for s in shown)}",
                f"{fact.label.en}: {', '.join(s.en for s in shown)}",
            )
        )
    return Label("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))


def _limit(words: str) -> Label:
    """`above 1000万元` in both languages; other words as they are."""
    return Label(words.replace("above ", "高于").replace("at most ", "不超过"), words)
