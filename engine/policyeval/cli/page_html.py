"""Pages as one HTML file.

In: a page for each language. Out: a document that needs nothing but itself: no script, no font, no picture from
elsewhere. Promises: every text is escaped; headings go down one step at a time; tables say what their headers head.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from policyeval.cli.page import Page, is_right
from policyeval.cli.sections import TAGS, Section, pieces, sections
from policyeval.problems import Lang

_TEMPLATE = "page.html.jinja"
_WORDS: dict[Lang, dict[str, str]] = {
    "zh": {"skip": "跳到正文", "contents": "目录", "made_by": "由{program}生成"},
    "en": {"skip": "Skip to the content", "contents": "Contents", "made_by": "Made by {program}"},
}


class Article(NamedTuple):
    """A page; `id` is what the ids of its parts begin with."""

    id: str
    lang: str
    words: Mapping[str, str]
    sections: list[Section]


def html(pages: Mapping[Lang, Page], program: str) -> bytes:
    """The document. `program`: what made it."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["pieces"] = lambda text, lang: list(pieces(text, lang))
    environment.filters["base64"] = lambda data: b64encode(data).decode()
    environment.tests["right"] = is_right
    articles = [Article(lang, TAGS[lang], _WORDS[lang], sections(page, lang)) for lang, page in pages.items()]
    return environment.get_template(_TEMPLATE).render(articles=articles, program=program).encode()
