"""A store that loses what it held while members write to it: noticed, told, and healed by replay."""

import datetime
import json
import os
import sqlite3
import urllib.error
import urllib.request

import pytest
from confluent_kafka import Producer
from test_store_faults import TestStore

from conftest import get, wait_for


@pytest.fixture
def influx():
    server = TestStore()
    yield server
    server.stop()


def control(influx, **wanted):
    request = urllib.request.Request(influx.url + "/control", json.dumps(wanted).encode(), method="POST")
    urllib.request.urlopen(request, timeout=5).close()


def delete_database(influx):
    request = urllib.request.Request(influx.url + "/api/v3/configure/database?db=market", method="DELETE")
    urllib.request.urlopen(request, timeout=5).close()


@pytest.fixture
def pipeline(start, run, brokers):
    """pipeline(store, ...): a live producer and a member; gives an object to ask."""

    class Pipeline:
        def __init__(self, store, *more):
            registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", "registry.db")
            self.ends = ["--brokers", brokers("tickers:6", "tickers.dlq:1"), "--registry", registry.wait_event("listening")["url"]]
            self.store = ["--store", store]
            self.producer = start("produce", *self.ends, "--source", "synthetic", "--coins", "tBTCUSD,tETHUSD", "--poll-interval", "100ms")
            self.more = more
            self.join()
            self.since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)

        def join(self):
            self.member = start("consume", *self.ends, *self.store, "--strategy", "range", "--metrics", "127.0.0.1:0", *self.more)
            self.metrics = self.member.wait_event("metrics")["url"]

        def written(self):
            return self.figure("candlewick_ticks_written_total")

        def figure(self, name):
            text = get(self.metrics + "/metrics")[2].decode()
            return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name + "{"))

        def health(self):
            status, _, body = get(self.metrics + "/healthz")
            return status, body.decode()

        def is_told(self):
            """In the log, by /healthz and by /metrics."""
            wait_for(lambda: self.member.events("store_emptied"), 30, f"an event; {self.member.log()}")
            wait_for(lambda: self.health()[0] == 503 and "replay --since" in self.health()[1], 10, f"/healthz tells it: {self.health()}")
            assert self.figure("candlewick_store_emptied_timestamp_seconds") > 1.7e9

        def verify(self):
            return run("verify", *self.ends, *self.store, "--wait", "20s", timeout=60)

        def heals(self):
            """What is missing is named, and replay brings it back."""
            assert self.producer.stop() == 0
            code, out, err = self.verify()
            assert code == 1 and "missing" in out + err, out + err
            code, _, err = run("replay", *self.ends, *self.store, "--since", self.since.strftime("%Y-%m-%dT%H:%M:%SZ"), timeout=60)
            assert code == 0, err
            code, out, err = self.verify()
            assert code == 0, out + err

    return Pipeline


def test_database_deleted_under_a_member_gets_its_retention_again_and_replay_heals(pipeline, influx):
    group = pipeline(influx.url, "--retention", "366d")
    wait_for(lambda: group.written() > 20, 20, "written ticks")
    assert influx.stats()["databases"] == {"market": "31622400s"}
    delete_database(influx)
    group.is_told()
    assert influx.stats()["databases"] == {"market": "31622400s"}
    group.heals()


def test_power_cut_that_takes_the_last_seconds_is_told_and_replay_heals(pipeline, influx):
    group = pipeline(influx.url)
    wait_for(lambda: group.written() > 20, 20, "written ticks")
    control(influx, faults=[{"status": 503, "times": 0}, {"status": 503, "times": 0, "path": "query"}], lose_s=1)
    wait_for(lambda: group.member.events("write_failed"), 10, "an outage")
    control(influx, faults=[])
    group.is_told()
    group.heals()


@pytest.mark.parametrize("files", [["", "-wal", "-shm"], [""]], ids=["all", "database"])
def test_sqlite_file_deleted_under_a_member_is_told_and_replay_heals(pipeline, tmp_path, files):
    group = pipeline("sqlite:market.db")
    wait_for(lambda: group.written() > 20, 20, "written ticks")
    for ending in files:
        (tmp_path / f"market.db{ending}").unlink()
    group.is_told()
    group.heals()


def test_log_of_a_sqlite_file_deleted_under_a_member_that_is_killed_loses_nothing(pipeline, start, tmp_path):
    group = pipeline("sqlite:market.db")
    wait_for(lambda: group.written() > 20, 20, "written ticks")
    for ending in ["-wal", "-shm"]:
        (tmp_path / f"market.db{ending}").unlink()
    before = group.written()
    wait_for(lambda: group.written() > before + 20, 30, f"it goes on; {group.member.log()}")
    group.member.kill()
    assert "removed or replaced while in use" in group.member.log()
    assert group.producer.stop() == 0
    start("consume", *group.ends, *group.store, "--strategy", "range")
    code, out, err = group.verify()
    assert code == 0, out + err


def test_index_of_a_sqlite_log_cut_off_in_place_loses_nothing_that_is_committed(pipeline, start, tmp_path):
    """The member may be ended by it (SIGBUS), in the midst of SQLite: manual, Limits."""
    group = pipeline("sqlite:market.db")
    wait_for(lambda: group.written() > 20, 20, "written ticks")
    os.truncate(tmp_path / "market.db-shm", 0)
    wait_for(lambda: group.member.process.poll() is not None or group.member.events("store_emptied"), 30, "its end, or its word")
    if group.member.process.poll() is None:
        group.member.kill()
    assert group.producer.stop() == 0
    start("consume", *group.ends, *group.store, "--strategy", "range")
    code, out, err = group.verify()
    assert code == 0, out + err


def test_store_deleted_while_no_member_runs_is_told_and_replay_heals(pipeline, start, tmp_path):
    """Nothing was ever there for a new group, and nothing is told of it."""
    group = pipeline("sqlite:market.db")
    wait_for(lambda: group.written() > 20, 20, "written ticks")
    assert group.health()[0] == 200 and not group.member.events("store_emptied")
    assert group.member.stop() == 0
    for file in tmp_path.glob("market.db*"):
        file.unlink()
    group.join()
    group.is_told()
    assert "the group had committed" in group.health()[1]
    group.heals()


def test_database_deleted_while_no_member_runs_is_told_without_a_tick(pipeline, influx):
    group = pipeline(influx.url)
    wait_for(lambda: group.written() > 20, 20, "written ticks")
    assert group.producer.stop() == 0
    assert group.member.stop() == 0
    before = influx.stats()["answers"]
    group.join()
    wait_for(lambda: influx.stats()["answers"] != before, 20, "its question")
    assert group.member.stop() == 0 and not group.member.events("store_emptied")
    delete_database(influx)
    group.join()
    group.is_told()


def stored(folder):
    with sqlite3.connect(folder / "market.db") as store:
        return store.execute("SELECT count(*) FROM ticker").fetchone()[0]


def log_is_begun_again(start, tmp_path, patience, *options):
    demo = start("demo", "--source", "synthetic", *options, "--poll-interval", "100ms", "--listen", "127.0.0.1:0")
    url = demo.wait_event("ready")["page"]
    folder = tmp_path / "var" / "demo"
    wait_for(lambda: "tBTCUSD" in get(url + "/api/coins")[2].decode(), 20, "a stored tick")
    for ending in ["-wal", "-shm"]:
        (folder / f"synthetic.sqlite{ending}").unlink()
    wait_for(lambda: demo.events("write_failed"), 20, "a write that fails")
    wait_for(lambda: get(url + "/healthz")[0] == 200, patience, f"it is well again; {demo.log()}")
    assert (folder / "synthetic.sqlite-wal").exists() and not demo.events("store_emptied")
    assert demo.stop() == 0, demo.log()


def test_log_of_the_demos_store_deleted_under_it_is_begun_again(start, tmp_path):
    """Writers, page and members share the files within one process: all of them let go of the old ones."""
    log_is_begun_again(start, tmp_path, 60, "--coins", "tBTCUSD,tETHUSD,tXRPUSD,tLTCUSD,tSOLUSD,tADAUSD")


def test_log_deleted_under_a_member_without_work_is_begun_again(start, tmp_path):
    """The idle member's connection holds the old log, and SQLite shares it within a process."""
    log_is_begun_again(start, tmp_path, 40, "--coins", "tBTCUSD", "--members", "2")


def test_group_that_committed_only_dead_letters_is_not_told_that_its_store_is_empty(start, run, brokers, tmp_path):
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", "registry.db")
    bootstrap = brokers("tickers:2", "tickers.dlq:1")
    ends = ["--brokers", bootstrap, "--registry", registry.wait_event("listening")["url"]]
    member = ["consume", *ends, "--store", "sqlite:market.db", "--batch-age", "100ms", "--strategy", "range"]

    def lag():
        code, out, _ = run("status", *ends[:2], "--format", "json")
        return json.loads(out)["lag_total"] if code == 0 else None

    producer = Producer({"bootstrap.servers": bootstrap})
    for number in range(20):
        producer.produce("tickers", key=b"tBTCUSD", value=b"no frame", partition=number % 2)
    assert producer.flush(20) == 0
    first = start(*member)
    wait_for(lambda: lag() == 0, 30, f"its letters; {first.log()}")
    assert first.stop() == 0
    again = start(*member)
    again.wait_event("assigned")
    live = start("produce", *ends, "--source", "synthetic", "--coins", "tBTCUSD,tETHUSD", "--poll-interval", "100ms")
    wait_for(lambda: (tmp_path / "market.db").exists(), 30, "its store")
    wait_for(lambda: stored(tmp_path) > 10, 30, f"ticks; {again.log()}")
    assert not again.events("store_emptied"), again.log()
    # From now on there is something to miss.
    assert live.stop() == 0
    wait_for(lambda: lag() == 0, 30, f"all written; {again.log()}")
    assert again.stop() == 0
    for file in tmp_path.glob("market.db*"):
        file.unlink()
    third = start(*member)
    wait_for(lambda: third.events("store_emptied"), 30, f"an event; {third.log()}")
