"""Targets as a picture: a bar for each, as SVG.

In: targets with their progress. Out: the bytes of a picture that needs nothing but itself. Promise: every bar has its
words beside it, so nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from policyeval.cli.table import wrap
from policyeval.cli.targets_text import STYLES, Writer, share, shown
from policyeval.targets import Entry, Targets

_WIDE, _ROW, _LEFT, _BAR = 720, 42, 12, 440
_FILLS = {"green": "#2e7d4f", "red": "#b3261e", "yellow": "#b26a00", "dim": "#7a7a7a"}
_COLUMNS = 114  # of letters, half as wide as they are high, that the picture has room for
_FONT = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei','Segoe UI',Arial,sans-serif"


def svg(entries: Sequence[Entry], found: Targets, lang: str) -> bytes:
    """A bar for each target and row of a quota that has a figure; a stroke across it is where the line stands."""
    write = Writer(found, lang)
    parts: list[str] = []
    for entry in entries:
        for one in shown(entry).progress:
            top = _ROW * len(parts)
            words = write.said("named_goal", name=write.name(entry, one), asked=write.asked(entry, one.asked.row))
            status, fill = write.status(entry, one), _FILLS[STYLES[one.status]]
            reached, asked = share(one.value, one.goal), share(one.path, one.goal)
            bar = f'<rect x="{_LEFT}" y="{top + 22}" width="{_BAR}" height="12" fill="#e3e6ea"/>'
            if reached is not None:
                length = round(min(float(reached), 1.0) * _BAR, 1)
                bar += f'<rect x="{_LEFT}" y="{top + 22}" width="{length}" height="12" fill="{fill}"/>'
            if asked is not None and asked <= 1:
                x = round(_LEFT + float(asked) * _BAR, 1)
                bar += f'<path d="M{x} {top + 18}v20" stroke="#1a1a1a" stroke-width="2"/>'
            label = f'<text x="{_LEFT}" y="{top + 15}">{escape(_cut(words))}</text>'
            beside = f'<text x="{_LEFT + _BAR + 10}" y="{top + 33}" fill="{fill}">{escape(status)}</text>'
            parts.append(label + bar + beside)
    height = max(_ROW * len(parts) + 8, 8)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {height}" width="{_WIDE}" height="{height}" '
        f'font-family={quoteattr(_FONT)} font-size="12" fill="#1a1a1a">'
    )
    return "\n".join([head, f'<rect width="{_WIDE}" height="{height}" fill="#fff"/>', *parts, "</svg>", ""]).encode()


def _cut(text: str) -> str:
    """A text that fits on one line."""
    first, *more = wrap(text, _COLUMNS)
    return f"{first}…" if more else first
