"""The assignment lab on real brokers: a join, a crash and a frozen member, with every strategy."""

import json
import os
import subprocess

import pytest
from confluent_kafka.admin import AdminClient
from conftest import BINARY, wait_for

CLASSIC = ("range", "roundrobin", "sticky")


def brokers(cluster):
    return ",".join(f"127.0.0.1:{cluster.ports[f'KAFKA_{n}_PORT']}" for n in (1, 2, 3))


def lab_run(cluster, *arguments, timeout=600):
    done = subprocess.run(
        [BINARY, "lab", "run", "--brokers", brokers(cluster), "--format", "json", *arguments],
        cwd=cluster.folder, env={"PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def runs(cluster):
    """{(scenario, strategy): run}"""
    answer = lab_run(cluster, "--scenario", "join,crash,freeze")
    assert answer["good"] and answer["cluster"] == "brokers" and answer["skipped"] == []
    return {(run["scenario"], run["strategy"]): run for run in answer["runs"]}


def test_all_came_out_as_predicted_and_no_tick_is_missing(runs):
    assert len(runs) == 3 * 4
    for (_, strategy), run in runs.items():
        assert run["missing"] == 0 and run["read"] > 0
        for step in run["steps"]:
            assert step["consistent"] and step["agrees"]
            assert (step["predicted"] is None) == (strategy == "consumer")


def test_a_join_costs_what_the_facts_say(runs):
    """Member ids begin with the client id, so that their order is known."""
    costs = {s: runs["join", s]["steps"][1] for s in CLASSIC}
    assert {s: (c["least"], c["most"], c["moved"], c["revoked"]) for s, c in costs.items()} == {
        "range": (0, 3, 0, 6),
        "roundrobin": (2, 2, 4, 6),
        "sticky": (2, 2, 2, 2),
    }


def test_a_crash_disturbs_nobody_else_where_members_keep_what_they_have(runs):
    costs = {s: runs["crash", s]["steps"][1] for s in (*CLASSIC, "consumer")}
    assert {s: (costs[s]["moved"], costs[s]["needless"], costs[s]["revoked"]) for s in CLASSIC} == {
        "range": (4, 1, 9),
        "roundrobin": (9, 6, 9),
        "sticky": (3, 0, 0),
    }
    assert costs["consumer"]["revoked"] == 0
    # The session's time-out is the longest part of the gap, whatever the strategy.
    assert all(costs[strategy]["longest_gap_seconds"] > 4 for strategy in costs)


def test_a_frozen_member_comes_back_to_a_group_that_went_on(runs):
    for strategy in (*CLASSIC, "consumer"):
        start, frozen, thawed = runs["freeze", strategy]["steps"]
        assert frozen["after"]["C1"] == [] and start["after"]["C1"] != []
        assert thawed["lost"] == len(start["after"]["C1"])
        assert thawed["after"]["C1"] != []


def test_many_topics_are_listed_by_real_brokers_in_an_order_of_their_own(cluster):
    """Where sticky begins hangs on it, so that a model which took the order of names would differ."""
    answer = lab_run(cluster, "--scenario", "skew", "--strategy", "sticky", "--repeat", "3")
    assert [step["agrees"] for run in answer["runs"] for step in run["steps"]] == [True] * 3


def test_nothing_of_a_run_stays_on_the_brokers(cluster, runs):
    """No topic's folder, and no group: offsets of one would keep it listed."""
    answer = lab_run(cluster, "--scenario", "seed", "--strategy", "range")
    assert len(answer["runs"]) == 1
    admin = AdminClient({"bootstrap.servers": brokers(cluster)})

    def logs():
        found = [name for n in (1, 2, 3) for name in os.listdir(cluster.home / f"kafka-{n}")]
        return [name for name in found if name.startswith("lab-") and not name.endswith("-delete")]

    def groups():
        listed = admin.list_consumer_groups(request_timeout=10).result()
        assert not listed.errors
        return [group.group_id for group in listed.valid]

    wait_for(lambda: logs() == [], 20, "the brokers forget the lab's topics")
    wait_for(lambda: groups(), 20, "the stack's own group is listed")
    assert [name for name in groups() if name.startswith("lab-")] == []


def test_a_static_member_that_restarts_disturbs_nobody(cluster):
    answer = lab_run(cluster, "--scenario", "roll-static", "--strategy", "sticky")
    for step in answer["runs"][0]["steps"][1:]:
        assert (step["rounds"], step["moved"], step["revoked"]) == (0, 0, 2)
