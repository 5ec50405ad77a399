"""A newer candlewick migrates the SQLite file while this one has it open: it ends, tells why, and
acknowledges nothing that it could not write."""

import json
import sqlite3
import time

import pytest
from test_store_emptied import pipeline  # noqa: F401 (a fixture)

from conftest import get, wait_for

TOLD = "was written by a newer candlewick (its layout is 99, this program knows"


def set_layout(file, number):
    """As a newer program does. Returns the number before."""
    with sqlite3.connect(file, timeout=20) as store:
        before, = store.execute("PRAGMA user_version").fetchone()
        store.execute(f"PRAGMA user_version = {number}")
    return before


def stored(file):
    with sqlite3.connect(file) as store:
        return store.execute("SELECT count(*) FROM ticker").fetchone()[0]


@pytest.mark.parametrize("idle", [False, True], ids=["writing", "idle"])
def test_member_ends_and_commits_nothing_of_what_it_did_not_write(pipeline, run, start, tmp_path, idle):  # noqa: F811
    group = pipeline("sqlite:market.db")
    file = tmp_path / "market.db"
    wait_for(lambda: group.written() > 20, 20, "written ticks")
    if idle:
        assert group.producer.stop() == 0
    before = set_layout(file, 99)
    rows = None if idle else stored(file)
    began = time.monotonic()
    assert group.member.wait(20) == 1, group.member.log()
    assert time.monotonic() - began < 9, "it does not wait for what it can never write"
    assert TOLD in group.member.log()
    assert len(group.member.events("consumer_failed")) == 1 and not group.member.events("write_failed")
    if idle:
        return
    assert stored(file) == rows
    assert group.producer.stop() == 0
    code, out, err = run("status", *group.ends[:2], "--format", "json")
    assert code == 0, err
    status = json.loads(out)
    assert 0 < sum(p["committed"] or 0 for p in status["partitions"]) <= rows and status["lag_total"] > 0
    code, _, err = run("candles", *group.store, "--coin", "tBTCUSD")
    assert code == 2 and TOLD in err
    # The messages are still there for the program that knows the layout.
    set_layout(file, before)
    start("consume", *group.ends, *group.store, "--strategy", "range")
    code, out, err = group.verify()
    assert code == 0, out + err


def test_demo_ends_and_tells_why(start, tmp_path):
    demo = start("demo", "--source", "synthetic", "--poll-interval", "100ms", "--listen", "127.0.0.1:0")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: "tBTCUSD" in get(url + "/api/coins")[2].decode(), 20, "a stored tick")
    set_layout(tmp_path / "var" / "demo" / "synthetic.sqlite", 99)
    assert demo.wait(30) == 1, demo.log()
    assert "a member cannot go on" in demo.log() and TOLD in demo.log()


def test_page_that_only_reads_tells_it(start, pipeline, tmp_path):  # noqa: F811
    group = pipeline("sqlite:market.db")
    wait_for(lambda: group.written() > 20, 20, "written ticks")
    page = start("serve", *group.ends, *group.store, "--listen", "127.0.0.1:0").wait_event("ready")["page"]
    candles = page + "/api/candles?coin=tBTCUSD&interval=1m"
    wait_for(lambda: get(candles)[0] == 200, 10, "candles")
    set_layout(tmp_path / "market.db", 99)
    wait_for(lambda: TOLD in get(candles)[2].decode(), 10, f"it tells it: {get(candles)}")
    assert get(candles)[0] >= 500
