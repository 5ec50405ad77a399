"""Each drill once on the shared stack: its report, checked against the books asked for apart from it, and what Ctrl-C leaves behind."""

import json
import os
import re
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, started

DRILLS = ("kill-broker", "kill-member", "freeze-member", "stop-store", "registry-away")


def report(told):
    """{row: text} of the report at the end."""
    return dict(re.findall(r"^  (\w[\w ]*?)  +(.+)$", told.partition("\nDrill ")[2], re.MULTILINE))


def number(text):
    return float(re.match(r"\d+(\.\d+)?", text)[0])


def state(pid):
    """As /proc tells it: "T" is frozen."""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(") ")[2][0]


def loads(cluster):
    """Process ids of the drill's own producers on this stack."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_text()
        except OSError:
            continue
        if "\0drill-load\0" in words and f":{cluster.ports['KAFKA_1_PORT']}," in words:
            found.append(int(path.parent.name))
    return found


@pytest.fixture(scope="module", params=DRILLS)
def drilled(request, cluster):
    """(name, report, parts that have another process now). The stack's own ticks are load enough but for one of them."""
    before = cluster.pids()
    own_load = request.param == "kill-broker"
    told = cluster.launch("drill", request.param, DRILL_RATE="150" if own_load else "20")
    after = cluster.pids()
    assert cluster.alive() == set(after) == set(before)
    return request.param, report(told), {part for part in after if after[part] != before[part]}


def test_report_agrees_with_the_books(cluster, drilled):
    name, told, _ = drilled
    assert [number(told[row]) for row in ("lost", "duplicated", "conflicting")] == [0, 0, 0]
    balance = re.match(r"balance: (\d+) ticks in the log, (\d+) points in the store, (\d+) of (\d+) candles proved", told["books"])
    books = json.loads(cluster.candlewick("verify", "--streams", "ticker", "--format", "json", "--wait", "30s"))
    assert books["balanced"] and balance[1] == balance[2] and balance[3] == balance[4]
    # Ticks went on in between: the log has grown, and holds what the report counted.
    assert books["ticks"] >= int(balance[1]) >= number(told["ticks"]) > 100
    assert number(told["in flight"]) > 0 and number(told["whole again"]) < 120
    drills_own = [coin["coin"] for coin in books["coins"] if coin["coin"].startswith("tDRILL")]
    assert ("drill's own coins" in told["load"]) == (name == "kill-broker")
    assert len(drills_own) == 10 or name != "kill-broker"


def test_what_was_done_is_what_the_figures_show(drilled):
    name, told, changed = drilled
    taken = re.match(r"(kafka-[123]|consumer-[12]|registry)?", told["fault"])[0]
    assert changed == ({taken} if name in ("kill-broker", "kill-member", "registry-away") else set())
    if name in ("kill-member", "freeze-member"):
        # A session lasts ten seconds, and nobody else may read its partitions before it is over.
        assert number(told["without a reader"]) >= 5 and number(told["rebalances"]) >= 2
        assert number(told["slowest tick"]) >= 3 and f"without {taken}" in told["all flows again"]
    if name == "stop-store":
        assert number(told["nothing written"]) >= 8 and "store.db was back" in told["all flows again"]
        assert number(told["rebalances"]) == 0
    if name == "registry-away":
        assert number(told["nothing written"]) < 5 and number(told["rebalances"]) == 0


@pytest.mark.parametrize("name, awaited", [("freeze-member", "its session is over"), ("stop-store", "nothing is written")])
def test_interrupted_drill_brings_the_part_back(cluster, name, awaited):
    before = cluster.pids()
    with subprocess.Popen([ROOT / "launch.sh", "drill", name], cwd=cluster.folder, env={**cluster.environment, "DRILL_RATE": "150"},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          start_new_session=True) as drill:
        told = ""
        while awaited not in told:
            character = drill.stdout.read(1)
            assert character, told
            told += character
        frozen = [part for part, pid in before.items() if state(pid) == "T"]
        assert len(frozen) == (1 if name == "freeze-member" else 0)
        load = loads(cluster)
        os.killpg(drill.pid, signal.SIGINT)  # as a terminal's Ctrl-C does
        told += drill.stdout.read()
        assert drill.wait(30) == 130, told
    assert "comes back ... done" in told
    assert cluster.pids() == before and [part for part, pid in before.items() if state(pid) == "T"] == []
    assert len(load) == 1 and started(load[0]) is None
    assert list(cluster.var.glob("drill.*")) == []
    with sqlite3.connect(cluster.home / "store.db", timeout=10) as store:
        store.execute("BEGIN IMMEDIATE")
        store.execute("ROLLBACK")


def test_power_cut_drills_nothing_where_each_commit_is_synced(cluster):
    before = cluster.pids()
    assert "SQLite" in cluster.launch("drill", "power-cut", want=1)
    assert cluster.pids() == before


@pytest.mark.parametrize("words", [("kill-brokers",), (), ("kill-member", "consumer-1")])
def test_unknown_drill_names_those_there_are_and_does_nothing(cluster, words):
    before = cluster.pids()
    told = cluster.launch("drill", *words, want=2)
    assert all(name in told.splitlines()[0] for name in (*DRILLS, "power-cut"))
    assert cluster.pids() == before
