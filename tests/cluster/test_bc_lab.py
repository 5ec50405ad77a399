"""The assignment lab on real brokers: a join, a crash and a frozen member, with every strategy."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka.admin import AdminClient
from conftest import BINARY, wait_for

CLASSIC = ("range", "roundrobin", "sticky")


def brokers(cluster):
    return ",".join(f"127.0.0.1:{cluster.ports[f'KAFKA_{n}_PORT']}" for n in (1, 2, 3))


def lab_run(cluster, *arguments, timeout=600):
    return subprocess.run(
        [BINARY, "lab", "run", "--brokers", brokers(cluster), "--format", "json", *arguments],
        cwd=cluster.folder, env={"PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=timeout,
    )


def answer(done):
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def done(cluster):
    """{name: a `lab run` that has ended}. They run two at a time, for they wait for sessions more than they work."""
    asked = {
        # A session of KIP-848 lasts 45 s: each scenario by itself, and first.
        **{f"{scenario} consumer": ("--scenario", scenario, "--strategy", "consumer") for scenario in ("freeze", "crash", "join")},
        **{strategy: ("--scenario", "join,crash,freeze", "--strategy", strategy) for strategy in CLASSIC},
        "static": ("--scenario", "roll-static", "--strategy", "sticky"),
        "many topics": ("--scenario", "skew", "--strategy", "sticky", "--repeat", "3"),
    }
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(asked, pool.map(lambda arguments: lab_run(cluster, *arguments), asked.values())))


@pytest.fixture(scope="module")
def runs(done):
    """{(scenario, strategy): run} of those in which somebody joins, crashes or is frozen."""
    found = {}
    for name in done.keys() - {"static", "many topics"}:
        told = answer(done[name])
        assert told["good"] and told["cluster"] == "brokers" and told["skipped"] == []
        found |= {(run["scenario"], run["strategy"]): run for run in told["runs"]}
    return found


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


def test_many_topics_are_listed_by_real_brokers_in_an_order_of_their_own(done):
    """Where sticky begins hangs on it, so that a model which took the order of names would differ."""
    assert [step["agrees"] for run in answer(done["many topics"])["runs"] for step in run["steps"]] == [True] * 3


def test_nothing_of_a_run_stays_on_the_brokers(cluster, done):
    """No topic's folder, and no group: offsets of one would keep it listed."""
    assert len(answer(lab_run(cluster, "--scenario", "seed", "--strategy", "range"))["runs"]) == 1
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


def test_a_static_member_that_restarts_disturbs_nobody(done):
    (run,) = answer(done["static"])["runs"]
    steps = [(step["rounds"], step["moved"], step["revoked"]) for step in run["steps"][1:]]
    assert steps == [(0, 0, 2)] * 3, json.dumps(run)
