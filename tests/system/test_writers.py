"""What other programs wrote, as fastavro reads it with our schema: the same table as tests/unit/registry/test_writers.c."""

import io
import json
from pathlib import Path

import pytest
from fastavro import parse_schema, schemaless_reader

from conftest import FIXTURES

TICKER = parse_schema(json.loads((Path(__file__).parents[2] / "schemas/ticker.avsc").read_text()))
TABLE = json.loads((FIXTURES / "writers.json").read_text())


def read(case):
    text = case["writer"].replace("'", '"').replace("@PAD@", "x" * case.get("pad", 0))
    body = io.BytesIO(bytes.fromhex(case["body"]))
    record = schemaless_reader(body, parse_schema(json.loads(text)), TICKER)
    assert body.read() == b"", "bytes are left"
    return record


# `not_fastavro` says why fastavro does otherwise than the specification, or than Avro's own library.
@pytest.mark.parametrize("case", [c for c in TABLE["cases"] if "not_fastavro" not in c], ids=lambda c: c["name"])
def test_fastavro_reads_the_same(case):
    if "error" in case:
        with pytest.raises(Exception):
            read(case)
        return
    want = {field["name"]: None for field in TICKER["fields"]} | TABLE["base"] | case["want"]
    assert read(case) == want
