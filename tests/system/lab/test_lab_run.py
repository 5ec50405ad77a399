"""What groups of real members do on the in-process cluster, in every scenario of the lab and with every strategy."""

import json
import os
import subprocess
from xml.etree import ElementTree

import pytest
from conftest import BINARY

pytestmark = pytest.mark.slow  # two minutes of waiting for sessions to end


def range_placement(topics, ids):
    """Each topic in contiguous blocks over the members by id; the first ones get the remainder."""
    placement = {name: [] for name in ids}
    for topic, partitions in topics.items():
        members, first = sorted(ids, key=ids.get), 0
        for number, name in enumerate(members):
            share = partitions // len(members) + (number < partitions % len(members))
            placement[name] += [f"{topic}-{p}" for p in range(first, first + share)]
            first += share
    return placement


def roundrobin_placement(topics, ids):
    placement = {name: [] for name in ids}
    members, number = sorted(ids, key=ids.get), 0
    for topic in sorted(topics):
        for partition in range(topics[topic]):
            placement[members[number % len(members)]].append(f"{topic}-{partition}")
            number += 1
    return placement


# Those of the scenarios in which all members read all topics, as lab/model/scenario.c has them.
TOPICS = {
    "join": {"a": 2, "b": 2, "c": 2},
    "leave": {"a": 3, "b": 3, "c": 3},
    "crash": {"t": 12},
    "freeze": {"t": 12},
    "roll": {"a": 3, "b": 3},
    "seed": {"t": 2},
    "skew": {f"t{coin}USD": 1 for coin in ("ADA", "BTC", "DOT", "ETH", "LINK", "LTC", "SOL", "TRX", "XLM", "XRP")},
}


@pytest.fixture(scope="module")
def lab_run(tmp_path_factory):
    """Every scenario once, on the in-process cluster."""
    folder = tmp_path_factory.mktemp("lab")
    report = folder / "report.md"
    arguments = [BINARY, "lab", "run", "--format", "json", "--seed", "7", "--report", report]
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run(arguments, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout), report, done.stderr


def runs_of(answer, strategy):
    return {run["scenario"]: run for run in answer["runs"] if run["strategy"] == strategy}


def test_every_scenario_comes_out_as_predicted_and_no_tick_is_missing(lab_run):
    answer, _, err = lab_run
    assert answer["good"] and answer["cluster"] == "in-process"
    assert "seed 7" in err
    assert {run["scenario"] for run in answer["runs"]} == {*TOPICS, "uneven"}
    for run in answer["runs"]:
        assert run["missing"] == 0 and run["read"] > 0
        for step in run["steps"]:
            assert step["agrees"] and step["consistent"], (run["scenario"], run["strategy"], step)


@pytest.mark.parametrize("strategy, rule", [("range", range_placement), ("roundrobin", roundrobin_placement)])
def test_placements_are_those_of_another_computation(lab_run, strategy, rule):
    for scenario, run in runs_of(lab_run[0], strategy).items():
        if scenario in TOPICS:
            last = run["steps"][-1]["after"]
            away = {"crash": {"C1"}}.get(scenario, set())
            ids = {name: run["ids"][name] for name in last if name not in away}
            want = rule(TOPICS[scenario], ids)
            assert {name: last[name] for name in want} == want, scenario
            assert all(last[name] == [] for name in away)


def test_sticky_moves_only_what_it_must(lab_run):
    for scenario, run in runs_of(lab_run[0], "sticky").items():
        for step in run["steps"]:
            assert step["needed"] is None or step["needless"] == step["needed"], (scenario, step)
            assert step["needed"] is None or step["most"] - step["least"] <= 1
    crash = runs_of(lab_run[0], "sticky")["crash"]["steps"][1]
    assert (crash["moved"], crash["needless"], crash["revoked"], crash["lost"]) == (3, 0, 0, 0)


def test_range_leaves_members_idle_where_topics_are_small(lab_run):
    runs = runs_of(lab_run[0], "range")
    assert (runs["join"]["steps"][1]["least"], runs["join"]["steps"][1]["most"]) == (0, 3)
    assert (runs["skew"]["steps"][0]["least"], runs["skew"]["steps"][0]["most"]) == (0, 10)


def test_a_frozen_member_finds_out_that_it_lost_all(lab_run):
    for strategy in ("range", "roundrobin", "sticky"):
        start, frozen, thawed = runs_of(lab_run[0], strategy)["freeze"]["steps"]
        assert frozen["after"]["C1"] == [] and start["after"]["C1"] != []
        assert thawed["lost"] == len(start["after"]["C1"])
        assert len(thawed["after"]["C1"]) == 3


def test_what_the_cluster_cannot_do_is_skipped_with_the_reason(lab_run):
    answer, _, _ = lab_run
    skipped = {(skip["scenario"], skip["strategy"]) for skip in answer["skipped"]}
    assert {("join", "consumer"), ("roll-static", "range"), ("roll-static", "sticky")} <= skipped
    assert all("in-process cluster" in skip["reason"] and "--brokers" in skip["reason"] for skip in answer["skipped"])
    # Its pauses are its own timers.
    assert not any("unowned_seconds" in step for run in answer["runs"] for step in run["steps"])


def test_the_report_has_tables_verdicts_and_pictures(lab_run):
    _, report, _ = lab_run
    text = report.read_text()
    for words in ("## join", "## skew", "| seed | 7 |", "fewest moves", "moves and balance only", "is better than"):
        assert words in text
    for scenario in (*TOPICS, "uneven"):
        for strategy in ("range", "roundrobin", "sticky"):
            picture = report.parent / f"report-{scenario}-{strategy}.svg"
            assert f"({picture.name})" in text
            root = ElementTree.parse(picture).getroot()
            assert root.tag.endswith("svg") and len(root) > 10
