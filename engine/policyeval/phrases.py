"""An expression read back as sentences, in Chinese or in English.

In: a resolved tree, the vocabulary, the packs whose names are in it. Out: sentences of ordinary words, made from the
tree and not from the text. Promise: every operator of the table has its words here, and a test compares; facts, payers
and places go by their labels, a payer by who it is at the pack's place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from policyeval.money import in_words
from policyeval.naming import naming
from policyeval.pack import Pack
from policyeval.problems import Lang
from policyeval.record import Record, field
from policyeval.tree import Day, Node, Number, Op, Ref, Split, walk
from policyeval.vocabulary import Vocabulary
from policyeval.write import write, write_number

Words = tuple[str, str]  # Chinese, English

# fmt: off
_COMPARED: dict[str, Words] = {
    "is": ("{0}为{1}", "{0} is {1}"),
    "set": ("{0}为{1}", "{0} were {1}"),
    "is_not": ("{0}不为{1}", "{0} is not {1}"),
    "in": ("{0}为{1}", "{0} is {1}"),
    "not_in": ("{0}不为{1}", "{0} is not {1}"),
    "at_least": ("{0}不低于{1}", "{0} is at least {1}"),
    "at_most": ("{0}不高于{1}", "{0} is at most {1}"),
    "above": ("{0}高于{1}", "{0} is above {1}"),
    "below": ("{0}低于{1}", "{0} is below {1}"),
}
_IN_A_PLACE: dict[str, Words] = {
    "is": ("{0}在{1}", "{0} is in {1}"),
    "set": ("{0}在{1}", "{0} were in {1}"),
    "is_not": ("{0}不在{1}", "{0} is not in {1}"),
    "in": ("{0}在{1}", "{0} is in {1}"),
    "not_in": ("{0}不在{1}", "{0} is not in {1}"),
}
_READ: dict[str, Words] = {
    "is": ("{0}按{1}理解", "{0} is read as {1}"),
    "is_not": ("{0}不按{1}理解", "{0} is not read as {1}"),
    "in": ("{0}按{1}理解", "{0} is read as {1}"),
    "not_in": ("{0}不按{1}理解", "{0} is not read as {1}"),
}
_OPPOSITE = {"is": "is_not", "is_not": "is", "in": "not_in", "not_in": "in", "at_least": "below", "below": "at_least",
             "at_most": "above", "above": "at_most"}

_FIGURES: dict[str, Words] = {
    "add": ("{0}加{1}", "{0} plus {1}"),
    "sub": ("{0}减{1}", "{0} less {1}"),
    "mul": ("{0}乘以{1}", "{0} times {1}"),
    "div": ("{0}除以{1}", "{0} divided by {1}"),
    "neg": ("负{0}", "minus {0}"),
    "of": ("{1}的{0}", "{0} of {1}"),
    "cap": ("{0}（最高{1}）", "{0} (at most {1})"),
    "cap_each": ("{0}（每个出资方最高{1}）", "{0} (at most {1} from each payer)"),
    "at_least": ("{0}（最低{1}）", "{0} (at least {1})"),
    "by": ("由{1}出的{0}", "{0} from {1}"),
    "first_by": ("{0}（其中{1}由{2}、其余由{3}承担）", "{0} (of which {1} from {2}, the rest from {3})"),
    "brackets": ("{0}分段计算之和（{1}）", "{0} by brackets ({1})"),
    "steps": ("按{0}分档的数额（{1}）", "the figure for {0} by steps ({1})"),
    "band": ("至{1}为{0}", "{0} up to {1}"),
    "beyond": ("超过的为{0}", "{0} above that"),
    "for_each": ("按{1}每项{0}", "{0} for each of {1}"),
    "for_each_most": ("按{1}每项{0}（最多{2}项）", "{0} for each of {1} (at most {2})"),
    "shared": ("{0}由{1}平分后的一份", "an equal part of {0} among {1}"),
    "rounded": ("{0}（四舍五入至{1}）", "{0} (to the nearest {1})"),
    "rounded_down": ("{0}（舍去不足{1}的尾数）", "{0} (down to whole multiples of {1})"),
    "top_up": ("{0}不足{1}的差额", "what {0} lacks of {1}"),
    "sum_of": ("{0}的{1}合计", "the total {1} of {0}"),
    "count_of": ("{0}的个数", "the number of {0}"),
    "where": ("{0}中{1}者", "{0} for which {1}"),
    "up_to": ("由主管部门确定、不超过{0}的数额", "an amount that the authority sets, up to {0}"),
    "unspecified": ("文件没有写明的数额", "an amount that the document does not state"),
    "support_of": ("按{0}的支持总额", "the support under {0}"),
    "pays_under": ("{0}按{1}支付的数额", "what {0} pays under {1}"),
    "if": ("{1}（{0}时）或{2}（其余情形）", "{1} (where {0}) or {2} (otherwise)"),
}
_BOUNDS: dict[str, Words] = {
    "cap": ("，合计最高{0}", ", at most {0} in all"),
    "cap_each": ("，每个出资方最高{0}", ", at most {0} from each payer"),
    "at_least": ("，最低{0}", ", at least {0}"),
    "shared": ("，由{0}平分、每方一份", ", shared equally among {0}"),
    "rounded": ("，四舍五入至{0}", ", to the nearest {0}"),
    "rounded_down": ("，舍去不足{0}的尾数", ", down to whole multiples of {0}"),
}
_IN_PARTS = ("{0}，其中{1}由{2}承担，其余由{3}承担", "{0} is paid: {1} of it by {2}, the rest by {3}")
_STATEMENTS: dict[str, Words] = {
    "take_higher": ("{0}就高，只给付{1}的一项，相等时给付先列的一项",
                    "of {0}, only the {1} is paid, and on a tie the first named"),
    "replaces": ("平台可得{0}的，不再给付{1}", "nothing is paid of {1} to a platform that is entitled to {0}"),
    "net_of": ("{0}扣除{1}，只给付余额", "of {0}, only what exceeds {1} is paid"),
    "limited_to": ("{0}不超过{1}", "no more is paid of {0} than {1}"),
    "together": ("{1}合计最高{0}，超出部分按比例核减",
                 "of {1} together, at most {0} is paid, and what is over comes off all of them in proportion"),
    "together_in_order": ("{1}合计最高{0}，按所列次序先后给付",
                          "of {1} together, at most {0} is paid, the first named first"),
    "stacks_with": ("{0}和{1}可以同时给付", "{0} and {1} are both paid"),
    "never_above": ("任何平台所得的{0}都不高于{1}", "no platform gets more than {1} of {0}"),
    "never_below": ("任何平台所得的{0}都不低于{1}", "every platform gets at least {1} of {0}"),
}
_ENDS: dict[str, tuple[Words, Words]] = {
    "higher": (("较高", "higher"), ("最高", "highest")),
    "lower": (("较低", "lower"), ("最低", "lowest")),
}
_NO_LIMIT = ("所参照的奖补不适用时，没有此项限额", "where what this refers to does not apply, there is no limit")
_NO_FIGURE = ("由{0}给予支持，文件没有写明数额", "{0} gives support, and the document states no figure")
_NOTHING_STATED = ("给予支持，文件没有写明数额和出资方",
                   "support is given, and the document states neither a figure nor a payer")
_NO_PAYER = ("给予{0}，文件没有写明由谁出资", "{0} is given, and the document does not say who pays")
_PAYER_WITHIN = ("给予{0}", "{0} is given")
_OF_A_SLOT = (
    ("它代表下级文件确定的数额：填入它并且适用的各项奖补在衔接规则之前的合计",
     "it stands for what a lower document settles: the sum of the awards that fill it and apply, before any statement"),
    ("没有载入这样的奖补时为0", "where no such award is loaded it is 0"),
)
_OF_A_BUDGET = (
    ("一年之内，{0}合计最高{1}，超出时同比例核减",
     "in a year, at most {1} is paid of {0} together, and what is over comes off all of them in proportion"),
    ("只在批量计算时适用，不改变对单个平台的结果",
     "it is applied where a batch is evaluated, and changes no answer for one platform"),
)
_DECIDED = ("，具体数额由主管部门确定", ", and the authority decides how much")
# fmt: on

# What is said in a way of its own, by the methods below.
_OTHERWISE = frozenset({"and", "or", "not", "known", "when", "matched", "as_if", "higher", "lower"})
COVERED = {*_COMPARED, *_FIGURES, *_STATEMENTS, *_OTHERWISE}

_SLOT = re.compile(r"\{(\d)\}")
_LOOSE = frozenset({"add", "sub", "mul", "div", "neg", "if"})  # in brackets inside arithmetic
_EACH = frozenset({"for_each", "for_each_most", "shared"})
_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "neg", "of"})


class Phrases(Record):
    """Words for the expressions of one pack, in one language. `packs` are those whose names may be spoken of."""

    vocabulary: Vocabulary
    home: Pack
    lang: Lang
    packs: Mapping[str, Pack] = field(default_factory=dict)

    # whole rules

    def award(self, when: Node | None, amount: Node) -> list[str]:
        """Where an award applies, who pays what."""
        if not _is(amount, "if"):
            return [self._sentence(self._where(when, self.clause(amount)))]
        opening = [] if when is None else [self._pick("适用于{0}的平台", "it applies where {0}", self.condition(when))]
        return [self._sentence(text) for text in (*opening, *self._branches(amount))]

    def entry(self, when: Node | None) -> list[str]:
        """For which platforms something holds."""
        if when is None:
            return [self._sentence(self._pick("适用于所有平台", "it holds for every platform"))]
        return [self._sentence(self._pick("适用于{0}的平台", "it holds where {0}", self.condition(when)))]

    def statement(self, rule: Node) -> list[str]:
        """What a statement of precedence, or a claim, says."""
        if isinstance(rule, Op) and rule.op == "when":
            inner, condition = rule.args
            clause = self._statement(inner)
            text = self._pick("{0}时，{1}", "where {0}, {1}", self.condition(condition), clause)
        else:
            inner, text = rule, self._statement(rule)
        said = [self._sentence(text)]
        if isinstance(inner, Op) and inner.op == "limited_to" and any(_is_award(node) for node in walk(inner.args[1])):
            said.append(self._sentence(self._pick(*_NO_LIMIT)))
        return said

    def slot(self) -> list[str]:
        """What a slot stands for."""
        return [self._sentence(self._pick(*words)) for words in _OF_A_SLOT]

    def budget(self, awards: Sequence[str], total: int) -> list[str]:
        """What a budget says of its awards and families."""
        named = [self._award(Ref("award" if a in self.home.awards else "family", a, self.home.id)) for a in awards]
        return [self._sentence(self._pick(*words, self._both(named), in_words(total))) for words in _OF_A_BUDGET]

    def anything(self, node: Node, start: str) -> list[str]:
        """An expression by itself, read as `start`."""
        if start == "amount":
            return self.award(None, node)
        if start == "condition":
            return [self._sentence(self._pick("条件：{0}", "the condition is that {0}", self.condition(node)))]
        return self.statement(node)

    def _statement(self, rule: Node) -> str:
        if not isinstance(rule, Op) or rule.op not in _STATEMENTS:
            return self._quoted(rule)
        first, *rest = rule.args
        if rule.op == "take_higher":
            operands = [self._both([self.figure(arg) for arg in rule.args]), self._end("higher", len(rule.args))]
        elif rule.op == "replaces":
            operands = [self.figure(first), self._either([self.figure(arg) for arg in rest])]
        else:
            operands = [self.figure(first), self._both([self.figure(arg) for arg in rest])]
        return self._pick(*_STATEMENTS[rule.op], *operands)

    def _branches(self, node: Node) -> Iterable[str]:
        first = True
        while isinstance(node, Op) and node.op == "if":
            condition, yes, node = node.args
            words = ("{0}的，{1}", "where {0}, {1}") if first else ("否则，{0}的，{1}", "otherwise, where {0}, {1}")
            yield self._pick(*words, self.condition(condition), self.clause(yes))
            first = False
        yield self._pick("其余情形，{0}", "otherwise, {0}", self.clause(node))

    def _where(self, when: Node | None, clause: str) -> str:
        if when is None:
            return self._pick("对所有平台，{0}", "for every platform, {0}", clause)
        return self._pick("{0}的，{1}", "where {0}, {1}", self.condition(when), clause)

    # who pays what

    def clause(self, node: Node) -> str:
        """An amount as a clause with its payers as the subject."""
        if isinstance(node, Op) and node.op == "if":
            return self._pick("；", "; ").join(self._branches(node))
        bounds, choice, payer, base = "", False, None, node
        while isinstance(base, Op) and base.op in (*_BOUNDS, "up_to", "by"):
            inner, *rest = base.args
            if base.op in _BOUNDS:
                bounds = self._pick(*_BOUNDS[base.op], self._operand(base.op, rest[0])) + bounds
            elif base.op == "by":
                payer = rest[0]
            else:
                choice = True
            base = inner
        if _is(base, "unspecified"):
            clause = self._without_a_figure(payer)
        elif isinstance(base, Op) and base.op == "matched":
            clause = self._matching(base, choice)
        elif isinstance(base, Op) and base.op == "first_by":
            amount, part, *payers = base.args
            clause = self._pick(*_IN_PARTS, self.figure(amount), self.figure(part), *map(self._payer, payers))
        else:
            clause = self._paying(payer, base, choice)
        return clause + bounds + (self._pick(*_DECIDED) if choice else "")

    def _without_a_figure(self, payer: Node | None) -> str:
        return self._pick(*_NOTHING_STATED) if payer is None else self._pick(*_NO_FIGURE, self._payer(payer))

    def _paying(self, payer: Node | None, node: Node, choice: bool) -> str:
        figure = self.figure(node)
        upper = self._pick("不超过{0}", "up to {0}", figure) if choice else figure
        if payer is not None:
            return self._pick("由{1}给予{0}", "{1} pays {0}", upper, self._payer(payer))
        named = any(_is_award(inner) or _is(inner, "by") or _is(inner, "matched") for inner in walk(node))
        return self._pick(*(_PAYER_WITHIN if named else _NO_PAYER), upper)

    def _matching(self, node: Op, choice: bool) -> str:
        base, split, *payers = node.args
        assert isinstance(split, Split)  # the parser has no other
        if not split.parts[0] or len(payers) != len(split.parts) - 1:
            return self._quoted(node)  # `check` refuses it
        most = self._pick("不超过", "up to ") if choice else ""
        shares = [part / split.parts[0] for part in split.parts[1:]]
        names, figure = [self._payer(payer) for payer in payers], self.figure(base)
        if len(set(shares)) == 1:
            portion = self._portion(shares[0], figure)
            if len(names) == 1:
                return self._pick("由{0}按{2}{1}配套", "{0} pays {2}{1}", names[0], portion, most)
            return self._pick("由{0}各按{2}{1}配套", "{0} each pay {2}{1}", self._both(names), portion, most)
        first, *others = [
            self._pick("{0}按{2}{1}", "{0} pays {2}{1}", name, self._portion(share, figure), most)
            for name, share in zip(names, shares, strict=True)
        ]
        return self._pick("由{0}配套", "{0}", self._both([first, *others]))

    def _portion(self, share: Fraction, figure: str) -> str:
        if share == 1:
            return self._pick("{0}等额", "as much as {0}", figure)
        if share == Fraction(1, 2):
            return self._pick("{0}的一半", "half of {0}", figure)
        percent = share * 100
        shown = f"{write_number(Number(percent))}%" if _is_decimal(percent) else str(share)
        return self._pick("{1}的{0}", "{0} of {1}", shown, figure)

    def _payer(self, node: Node) -> str:
        """Who pays, as the people of the pack's place know it."""
        if not isinstance(node, Ref) or node.name not in self.vocabulary.payers:
            return self._quoted(node)
        return self._who(node.name)

    def _who(self, payer: str) -> str:
        info = self.vocabulary.payers[payer]
        place = self.vocabulary.nearest(self.home.jurisdiction, info.tiers)
        if self.lang == "zh":
            return place.treasury.zh if place and place.treasury else f"{info.label.zh}财政"
        return f"the {self.vocabulary.tiers[place.tier].en if place else info.label.en}"

    # amounts

    def figure(self, node: Node) -> str:
        """An amount, an award or a value as a noun."""
        match node:
            case Number():
                return write_number(node)
            case Day(day):
                return day.isoformat()
            case Ref():
                return self._ref(node)
            case Op(op="matched"):
                return self._pick("（{0}）", "({0})", self.clause(node))
            case Op(op="as_if", args=(award, *settings)):
                sets = self._and([self.condition(setting) for setting in settings])
                return self._pick("假定{1}时{0}的数额", "what {0} would come to if {1}", self.figure(award), sets)
            case Op(op="higher" | "lower" as op, args=args):
                among = self._both([self.figure(arg) for arg in args])
                return self._pick("{0}中{1}的一项", "the {1} of {0}", among, self._end(op, len(args)))
            case Op(op="if", args=(condition, yes, no)):
                return self._pick(*_FIGURES["if"], self.condition(condition), self.figure(yes), self.figure(no))
            case Op(op="by", args=(amount, payer)):
                return self._pick(*_FIGURES["by"], self.figure(amount), self._payer(payer))
            case Op(op="first_by" as op, args=(amount, part, *payers)):
                return self._pick(*_FIGURES[op], self.figure(amount), self.figure(part), *map(self._payer, payers))
            case Op(op="brackets" | "steps" as op, args=(measured, beyond, *bands)):
                figures = [self.figure(band) for band in (*bands, beyond)]
                among = "，".join(figures) if self.lang == "zh" else self._both(figures)
                return self._pick(*_FIGURES[op], self.figure(measured), among)
            case Op(op="sum_of" as op, args=(listed, Ref(name=field))):
                label = self.vocabulary.facts[field].label
                return self._pick(*_FIGURES[op], self.figure(listed), label[self.lang])
            case Op(op="where" as op, args=(listed, condition)):
                return self._pick(*_FIGURES[op], self.figure(listed), self.condition(condition))
            case Op(op=op, args=args) if op in _FIGURES:
                return self._pick(*_FIGURES[op], *(self._operand(op, arg) for arg in args))
        return self._quoted(node)

    def _end(self, op: str, among: int) -> str:
        """`higher` of two, `highest` of several."""
        two, several = _ENDS[op]
        return self._pick(*(two if among == 2 else several))

    def _operand(self, op: str, node: Node) -> str:
        if self.lang == "en" and op in _EACH and isinstance(node, Op) and node.op == "count_of":
            return self.figure(node.args[0])  # for each of the projects, not of their number
        said = self.figure(node)
        loose = op in _ARITHMETIC and isinstance(node, Op) and node.op in _LOOSE
        return self._pick("（{0}）", "({0})", said) if loose else said

    def _ref(self, ref: Ref) -> str:
        if ref.role in ("award", "family"):
            return self._award(ref)
        if ref.role == "fact":
            label = self.vocabulary.facts[ref.name].label
            return self._pick("{0}", "the {1}", label.zh, label.en)
        if ref.role == "value" and (fact := self.vocabulary.facts.get(ref.of or "")) and ref.name in fact.values:
            return fact.values[ref.name][self.lang]
        if ref.role == "place":
            return self.vocabulary.places[ref.name].label[self.lang]
        if ref.role == "payer":
            return self._who(ref.name)
        pack = self.home if ref.pack == self.home.id else self.packs.get(ref.pack or "")
        if ref.role == "slot" and pack is not None and ref.name in pack.slots:
            label = pack.slots[ref.name].label
            return self._pick("“{0}”", "“{1}”", label.zh, label.en)
        return f"`{ref.name}`"

    def _award(self, ref: Ref) -> str:
        pack = self.home if ref.pack == self.home.id else self.packs.get(ref.pack or "")
        if pack is not None and ref.name in pack.awards:
            label = pack.awards[ref.name].label
            said = self._pick("“{0}”", "“{1}”", label.zh, label.en)
        elif ref.role == "family":
            said = self._pick("`{0}`类奖补", "the `{0}` awards", ref.name)
        else:
            said = f"`{ref.name}`"
        if ref.pack != self.home.id:
            said = self._pick("{1}的{0}", "{0} of {1}", said, ref.pack or "")
        if ref.slice and ref.slice in self.vocabulary.payers:
            said = self._pick("{0}中由{1}承担的部分", "{1}'s part of {0}", said, self._who(ref.slice))
        return said

    # conditions

    def condition(self, node: Node, held: bool = True) -> str:
        """A condition as a clause; `held` False: its opposite."""
        match node:
            case Op(op="and" | "or" as op, args=args) if held:
                parts = [self._nested(arg) for arg in args]
                return self._and(parts) if op == "and" else self._or(parts)
            case Op(op="not", args=(inner,)):
                return self.condition(inner, not held)
            case Op(op="known", args=(fact,)):
                words = ("{0}已经给出", "{0} has been stated") if held else ("{0}没有给出", "{0} has not been stated")
                return self._pick(*words, self.figure(fact))
            case Op(op=op, args=(left, *values)) if op in _COMPARED:
                if held or op in _OPPOSITE:
                    return self._comparison(op if held else _OPPOSITE[op], left, values)
                return self._comparison("is_not", left, values)  # one of several
            case Ref(role="fact", name=name):
                return self._true(name, held)
            case Op() if not held:
                return self._pick("并非（{0}）", "it is not so that {0}", self.condition(node))
        return self._quoted(node)

    def _nested(self, node: Node) -> str:
        """A condition inside another one, so that both can be told apart."""
        said = self.condition(node)
        if not isinstance(node, Op) or node.op not in ("and", "or"):
            return said
        return self._pick("（{0}）", f"{'both' if node.op == 'and' else 'either'} {{0}}", said)

    def _comparison(self, op: str, left: Node, values: Sequence[Node]) -> str:
        if op in ("is", "is_not", "set") and isinstance(left, Ref) and self._is_bool(left):
            truth = values[0]
            if isinstance(truth, Ref) and truth.role == "value":
                return self._true(left.name, (truth.name == "true") == (op != "is_not"), supposed=op == "set")
        words = _COMPARED[op]
        if isinstance(left, Ref) and left.role == "reading":
            words = _READ.get(op, words)
        elif any(isinstance(value, Ref) and value.role == "place" for value in values):
            words = _IN_A_PLACE.get(op, words)
        return self._pick(*words, self.figure(left), self._either([self.figure(value) for value in values]))

    def _true(self, fact: str, held: bool, supposed: bool = False) -> str:
        found = self.vocabulary.facts[fact]
        of = ("该项", "the item") if found.within else ("平台", "the platform")
        if self.lang == "zh":
            return f"{of[0]}{'属于' if held else '不属于'}{found.label.zh}"
        verb = ("counted" if held else "did not count") if supposed else ("counts" if held else "does not count")
        return f"{of[1]} {verb} as {found.label.en}"

    def _is_bool(self, ref: Ref) -> bool:
        return ref.role == "fact" and self.vocabulary.facts[ref.name].kind == "bool"

    # words

    def _quoted(self, node: Node) -> str:
        """What has no words of its own, as it is written."""
        return f"`{write(node, self.lang, naming(self.vocabulary, self.home.id, self.lang, self.packs))}`"

    def _pick(self, zh: str, en: str, *operands: str) -> str:
        """The words of the language with the operands in their slots."""
        return _SLOT.sub(lambda slot: operands[int(slot[1])], zh if self.lang == "zh" else en)

    def _and(self, parts: Sequence[str]) -> str:
        return self._pick("，且", " and ").join(parts)

    def _or(self, parts: Sequence[str]) -> str:
        return self._pick("或者", " or ").join(parts)

    def _both(self, parts: Sequence[str]) -> str:
        return _listed(parts, *(("、", "和") if self.lang == "zh" else (", ", " and ")))

    def _either(self, parts: Sequence[str]) -> str:
        return _listed(parts, *(("、", "或") if self.lang == "zh" else (", ", " or ")))

    def _sentence(self, text: str) -> str:
        return f"{text}。" if self.lang == "zh" else f"{text[:1].upper()}{text[1:]}."


def _listed(parts: Sequence[str], comma: str, last: str) -> str:
    *most, end = parts
    return f"{comma.join(most)}{last}{end}" if most else end


def _is_decimal(value: Fraction) -> bool:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _is(node: Node, op: str) -> bool:
    return isinstance(node, Op) and node.op == op


def _is_award(node: Node) -> bool:
    return isinstance(node, Ref) and node.role in ("award", "family")
