"""Messages about the command line, examples and the drafter's desk, by code.

In: nothing. Out: DOORS, a part of `messages.MESSAGES`.
"""

from __future__ import annotations

from policyeval.message import Message
from policyeval.message import message as _m

DOORS: dict[str, Message] = {
    "C101": _m("there is no command `{name}`", "没有`{name}`这个命令", "{near}", "{near}"),
    "C102": _m(
        "there is no option `{name}` here",
        "这里没有`{name}`这个选项",
        "{near} `policyeval {command}--help` lists them",
        "{near}`policyeval {command}--help`列出全部",
    ),
    "C103": _m(
        "`{option}` needs a value", "`{option}`后面要有值", "write `{option} {shape}`", "请写`{option} {shape}`"
    ),
    "C104": _m("`{option}` cannot be `{value}`", "`{option}`不能是`{value}`", "{near}", "{near}"),
    "C105": _m(
        "`{name}` is missing",
        "缺少`{name}`",
        "`policyeval {command}--help` shows how",
        "用法见`policyeval {command}--help`",
    ),
    "C106": _m(
        "`{value}` is one too many",
        "多出了`{value}`",
        "options begin with `--`; put a value with spaces in quotes",
        "选项以`--`开头；含空格的值请加引号",
    ),
    "C107": _m(
        "there is no platform to evaluate",
        "没有要计算的平台",
        "name a case file, `-` for standard input, or `--set location=ganyu --set level=national`",
        "请写案例文件、`-`（标准输入），或`--set 所在地=赣榆区 --set 级别=国家级`",
    ),
    "C108": _m(
        "`{value}` chooses no reading",
        "`{value}`没有选定解读",
        "write `--reading ID=OPTION`, as in `--reading lianyungang-2021/cap_scope=each`",
        "请写`--reading 解读=选项`，例如`--reading lianyungang-2021/cap_scope=each`",
    ),
    "C109": _m(
        "{message}", "{message}", "`policyeval {command}--help` shows how", "用法见`policyeval {command}--help`"
    ),
    "C110": _m(
        "this is a fault of policyeval {version}, not of what you gave: {error} ({place})",
        "这是policyeval {version}自身的错误，不是输入的问题：{error}（{place}）",
        "send this line, the command and the files it read to the authors",
        "请把这一行、所用的命令和文件发给作者",
    ),
    "C111": _m(
        "`{option}` cannot be `{value}`",
        "`{option}`不能是`{value}`",
        "write a number of seconds above 0, such as `{option} 30`",
        "请写大于0的秒数，例如`{option} 30`",
    ),
    "C121": _m(
        "no rule that changes is called `{name}`",
        "发生变化的规则中没有`{name}`",
        "{near} what changes: {known}",
        "{near}发生变化的：{known}",
    ),
    "C112": _m(
        "a curve is of one platform, and {count} were named",
        "曲线只画一个平台，这里有{count}个",
        "name a case file with one platform",
        "请给出只含一个平台的案例文件",
    ),
    "C113": _m(
        "a picture needs {library}, which is not installed",
        "画图需要{library}，尚未安装",
        "pip install 'policyeval[charts]'",
        "pip install 'policyeval[charts]'",
    ),
    "C115": _m(
        "`{text}` is not a fact with its value",
        "`{text}`不是“事实加取值”",
        "write `--FACT VALUE`, as in `--level national`; `policyeval facts` lists facts",
        "写成`--事实 取值`，例如`--级别 国家级`；`policyeval facts`列出全部事实",
    ),
    "C116": _m("`{option}` takes no value", "`{option}`后面不写值", "write `{option}` alone", "只写`{option}`"),
    "C114": _m(
        "a picture in the terminal needs plotext, which is not installed",
        "在终端画图需要plotext，尚未安装",
        "pip install 'policyeval[charts]'",
        "pip install 'policyeval[charts]'",
        severity="note",
    ),
    "C119": _m(
        "`--class` asks about many platforms, so `{name}` cannot stand beside it",
        "`--class`问的是一类平台，不能与`{name}`同用",
        "leave one of them out; a draft is added with `--with`",
        "请去掉其中一个；草案用`--with`加上",
    ),
    "T101": _m(
        "`{pack}` has no award `{name}` for the platform",
        "`{pack}`没有给平台的奖补`{name}`",
        "{near}",
        "{near}",
    ),
    "T102": _m("`{pack}` has no entitlement `{name}`", "`{pack}`没有支持事项`{name}`", "{near}", "{near}"),
    "T103": _m("no pack names a department `{name}`", "没有哪个规则包写有部门`{name}`", "{near}", "{near}"),
    "T104": _m(
        "this example says no day, and a draft has no first day in force",
        "这个案例没有写日期，而草案没有施行的第一天",
        "add `as_of: 2023-06-30`",
        "请加上`as_of: 2023-06-30`",
    ),
    "T105": _m(
        "`{name}` takes one value only in this example",
        "`{name}`在这个案例里只有一个取值",
        "list its values, as in `{name}: [A, B]`, or leave it out of `when`",
        "列出它的几个取值，例如`{name}: [甲, 乙]`，或者从`when`中去掉",
    ),
    "T106": _m(
        "`{value}` is not one of the values that `{name}` takes in this example",
        "`{value}`不是`{name}`在这个案例里的取值",
        "{near}",
        "{near}",
    ),
    "T107": _m(
        "nothing is expected where {where}",
        "没有写明{where}时的预期",
        "add an item with that `when`, or one without `when`",
        "加一项这样的`when`，或者一项不带`when`的预期",
    ),
    "T108": _m(
        "this example stands for {count} platforms; at most {limit} are run",
        "这个案例展开为{count}个平台，最多{limit}个",
        "divide it into several examples",
        "请拆成几个案例",
    ),
    "T109": _m(
        "the readings of these packs combine in {count} ways; at most {limit} are tried",
        "这些规则包的解读有{count}种组合，最多{limit}种",
        "choose some of them with `--reading ID=OPTION`",
        "请用`--reading 解读=选项`选定其中一些",
    ),
    "T110": _m(
        "`{path}` cannot be written: {reason}",
        "无法写入`{path}`：{reason}",
        "name a file in a folder that exists and may be written",
        "请写已有且可写的文件夹中的文件",
    ),
    "T111": _m(
        "the examples of `{pack}` reach {percent}% of its {of}, less than {least}%",
        "`{pack}`的案例只触及{percent}%的{of}，低于{least}%",
        "`policyeval test {pack} --coverage` lists the rest",
        "`policyeval test {pack} --coverage`列出其余的",
    ),
    "D101": _m(
        "`{path}` writes characters as pairs of `\\u` codes, and cannot be formatted",
        "`{path}`把字符写成成对的`\\u`编码，不能排版",
        "write the characters themselves",
        "请直接写出字符",
    ),
    "D102": _m(
        "`{path}` was left as it is: rewritten, it would no longer mean the same",
        "`{path}`保持原样：改写后意思会变",
        "rename what has two meanings, or write the expression by hand",
        "请给有歧义的名称改名，或手工改写表达式",
    ),
    "D103": _m(
        "`{path}` was left as it is: this text is used in several places (`*name`), and would be written differently "
        "in each",
        "`{path}`保持原样：这段文字用在多处（`*名称`），而各处的写法不同",
        "write it out in each place",
        "请在各处分别写出",
    ),
    "D104": _m(
        "several files cannot be printed as one",
        "多个文件不能一起输出",
        "add `--write`, `--check` or `--diff`, or name one file",
        "请加上`--write`、`--check`或`--diff`，或者只写一个文件",
    ),
    "D105": _m(
        "`--write` changes files, and `{other}` leaves them as they are",
        "`--write`改写文件，`{other}`不改",
        "choose one of them",
        "请选用其中一个",
    ),
    "D106": _m("`{path}` would be rewritten", "`{path}`需要改写", severity="note"),
    "D107": _m("`{path}` cannot be written: {reason}", "无法写入`{path}`：{reason}"),
    "D108": _m(
        "`{path}` is not a file that can be written",
        "`{path}`不是可以写入的文件",
        "name a file, or leave out `--write`",
        "请写文件名，或去掉`--write`",
    ),
    "D109": _m("`{path}` was rewritten", "已改写`{path}`", severity="note"),
    "D111": _m(
        "`{id}` cannot be the id of a pack",
        "`{id}`不能作规则包的名称",
        "use small letters, digits, `_` and `-`, as in `{example}`",
        "请用小写字母、数字、`_`和`-`，例如`{example}`",
    ),
    "D112": _m(
        "there is a pack `{id}` already, in `{path}`",
        "已有规则包`{id}`，在`{path}`",
        "choose another id",
        "请换一个名称",
    ),
    "D113": _m(
        "`{path}` is there already, and was not overwritten",
        "`{path}`已经存在，没有覆盖",
        "choose another file with `-o FILE`; `--force` replaces this one, where the command has it",
        "请用`-o 文件`另选一个；命令有`--force`时，可用它替换",
    ),
    "D121": _m(
        "`{pack}` has no rule `{rule}`",
        "`{pack}`没有规则`{rule}`",
        "{near} its rules: {known}",
        "{near}可写：{known}",
    ),
    "D122": _m("no pack has a rule `{rule}`", "没有哪个规则包有规则`{rule}`", "{near}", "{near}"),
    "D123": _m(
        "several packs have a rule `{rule}`", "有多个规则包都有规则`{rule}`", "say which: {known}", "请写明：{known}"
    ),
    "D124": _m(
        "name one rule, or give an expression",
        "请写一条规则，或者给出表达式",
        "write `policyeval explain ganyu-draft/national_match`, or `--expression '…'` alone",
        "写成`policyeval explain ganyu-draft/national_match`，或只写`--expression '…'`",
    ),
    "D131": _m(
        "`{path}` does not say what sort of file to write",
        "从`{path}`看不出要写哪种文件",
        "let its name end in .html, .md or .docx",
        "文件名请以.html、.md或.docx结尾",
    ),
    "D132": _m(
        "`{path}` is there already, and was not overwritten",
        "`{path}`已经存在，没有覆盖",
        "choose another file, or add `--force` to replace it",
        "请另选一个文件，或加上`--force`覆盖",
    ),
    "D133": _m("`{path}` was written", "已写入`{path}`", severity="note"),
    "D134": _m(
        "a {form} file needs {library}, which is not installed",
        "写{form}文件需要{library}，尚未安装",
        "`pip install 'policyeval[report]'`, or write an .md file",
        "请运行`pip install 'policyeval[report]'`，或写成.md文件",
    ),
    "D135": _m(
        "`--each-reading` holds a draft against what is in force, and cannot stand beside `--against`",
        "`--each-reading`对照的是现行文件，不能与`--against`同用",
        "leave one of them out",
        "请去掉其中一个",
    ),
}
