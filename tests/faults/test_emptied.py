"""Rows 36 to 38: files pulled away under a SQLite store, InfluxDB's database deleted, a power cut that takes its last seconds."""

import json
import os
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from columns import NUMBERS
from parts import Part, run, wait_for
from rig import START, environment
from test_disk import rows_of, word
from test_store_answers import finish

INFLUX_SERVER = Path(__file__).parents[1] / "support" / "influx_server.py"


@pytest.fixture
def sqlite(rig):
    """The rig's store is a SQLite file, whose name this gives."""
    path = rig.folder / "pulled.db"
    rig.store_address = f"sqlite:{path}"
    rig.stored = lambda: rows_of(path)
    return path


class Influx:
    """influx_server.py: what the fault store does not, it answers SQL and has databases that can be deleted."""

    def __init__(self, rig):
        self.part = Part("influx", [sys.executable, INFLUX_SERVER], rig.folder, environment=environment(PYTHONPATH=os.environ["PYTHONPATH"]))
        rig.parts.append(self.part)
        wait_for(lambda: self.part.out.read_text().endswith("\n"), 20, "the server's port")
        self.url = f"http://127.0.0.1:{int(self.part.out.read_text())}"
        rig.store_address, rig.stored = self.url, self.points

    def ask(self, method, path, body=b""):
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body or None, method=method), timeout=30) as answer:
            return answer.read()

    def control(self, **wanted):
        self.ask("POST", "/control", json.dumps(wanted).encode())

    def points(self):
        """{tick: (first write, writes)}; when is not known."""
        return {" ".join([coin, str(time_ns), *(word(fields.get(name)) for name in NUMBERS), str(fields["seq"]), str(fields["run_id"])]): (0, 1)
                for coin, time_ns, fields in json.loads(self.ask("GET", "/control/points"))}


@pytest.fixture
def influx(rig):
    return Influx(rig)


def heal(rig):
    """What the message says is to be done: the topic is read again."""
    rig.stop_feeds()
    rig.settle()
    run([rig.programs["candlewick"], "replay", *rig.kafka(session=False)[:-2], "--store", rig.store_address, "--token-file", rig.token, "--since", START],
        rig.folder, environment(), 120)


def told(rig, count):
    """Members have said so often that their store was emptied."""
    wait_for(lambda: sum(len(member.events("store_emptied")) for member in rig.members.values()) >= count, 40,
             lambda: "; ".join(member.tail(3) for member in rig.members.values()))


@pytest.mark.quick
@pytest.mark.parametrize("endings", [("-wal",), ("-shm",), ("-wal", "-shm")], ids=["wal", "shm", "both"])
def test_row_36_the_log_of_a_sqlite_store_pulled_away_and_the_member_killed(rig, sqlite, passed, scaled, endings):
    rig.member("consumer-1")
    rig.feed(1000000, 1000)
    rig.group_works()
    rounds = scaled(5)
    for _ in range(rounds):
        member = rig.members["consumer-1"]
        for ending in endings:
            Path(f"{sqlite}{ending}").unlink()
        wait_for(lambda member=member: "removed or replaced" in member.log(), 20, member.tail)
        time.sleep(rig.random.uniform(0.1, 1))
        member.kill()
        rig.member("consumer-1")
        wait_for(lambda: rig.members["consumer-1"].events("assigned"), 30, "it is a member again")
    rig.cleared()
    rig.stop_feeds()
    finish(rig, passed, "36", f"{' and '.join(endings)} of the SQLite store deleted under a member, which is killed (SIGKILL) after that", f"{rounds} times")


def test_row_36_a_sqlite_store_pulled_away_is_told_and_replayed(rig, sqlite, passed, scaled):
    rig.member("consumer-1")
    rig.feed(1000000, 1000)
    rig.group_works()
    rounds = scaled(3)
    for number in range(rounds):
        for ending in ("", "-wal", "-shm"):
            Path(f"{sqlite}{ending}").unlink(missing_ok=True)
        told(rig, number + 1)
    rig.cleared()
    heal(rig)
    finish(rig, passed, "36", "all files of the SQLite store deleted under a member", f"{rounds} times", "Told by log, /healthz and /metrics; healed by `replay --since`.")


@pytest.mark.quick
def test_row_37_a_database_deleted_under_the_group_is_told_and_replayed(rig, influx, passed, scaled):
    for number in (1, 2):
        rig.member(f"consumer-{number}", "--batches-in-flight", "2", "--retention", "8784h")
    rig.feed(1000000, 300)
    rig.group_works()
    rounds = scaled(3)
    for number in range(rounds):
        time.sleep(rig.random.uniform(0, 3))
        influx.ask("DELETE", "/api/v3/configure/database?db=market")
        told(rig, 2 * (number + 1))
        wait_for(lambda: json.loads(influx.ask("GET", "/control/stats"))["databases"] == {"market": "31622400s"}, 20, "its retention is set again")
    rig.cleared()
    heal(rig)
    finish(rig, passed, "37", "InfluxDB's database deleted under two members", f"{rounds} times", "Told, its retention set again; healed by `replay --since`.", peak_mib=float("inf"))


@pytest.mark.quick
def test_row_38_a_power_cut_that_takes_the_last_seconds_is_told_and_replayed(rig, influx, passed, scaled):
    rig.member("consumer-1", "--batches-in-flight", "2")
    rig.feed(1000000, 300)
    rig.group_works()
    rounds = scaled(3)
    for number in range(rounds):
        failed = len(rig.members["consumer-1"].events("write_failed"))
        away = [{"status": 503, "times": 0}, {"status": 503, "times": 0, "path": "query"}]
        influx.control(faults=away, lose_s=2)
        wait_for(lambda failed=failed: len(rig.members["consumer-1"].events("write_failed")) > failed, 20, "an outage")
        influx.control(faults=[])
        told(rig, number + 1)
    rig.cleared()
    heal(rig)
    finish(rig, passed, "38", "InfluxDB loses the last 2 s that it acknowledged (its file store never syncs)", f"{rounds} times",
           "Told by log, /healthz and /metrics; healed by `replay --since`.")
