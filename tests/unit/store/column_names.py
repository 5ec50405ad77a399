#!/usr/bin/env python3
"""Asks for every column of every kind without quotes, in the SQL of SQLite, of DataFusion (the engine of
InfluxDB 3) and of DuckDB. A word that one of them keeps for itself, as DataFusion does with "interval",
is no name for a column.

    python column_names.py STORE.sqlite SCHEMAS      the file's tables and the schemas' fields; 0: all can be asked for

77: a package is missing."""

import json
import sqlite3
import sys
from pathlib import Path

try:
    import datafusion
    import duckdb
    import pyarrow
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

QUERIES = (
    "SELECT {column} FROM {table} WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY {column}",
    "SELECT t.{column}, count(*) AS points FROM {table} AS t GROUP BY 1",
    "SELECT max({column}) AS {column} FROM {table}",
)


def quoted(names):
    return ", ".join(f'"{name}" BIGINT' for name in names)


def ask_sqlite(table, columns):
    database = sqlite3.connect(":memory:")
    database.execute(f'CREATE TABLE "{table}" ({quoted(columns)})')
    return database.execute


def ask_duckdb(table, columns):
    database = duckdb.connect()
    database.execute(f'CREATE TABLE "{table}" ({quoted(columns)})')
    return database.execute


def ask_datafusion(table, columns):
    context = datafusion.SessionContext()
    rows = pyarrow.RecordBatch.from_pydict({name: pyarrow.array([1], pyarrow.int64()) for name in columns})
    context.register_record_batches(table, [[rows]])
    return lambda sql: context.sql(sql).collect()


ENGINES = {"SQLite": ask_sqlite, "DataFusion": ask_datafusion, "DuckDB": ask_duckdb}


def refusals(engine, table, columns):
    """The columns that the engine does not take without quotes, with its words."""
    ask = ENGINES[engine](table, columns)
    refused = {}
    for column in columns:
        for query in QUERIES:
            try:
                ask(query.format(column=column, table=table))
            except Exception as error:  # each engine has its own
                refused[column] = str(error).splitlines()[0]
    return refused


def tables_of(store, schemas):
    """A table's name and its columns': as they are stored, and as the schema has them."""
    database = sqlite3.connect(store)
    for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"):
        stored = [row[0] for row in database.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        schema = json.loads((Path(schemas) / f"{table}.avsc").read_text())
        yield table, list(dict.fromkeys(stored + [field["name"] for field in schema["fields"]]))


def main(store, schemas):
    # What this program looks for is found.
    assert "interval" in refusals("DataFusion", "bar", ["interval", "open"])
    assert "select" in refusals("SQLite", "bar", ["select"]) and "select" in refusals("DuckDB", "bar", ["select"])
    tables = list(tables_of(store, schemas))
    failed = len(tables) < len(list(Path(schemas).glob("*.avsc")))
    for table, columns in tables:
        for engine in ENGINES:
            for column, why in refusals(engine, table, columns).items():
                failed = True
                print(f"{engine} does not take {table}.{column} without quotes: {why}")
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
