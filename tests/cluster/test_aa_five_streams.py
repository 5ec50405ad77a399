"""SOURCE=synthetic: records of all five kinds, read by one group. Each strategy shares out the five topics, among two members and
among three, as `lab predict` says; the page shows it; the books of every kind balance. In this order."""

import itertools
import json
import os
import subprocess

import pytest
from conftest import BINARY, wait_for

TOPICS = ("tickers", "trades", "bars", "events", "news")
MEMBERS = ("consumer-1", "consumer-2", "consumer-3")


@pytest.fixture(scope="module")
def five(cluster):
    """The stack, whose producer makes records of all kinds for as long as these tests run."""
    before = cluster.environment["SOURCE"]
    cluster.environment |= {"SOURCE": "synthetic", "HISTORY": "20m"}
    cluster.launch("cluster")
    yield cluster
    cluster.environment["SOURCE"] = before
    del cluster.environment["HISTORY"]
    cluster.launch("cluster")


def predicted(strategy, topics, members, steps):
    """[{member: partitions}] behind the start and each step."""
    done = subprocess.run(
        [BINARY, "lab", "predict", "--strategy", strategy, "--topics", ",".join(f"{topic}:6" for topic in topics),
         "--members", ",".join(members), "--steps", ",".join(steps) or "none", "--format", "json"],
        env={"PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    placements = [step["placement"] for step in json.loads(done.stdout)[0]["steps"]]
    return [{name: set(partitions) for name, partitions in placement.items()} for placement in placements]


def all_predictions(strategy):
    """Who may own what: of two members, of three, and of two again. Only sticky's answer hangs on the order in which the brokers
    list the topics, and on whether the second member joins with the first or behind it."""
    orders = itertools.permutations(TOPICS) if strategy == "sticky" else [TOPICS]
    for topics in orders:
        yield predicted(strategy, topics, MEMBERS, ("+consumer-3", "-consumer-3"))
        if strategy == "sticky":
            yield predicted(strategy, topics, MEMBERS, ("+consumer-2", "+consumer-3", "-consumer-3"))[1:]


def owners(status):
    """{member: partitions of all topics} of the program's status, or of the page's, which its group tab shows."""
    owned = {}
    for stream in status["streams"]:
        for member in stream["members"] or []:
            owned.setdefault(member["client_id"], set()).update(f"{stream['topic']}-{p}" for p in member["partitions"])
    return owned


def settled_owners(cluster, members):
    """Who owns what, once the page shows the same as the brokers say."""
    owned = owners(cluster.settled_group(members))
    wait_for(lambda: owners(json.loads(cluster.page("/api/status"))) == owned, 20, "the page shows who owns what")
    return owned


@pytest.mark.parametrize("strategy", ["range", "roundrobin", "sticky"])
def test_five_topics_are_shared_out_as_predicted_among_two_three_and_two(five, strategy):
    before = five.pids()
    five.launch("strategy", strategy)
    two = five.pids()
    changed = {part for part in two if two[part] != before.get(part)}
    assert changed == (set() if strategy == "range" else {"consumer-1", "consumer-2"})  # range is what they had
    found = [settled_owners(five, 2)]
    told = json.loads(five.page("/api/status"))["strategy"], five.group()["strategy"]
    assert told == ("cooperative-sticky" if strategy == "sticky" else strategy,) * 2
    assert f"ASSIGNMENT_STRATEGY={strategy}" in (five.folder / "env").read_text().splitlines()

    five.launch("scale", 3)
    found.append(settled_owners(five, 3))
    assert {part: pid for part, pid in five.pids().items() if part != "consumer-3"} == two
    assert f"127.0.0.1:{five.ports['CONSUMER_METRICS_PORT'] + 2}" in (five.home / "prometheus/candlewick.json").read_text()

    five.launch("scale", 2)
    found.append(settled_owners(five, 2))
    assert five.pids() == two
    assert "consumer-3" not in (five.home / "prometheus/candlewick.json").read_text()

    assert found in all_predictions(strategy), "\n".join(map(str, found))
    for part in changed:
        assert "INCONSISTENT_GROUP_PROTOCOL" not in five.launch("logs", part).upper()


def test_the_books_of_all_five_kinds_balance(five):
    told = json.loads(five.candlewick("verify", "--format", "json", "--wait", "30s"))
    assert [stream["stream"] for stream in told["streams"]] == ["ticker", "trade", "bar", "event", "news"]
    for stream, plural in zip(told["streams"], ("ticks", "trades", "bars", "events", "news")):
        assert stream["balanced"] and stream[plural] == stream["points"] > 0, stream
        assert stream["unreadable"] == 0
