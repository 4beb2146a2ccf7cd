"""Types of expressions.

In: nothing. Out: the kinds a value can have, and how messages name them.
"""

from __future__ import annotations

from typing import Literal

from policyeval.record import Record

Kind = Literal["money", "ratio", "number", "count", "date", "bool", "enumeration", "ordered", "place", "split", "list"]


KIND_NAMES: dict[str, dict[str, str]] = {
    "money": {"en": "money", "zh": "金额"},
    "ratio": {"en": "a percentage", "zh": "百分比"},
    "number": {"en": "a number", "zh": "数"},
    "count": {"en": "a count", "zh": "个数"},
    "date": {"en": "a date", "zh": "日期"},
    "bool": {"en": "a condition", "zh": "条件"},
    "enumeration": {"en": "a value of a list", "zh": "选项"},
    "ordered": {"en": "a value of an ordered list", "zh": "有次序的选项"},
    "place": {"en": "a place", "zh": "地方"},
    "split": {"en": "a split ratio", "zh": "分担比例"},
    "list": {"en": "a list", "zh": "列表"},
}


class Type(Record):
    """A kind, and for enumerations and places the fact or reading whose values it takes."""

    kind: Kind
    of: str | None = None

    @property
    def words(self) -> dict[str, str]:
        """The name of the type in a message, in both languages."""
        names = KIND_NAMES[self.kind]
        if self.of and self.kind in ("enumeration", "ordered"):
            return {"en": f"a value of `{self.of}`", "zh": f"`{self.of}`的取值"}
        return names


MONEY = Type("money")
RATIO = Type("ratio")
NUMBER = Type("number")
COUNT = Type("count")
BOOL = Type("bool")
DATE = Type("date")
SPLIT = Type("split")
