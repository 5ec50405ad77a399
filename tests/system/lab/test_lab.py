"""The assignment lab: what it predicts, how its runs are shown and ended."""

import csv
import io
import json
import os
import signal
import subprocess
from pathlib import Path

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
