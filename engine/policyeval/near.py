"""Nearest names: what a mistyped word may have meant.

In: a word and the names that are known where it stands. Out: the nearest of them, as a name or as a question for a
message. Promise: nothing is ever replaced by its nearest name; a person is asked.
"""

from __future__ import annotations

from collections.abc import Iterable

_FEW = 8  # a list of names this long is shown whole


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, or None where none is alike."""
    from difflib import get_close_matches  # noqa: PLC0415  # only a message needs it, and start-up does not

    by_folded: dict[str, str] = {}
    for name in known:
        by_folded.setdefault(_folded(name), name)  # the first spelling is the one to write
    cutoff = 0.6 if word.isascii() else 0.5  # two Chinese characters with one in common are alike
    found = get_close_matches(_folded(word), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> dict[str, str]:
    """The question for a message, in both languages; empty where no name is alike."""
    name = nearest(word, known)
    return {"en": f"did you mean `{name}`?", "zh": f"是不是`{name}`？"} if name else {"en": "", "zh": ""}


def one_of(word: str, known: Iterable[str]) -> dict[str, str]:
    """The nearest name as a question, then all names where they are few."""
    names = list(dict.fromkeys(known))
    asked = did_you_mean(word, names)
    if not names or len(names) > _FEW:
        return asked
    shown = [f"`{name}`" for name in names]
    return {
        "en": f"{asked['en']} known: {', '.join(shown)}".strip(),
        "zh": f"{asked['zh']}可用：{'、'.join(shown)}",
    }


def _folded(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
