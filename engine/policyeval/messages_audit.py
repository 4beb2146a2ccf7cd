"""What an audit finds between and within documents, by code.

In: nothing. Out: AUDIT, a part of `messages.MESSAGES`. A601 to A622 say what differs, A623 to A640 what is left open,
A641 to A649 what agrees. None is an error: a document may mean what it says.
"""

from __future__ import annotations

from policyeval.message import Message, message


def _m(en: str, zh: str) -> Message:
    return message(en, zh, severity="note")


AUDIT: dict[str, Message] = {
    # differs
    "A601": _m(
        "{label}: the rows of `{table}` make {sum}, and the printed total is {total}",
        "{label}：`{table}`各行相加为{sum}，印出的总计是{total}",
    ),
    "A602": _m(
        "{label}: `{table}` comes to {sum}, and the target is {figure}",
        "{label}：`{table}`合计{sum}，目标是{figure}",
    ),
    "A603": _m(
        "{label}: `{table}` comes to {sum}, and `{other}` to {other_sum}",
        "{label}：`{table}`合计{sum}，`{other}`合计{other_sum}",
    ),
    "A604": _m(
        "{where}: {part} {value}, more than {whole} {other} of which they are a part",
        "{where}：{part}{value}，多于把它计算在内的{whole}{other}",
    ),
    "A605": _m(
        "{part}: {figure}. {whole}: {other}. The first are counted by the second too, so that both cannot hold unless "
        "the populations differ or the second comes to {value} as well",
        "{part}：{figure}；{whole}：{other}。前者都计入后者，除非所指范围不同，或者后者也达到{value}，两者不能同时成立",
    ),
    "A606": _m(
        "{label}: one thing, one time, different figures: {figures}",
        "{label}：同一事项、同一期限，数字不同：{figures}",
    ),
    "A607": _m(
        "{label}: the same figure under different comparators: {figures}",
        "{label}：数字相同，比较方式不同：{figures}",
    ),
    "A608": _m(
        "{label}: {rate} makes {made} in {years} years; the total ({total}) is {figure}, which takes {needed} years",
        "{label}：{rate}，{years}年共{made}，而总数（{total}）是{figure}，需要{needed}年",
    ),
    "A609": _m(
        "{stock}: {sum} = {made} with {flow}, short of {figure}",
        "{stock}：加上{flow}，{sum} = {made}，达不到{figure}",
    ),
    "A610": _m(
        "{label}: {upper} allots {quota} to {place}; {lower} has {figure}, which does not meet it",
        "{label}：{upper}分给{place}的是{quota}，{lower}是{figure}，不相符",
    ),
    "A611": _m(
        "{place}, {label}: {upper} says {quota}, {lower} says {figure}; the figure is the same, the comparator is not",
        "{place}，{label}：{upper}写{quota}，{lower}写{figure}，数字相同，比较方式不同",
    ),
    "A612": _m(
        "{label}: {upper} allots {quota} to {place}, and {lower} does not take it up",
        "{label}：{upper}分给{place}的是{quota}，{lower}没有这一项",
    ),
    "A613": _m("one category under different names: {labels}", "同一类别名称不同：{labels}"),
    "A614": _m(
        "{label}: only in {upper}: {there}; only in {lower}: {here}",
        "{label}：只见于{upper}：{there}；只见于{lower}：{here}",
    ),
    "A615": _m(
        "one department under two names{topic}: {old}, later {new}",
        "同一部门前后名称不同{topic}：{old}，后为{new}",
    ),
    "A616": _m(
        "`{topic}`: named only in {first}: {gone}; only in {second}: {come}",
        "`{topic}`：只有{first}点名的：{gone}；只有{second}点名的：{come}",
    ),
    "A617": _m(
        "{lower} has no counterpart of {what} in {upper} (steps: {count})",
        "{upper}的“{what}”（共{count}步），{lower}没有对应的程序",
    ),
    "A618": _m(
        "{lower} has no counterpart of a duty in {upper}: {what}",
        "{upper}的职责“{what}”，{lower}没有对应的规定",
    ),
    "A619": _m(
        "{what}: {often} in {upper}, {less} in {lower}",
        "{what}：{upper}{often}，{lower}{less}",
    ),
    "A620": _m(
        "{label}: due on {day}, after its document ends on {term}",
        "{label}：期限{day}晚于文件的施行期（至{term}）",
    ),
    "A621": _m(
        "{label}: the number is {value}, and the list has {count}",
        "{label}：数字是{value}，列举的有{count}项",
    ),
    "A622": _m(
        "{label}: {part} for {time}, more than {whole} for the whole period",
        "{label}：{time}为{part}，多于整个时期的{whole}",
    ),
    # open
    "A623": _m(
        "perhaps one thing under two names, with the same figure. {label}: {figure}; {other_label}: {other}{times}",
        "可能是同一事项的两个名称，数字相同。{label}：{figure}；{other_label}：{other}{times}",
    ),
    "A624": _m(
        "perhaps one thing under two names, with different figures. {label}: {figure}; {other_label}: {other}{times}",
        "可能是同一事项的两个名称，数字不同。{label}：{figure}；{other_label}：{other}{times}",
    ),
    "A625": _m(
        "{label}: {rate} makes {made} in {years} years; {total} is {figure}, which takes {needed} years, if both are "
        "one thing",
        "{label}：{rate}，{years}年共{made}；{total}是{figure}，如果是同一事项，需要{needed}年",
    ),
    "A626": _m(
        "{label}: {rate} makes {made} in {years} years, beside {whole} {other}: how the two relate is not said",
        "{label}：{rate}，{years}年共{made}；与{whole}{other}是什么关系没有写明",
    ),
    "A627": _m(
        "{label}: {figure}, and from when the sum runs is not said",
        "{label}：{figure}，从何时起累计没有写明",
    ),
    "A628": _m("{pack}: targets without a deadline: {count}", "{pack}：没有印出期限的目标{count}项"),
    "A629": _m(
        "{label}: its first and last year are not both printed",
        "{label}：没有印全起止年份",
    ),
    "A630": _m(
        "{label}: twice as many, of a number that is not printed{implied}",
        "{label}：翻一番，而现有数没有印出{implied}",
    ),
    "A631": _m("{pack}: targets without a figure: {count}", "{pack}：没有数字的目标{count}项"),
    "A632": _m(
        "{label}: {figure}, in one year or in all is not said",
        "{label}：{figure}，是一年的数还是累计没有写明",
    ),
    "A633": _m(
        "{label}: blank in `{table}`, which is unknown and not 0 (cells: {count}): {where}",
        "{label}：`{table}`有{count}格空白，是不知道，不是0：{where}",
    ),
    "A634": _m(
        "{pack} ended on {term}, so that its targets (in all {count}) bind nobody on {day}",
        "{pack}已于{term}到期，其目标（共{count}项）在{day}已无约束力",
    ),
    "A635": _m(
        "{where} share one row without a split: {figures}",
        "{where}合为一行，没有再分：{figures}",
    ),
    "A636": _m(
        "{pack}: targets for which nobody is named: {count}",
        "{pack}：没有写明由谁负责的目标{count}项",
    ),
    "A637": _m(
        "`{topic}`: one clause alone names {first}, another alone {second}",
        "`{topic}`：一处独有{first}，另一处独有{second}",
    ),
    "A638": _m(
        "{label}: no step has a limit of days (steps: {count})",
        "{label}：各步（共{count}步）都没有写明时限",
    ),
    "A639": _m(
        "{does}: how often is not said, beside a duty that says it ({other})",
        "{does}：没有写明多久一次，而同一条的另一项（{other}）写明了",
    ),
    "A640": _m("{pack}: support without a figure: {count}", "{pack}：没有数额的支持{count}项"),
    # agrees
    "A641": _m(
        "{label}: the rows of `{table}` add up to the printed total, {sum}",
        "{label}：`{table}`各行相加与印出的总计一致，{sum}",
    ),
    "A642": _m(
        "{label}: `{table}` comes to {sum} and meets the target, {figure}",
        "{label}：`{table}`合计{sum}，符合目标{figure}",
    ),
    "A643": _m(
        "{label}: `{table}` ({sum}) and `{other}` ({other_sum}) come to the same",
        "{label}：`{table}`（{sum}）与`{other}`（{other_sum}）合计相同",
    ),
    "A644": _m(
        "{part}: {value}, within {whole}, {other}{rest}",
        "{part}：{value}，在{whole}{other}以内{rest}",
    ),
    "A645": _m("{label}: said more than once, alike: {figure}", "{label}：前后几处一致：{figure}"),
    "A646": _m(
        "{label}: {rate} makes {made} in {years} years, which meets the total ({total}), {figure}",
        "{label}：{rate}，{years}年共{made}，符合总数（{total}）{figure}",
    ),
    "A647": _m(
        "{stock}: {sum} = {made} with {flow}, which meets {figure}",
        "{stock}：加上{flow}，{sum} = {made}，达到{figure}",
    ),
    "A648": _m(
        "{place}, {label}: {lower} has {figure}, {upper} allots {quota}",
        "{place}，{label}：{lower}写{figure}，{upper}分配{quota}，达到要求",
    ),
    "A649": _m("in {upper} and in {lower}: {what}", "{upper}和{lower}都有：{what}"),
}
