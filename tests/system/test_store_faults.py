"""`consume` against a store that answers errors and recovers: nothing lost, only the named lines are dead letters."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

import ticks
from conftest import get_json, wait_for

import json
import urllib.request

INFLUX_SERVER = Path(__file__).parents[1] / "support" / "influx_server.py"


class TestStore:
    """The InfluxDB-like test server, driven through its control endpoint."""

    __test__ = False

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, str(INFLUX_SERVER)], stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline().split()[-1])}"

    def fail_with(self, *faults):
        request = urllib.request.Request(self.url + "/control", json.dumps({"faults": faults}).encode(), method="POST")
        urllib.request.urlopen(request, timeout=5).close()

    def stats(self):
        return get_json(self.url + "/control/stats")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture
def store():
    server = TestStore()
    yield server
    server.stop()


def read_topic(brokers, topic, partitions):
    """All messages of a topic: (key, value, headers)."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "reader"})
    left = {}
    for partition in range(partitions):
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
        if end > 0:
            left[partition] = end
    consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in left])
    messages = []
    while left:
        message = consumer.poll(10)
        assert message is not None and message.error() is None
        messages.append((message.key(), message.value(), dict(message.headers() or [])))
        if message.offset() + 1 >= left.get(message.partition(), 0):
            left.pop(message.partition(), None)
    consumer.close()
    return messages


def test_faults_then_recovery_lose_nothing(start, brokers, tmp_path, store):
    rows = ticks.make_rows(2000, seed=3)
    csv = tmp_path / "ticks.csv"
    ticks.write_csv(csv, rows)
    bootstrap = brokers("tickers:6", "tickers.dlq:1")
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", tmp_path / "registry.sqlite")
    environment = {
        "KAFKA_BROKERS": bootstrap,
        "SCHEMA_REGISTRY_URL": registry.wait_event("listening")["url"],
        "STORE": store.url,
    }
    token = tmp_path / "token"
    token.write_text("secret-canary\n")
    token.chmod(0o600)
    store.fail_with(
        {"status": 503, "retry_after": "1"},
        {"lines": [2, 5]},
        {"status": 400, "body": '{"error":"database not allowed"}'},
        {"status": 413},
        {"status": 401},
        {"status": 500},
    )
    producer = start("produce", "--source", f"replay:{csv}", "--speed", "max", "--coins", "ALL", environment=environment)
    assert producer.wait(60) == 0, producer.log()
    consumer = start(
        "consume", "--token-file", token, "--batch-ticks", "400", "--batch-age", "100ms",
        "--strategy", "range", environment=environment,
    )
    wait_for(lambda: store.stats()["points"] >= len(rows) - 2, 60, "the store has all but two")
    assert consumer.stop() == 0, consumer.log()

    summary = consumer.events("summary")[-1]
    assert summary["dead_lettered"] == "2", summary
    assert int(summary["written"]) == len(rows) - 2
    letters = read_topic(bootstrap, "tickers.dlq", 1)
    assert len(letters) == 2
    log = dict()
    for key, value, _ in read_topic(bootstrap, "tickers", 6):
        log[key, value] = True
    for key, value, headers in letters:
        assert (key, value) in log  # the original bytes
        assert headers["topic"] == b"tickers"
        assert headers["partition"].isdigit() and headers["offset"].isdigit()
        assert headers["reason"]
    assert store.stats()["conflicting_rewrites"] == 0
    assert "secret-canary" not in consumer.log()
