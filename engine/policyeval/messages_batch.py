"""Messages about whole tables of platforms, in files and databases, by code.

In: nothing. Out: BATCH, a part of `messages.MESSAGES`.
"""

from __future__ import annotations

from policyeval.message import Message
from policyeval.message import message as _m

BATCH: dict[str, Message] = {
    "X401": _m(
        "amounts made of {facts} may have more digits than {dialect} has in a whole number",
        "由{facts}算出的金额可能超出{dialect}整数的位数",
        "limit the amount with `capped at`, or use `policyeval eval`, which knows no such limit",
        "请用`最高`限定金额，或改用没有位数限制的`policyeval eval`",
    ),
    "X402": _m(
        "what {packs} leave to discretion depends on each other in so many ways that no formula says the ends",
        "{packs}留给裁量的部分互相牵连太多，写不出上下限的公式",
        "use `policyeval eval`, which works them out platform by platform",
        "请用`policyeval eval`逐个平台计算",
    ),
}
