"""Messages about claims and proofs, by code.

In: nothing. Out: PROOFS, a part of `messages.MESSAGES`.
"""

from __future__ import annotations

from policyeval.message import Message
from policyeval.message import message as _m

PROOFS: dict[str, Message] = {
    "R404": _m(
        "the solver cannot follow a quotient or a product of two amounts that both differ from platform to platform",
        "求解器无法处理两个都随平台变化的数额之商或积",
        "write it with a fixed percentage or figure, or look at single platforms with `eval`",
        "请改用固定的比例或数额，或者用`eval`逐个查看",
    ),
    "R405": _m(
        "the solver cannot say a node of kind {kind}",
        "求解器无法表达{kind}这一类节点",
        "look at single platforms with `eval`",
        "请用`eval`逐个查看",
    ),
    "R406": _m(
        "what an authority chooses is shared out in proportion here, so that a payer's ends cannot be told to the fen",
        "无法精确到分地说明出资方数额的上下限：主管部门酌定的数额在此按比例分摊",
        "look at single platforms with `eval`",
        "请用`eval`逐个查看",
    ),
    "V401": _m(
        "`{name}` is not among the policies held against each other here: {known}",
        "`{name}`不在这里所比较的政策之中：{known}",
        "`policyeval prove` takes any",
        "可用`policyeval prove`单独证明",
    ),
    "V402": _m(
        "a claim cannot say `{text}`",
        "主张中不能写`{text}`",
        "use awards, payers, the support, amounts, facts that are money, + - * /, percentages, higher and lower of",
        "可用：奖补、出资方、支持总额、数额、金额事实、加减乘除、百分比、就高就低",
    ),
    "V403": _m(
        "the time for one claim was over",
        "单项主张的时限已到",
        "allow more with `--limit SECONDS`",
        "可用`--limit 秒数`放宽",
    ),
    "V404": _m(
        "the solver gave up: the claim is not made of straight lines",
        "求解器未能判定：主张不是分段线性的",
        "look at single platforms with `eval`",
        "请用`eval`逐个查看",
    ),
    "V406": _m(
        "it cannot be settled without: {facts}",
        "缺少以下内容，尚不能确定：{facts}",
        "state it in the case, or with `--set FACT=VALUE`",
        "请在案例中写明，或用`--set 事实=取值`",
    ),
    "V407": _m(
        "no curve can be drawn over `{fact}`",
        "不能按`{fact}`画曲线",
        "name a fact that is a number: {known}",
        "请写数值类的事实：{known}",
    ),
    "R407": _m(
        "the course over `{fact}` is not made of straight lines",
        "随`{fact}`的变化不是分段线性的",
        "look at single values with `eval --set`",
        "请用`eval --set`逐个查看",
    ),
    "V405": _m(
        "no platform at all meets `{where}`, so the claim would say nothing",
        "没有任何平台符合`{where}`，主张便落空",
        "mend the condition",
        "请改正条件",
    ),
    "V408": _m(
        "a class is told by facts of platforms alone, and `{name}` is none",
        "划分一类平台只能用平台的事实，`{name}`不是事实",
        "choose how to read a clause with `--reading ID=OPTION`; `policyeval facts` lists what can be said here",
        "条款的解读请用`--reading 解读=选项`选定；可写的事实见`policyeval facts`",
    ),
    "V409": _m(
        "no platform at all is of the class `{class}`",
        "没有任何平台属于`{class}`这一类",
        "mend the condition, or what `--set` says",
        "请改正条件，或者`--set`所写的事实",
    ),
}
