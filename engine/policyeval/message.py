"""One message of a problem, in English and Chinese.

In: nothing. Out: Message, and `message` to write one down. `messages` holds them all by code.
"""

from __future__ import annotations

from typing import Literal

from policyeval.record import Record


class Message(Record):
    """`text` and `help` by language; both are templates over the problem's words."""

    severity: Literal["error", "warning", "note"]
    text: dict[str, str]
    help: dict[str, str]


def message(en: str, zh: str, help_en: str = "", help_zh: str = "", severity: str = "error") -> Message:
    return Message(severity, {"en": en, "zh": zh}, {"en": help_en, "zh": help_zh})  # type: ignore[arg-type]
