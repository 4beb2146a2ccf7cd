"""The limit for batch: a loop in C (kernel.c), fed and emptied by pyarrow.

In: platforms as Parquet. Out: the columns of `policyeval batch` as Parquet. `cc -O3` compiles the loop into a temporary
folder at the first use; texts stay numbers into dictionaries all the way. The next piece is read while one is written.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SOURCE = Path(__file__).with_name("kernel.c")
TEXTS = ("location", "kind", "level", "performance")
LEVELS = {"municipal": 1, "provincial": 2, "national": 3}
PLACES = {"donghai": 1, "guanyun": 1, "guannan": 1, "ganyu": 2, "qidong": 3}
YUAN = pa.decimal64(18, 2)


@cache
def compiled() -> Any:
    """The loop, compiled once in a process."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "kernel.so"
        subprocess.run(["cc", "-O3", "-march=native", "-shared", "-fPIC", "-o", made, SOURCE], check=True)
        return ctypes.CDLL(str(made)).batch


def batch(platforms: Path, out: Path) -> None:
    """Parquet to Parquet, the rows in their order."""
    read = pq.ParquetFile(platforms, read_dictionary=list(TEXTS))
    with ThreadPoolExecutor(1) as beside:
        pieces = _ahead(read, beside)
        first = computed(next(pieces))
        with pq.ParquetWriter(out, first.schema, use_dictionary=list(TEXTS), store_decimal_as_integer=True) as to:
            to.write_table(first)
            for piece in pieces:
                to.write_table(computed(piece))


def _ahead(read: pq.ParquetFile, beside: ThreadPoolExecutor) -> Iterator[pa.Table]:
    """The row groups in turn, each read while the one before is worked on."""
    coming = beside.submit(read.read_row_group, 0)
    for number in range(1, read.num_row_groups + 1):
        piece = coming.result()
        if number < read.num_row_groups:
            coming = beside.submit(read.read_row_group, number)
        yield piece


def computed(table: pa.Table) -> pa.Table:
    """The table with the columns of a batch beside its own."""
    rows = len(table)
    plain = {name: _one(table[name]) for name in table.column_names}
    fen = {name: plain[name].cast(YUAN) for name in ("upstream_funding", "contract_turnover")}
    amounts = {name: pa.allocate_buffer(8 * rows) for name in ("support", "most", "city", "host", "host_most")}
    bits = {name: _empty_bits(rows) for name in ("support", "city", "host", "unquantified", "undetermined")}
    arguments = [
        ctypes.c_size_t(rows),
        *_words(plain["location"], PLACES),
        *_words(plain["level"], LEVELS),
        *_words(plain["performance"], {"excellent": 1}),
        *(_at(buffer) for column in fen.values() for buffer in (column.buffers()[1], column.buffers()[0])),
        *(_at(buffer) for buffer in (amounts["support"], amounts["most"], bits["support"])),
        *(_at(buffer) for buffer in (amounts["city"], bits["city"])),
        *(_at(buffer) for buffer in (amounts["host"], amounts["host_most"], bits["host"])),
        *(_at(buffer) for buffer in (bits["unquantified"], bits["undetermined"])),
    ]
    compiled()(*(argument if not isinstance(argument, _Kept) else argument.pointer for argument in arguments))

    def yuan(amount: str, known: str | None = None) -> pa.Array:
        return pa.Array.from_buffers(YUAN, rows, [bits[known] if known else None, amounts[amount]])

    def flag(name: str) -> pa.Array:
        return pa.Array.from_buffers(pa.bool_(), rows, [None, bits[name]])

    nothing = pa.Array.from_buffers(YUAN, rows, [None, pa.py_buffer(bytes(8 * rows))])
    found = {
        "support_min": yuan("support"),
        "support_max": yuan("most", "support"),
        "unquantified": flag("unquantified"),
        "undetermined": flag("undetermined"),
        "province_min": nothing,
        "province_max": nothing,
        "city_min": yuan("city"),
        "city_max": yuan("city", "city"),
        "host_min": yuan("host"),
        "host_max": yuan("host_most", "host"),
    }
    return pa.table(plain | found)


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


class _Kept:
    """A pointer, and what it points into."""

    def __init__(self, buffer: Any) -> None:
        self.buffer, self.pointer = buffer, ctypes.c_void_p(buffer.address if buffer is not None else None)


def _at(buffer: pa.Buffer | None) -> _Kept:
    return _Kept(buffer)


def _words(column: pa.DictionaryArray, meaning: Mapping[str, int]) -> Iterator[_Kept]:
    """The numbers of a column, its bitmap, and what each number means here."""
    there, numbers = column.indices.buffers()
    said = bytes(meaning.get(word, 0) for word in column.dictionary.to_pylist())
    yield from (_Kept(numbers), _Kept(there), _Kept(pa.py_buffer(said)))


def _empty_bits(rows: int) -> pa.Buffer:
    return pa.py_buffer(bytearray((rows + 7) // 8))


if __name__ == "__main__":
    batch(*map(Path, sys.argv[1:]))
