"""Whole tables of platforms, on an engine that lives in this process.

In: a table in a file or a database, a regime. Out: the same table with what each platform gets, those rows set apart
that cannot be read. `table` opens what is there, `spool` brings texts into a shape that the engine reads, `header`
finds the facts among the columns, `typed` makes facts of cells, `run` goes through the rows, `write` ends with a file.
"""
