"""The assignment lab: what it predicts, and what groups of real members do on the in-process cluster."""

import csv
import io
import json
import os
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import BINARY, wait_for

UNEVEN = ["--topics", "a:1,b:2,c:3", "--members", "C0,C1,C2", "--subscriptions", "C0=a;C1=a,b;C2=a,b,c"]


def predict(run, *arguments):
    code, out, err = run("lab", "predict", "--format", "json", *arguments)
    assert code == 0 and err == ""
    return {answer["strategy"]: answer["steps"] for answer in json.loads(out)}


def figures(steps, *names):
    return [tuple(step[name] for name in names) for step in steps]


def test_the_smallest_set_up_that_tells_the_strategies_apart(run):
    steps = predict(run, "--topics", "a:2,b:2,c:2", "--members", "C0,C1,C2", "--steps", "+C2,-C1")
    assert {name: figures(steps[name], "least", "most", "moved", "needless", "revoked") for name in steps} == {
        "range": [(3, 3, 0, 0, 0), (0, 3, 0, 0, 6), (3, 3, 3, 0, 6)],
        "roundrobin": [(3, 3, 0, 0, 0), (2, 2, 4, 4, 6), (3, 3, 4, 2, 6)],
        "sticky": [(3, 3, 0, 0, 0), (2, 2, 2, 2, 2), (3, 3, 2, 0, 2)],
        "eager-sticky": [(3, 3, 0, 0, 0), (2, 2, 2, 2, 6), (3, 3, 2, 0, 6)],
    }


def test_members_that_read_different_topics(run):
    steps = predict(run, *UNEVEN, "--steps", "-C0")
    assert steps["range"][0]["placement"] == {"C0": ["a-0"], "C1": ["b-0"], "C2": ["b-1", "c-0", "c-1", "c-2"]}
    assert steps["sticky"][0]["placement"] == {"C0": ["a-0"], "C1": ["b-0", "b-1"], "C2": ["c-0", "c-1", "c-2"]}
    assert figures(steps["sticky"], "moved", "needless", "needed") == [(0, 0, None), (1, 0, None)]


def test_one_topic_of_two_partitions_shows_nothing(run):
    steps = predict(run, "--topics", "t:2", "--members", "C0,C1", "--steps", "none", "--strategy", "range,roundrobin,sticky")
    assert len({json.dumps(strategy[0]["placement"]) for strategy in steps.values()}) == 1


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--topics", "a:2"], ["--members"]),
        (["--topics", "a", "--members", "C0"], ["a:2,b:3"]),
        (["--topics", "a:2", "--members", "C0", "--steps", "C0"], ["+MEMBER"]),
        (["--topics", "a:2", "--members", "C0", "--strategy", "consumer"], ["consumer", "no model"]),
    ],
)
def test_wrong_use_of_predict(run, arguments, words):
    code, out, err = run("lab", "predict", *arguments)
    assert code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1
    for word in words:
        assert word in err


def test_a_prediction_that_is_too_long_says_what_to_leave_out(run):
    steps = ",".join(["-C1", "+C1"] * 31)
    topics = f"{'a' * 120}:256,{'b' * 120}:256"
    code, out, err = run("lab", "predict", "--topics", topics, "--members", "C0,C1", "--steps", steps, "--format", "json")
    assert code == 1 and out == ""
    assert "name fewer steps, strategies or topics" in err and "--from" not in err


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


def test_the_table_for_people(run):
    code, out, err = run("lab", "run", "--scenario", "seed", "--strategy", "sticky,range", "--repeat", "2", timeout=120)
    assert code == 0, err
    assert out.startswith("On librdkafka's in-process cluster: moves and balance only.")
    assert out.count("C2 joins  ") == 2 and out.count(", the same") == 4
    # A line for each of the two partitions in both timelines: the newest run of each strategy.
    assert sum(line.startswith(("t-0 ", "t-1 ")) and line.endswith("|") for line in out.splitlines()) == 4
    assert "seed, range, run 2: who owned what" in out and "\033" not in out
    assert "With sticky (cooperative-sticky): when C2 joins, 0 of 2 partitions move" in out.replace("\n", " ")
    assert "verdict, balance" in out and "verdict, fewest moves" in out and "pause" not in out.split("verdict, ", 1)[1]


def test_csv_has_a_line_for_each_step(run):
    code, out, err = run("lab", "run", "--scenario", "skew", "--strategy", "range", "--format", "csv", timeout=60)
    assert code == 0, err
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["before"] == "C0 -; C1 -; C2 -"
    assert (row["scenario"], row["assignor"], row["agrees"], row["missing"]) == ("skew", "range", "true", "0")
    assert row["after"] == row["predicted"] and row["unowned_seconds"] == ""


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--scenario", "jion"], ["jion", "join, leave"]),
        (["--strategy", "eager-sticky"], ["eager-sticky", "lab predict"]),
        (["--strategy", "range,range"], ["twice"]),
        (["--repeat", "0"], ["--repeat"]),
        (["-X", "session.timeout.ms=30000"], ["session.timeout.ms", "lab run"]),
        (["-X", "heartbeat.interval.ms=100"], ["heartbeat.interval.ms", "lab run"]),
        (["-X", "group.remote.assignor=range"], ["group.remote.assignor", "lab run"]),
        (["--report", "nowhere/lab.md"], ["--report nowhere/lab.md cannot be written", "No such file"]),
    ],
)
def test_wrong_use_of_run(run, arguments, words):
    code, out, err = run("lab", "run", *arguments)
    assert code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1
    for word in words:
        assert word in err


def test_the_environment_sets_no_session_either(run):
    code, out, err = run("lab", "run", environment={"KAFKA_PROPERTIES": "session.timeout.ms=30000"})
    assert code == 2 and out == ""
    assert "session.timeout.ms" in err and "KAFKA_PROPERTIES" in err


def test_a_report_is_written_when_nobody_reads_the_table(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    arguments = [BINARY, "lab", "run", "--scenario", "skew,seed", "--strategy", "range", "--report", "lab.md"]
    done = subprocess.run(arguments, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL,
                          stdout=writer, stderr=subprocess.PIPE, text=True, timeout=120)
    os.close(writer)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "lab.md").read_text()
    assert "## skew" in text and "## seed" in text and "Incomplete" not in text


def test_what_was_run_is_reported_when_the_rest_is_stopped(start, tmp_path):
    program = start("lab", "run", "--scenario", "skew,seed", "--strategy", "range", "--format", "json", "--report", "my lab (1).md")
    wait_for(lambda: "lab: seed, range, 1 of 1\n" in program.log(), 60, "the second scenario")
    program.process.send_signal(signal.SIGINT)
    assert program.wait(timeout=10) == 1
    answer = json.loads("".join(program.output))
    assert not answer["good"] and "stopped" in answer["broken_off"]
    assert [run["scenario"] for run in answer["runs"]] == ["skew"]
    text = (tmp_path / "my lab (1).md").read_text()
    assert "**Incomplete**: stopped" in text and "## skew" in text and "## seed" not in text
    assert "](my%20lab%20%281%29-skew-range.svg)" in text
    assert (tmp_path / "my lab (1)-skew-range.svg").exists()


def test_a_run_of_nothing_is_a_failure(run):
    code, _, err = run("lab", "run", "--scenario", "roll-static", "--strategy", "consumer")
    assert code == 1
    assert "skipped" in err


def children(pid):
    return [int(p) for p in (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text().split()]


def test_the_members_end_with_a_run_that_is_stopped(start):
    program = start("lab", "run", "--scenario", "crash", "--strategy", "range")
    members = wait_for(lambda: len(found := children(program.process.pid)) == 4 and found, 10, "four members")
    program.process.send_signal(signal.SIGINT)
    assert program.process.wait(timeout=10) == 1
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in members), 10, "the members' ends")


def test_the_members_end_with_a_run_that_is_killed(start):
    program = start("lab", "run", "--scenario", "crash", "--strategy", "range")
    members = wait_for(lambda: len(found := children(program.process.pid)) == 4 and found, 10, "four members")
    program.process.kill()
    program.process.wait(timeout=10)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in members), 10, "the members' ends")
