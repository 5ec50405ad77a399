"""down, up again with the data kept, down --volumes. In this order, after the tests of the running stack."""

import pytest
from conftest import COINS, listens, started, wait_for


@pytest.mark.walk
def test_down_ends_everything_and_keeps_the_data(cluster):
    pids = cluster.pids()
    cluster.launch("down")
    assert [part for part, pid in pids.items() if started(pid)] == []
    assert [port for port in cluster.ports.values() if listens(port)] == []
    assert not (cluster.var / "stack").exists()
    assert len(cluster.stored()) > 0
    # Without the stack the reading commands still find what it stored.
    assert len(cluster.candlewick("candles", "--coin", COINS[0], "--format", "csv").splitlines()) >= 2
    assert "no stack is up" in cluster.launch("status", want=1)


def test_next_start_goes_on_where_the_last_one_ended(cluster):
    before = cluster.stored()
    cluster.launch("cluster")
    assert cluster.settled_group(2)["strategy"] == "cooperative-sticky"
    # An end that no broker has told yet, just after the start, is null.
    wait_for(lambda: sum(p["end"] or 0 for p in cluster.group()["partitions"]) >= len(before), 20, "the log holds what it held")
    after = wait_for(lambda: len(cluster.stored()) > len(before) and cluster.stored(), 30, "new ticks in the store")
    assert set(before) <= set(after)


def test_down_with_volumes_forgets_the_data_and_nothing_else(cluster):
    (cluster.var / "mine.txt").write_text("not of the stack")
    pids = cluster.pids()
    cluster.launch("down", "--volumes")
    assert [part for part, pid in pids.items() if started(pid)] == []
    assert not cluster.home.exists() and not (cluster.var / "run.env").exists()
    assert (cluster.var / "mine.txt").read_text() == "not of the stack"
    assert (cluster.folder / "env").exists()
