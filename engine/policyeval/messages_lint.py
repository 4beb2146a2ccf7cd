"""What is doubtful in a pack that loads, in English and Chinese, by its stable code.

In: nothing. Out: the messages W501 to W528 and their remarks, which `messages` takes in. A page for each code is in
`docs/lints/`. `{under}` names readings and `{at}` a platform; either may be empty.
"""

from __future__ import annotations

from policyeval.message import Message, message


def _w(en: str, zh: str, help_en: str, help_zh: str) -> Message:
    return message(en, zh, help_en, help_zh, severity="warning")


def _n(en: str, zh: str, help_en: str = "", help_zh: str = "") -> Message:
    return message(en, zh, help_en, help_zh, severity="note")


LINTS: dict[str, Message] = {
    "W501": _w(
        "`{award}` and `{other}` can both be paid by `{payer}`, and no statement names both{under}; for example: {at}",
        "`{award}`和`{other}`可以同时由`{payer}`支付，却没有规则同时写到两者{under}；例如：{at}",
        "say how they relate: `{award} stacks with {other}`, `higher of {award}, {other}`, or another statement",
        "写明两者的关系：`{award} 可叠加 {other}`、`就高 {award}、{other}`或别的规则",
    ),
    "W502": _w(
        "on a tie the payers differ, and nothing says who pays{under}: `{text}`; for example: {at}",
        "两者相等时出资方不同，文件没有写明由谁出{under}：`{text}`；例如：{at}",
        "the first named stands; say in the document who pays on a tie, or allow this with the reason",
        "现按先写的一方；请在文件中写明相等时由谁出，或者说明理由后放行",
    ),
    "W503": _w(
        "this {bound} never takes effect in `{award}`: `{text}`",
        "`{award}`的这个{bound}从不起作用：`{text}`",
        "take it out, or correct its figure: it never decides what is paid",
        "删去它，或核对数额：给付多少从不由它决定",
    ),
    "W504": _w(
        "no platform in {place} meets this: `{text}`",
        "{place}没有平台满足这一处：`{text}`",
        "the conditions on the way to it, figures included, cannot hold together: mend one or take it out",
        "通往它的条件（含数额比较）不能同时成立：改正其中一个，或删去",
    ),
    "W505": _w(
        "this statement changes nothing, for any platform under any reading: `{text}`",
        "这条规则对任何平台、按任何解读都不改变结果：`{text}`",
        "it repeats what the awards and the other statements say already: take it out, or say what it should add",
        "它只重复奖补和其他规则已经写明的内容：删去它，或写明它要增加什么",
    ),
    "W506": _w(
        "the support falls by {drop} as `{fact}` rises by one fen, from {point} to {next}{under}; for example: {at}",
        "`{fact}`从{point}增加一分到{next}，支持反而减少{drop}{under}；例如：{at}",
        "let the amount go on from where the other one ends, or add a floor at what was reached before",
        "让后一档从前一档的终点接续，或加上不低于前一档的保底",
    ),
    "W507": _w(
        "the document names `{value}`, and no award reaches a platform with {fact} `{value}`{under}",
        "文件写到了“{value}”，却没有任何奖补给予{fact}为“{value}”的平台{under}",
        "add an award for it, or say among `not_modelled` why it has none",
        "为它写一项奖补，或在`not_modelled`中说明为什么没有",
    ),
    "W508": _w(
        "this floor is above the ceiling in `{award}`: `{text}`",
        "`{award}`的保底高于最高额：`{text}`",
        "whichever is written last wins: correct one of the two figures",
        "现以写在后面的为准：改正两个数额中的一个",
    ),
    "W509": _w(
        "the split `{text}` cannot be paid as written: {what}",
        "分担比例`{text}`无法照此支付：{what}",
        "write one positive share for each payer, or leave the payer out",
        "为每个出资方写一个大于零的份额，或去掉该出资方",
    ),
    "W510": _w(
        "nothing depends on the reading `{reading}`",
        "没有任何内容取决于解读`{reading}`",
        "use it in a condition, `when {reading} is OPTION`, or as the comparator of a target, or take it out",
        "在条件中用到它，`当 {reading} 为 选项`，或用作目标的比较方式，或者删去",
    ),
    "W511": _w(
        "`{award}` promises support without a figure, "
        "and neither a payer nor a department in charge is named; for example: {at}",
        "`{award}`承诺支持而没有数额，也没有写明由谁出、由哪个部门负责；例如：{at}",
        "name who pays, `unspecified by PAYER`, or who is responsible, under `authority` or `duties`",
        "写明由谁出`未明确 由 出资方`，或在`authority`、`duties`里写明由谁负责",
    ),
    "W512": _w(
        "this statement changes what `{payers}` pays under `{pack}`, a document of a higher government{under}: "
        "`{text}`; for example: {at}",
        "这条规则改变了上级文件`{pack}`中由`{payers}`支付的数额{under}：`{text}`；例如：{at}",
        "a lower government's document cannot bind a higher one's money: confine it to your own awards, "
        "or allow it with the reason",
        "下级文件不能决定上级的资金：请只写自己的奖补，或者说明理由后放行",
    ),
    "W513": _n(
        "the order matters: written the other way round, the two statements give other amounts{under}: "
        "`{text}`; for example: {at}",
        "先后次序有影响：两条规则对调后金额不同{under}：`{text}`；例如：{at}",
        "make sure that the document means this order",
        "请确认文件就是这个先后次序",
    ),
    "W514": _w(
        "the cited phrase says `{cited}`, and the expression says {written}",
        "引文写的是`{cited}`，表达式写的是{written}",
        "correct the expression, or cite the words that its figure stands in",
        "改正表达式，或改引数额所在的文字",
    ),
    "W515": _w(
        "`{text}` is {times} times smaller than `{other}` in a like place: 元 in place of 万元?",
        "`{text}`只有同类的`{other}`的{times}分之一：是否把万元写成了元？",
        "check the unit; a bare number is yuan",
        "请核对单位；不带单位按元计",
    ),
    "W516": _w(
        "exactly at `{bound}` this is {what}: `{text}`",
        "恰好等于`{bound}`时{what}：`{text}`",
        "以上 and 以下 include the bound: `at least`, `at most`; `above` and `below` leave it out",
        "“以上”“以下”含本数：用`不低于`、`不高于`；`高于`、`低于`不含",
    ),
    "W517": _w(
        "`{pack}` is no longer in force on {day}: it ended on {last}",
        "`{pack}`在{day}已经失效：有效期至{last}",
        "refer to the document that took its place, or take what refers to it out",
        "改引接替它的文件，或删去引用",
    ),
    "W518": _w(
        "the range `{range}` of `{pack}` does not pin a version: before 1.0.0 any version may change an outcome",
        "`{pack}`的版本范围`{range}`没有固定版本：1.0.0之前每个版本都可能改变结果",
        "write the version that was read, for example `{version}`",
        "写明所依据的版本，例如`{version}`",
    ),
    "W519": _w(
        "this allows nothing: there is no finding {code} at `{where}`",
        "这一条没有放行任何问题：`{where}`处没有{code}",
        "take it out, or correct `code` or `where`; an error cannot be allowed",
        "删去它，或改正`code`、`where`；错误不能放行",
    ),
    "W520": _n(
        "no outcome turns on the reading `{reading}`: the ambiguity is harmless",
        "任何结果都不取决于解读`{reading}`：这一歧义没有影响",
        "it may stay; rewriting the clause would change no amount",
        "可以保留；改写该条款不会改变任何金额",
    ),
    "W522": message(
        "this guarantee does not hold: `{text}` is broken {by}; for example: {at}",
        "这项保证不成立：`{text}`，{by}；例如：{at}",
        "mend the guarantee, or the rule that breaks it",
        "请改正这项保证，或者改正违反它的规则",
    ),
    "W523": _w(
        "this guarantee does not hold{under}: `{text}` is broken {by}; for example: {at}",
        "这项保证不成立{under}：`{text}`，{by}；例如：{at}",
        "write the open clause so that it has one reading, or mend the guarantee",
        "请把两可的条款写明，或者改正这项保证",
    ),
    "W524": _w(
        "this guarantee concerns no platform at all: `{text}`",
        "没有任何平台涉及这项保证：`{text}`",
        "name an award that some platform can have",
        "请写出有平台可以得到的奖补",
    ),
    "W521": _n(
        "{code} could not be decided for `{rule}`: {why}",
        "`{rule}`的{code}无法判定：{why}",
        "look at it by hand, or write the rule more simply",
        "请人工核对，或把规则写得简单一些",
    ),
    "W525": _n(
        "no phrase that the pack cites holds {written}",
        "引文中没有出现{written}",
        "hold it against the document; cite the words that it stands in, here or in another rule of the clause",
        "请对照原文核对；可以在本条或同一条款的另一条规则里引用它所在的文字",
    ),
    "W526": _w(
        "`{award}` comes to less than nothing for some platform{under}; for example: {at}",
        "`{award}`对某些平台算出来小于0{under}；例如：{at}",
        "nobody pays back: add a floor, `at least 0`, or a condition that shuts these platforms out",
        "没有人倒付：加上保底`不低于 0`，或用条件排除这些平台",
    ),
    "W527": _w(
        "`{payer}` is to pay in {place}, which has no such payer",
        "{place}没有`{payer}`这一出资方，却要由它支付",
        "shut such places out with a condition, or name another payer for them",
        "用条件排除这样的地方，或为它们写明别的出资方",
    ),
    "W528": _w(
        "no platform is paid anything under `{award}`, under any reading",
        "对任何平台、按任何解读，`{award}`都不给付一分钱",
        "correct its amount, or the statement that sets it aside; where no figure is known write `unspecified`",
        "改正它的数额，或改正使它不再给付的规则；没有数额的写`未明确`",
    ),
    "W590": _n("the other one stands here", "另一处在这里"),
    "W591": _n("this is the ceiling", "这是最高额"),
    "W592": _n("this is the figure it is compared with", "与此处的数额相比"),
    "W593": _n("the like rule stands here", "同类规则在这里"),
}
