"""Answers as a table: what `eval` writes as CSV or XLSX, a row for a platform.

In: answers. Out: the columns that the platforms' facts need, then those of the contract, as `policyeval batch` has
them; the bytes of a file. Promise: money in yuan, exact; what is not known is an empty cell; Excel takes no text for a
formula.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from typing import Any

from policyeval.answer import Answer
from policyeval.cli.workbook import Value, workbook
from policyeval.columns import amount_columns
from policyeval.evaluate import Span
from policyeval.money import yuan
from policyeval.problems import Problem, Refusal
from policyeval.vocabulary import Vocabulary

_MARK = "\ufeff"  # tells Excel that a text is UTF-8


def header(answers: Sequence[Answer], vocabulary: Vocabulary) -> tuple[list[str], list[str], list[str]]:
    """The columns of facts, of payers, and all of them in order."""
    facts = [name for name in vocabulary.declared if any(name in a.platform.written for a in answers)]
    payers = [payer for payer in vocabulary.payers if any(payer in a.payers for a in answers)]
    named = ["name"] if any(a.platform.name for a in answers) else []
    return facts, payers, [*named, *facts, *amount_columns(payers)]


def rows(answers: Sequence[Answer], vocabulary: Vocabulary) -> list[list[str]]:
    """The header, and a row for each answer."""
    facts, payers, columns = header(answers, vocabulary)
    found = [columns]
    for a in answers:
        row = [a.platform.name or ""] if columns[0] == "name" else []
        row += [_cell(a.platform.written.get(name)) for name in facts]
        row += [*_ends(a.support), str(a.unquantified).lower(), str(a.undetermined).lower()]
        found.append(row + [cell for payer in payers for cell in _ends(a.payers.get(payer))])
    return found


def as_csv(table: Sequence[Sequence[str]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


def as_file(table: Sequence[Sequence[str]], path: str) -> bytes:
    """The bytes of a .csv or .xlsx file. Raises Refusal B132 for another one, Q218 without openpyxl."""
    if path.lower().endswith(".csv"):
        return (_MARK + as_csv(table)).encode()
    if not path.lower().endswith(".xlsx"):
        raise Refusal(Problem("B132", {"path": path}))
    money = {i for i, name in enumerate(table[0]) if name.endswith(("_min", "_max"))}
    rows = [[_typed(cell, i in money) for i, cell in enumerate(row)] for row in table[1:]]
    return workbook(path, {"policyeval": [list(table[0]), *rows]})


def _cell(written: Any) -> str:
    return "" if written is None else written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)


def _ends(span: Span | None) -> list[str]:
    return ["" if end is None else yuan(end) for end in (span or Span(None, None))]


def _typed(cell: str, money: bool) -> Value:
    return cell if not money else Decimal(cell) if cell else None
