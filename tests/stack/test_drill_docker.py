"""`./launch.sh drill` in the Docker way: what it does to which container, its report, and that the part comes back whatever happens."""

import os
import re
import signal
import subprocess

import pytest
from compose_file import ROOT
from conftest import Launch


@pytest.fixture(scope="module")
def whole_stack(tmp_path_factory):
    made = Launch(tmp_path_factory.mktemp("drilled"))
    made.up()
    yield made
    made.close()


@pytest.fixture
def stack(whole_stack):
    """One for all drills, for each of them leaves it as it was."""
    before = whole_stack.running()
    whole_stack.faults()
    whole_stack.forget_calls()
    yield whole_stack
    assert whole_stack.running() == before


def report(said):
    """{row: text} of the report at the end."""
    return dict(re.findall(r"^  (\w[\w ]*?)  +(.+)$", said, re.MULTILINE))


def seconds(text):
    return float(re.match(r"[\d.]+(?= s)", text)[0])


def verbs(stack):
    """What was done to containers, in this order."""
    told = [(verb, call[call.index(verb) + 1:]) for call in stack.calls() if call[0] == "compose"
            for verb in ("kill", "pause", "unpause", "stop", "up") if verb in call]
    return [(verb, options[-1]) for verb, options in told]


@pytest.mark.parametrize("name, done", [
    ("kill-broker", [("kill", "kafka-2"), ("up", "kafka-2")]),
    ("kill-member", [("kill", "consumer-1"), ("up", "consumer-1")]),
    ("freeze-member", [("pause", "consumer-1"), ("unpause", "consumer-1"), ("up", "consumer-1")]),
    ("stop-store", [("stop", "influxdb"), ("up", "influxdb")]),
    ("registry-away", [("stop", "schema-registry"), ("up", "schema-registry")]),
])
def test_drill_takes_a_part_away_brings_it_back_and_reports(stack, name, done):
    said = stack.run("drill", name)
    assert said.returncode == 0, said.stdout + said.stderr
    assert verbs(stack) == done
    told = report(said.stdout)
    assert done[0][1] in told["fault"] or name == "stop-store"
    assert re.match(r"[12]\d\.\d ticks/s, the producer's, and 100/s of the drill's own coins", told["load"])
    assert int(told["in flight"].split()[0]) > 0
    assert (told["lost"].split()[0], told["conflicting"], told["duplicated"].split()[0]) == ("0", "0", "0")
    assert int(told["ticks"].split()[0]) > 200
    if name == "stop-store":
        assert seconds(told["nothing written"]) >= 8
    else:
        assert seconds(told["nothing written"]) < 5
    assert seconds(told["whole again"]) < 60
    assert told["books"].startswith("balance: 1000 ticks in the log")


def test_books_that_do_not_balance_afterwards_are_a_failure_also_without_own_load(stack):
    stack.faults(lost=3)
    said = stack.run("drill", "kill-member", DRILL_RATE="0")
    assert said.returncode == 1
    told = report(said.stdout)
    assert told["load"].endswith("ticks/s, the producer's") and stack.composed("run") == []
    assert told["lost"].startswith("3 (3 missing in the store") and told["books"].startswith("do NOT balance")
    assert "candlewick verify names it" in said.stdout


def test_interrupted_drill_brings_the_part_back_and_ends_its_load(stack):
    kept = {key: value for key, value in os.environ.items() if key in ("HOME", "LANG")}
    environment = {**kept, "PATH": f"{stack.bin}:{os.environ['PATH']}", "VAR_DIR": str(stack.var), "ENV_FILE": str(stack.env_file), **stack.ports}
    with subprocess.Popen(["bash", str(ROOT / "launch.sh"), "drill", "stop-store"], env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True) as drill:
        said = ""
        while "nothing is written for" not in said:
            said += drill.stdout.read(1)
        assert "influxdb" not in stack.running()
        os.killpg(drill.pid, signal.SIGINT)  # as a terminal's Ctrl-C does
        said += drill.stdout.read()
        assert drill.wait(60) == 130, said
    assert "influxdb comes back ... done" in said
    assert "influxdb" in stack.running()
    assert [call[:2] for call in stack.calls() if call[0] in ("stop", "rm")][-2:] == [["stop", "candlewick-drill-load"], ["rm", "-f"]]
    assert list(stack.var.glob("drill.*")) == []


def test_drill_without_a_stack(launch):
    said = launch.run("docker", "drill", "kill-broker")
    assert said.returncode == 1 and "the brokers do not run: ./launch.sh docker first" in said.stderr


@pytest.mark.parametrize("words", [["kill-brokers"], [], ["kill-member", "consumer-1"]])
def test_unknown_drill_names_those_there_are(launch, words):
    said = launch.run("drill", *words)
    assert said.returncode == 2
    for name in ("kill-broker", "kill-member", "freeze-member", "stop-store", "power-cut", "registry-away"):
        assert name in said.stderr.splitlines()[0]
    assert launch.calls() == []
