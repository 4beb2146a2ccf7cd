"""The fixed words of pages, in Chinese and English.

In: a key and what fills it. Out: text. What a policy says comes from its pack; sentences of an explanation from
`sentences`.
"""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[..., str]

# fmt: off
_WORDS: dict[str, tuple[str, str]] = {
    # an answer
    "as_of": ("按{day}施行的政策{packs}", "as of {day}{packs}"),
    "under": ("：{packs}", ", under {packs}"),
    "draft": ("草案", "draft"),
    "enacted": ("已施行", "enacted"),
    "missing": ("缺少事实，尚不能确定：{facts}", "cannot be settled without: {facts}"),
    "assumed": ("按默认值计：{facts}", "assumed: {facts}"),
    "support": ("支持金额", "Support"),
    "in_all": ("合计", "in all"),
    "once": ("一次性", "paid once"),
    "a_year": ("每年", "in a year"),
    "per_year": ("{amount}／年", "{amount} a year"),
    "no_figure": ("文件未定数额", "no figure in the document"),
    "no_figure_for": ("另有支持，文件未定数额", "further support, no figure in the document"),
    "certain": ("{amount}可以确定，其余尚不能确定", "{amount} is certain, the rest cannot be settled"),
    "unsettled": ("尚不能确定", "cannot be settled"),
    "no_policy": ("没有可依据的政策", "no policy to answer from"),
    "who_pays": ("由谁承担", "Who pays"),
    "nothing_with_figure": ("没有定数的支出", "nothing with a figure"),
    "parts": ("一次性{once}，每年{year}", "{once} once, {year} a year"),
    "awards": ("奖补项目", "Awards"),
    "document": ("{number}《{title}》", "{number} {title}"),
    "cite": ("{section}“{phrase}”", "{section} “{phrase}”"),
    "pays": ("{payer}{amount}", "{payer} {amount}"),
    "in_kind": ("其他支持", "In kind"),
    "for": ("受益人：{who}", "for the {who}"),
    "authority": ("主管部门", "Departments in charge"),
    "readings": ("条款两可处的解读（用 --reading 解读=选项 更改）",
                 "Readings of open clauses (change one with --reading ID=OPTION)"),
    "reading_default": ("默认", "assumed"),
    "reading_chosen": ("选定", "chosen"),
    "other_options": ("也可：{options}", "or: {options}"),
    "asleep": ("不起作用的条款", "Statements asleep"),
    "findings": ("提请注意", "Findings"),
    "others": ("同文件中给其他对象的支持", "Support of the same documents for others"),
    "others_count": ("{count}项（{who}），--explain 列出", "{count} ({who}); --explain lists them"),
    "packs": ("所用文件", "Packs"),
    "no_amount": ("—", "—"),
    # outcomes
    "paid": ("给付", "paid"),
    "reduced": ("核减", "reduced"),
    "displaced": ("被替代", "displaced"),
    "open": ("待定", "open"),
    "not_applicable": ("不适用", "not applicable"),
    "unquantified": ("未定数额", "no figure"),
    "undetermined": ("无法确定", "undetermined"),
    # facts of a platform
    "fact_value": ("{fact}{value}", "{fact} {value}"),
    "fact_default": ("{fact}：{value}", "{fact}: {value}"),
    "not": ("非{fact}", "not {fact}"),
    "a_platform": ("一个平台", "a platform"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    # everywhere
    "besides_row": ("另有支持，文件未定数额：{awards}", "and support without a figure: {awards}"),
    "everywhere": ("同一平台在各地", "The same platform everywhere"),
    "place": ("地方", "place"),
    "amount": ("支持金额", "support"),
    # compare
    "compare": ("{pack}：{title}", "{pack}: {title}"),
    "against": ("对照{day}的{packs}，适用于{where}", "against {packs} as of {day}, in {where}"),
    "nothing": ("没有施行的政策", "nothing in force"),
    "rules": ("规则的变化", "Rules"),
    "added": ("新增", "added"),
    "removed": ("删去", "removed"),
    "changed": ("改动", "changed"),
    "sets_aside": ("被替代", "displaced"),
    "classes": ("各类平台", "Classes of platforms"),
    "besides": ("下列金额之外，还有文件未定数额的支持：{awards}",
                "Beside the amounts below there is support without a figure: {awards}"),
    "every_platform": ("所有平台", "every platform"),
    "before": ("现行", "before"),
    "after": ("草案之后", "after"),
    "effect": ("变化", "effect"),
    "same": ("不变", "same"),
    "never_less": ("不减", "never less"),
    "never_more": ("不增", "never more"),
    "mixed": ("有增有减", "mixed"),
    "verdicts": ("对所有平台的结论", "Verdicts over all platforms"),
    "verdict": ("结论", "Verdict"),
    "proved": ("已证明", "proved"),
    "refuted": ("不成立", "refuted"),
    "unknown": ("未能判定", "unknown"),
    "vacuous": ("没有任何平台涉及此项", "it concerns no platform at all"),
    "smallest": ("最小的例子：{facts}", "the smallest: {facts}"),
    "support_short": ("支持", "support"),
    "begins_at": ("{fact}自{amount}起如此", "so from {fact} {amount} on"),
    "on_least": ("按最低数额比较", "comparing the least amounts"),
    "on_most": ("按最高数额比较", "comparing the highest amounts"),
    "read_as": ("解读：{readings}", "read as {readings}"),
    "unknown_effect": ("未能得出", "not worked out"),
    "binds": ("起作用的限额", "What binds"),
    "lost": ("因衔接规则减少的", "What precedence took off"),
    "without": ("没有这一条：{amount}", "without it {amount}"),
    "raises": ("怎样才会增加", "What would raise it"),
    "raises_none": ("无论取何值都不会增加（已证明）：{facts}", "no value would raise it (proved): {facts}"),
    "not_settled_for": ("未能判定：{facts}", "could not be settled: {facts}"),
    "value_is": ("改为{value}", "{value}"),
    "value_from": ("达到{value}", "from {value} on"),
    "why_not": ("为什么不是{amount}", "Why not {amount}"),
    "reached": ("已经达到", "it is reached"),
    "reached_perhaps": ("能否达到，由主管部门酌定", "whether it is reached is at the authority's discretion"),
    "not_yet": ("没有达到；只改变一个事实：", "it is not reached; by one fact alone:"),
    "possible_from": ("达到{value}时可以达到", "it can be reached from {value} on"),
    "certain_from": ("达到{value}时必定达到", "it is certain from {value} on"),
    "never_reaches": ("无论取何值都达不到", "no value reaches it"),
    "read_assumed": ("条款按默认的解读", "open clauses read as assumed"),
    "every_reading": ("对{count}处两可条款的每一种解读", "under every reading of {count} open clauses"),
    "about_platforms": ("{where}的所有平台", "all platforms of {where}"),
    "in_force_now": ("现行", "enacted"),
    "regime_of": ("{name}：{day}的{packs}", "{name}: {packs} on {day}"),
    "rests_on": ("证明所依据的条款（无论其他条款如何规定）", "The proof rests on (whatever all other clauses say)"),
    "rests_on_nothing": ("证明不依赖任何条款的数额", "The proof rests on no clause's figures"),
    "changing": ("换一种解读会改变的结论", "Verdicts that another reading changes"),
    "changing_none": ("换哪一种解读都不改变任何结论", "no reading changes any verdict"),
    "assumed_reading": ("{option}（默认）", "{option} (assumed)"),
    "harmless": ("各种解读的金额都相同（已证明），不必改写", "harmless: no amount differs under any option (proved)"),
    "same_verdicts": ("金额会变，但不改变任何结论", "amounts differ, and no verdict"),
    "turns": ("在其他解读的某种组合下会改变：{claims}", "with some choice of the others it turns: {claims}"),
    "not_settled": ("未能判定是否有影响", "whether it matters could not be settled"),
    "clauses_open": ("两可的条款", "Open clauses"),
    "extremes": ("增减最多的例子", "Largest gains and losses"),
    "gain": ("增加", "gain"),
    "loss": ("减少", "loss"),
    "at_most": ("最多{amount}", "at most {amount}"),
    "no_change": ("没有平台因此增减。", "No platform gains or loses."),
    "open_clauses": ("仍待明确之处", "What stays open"),
    "discretion": ("由主管部门酌定", "left to discretion"),
    "promise": ("未定数额", "no figure"),
    "cases": ("案例", "Cases"),
    # attribute
    "total_of": ("{all}个平台中{count}个的合计", "The total of {count} of {all} platforms"),
    "change": ("变化", "change"),
    "least_most": ("最少{least}，最多{most}", "least {least}, most {most}"),
    "not_known": ("未知", "not known"),
    "by_clause": ("各条款在变化中所占的部分", "Each clause's part of the change"),
    "of_least": ("最少数额的变化", "of the least"),
    "of_most": ("最多数额的变化", "of the most"),
    "how_split": ("每一部分是该条款在各种加入次序中平均带来的变化（沙普利值），精确计算，各栏分别取到分。",
                  "A part is the clause's change averaged over all orders (Shapley): exact, each column to the fen."),
    "no_rule_changes": ("没有规则发生变化。", "No rule changes."),
    "other_clauses": ("其余各条款", "all other clauses"),
    "none_counts": ("没有可以计入的平台。", "No platform counts."),
    "these_clauses": ("这些条款", "These clauses"),
    "idle_clauses": ("对这些平台不带来变化的条款", "Clauses that change nothing for these platforms"),
    "untouched": ("不在适用地方，不受影响", "outside the place that it applies to, so untouched"),
    "left_out": ("未计入合计，缺少事实：{facts}", "left out of the total, cannot be settled without: {facts}"),
    # test
    "passed_failed": ("{passed}个通过，{failed}个失败", "{passed} passed, {failed} failed"),
    "expected_found": ("预期{expected}，实际{found}", "expected {expected}, found {found}"),
    "expected": ("预期{value}", "expected {value}"),
    "found": ("实际{value}", "found {value}"),
    "more_by": ("多{amount}", "{amount} more"),
    "less_by": ("少{amount}", "{amount} less"),
    "none": ("无", "none"),
    "not_loaded": ("文件未载入", "its pack does not apply"),
    "coverage": ("案例覆盖", "Coverage"),
    "clauses": ("条款", "clauses"),
    "branches": ("分支", "branches"),
    "not_reached": ("没有案例触及", "Not reached by any example"),
    "out_of_reach": ("经证明任何平台都不会触及（不计入）", "Proved out of every platform's reach (not counted)"),
    "way_applies": ("从未适用", "never applies"),
    "way_true": ("从未成立", "never true"),
    "way_false": ("从未不成立", "never false"),
    "way_binds": ("从未起限制作用", "never binds"),
    "way_free": ("从未不起限制作用", "always binds"),
    "way_active": ("从未起作用", "never in effect"),
    "way_idle": ("从未不起作用", "always in effect"),
    # readings
    "reading": ("解读", "readings"),
    "outcomes": ("各种解读下的结果", "Under each reading"),
    "way_assumed": ("{way}（默认）", "{way} (assumed)"),
    "any_reading": ("任何解读", "any reading"),
    "all_tried": ("已逐一计算全部{count}种组合。", "All {count} combinations were tried."),
    "none_matters": ("对这个平台，怎样解读都一样。", "No reading makes a difference to this platform."),
    "matter": ("影响这个平台的解读", "Readings that matter here"),
    "idle_readings": ("不影响这个平台的解读", "Readings that do not matter here"),
    # a rule explained
    "yearly": ("每年给付", "paid each year"),
    "clause": ("条款", "Clause"),
    "options": ("可选的理解", "Options"),
    "depends_on": ("所依据的解读", "Readings it depends on"),
    "fills": ("填入{slot}", "fills {slot}"),
    "filled_by": ("填入它的奖补", "Awards that fill it"),
    "depending": ("取决于它的规则", "Rules that depend on it"),
    "named_by": ("涉及它的衔接规则", "Statements that name it"),
    # packs and facts
    "pack": ("文件", "pack"),
    "version": ("版本", "version"),
    "status": ("状态", "status"),
    "in_force": ("施行期", "in force"),
    "title": ("标题", "title"),
    "number": ("文号", "number"),
    "from": ("{first}起", "from {first}"),
    "from_to": ("{first}至{last}", "{first} to {last}"),
    "never": ("未施行", "never"),
    "no_packs": ("没有符合条件的文件。", "No pack fits."),
    "facts": ("事实", "Facts"),
    "payers": ("出资方", "Payers"),
    "places": ("地方", "Places"),
    "name": ("名称", "name"),
    "label": ("标签", "label"),
    "tier": ("类别", "kind"),
    "type": ("类型", "type"),
    "values": ("取值", "values"),
    "default": ("默认", "default"),
    "treasury": ("出资的财政", "treasury"),
    "derived": ("由{source}得出", "follows from {source}"),
    "also": ("也写作{names}", "also {names}"),
}

# What packs say of beneficiaries and instruments; a word that is not here is shown as it stands.
_KNOWN: dict[str, tuple[str, str]] = {
    "platform": ("平台", "platform"), "operator": ("运行主体", "operator"), "firm": ("企业", "firm"),
    "project": ("项目", "project"), "talent": ("人才", "talent"), "park": ("园区、镇", "park or town"),
    "individual": ("个人", "individual"),
}
# fmt: on


def say(lang: str) -> Say:
    """The words of one language: `say("zh")("missing", facts="级别")`."""
    column = 0 if lang == "zh" else 1

    def said(key: str, **words: object) -> str:
        return _WORDS[key][column].format(**words)

    return said


def known(word: str, lang: str) -> str:
    """A beneficiary in words."""
    found = _KNOWN.get(word)
    return found[0 if lang == "zh" else 1] if found else word.replace("_", " ")


def listed(parts: list[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(parts)
