"""A stock table of 100,000 days, replayed through real brokers into both stores: asked by symbol and year, each gives what Python
finds in the table itself."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from conftest import BINARY, ROOT, wait_for
from confluent_kafka.admin import AdminClient, NewTopic

from tables import stocks

YEAR = {"sqlite": "strftime('%Y', open_time_ns / 1000000000, 'unixepoch')", "influx": "to_char(to_timestamp_nanos(open_time_ns), '%Y')"}


@pytest.fixture(scope="module")
def influx():
    server = subprocess.Popen([sys.executable, ROOT / "tests/support/influx_server.py"], stdout=subprocess.PIPE, text=True)
    yield f"http://127.0.0.1:{int(server.stdout.readline().split()[-1])}"
    server.kill()
    server.wait(10)
    server.stdout.close()


@pytest.fixture(scope="module")
def run(cluster):
    """run(arguments…): the program on a topic of its own of this stack's brokers."""
    brokers = ",".join(f"127.0.0.1:{cluster.ports[f'KAFKA_{n}_PORT']}" for n in (1, 2, 3))
    environment = {"PATH": os.environ["PATH"], "KAFKA_BROKERS": brokers, "TOPIC": "bar=stocks", "STREAMS": "bar",
                   "SCHEMA_REGISTRY_URL": f"http://127.0.0.1:{cluster.ports['REGISTRY_PORT']}"}
    topics = [NewTopic(name, count, 3, config={"min.insync.replicas": "2"}) for name, count in (("stocks", 6), ("stocks.dlq", 1))]
    admin = AdminClient({"bootstrap.servers": brokers})
    for made in admin.create_topics(topics).values():
        made.result(60)

    def run(*arguments, start=False, codes=(0,)):
        command = [BINARY, *map(str, arguments)]
        if start:
            return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240)
        assert done.returncode in codes, done.stdout + done.stderr
        return done
    return run


@pytest.fixture(scope="module")
def table(run, tmp_path_factory):
    """The table's rows; they are in the log."""
    rows = stocks.make_table()
    path: Path = tmp_path_factory.mktemp("stocks") / "indexProcessed.csv"
    stocks.write_table(path, rows)
    sent = run("produce", "--source", f"replay:{path}", "--speed", "max", "--coins", "ALL").stderr
    empty = sum(figures is None for _, _, figures in rows)
    assert int(re.search(r" produced=(\d+)", sent)[1]) == len(rows) - empty
    assert int(re.search(r" rejected_no_price=(\d+)", sent)[1]) == empty
    return rows


def by_sqlite(file):
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as store:
        rows = store.execute(stocks.SQL.format(year=YEAR["sqlite"])).fetchall()
    return {(coin, year): figures for coin, year, *figures in rows}


def by_influx(url):
    body = json.dumps({"db": "market", "q": stocks.SQL.format(year=YEAR["influx"]), "format": "json"}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/api/v3/query_sql", body, {"Content-Type": "application/json"}), timeout=120) as answer:
        rows = json.loads(answer.read())
    return {(row["coin"], row["year"]): (row["days"], row["closes"], row["highest"]) for row in rows}


@pytest.mark.parametrize("name", ["sqlite", "influx"])
def test_days_of_a_stock_table_are_stored_as_they_are(run, table, influx, tmp_path, name):
    place = tmp_path / "stocks.db" if name == "sqlite" else influx
    store = ("--store", f"sqlite:{place}" if name == "sqlite" else place, "--group", f"stocks-{name}")
    member = run("consume", *store, start=True)
    try:
        def lag():
            told = run("status", "--group", f"stocks-{name}", "--format", "json", codes=(0, 1)).stdout
            return json.loads(told)["lag_total"] if told else None  # nothing: the member has not joined yet

        wait_for(lambda: lag() == 0, 60, "all of the table is stored and committed")
    finally:
        member.terminate()
        _, said = member.communicate(timeout=60)
    assert member.returncode == 0, said[-2000:]
    if name == "influx":
        stocks.same(by_influx(place), stocks.by_year(table))
        return
    stocks.same(by_sqlite(place), stocks.by_year(table))
    told = json.loads(run("verify", *store, "--format", "json").stdout)
    assert told["balanced"] and told["bars"] == told["points"] == sum(figures is not None for _, _, figures in table)
