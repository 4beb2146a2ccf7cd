"""The columns of tables that queries go over, and those of the tables of answers.

In: what a fact is, and who pays. Out: Column, and the names of the columns of an answer. Promise: no database, and no
library that writes SQL, is needed to speak of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyeval.record import Record

NARROW = 2**63 - 1  # the largest whole number of 64 bits
FLAGS = ("unquantified", "undetermined")


class Column(Record):
    """The column of a fact. `values`: the texts of an enumeration or a place, by their numbers in the plan."""

    name: str
    values: tuple[str, ...] = ()
    truth: bool = False
    may_be_null: bool = True


def amount_columns(payers: Sequence[str]) -> list[str]:
    """The columns of an answer, in the contract's order."""
    of_payers = [f"{payer}_{end}" for payer in payers for end in ("min", "max")]
    return ["support_min", "support_max", *FLAGS, *of_payers]
