"""CSV on a cluster: lines that Spark reads, told apart into cells there.

In: the name of a CSV file that the cluster can read, or of a folder of them. Out: its rows as a table of Spark, and the
rows that are damaged, each with its line. Promises: what is a row, and what is wrong with a line, is what `spool` says
of the same file; a file is read once, in as many parts as Spark makes of it.

A file in another encoding than UTF-8 is first brought into it by the driver: not every encoding can be parted, and Java
goes on after a byte of no character in another place than the reader of `spool` does.

A line with as many delimiters as the header is never part of a row that began above it. So what a line is can be told
from itself, unless a quote is left open in one of the 999 lines before it: the driver reads such neighbours alone, with
the reader of `spool`, which puts them together.
"""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections.abc import Iterator
from itertools import islice
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from policyeval.batch.cluster import Cluster, in_order, java
from policyeval.batch.spool import (
    DAMAGE,
    LINES,
    LONGEST,
    UTF8,
    CsvHeader,
    csv_header,
    csv_rows,
    delimiter_notes,
    encoding_notes,
    into_utf8,
)
from policyeval.problems import Problem, Refusal
from policyeval.regime import Tell

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PLACE = ("~#file", "~#split", "~#")  # columns that say where a row stands: a file, a part of it, a number in all of it
_FILE, _SPLIT, _ID = PLACE
_OF_A_LINE = {_FILE: "string", _SPLIT: "bigint", _ID: "bigint", "kind": "string", "cells": "int"}
_FIRST = 2**20  # bytes, in which a header ends
_PUT_DOWN = 50_000  # rows at a time


class Csv:
    """CSV files of one header. Raises Refusal B113, B117 or B120, and B111 where a file has another header."""

    counted = "line"

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster, self.name = cluster, name
        files = cluster.session.read.text(name).inputFiles()
        self.several = len(files) > 1
        self.begun: dict[str, CsvHeader] = {}
        for file in sorted(files):
            path, first = self._first(file)
            if first or not self.several:
                self.begun[path] = csv_header(first, path if self.several else name)
        found: dict[tuple[tuple[str, ...], str, int], str] = {}
        for path, head in self.begun.items():
            found.setdefault((head.columns, head.delimiter, head.lines), path)
        if len(found) != 1:
            path, other = [*found.values(), "", ""][:2]
            raise Refusal(Problem("B111", {"path": other, "other": path}) if found else Problem("B120", {"path": name}))
        ((names, self.delimiter, self.header),) = found
        self.columns = tuple((column, "VARCHAR") for column in names)
        self.width = len(names)
        self.marked = any(head.marked for head in self.begun.values())
        encodings = {head.encoding for head in self.begun.values()}
        self.foreign = encodings != {UTF8}
        each = self.begun if len(encodings) > 1 else {name: next(iter(self.begun.values()))}
        notes = [note for path, head in each.items() for note in encoding_notes(path, head.encoding)]
        self.notes = (*notes, *delimiter_notes(name, self.delimiter))

    def read(self, folder: str, tell: Tell) -> DataFrame:
        """The rows, and where each stands; they are put down in a folder."""
        from pyspark.sql import functions as f  # noqa: PLC0415  # an extra

        self.folder, session = folder, self.cluster.session
        name = self._in_utf8(f"{folder}/utf-8", tell) if self.foreign else self.name
        self._told(session.read.text(name, lineSep="\n")).write.parquet(f"{folder}/lines")
        lines = session.read.parquet(f"{folder}/lines")
        open_ = f.count_if(f.col("kind") == "open")
        spans = lines.groupBy(_FILE, _SPLIT).agg(f.min(_ID), f.count(_ID), open_).collect()
        self.spans: list[tuple[int, str, int, int]] = []  # of parts: the first number, file, place, lines before it
        headers: list[int] = []
        before, last = 0, None
        for file, split, first, count, _ in sorted(spans):
            before = before if file == last else 0
            self.spans.append((first, file, split, before))
            headers += range(first, first + min(count, self.header - before))
            before, last = before + count, file
        self.spans.sort()
        self.lines = lines.where(~f.col(_ID).isin(headers))
        if any(span[-1] for span in spans):
            self._put_together()
        counts = dict(map(tuple, self.lines.groupBy("kind").count().collect()))
        self.rows, self.blank = sum(counts.values()), counts.get("blank", 0)
        self.damaged = self.rows - self.blank - counts.get(None, 0)
        cells = [f.nullif(f.col(f"c{i}"), f.lit("")).alias(name) for i, (name, _) in enumerate(self.columns)]
        return self.lines.where("kind IS NULL").select(*cells, *map(f.col, PLACE))

    def place(self, file: str, number: int) -> tuple[str, int]:
        """The file, and the line in it, of the row with that number."""
        first, _, _, before = self.spans[bisect(self.spans, number, key=lambda span: span[0]) - 1]
        own = [*self.begun][int(file.rpartition("/")[2])] if self.foreign else unquote(file)
        return own, before + number - first + 1

    def wrong(self) -> Iterator[tuple[str, int, Problem]]:
        """The damaged rows, in their order."""
        if not self.damaged:
            return
        found = self.lines.where("kind <> 'blank'").select(*PLACE, "kind", "cells")
        for file, _, number, code, cells in in_order(found, PLACE):
            words = {"B121": {"cells": cells, "columns": self.width}, "B126": {"limit": LONGEST}}
            yield *self.place(file, number), Problem(code, words.get(code, {}))

    def _first(self, file: str) -> tuple[str, bytes]:
        """The name of a file, and how it begins."""
        jvm, conf = java(self.cluster.session)
        path = jvm.org.apache.hadoop.fs.Path(jvm.java.net.URI(file))
        stream = path.getFileSystem(conf).open(path)
        try:
            first = bytes(stream.readNBytes(_FIRST))
        finally:
            stream.close()
        whole = first.rfind(b"\n") + 1 if len(first) == _FIRST else 0  # the last line may be cut
        return path.toString(), first[: whole or len(first)]

    def _in_utf8(self, folder: str, tell: Tell) -> str:
        """The same files, in UTF-8, in a folder: each is called by its number."""
        jvm, conf = java(self.cluster.session)
        path = jvm.org.apache.hadoop.fs.Path
        for number, (name, head) in enumerate(self.begun.items()):
            file, goal = path(name), path(f"{folder}/{number:06d}")
            with TemporaryDirectory() as here:
                given, told = f"{here}/given", f"{here}/told"
                file.getFileSystem(conf).copyToLocalFile(False, file, path(f"file://{given}"), True)
                into_utf8(given, head.encoding, told, tell)
                goal.getFileSystem(conf).copyFromLocalFile(path(f"file://{told}"), goal)
        return folder

    # what a line is

    def _told(self, texts: DataFrame) -> DataFrame:
        """The lines, with what each is by itself: a row (`kind` is NULL), blank, the code of what is wrong, or `open`.

        `text`: of a line that may belong to another. Bytes that are no character are left as they are, so `decode` to
        a byte a letter keeps them where a line has to be cut.
        """
        from pyspark.sql import functions as f  # noqa: PLC0415  # an extra

        whole = f.concat("value", f.lit("\n"))
        letters = f.decode(whole.cast("binary"), "ISO-8859-1")
        cut = f.transform(f.split(letters, "(?<=\r)(?!\n)"), lambda piece: f.encode(piece, "ISO-8859-1").cast("string"))
        ends = f.contains(f.col("value"), f.lit("\r")) & whole.rlike("\r(?!\n)")
        lines = texts.select(
            f.explode(f.when(ends, cut).otherwise(f.array(whole))).alias("whole"),
            f.col("_metadata.file_path").alias(_FILE),
            f.col("_metadata.file_block_start").alias(_SPLIT),
        )
        line = f.rtrim(f.col("whole"), f.lit("\r\n"))
        lines = lines.select("*", f.monotonically_increasing_id().alias(_ID), line.alias("line"))
        sign, part = self.delimiter, re.escape(self.delimiter)
        cell = rf'"(?:[^"]++|"")*+"|[^"{part}][^{part}]*+|'
        quotes = f.contains(f.col("line"), f.lit('"'))
        signs = f.octet_length("line") - f.octet_length(f.replace(f.col("line"), f.lit(sign), f.lit("")))
        sure = (signs == (self.width - 1) * len(sign.encode())) if self.width > 2 else f.lit(False)
        whole_row = rf"\A(?:{cell})(?:{part}(?:{cell}))*+\z"
        left_open = rf'\A(?:(?:{cell}){part})*+"(?:[^"]++|"")*+\z'
        lines = lines.select(
            *("whole", *PLACE, "line"),
            quotes.alias("quotes"),
            sure.alias("sure"),
            (~quotes | f.col("line").rlike(whole_row)).alias("closed"),
            (~f.is_valid_utf8(f.col("line")) | f.contains(f.col("line"), f.lit("\0"))).alias("bad"),
        )
        quoted = f.transform(
            f.regexp_extract_all("line", f.lit(rf"(?:\A|(?<={part}))\G({cell})(?:{part}|\z)"), 1),
            lambda one: f.when(
                f.startswith(one, f.lit('"')),
                f.replace(f.substr(one, f.lit(2), f.length(one) - 2), f.lit('""'), f.lit('"')),
            ).otherwise(one),
        )
        plain = f.split(f.col("line"), f"{part}", -1)
        told = f.when(f.col("closed") & ~f.col("bad"), f.when(f.col("quotes"), quoted).otherwise(plain))
        lines = lines.select("*", told.alias("told"))
        filled = f.exists("told", lambda one: one != "")
        more = f.exists(f.slice("told", self.width + 1, LONGEST), lambda one: one != "")
        size = f.size("told")
        kind = (
            f.when(f.col("quotes") & ~f.col("closed") & f.col("line").rlike(left_open), "open")
            .when(~f.col("closed"), "B123")
            .when(f.col("bad"), "B122")
            .when(f.length("whole") > LONGEST, "B126")
            .when(~filled, "blank")
            .when((size != self.width) & ((size < self.width) | more), "B121")
        )
        lines = lines.select("*", kind.alias("kind"), size.alias("cells"))
        text = f.when((f.col("kind") == "open") | ~f.col("sure"), f.col("whole"))
        kept = f.col("kind").isNull()
        cells = [f.when(kept, f.get("told", f.lit(i))).alias(f"c{i}") for i in range(self.width)]
        return lines.select(*PLACE, "kind", "cells", "sure", "bad", text.alias("text"), *cells)

    # lines that may belong together

    def _put_together(self) -> None:
        """Has the driver read the neighbours of lines that are left open, and takes its rows in their place."""
        from pyspark.sql import functions as f  # noqa: PLC0415  # an extra

        begins = self.cluster.table(
            "file string,split bigint,first bigint,before bigint",
            [(file, split, first, before) for first, file, split, before in self.spans],
        )
        here = (f.col(_FILE) == f.col("file")) & (f.col(_SPLIT) == f.col("split"))
        n = f.col("before") + f.col(_ID) - f.col("first")
        loose = self.lines.where("text IS NOT NULL").join(begins, here).withColumn("n", n)
        some = f.floor(f.col("n") / LINES)
        near = loose.where("kind = 'open'").select("file", f.explode(f.array(some, some + 1)).alias("some")).distinct()
        near = loose.withColumn("some", some).join(near, ["file", "some"], "left_semi")
        found = in_order(near.select(*PLACE, "n", "sure", "bad", "text"), (_FILE, "n"))
        jvm, conf = java(self.cluster.session)
        rows, number = self._read(found), 0
        while some_rows := "".join(islice(rows, _PUT_DOWN)):
            path = jvm.org.apache.hadoop.fs.Path(f"{self.folder}/read/{number:05d}.json")
            stream = path.getFileSystem(conf).create(path, True)
            stream.write(bytearray(some_rows.encode()))
            stream.close()
            number += 1
        columns = {**_OF_A_LINE, **{f"c{i}": "string" for i in range(self.width)}}
        shape = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
        read = self.cluster.session.read.json(f"{self.folder}/read", shape)
        others = self.lines.join(read.select(_ID), _ID, "left_anti").select(*columns)
        self.lines = others.union(read.where("kind IS NULL OR kind <> 'gone'"))

    def _read(self, lines: Iterator[Any]) -> Iterator[str]:
        """What the lines are, as lines of JSON; those after the first one of a row are gone."""
        for run in _runs(lines):
            texts = (row.text.replace("\ufffd", DAMAGE) if row.bad else row.text for row in run)
            numbers = [{name: row[name] for name in PLACE} for row in run]
            begun = 0
            for at, cells in csv_rows("".join(texts), self.delimiter, [*dict(self.columns)]):
                yield from (_said(number, kind="gone") for number in numbers[begun : at - 1])
                begun = at
                if isinstance(cells, Problem):
                    yield _said(numbers[at - 1], kind=cells.code, cells=cells.words.get("cells"))
                elif not any(cells):
                    yield _said(numbers[at - 1], kind="blank")
                else:
                    yield _said(numbers[at - 1], **{f"c{i}": cell for i, cell in enumerate(cells)})
            yield from (_said(number, kind="gone") for number in numbers[begun:])


def _runs(lines: Iterator[Any]) -> Iterator[list[Any]]:
    """Lines that follow each other; one that is sure to begin a row begins another run."""
    run: list[Any] = []
    for row in lines:
        if run and (row.sure or (row[_FILE], row.n) != (run[-1][_FILE], run[-1].n + 1)):
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _said(place: dict[str, Any], **more: object) -> str:
    return json.dumps(place | more, ensure_ascii=False) + "\n"
