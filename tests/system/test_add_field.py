"""A new field is one line in C and one in the schema: a copy of the sources gets one, is built, and everything there has it."""

import io
import json
import os
import re
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from fastavro import parse_schema, schemaless_reader

from columns import FIGURES, VERSION
from conftest import get_json, wait_for
from proof import TOPIC, Books, differences
from test_store_faults import TestStore

pytestmark = pytest.mark.slow  # all sources are compiled once more

ROOT = Path(__file__).parents[2]
PARTS = ("src", "schemas", "cmake", "setup", "web", "CMakeLists.txt")
FIELD = "open_interest"
PRICES = (100.5, 101.25, 99.0, 98.75)
VALUES = (7.25, None, 1e-300, 123456789.125)  # of FIELD


def replace_once(path, pattern, text):
    changed, count = re.subn(pattern, text, path.read_text())
    assert count == 1, f"{path}: {count} places for the new line"
    path.write_text(changed)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The sources with one more figure in the next version of the schema."""
    folder = tmp_path_factory.mktemp("copy")
    for part in PARTS:
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, folder / part)
    last_figure = r'( *)(FIGURE\(TICKER_\w+, "%s", \d+\))\n' % FIGURES[-1]
    replace_once(folder / "src/record/ticker.h", last_figure, rf'\1\2 \\\n\1FIGURE(TICKER_{FIELD.upper()}, "{FIELD}", {VERSION + 1})\n')
    field = {"name": FIELD, "type": ["null", "double"], "default": None, "doc": f"Since version {VERSION + 1}."}
    replace_once(folder / "schemas/ticker.avsc", r"\n  \]\n}\s*$", f",\n    {json.dumps(field)}\n  ]\n}}\n")
    return folder


@pytest.fixture(scope="module")
def newer(copy):
    """The program of these sources; without optimisation it is built soonest."""
    build = copy / "build"
    for command in (["cmake", "-S", copy, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None", "-DBUILD_TESTING=OFF",
                     "-DCANDLEWICK_WERROR=ON"],
                    ["cmake", "--build", build, "--target", "candlewick", "-j", str(os.cpu_count())]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return build / "src/candlewick"


@pytest.fixture
def make_books(start, run, brokers, tmp_path, newer):
    """make_books(): the pipeline of the unmodified program; what upgrade() is given runs the newer one from then on."""
    def upgrade(books):
        books.start, books.call = partial(start, binary=newer), partial(run, binary=newer)
        return books

    def make(**settings):
        books = Books(start, run, brokers, tmp_path, **settings)
        books.upgrade = lambda: upgrade(books)
        return books

    return make


def send_field(books):
    """A tick for each of VALUES, from a file that has the new column."""
    path = books.tmp_path / "new.csv"
    lines = [f"{1767225600000 + i},tBTCUSD,{price},{'' if value is None else repr(value)}"
             for i, (price, value) in enumerate(zip(PRICES, VALUES))]
    path.write_text("\n".join([f"time,symbol,last_price,{FIELD}", *lines, ""]))
    produce = books.start("produce", "--source", f"replay:{path}", "--speed", "max", "--coins", "ALL", environment=books.environment)
    assert produce.wait(60) == 0, produce.log()


def table_of(books):
    return books.sql("SELECT sql FROM sqlite_schema WHERE name = 'ticker'")[0][0]


def test_sqlite_file_of_the_layout_before_gets_the_field_and_keeps_its_rows(make_books, run):
    books = make_books()
    books.synthetic(50, "tETHUSD,tXRPUSD")
    books.write()
    columns = ", ".join(name for _, name, *_ in books.sql("PRAGMA table_info(ticker)"))
    before, rows, candles = table_of(books), books.sql(f"SELECT {columns} FROM ticker"), books.run("candles", "--coin", "tETHUSD")
    assert len(rows) == 100 and FIELD not in columns and candles[0] == 0

    books.upgrade()
    assert books.run("candles", "--coin", "tETHUSD") == candles and table_of(books) == before, "who reads a file changes nothing in it"
    send_field(books)
    books.write()
    assert FIELD in table_of(books)
    assert books.sql(f"SELECT {columns} FROM ticker WHERE coin <> 'tBTCUSD'") == rows
    assert books.sql(f"SELECT count({FIELD}) FROM ticker WHERE coin <> 'tBTCUSD'") == [(0,)]
    assert books.sql(f"SELECT last_price, {FIELD} FROM ticker WHERE coin = 'tBTCUSD' ORDER BY time") == list(zip(PRICES, VALUES))
    code, _, err = run("candles", "--coin", "tETHUSD", environment=books.environment)  # the unmodified one
    assert code == 2 and "was written by a newer candlewick" in err


def test_verify_finds_a_changed_value_of_the_field(make_books):
    books = make_books().upgrade()
    send_field(books)
    books.write()
    assert differences(books.verify(code=0)) == {}
    changed, = books.sql(f"SELECT time FROM ticker WHERE {FIELD} = ?", VALUES[0])
    for value, found in ((VALUES[0] + 1, "differing"), (None, "older")):  # a member that does not have the field leaves it out
        books.sql(f"UPDATE ticker SET {FIELD} = ? WHERE time = ?", value, *changed)
        assert differences(books.verify(code=1)) == {found: 1}
    books.sql(f"UPDATE ticker SET {FIELD} = ? WHERE time = ?", VALUES[0], *changed)
    assert differences(books.verify(code=0)) == {}


def read_raw(books, partition):
    """The values of a partition's messages."""
    consumer = Consumer({"bootstrap.servers": books.bootstrap, "group.id": "raw"})
    _, end = consumer.get_watermark_offsets(TopicPartition(TOPIC, partition), timeout=10)
    consumer.assign([TopicPartition(TOPIC, partition, 0)])
    values = []
    wait_for(lambda: values.extend(m.value() for m in consumer.consume(100, timeout=0.2)) or len(values) == end, 20, "all messages")
    consumer.close()
    return values


def test_messages_as_avro_tail_and_page_show_the_field(make_books, run, copy):
    books = make_books().upgrade()
    send_field(books)
    schema = parse_schema(json.loads((copy / "schemas/ticker.avsc").read_text()))
    code, out, err = books.run("tail", "--last", "10", "--format", "json")
    assert code == 0, err
    told = [json.loads(line) for line in out.splitlines()]
    assert [message["value"].get(FIELD) for message in told] == list(VALUES)
    partition, = {message["partition"] for message in told}
    values = [schemaless_reader(io.BytesIO(value[5:]), schema)[FIELD] for value in read_raw(books, partition)]
    assert values == list(VALUES)
    serve = books.start("serve", "--listen", "127.0.0.1:0", environment=books.environment)
    page = serve.wait_event("ready")["page"]
    shown = get_json(f"{page}/api/messages?partition={partition}&offset=0&limit=10")
    assert [message["value"].get(FIELD) for message in shown] == list(VALUES)
    # A member that was not upgraded yet passes over the field.
    code, out, err = run("tail", "--last", "10", "--format", "json", environment=books.environment)
    assert code == 0 and FIELD not in out and [json.loads(line)["value"]["last_price"] for line in out.splitlines()] == list(PRICES), err


@pytest.fixture
def influx():
    server = TestStore()
    yield server
    server.stop()


def stored_values(influx):
    points = get_json(influx.url + "/control/points")
    return [fields.get(FIELD) for _, _, fields in sorted(points, key=lambda point: point[1])]


def test_influxdb_and_dead_letters_have_the_field(make_books, influx):
    books = make_books(store=influx.url).upgrade()
    send_field(books)
    influx.fail_with({"match": f"{FIELD}={VALUES[0]!r}", "times": 0})
    assert books.write().events("summary")[-1]["dead_lettered"] == "1"
    assert stored_values(influx) == list(VALUES[1:])
    code, out, err = books.run("dlq", "--format", "json")
    assert code == 0 and [letter["kind"] for letter in json.loads(out)["letters"]] == ["refused"], err
    influx.fail_with()
    code, out, err = books.run("dlq", "retry", "--format", "json")
    assert code == 0 and json.loads(out)["written"] == 1, err
    assert stored_values(influx) == list(VALUES)
    assert differences(books.verify(code=0)) == {}
