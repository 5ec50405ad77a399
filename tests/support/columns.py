"""The columns of a kind as its schema has them: schemas/KIND.avsc is the only list of them that tests read."""

import json
import re
from pathlib import Path

SCHEMAS = Path(__file__).parents[2] / "schemas"
NULLABLE_DOUBLE = ["null", "double"]


def fields(kind):
    return json.loads((SCHEMAS / f"{kind}.avsc").read_text())["fields"]


def since(field):
    """The first version of the schema that has it: of a later one than the first, its doc says so."""
    said = re.search(r"Since version (\d+)\.", field.get("doc", ""))
    return int(said.group(1)) if said else 1


FIGURES = tuple(field["name"] for field in fields("ticker") if field["type"] == NULLABLE_DOUBLE)  # of a tick, each may be null
NUMBERS = ("last_price", *FIGURES)
VERSION = max(since(field) for field in fields("ticker"))


def ticker_table():
    """The text of table `ticker` in a SQLite store: each later version's columns stand behind those of the ones before."""
    version = {field["name"]: since(field) for field in fields("ticker")}
    columns = ["coin TEXT NOT NULL", "time INTEGER NOT NULL", "last_price REAL NOT NULL"]
    columns += [name for name in FIGURES if version[name] == 1]
    columns += ["seq INTEGER NOT NULL", "run_id INTEGER NOT NULL"]
    columns += sorted((name for name in FIGURES if version[name] > 1), key=version.get)
    return f"CREATE TABLE ticker ({', '.join(columns)}, PRIMARY KEY (coin, time)) WITHOUT ROWID"
