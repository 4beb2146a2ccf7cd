"""How many errors of a pack its examples and `check` find: `python -m bench.mutation`.

In: the shipped packs. Out: for each the mutants that are caught, of how many, and those that survive. A mutant is a
pack with one number, ratio, payer, operator or condition of one award or statement changed. It is caught where an
example comes out otherwise, or where `check`, its lints included, says something that it did not say before. A mutant
that is proved to change no outcome, of any platform under any reading, leaves the count and is listed. Exits with 1
where less than LEAST percent are caught.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from policyeval.check import check
from policyeval.domains import Domains
from policyeval.examples import Example, Runner, examples
from policyeval.library import Library, open_library
from policyeval.lint import lint
from policyeval.lower import lower
from policyeval.pack import Award, Pack, Statement
from policyeval.plan import Builder, Plan, copy_nodes
from policyeval.problems import Refusal
from policyeval.record import Record, replace
from policyeval.tree import Node, Number, Op, Ref, Split
from policyeval.vocabulary import Vocabulary
from policyeval.write import write

LEAST = 95  # percent
DAY = date(2023, 6, 30)  # on which `check` looks at the packs

TWINS = {"at_least": "above", "at_most": "below", "is": "is_not", "and": "or", "higher": "lower"}
TWINS |= {twin: op for op, twin in TWINS.items()}
DROPPED = frozenset({"cap", "cap_each", "up_to", "as_if"})
ORDERED = frozenset({"net_of", "replaces", "take_higher", "limited_to"})


class Mutant(Record):
    """A pack with one thing changed, and what."""

    pack: Pack
    where: str
    what: str


# Mutants ---------------------------------------------------------------------


def mutants(pack: Pack, vocabulary: Vocabulary) -> Iterator[Mutant]:
    for award in pack.awards.values():
        for what, changed in _awards(award, vocabulary):
            yield Mutant(_with(pack, awards={**pack.awards, award.id: changed}), award.id, what)
    for i, statement in enumerate(pack.precedence):
        before, after = pack.precedence[:i], pack.precedence[i + 1 :]
        where = f"precedence[{i + 1}]"
        yield Mutant(_with(pack, precedence=(*before, *after)), where, f"dropped: {_text(statement.rule)}")
        for what, rule in _statements(statement, vocabulary):
            changed = replace(statement, rule=rule)
            yield Mutant(_with(pack, precedence=(*before, changed, *after)), where, what)


def _with(pack: Pack, **changes: object) -> Pack:
    return replace(pack, sha256=f"{pack.sha256} mutant", **changes)


def _awards(award: Award, vocabulary: Vocabulary) -> Iterator[tuple[str, Award]]:
    for amount in _changed(award.amount, vocabulary):
        yield _diff(award.amount, amount), replace(award, amount=amount)
    if award.when is not None:
        yield f"`when` dropped: {_text(award.when)}", replace(award, when=None)
        for when in _changed(award.when, vocabulary):
            yield _diff(award.when, when), replace(award, when=when)


def _statements(statement: Statement, vocabulary: Vocabulary) -> Iterator[tuple[str, Node]]:
    rule = statement.rule
    if isinstance(rule, Op) and rule.op == "when":
        yield f"`when` dropped: {_text(rule)}", rule.args[0]
        negated = Op("not", (rule.args[1],), rule.args[1].span)
        yield f"`when` negated: {_text(rule)}", replace(rule, args=(rule.args[0], negated))
    for changed in _changed(rule, vocabulary):
        yield _diff(rule, changed), changed


def _changed(node: Node, vocabulary: Vocabulary) -> Iterator[Node]:
    """The tree with one thing changed, in every way."""
    found = list(_here(node, vocabulary))
    if isinstance(node, Op):
        for i, arg in enumerate(node.args):
            found += [
                replace(node, args=(*node.args[:i], other, *node.args[i + 1 :])) for other in _changed(arg, vocabulary)
            ]
    yield from dict.fromkeys(other for other in found if other != node and not _names_twice(other))


def _names_twice(node: Node) -> bool:
    """A payer named twice is refused whatever the examples say, so it is no test of them."""
    payers = [arg for arg in node.args if isinstance(arg, Ref) and arg.role == "payer"] if isinstance(node, Op) else []
    return len(set(payers)) < len(payers)


def _here(node: Node, vocabulary: Vocabulary) -> Iterator[Node]:
    match node:
        case Number(value=value):
            for other in (value / 2, value * 2, value + 1):
                yield replace(node, value=other)
        case Split(parts=parts):
            for i, part in enumerate(parts):
                for other in (part / 2, part * 2, part + 1 if i else part * 3):
                    yield replace(node, parts=(*parts[:i], Fraction(other), *parts[i + 1 :]))
        case Ref(role="payer", name=name):
            yield from (replace(node, name=payer) for payer in vocabulary.payers if payer != name)
        case Ref(role="award" | "family", slice=str(payer)):
            yield from (replace(node, slice=other) for other in vocabulary.payers if other != payer)
            yield replace(node, slice=None)
        case Op(op=op, args=args):
            if op in TWINS:
                yield replace(node, op=TWINS[op])
            if op in DROPPED or (op == "at_least" and _is_amount(args[0])):
                yield args[0]
            if op in ("cap", "cap_each"):
                yield replace(node, op="cap" if op == "cap_each" else "cap_each")
            if op == "in":
                yield Op("not", (node,), node.span)
            if op == "if":
                yield from args[1:]
            if op == "matched" and len(args) > 3:
                yield replace(node, args=(args[0], args[1], *args[:1:-1]))
            if op in ("and", "or"):
                yield from (_joined(op, args[:i] + args[i + 1 :]) for i in range(len(args)))
            if op in ORDERED and all(isinstance(a, Ref) for a in args):
                yield replace(node, args=args[::-1])


def _joined(op: str, args: tuple[Node, ...]) -> Node:
    return args[0] if len(args) == 1 else Op(op, args, args[0].span)


def _is_amount(node: Node) -> bool:
    return isinstance(node, Op) and node.op in ("matched", "by", "cap", "cap_each", "of")


def _text(node: Node) -> str:
    return write(node)


def _diff(before: Node, after: Node) -> str:
    """What was changed, with a little around it."""
    a, b = _text(before).split(), _text(after).split()
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    first = max(0, start - 2)
    return f"{' '.join(a[first : len(a) - end + 1])}  ->  {' '.join(b[first : len(b) - end + 1])}"


# Catching --------------------------------------------------------------------


class Bench:
    """The shipped packs, their examples and what `check` says of them."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.examples = {pack.id: examples(library, pack.ref) for pack in library.packs}
        self.known = {pack.id: self._checked(pack) for pack in library.packs}
        self.doubts = {pack.id: self._linted(pack, library) for pack in library.packs}

    def caught(self, mutant: Mutant) -> str:
        """What catches it by its figures or its form: `check` without its lints, or the examples; else nothing."""
        pack = mutant.pack
        if self._checked(pack) - self.known[pack.id]:
            return "check"
        runner = Runner(self._with(pack))
        try:
            return "examples" if any(runner.run(example).differences for example in self._cases(pack)) else ""
        except Refusal:
            return "examples"

    def doubted(self, mutant: Mutant) -> bool:
        """Whether the lints, which take longer, say something new."""
        pack = mutant.pack
        return bool(self._linted(pack, self._with(pack)) - self.doubts[pack.id])

    def same(self, mutant: Mutant) -> bool:
        """Whether it is proved that no outcome changes: alone, with what it uses, and with what uses it."""
        return all(self._same(packs, mutant.pack) for packs in self._around(mutant.pack))

    def _with(self, pack: Pack) -> Library:
        return replace(self.library, packs=tuple(pack if p.id == pack.id else p for p in self.library.packs))

    def _linted(self, pack: Pack, library: Library) -> set[tuple[str, str]]:
        return {(p.code, p.message()) for p in lint(library, pack, DAY).problems}

    def _checked(self, pack: Pack) -> set[tuple[str, str]]:
        around = {p.id: p for p in self.library.packs if p.id != pack.id}
        return {(p.code, p.message()) for p in check(pack, self.library.vocabulary, around)}

    def _cases(self, pack: Pack) -> list[Example]:
        """Those of the pack itself first, then those of the packs that may stand beside it."""
        beside = [p.id for p in self.library.packs if pack.id in p.uses]
        return [example for id_ in (pack.id, *beside) for example in self.examples[id_]]

    def _around(self, pack: Pack) -> Iterator[list[Pack]]:
        others = {p.id: p for p in self.library.packs if p.id != pack.id}
        yield [pack]
        if used := [others[id_] for id_ in pack.uses if id_ in others]:
            yield self.library.ordered([pack, *used])
        for other in others.values():
            if pack.id in other.uses:
                yield self.library.ordered([pack, other])

    def _same(self, packs: Sequence[Pack], mutant: Pack) -> bool:
        vocabulary = self.library.vocabulary
        original = next(p for p in self.library.packs if p.id == mutant.id)
        builder = Builder()
        sides = []
        for mine in (original, mutant):
            plan = lower([mine if p.id == mutant.id else p for p in packs], vocabulary, {})
            sides.append(_outcomes(plan, copy_nodes(plan.nodes, builder), builder))
        if sides[0].keys() != sides[1].keys():
            return False
        place = max((p.jurisdiction for p in packs), key=vocabulary.depth)
        domains = Domains(vocabulary, packs, place)
        differ = []
        for key, before in sides[0].items():
            after = sides[1][key]
            equal = (
                builder.if_(before, after, builder.not_(after)) if key[-1] == "truth" else builder.equal(before, after)
            )
            if before != after:
                differ.append(builder.not_(equal))
        return not differ or domains.never(builder.nodes, builder.or_(*differ), stated=True)


def _outcomes(plan: Plan, numbers: Sequence[int], builder: Builder) -> dict[tuple[str, ...], int]:
    """What an answer shows, as nodes: truths are named so."""
    found: dict[tuple[str, ...], int] = {("support",): numbers[plan.support]}
    found |= {("payer", payer): numbers[node] for payer, node in plan.payers.items()}
    for award in plan.awards:
        found[award.id, "applies", "truth"] = numbers[award.applies]
        found[award.id, "unquantified", "truth"] = builder.and_(numbers[award.applies], numbers[award.unquantified])
        found[award.id, "displaced", "truth"] = numbers[award.displaced]
        found[award.id, "amount"] = numbers[award.after]
        found[award.id, "reduced", "truth"] = builder.not_(builder.equal(numbers[award.before], numbers[award.after]))
    alarms: dict[tuple[str, ...], int] = {}
    for alarm in plan.alarms:
        key = (alarm.code, "truth")
        alarms[key] = builder.or_(alarms.get(key, builder.false), numbers[alarm.node])
    for code in ("tie", "undeclared_overlap"):
        found[code, "truth"] = alarms.get((code, "truth"), builder.false)
    return found


# The table -------------------------------------------------------------------


def main() -> int:
    start = time.perf_counter()
    library = open_library().sound()
    bench = Bench(library)
    by = Counter[str]()
    for pack in library.ordered(library.packs):
        every = [(mutant, bench.caught(mutant)) for mutant in mutants(pack, library.vocabulary)]
        found = Counter(how for _, how in every if how)
        left = [mutant for mutant, how in every if not how]
        same = [mutant for mutant in left if bench.same(mutant)]
        different = [mutant for mutant in left if mutant not in same]
        survivors = [mutant for mutant in different if not bench.doubted(mutant)]
        found["lints"], found[""] = len(different) - len(survivors), len(survivors)
        by += found
        print(f"{pack.id}: {_share(found)}, {len(same)} proved to change no outcome")
        for name, listed in (("survives", survivors), ("changes nothing", same)):
            for mutant in listed:
                print(f"  {name}  {mutant.where}  {mutant.what}")
    print(f"in all: {_share(by)}, in {time.perf_counter() - start:.0f} s")
    return 0 if by.total() * LEAST <= 100 * (by.total() - by[""]) else 1


def _share(found: Counter[str]) -> str:
    """How many are caught, and by what; the percentage is rounded down."""
    caught, total = found.total() - found[""], found.total()
    how = ", ".join(f"{name} {found[name]}" for name in ("check", "examples", "lints"))
    return f"{caught}/{total} caught ({100 * caught // total if total else 100}%: {how})"


if __name__ == "__main__":
    sys.exit(main())
