"""`verify` on a log that retention has cut, which no in-process cluster can be: an older period was replayed behind
live ticks, so that what is left of the log begins with times before those that it has forgotten."""

import json
import os
import subprocess
import sys
import time

import pytest
from conftest import BINARY, ROOT, wait_for
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

sys.path.insert(0, str(ROOT / "tests" / "system"))
import sqlite3

import ticks

TOPIC = "cut"
COIN = "tBTCUSD"
PART = 200
STEP_MS = 30_000


def part(start_ms):
    prices = ticks.make_rows(PART, seed=3, coins=(COIN,))
    return [dict(row, time=start_ms + i * STEP_MS) for i, row in enumerate(prices)]


class Log:
    def __init__(self, cluster, folder):
        brokers = ",".join(f"127.0.0.1:{cluster.ports[f'KAFKA_{n}_PORT']}" for n in (1, 2, 3))
        self.folder, self.file = folder, folder / "cut.db"
        self.admin = AdminClient({"bootstrap.servers": brokers})
        self.environment = {"PATH": os.environ["PATH"], "KAFKA_BROKERS": brokers, "TOPIC": TOPIC, "GROUP_ID": "cut",
                            "SCHEMA_REGISTRY_URL": f"http://127.0.0.1:{cluster.ports['REGISTRY_PORT']}",
                            "STORE": f"sqlite:{self.file}"}

    def run(self, *arguments, codes=(0,)):
        done = subprocess.run([BINARY, *map(str, arguments)], cwd=self.folder, env=self.environment, capture_output=True,
                              text=True, timeout=90)
        assert done.returncode in codes, done.stderr
        return done.stdout

    def send(self, rows):
        path = self.folder / "ticks.csv"
        ticks.write_csv(path, rows)
        self.run("produce", "--source", f"replay:{path}", "--speed", "max", "--coins", "ALL")

    def write(self):
        member = subprocess.Popen([BINARY, "consume", "--batch-age", "100ms"], cwd=self.folder, env=self.environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: json.loads(self.run("status", "--format", "json", codes=(0, 1)) or "{}").get("lag_total") == 0,
                     60, "all is written")
        finally:
            member.terminate()
            assert member.wait(30) == 0

    def forget(self, messages):
        """The oldest ones of the one partition that has any."""
        partitions = json.loads(self.run("status", "--format", "json"))["partitions"]
        (number,) = [p["partition"] for p in partitions if p["end"] > 0]
        self.admin.delete_records([TopicPartition(TOPIC, number, messages)])[TopicPartition(TOPIC, number)].result(30)

    def verify(self, code):
        """The books, and the last line that people read."""
        books = json.loads(self.run("verify", "--format", "json", codes=(code,)))
        return books, self.run("verify", codes=(code,)).splitlines()[-1]

    def sql(self, text, *values):
        with sqlite3.connect(self.file, timeout=20) as store:
            return store.execute(text, values).fetchall()


@pytest.fixture
def log(cluster, tmp_path):
    log = Log(cluster, tmp_path)
    log.run("prepare")
    live = ticks.START_MS
    log.send(part(live))
    log.send(part(live - 86_400_000 * 30))
    log.send(part(live + PART * STEP_MS))
    log.write()
    return log


def test_right_points_are_kept_and_more_than_were_forgotten_are_not(log):
    books, _ = log.verify(0)
    assert books["points"] == 3 * PART and books["not_provable"] == books["log_forgot"] == 0
    log.forget(PART)
    books, said = log.verify(0)
    assert books["points"] == 2 * PART and books["not_provable"] == books["log_forgot"] == PART
    assert books["unexpected"] == 0 and "delete" not in said
    assert f"{PART} points of the store are not provable: the log has forgotten {PART} messages." in said
    # What is left is held against the log as ever.
    (time_ns,) = log.sql("SELECT max(time) FROM ticker")[0]
    log.sql("UPDATE ticker SET last_price = 2 * last_price WHERE time = ?", time_ns)
    assert log.verify(1)[0]["differing"] == 1
    log.sql("UPDATE ticker SET last_price = last_price / 2 WHERE time = ?", time_ns)
    # One more than the log can have forgotten.
    log.sql("INSERT INTO ticker (coin, time, last_price, seq, run_id) VALUES (?, ?, 1, 0, 0)", COIN, time.time_ns())
    books, said = log.verify(1)
    assert books["unexpected"] == 1 and books["not_provable"] == PART and "delete" not in said
