"""What is said before anything starts, and which processes down leaves alone: on stacks that were never up."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, Stack, started, wait_for


def state(pid):
    """One letter, as in /proc: T for stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


def assert_nothing_started(stack):
    assert stack.pids() == {}
    assert not (stack.var / "stack").exists()


@pytest.mark.parametrize("setting", ["PAGE_PORT", "KAFKA_2_PORT", "KAFKA_3_JMX_PORT"])
def test_taken_port_is_named_with_its_setting_before_anything_starts(other_stack, setting):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", other_stack.ports[setting]))
        holder.listen()
        told = other_stack.launch("cluster", want=1)
    assert f"port {other_stack.ports[setting]} ({setting}) is taken" in told
    assert f"set another {setting}" in told
    assert_nothing_started(other_stack)


@pytest.mark.parametrize("settings, named", [
    ({"ASSIGNMENT_STRATEGY": "stikcy"}, ("stikcy", "sticky")),
    ({"MEMBERS": "7"}, ("MEMBERS=7", "1 to 6")),
    ({"PAGE_PORT": "http"}, ("PAGE_PORT=http", "65535")),
    ({"SOURCE": "kraken"}, ('"kraken"', "bitfinex", "binance", "environment")),
    ({"SOURCE": "replay:nowhere.csv"}, ("nowhere.csv", "no such file")),
    ({"STORE": "htp://127.0.0.1:8181"}, ("htp://127.0.0.1:8181", "not a URL", "environment")),
    ({"STORE": "http://me:pass-word@127.0.0.1:8181"}, ("a password", "--token-file")),
    ({"BATCH_TICKS": "0"}, ("BATCH_TICKS", "1 to 1000000")),
    ({"COINS": "t BTC"}, ("t BTC", "tBTCUSD")),
    ({"RETENTION": "soon"}, ("RETENTION", "soon")),
    ({"KAFKA_PROPERTIES": "acks=0"}, ("acks", "pinned")),
    ({"KAFKA_PROPERTIES": "sasl.password=pass-word"}, ("KAFKA_PROPERTIES", "a password")),
    ({"INFLUX_TOKEN_FILE": "nowhere", "STORE": "http://127.0.0.1:9"}, ("nowhere", "cannot be opened")),
], ids=lambda value: next(iter(value.items())) if isinstance(value, dict) else "")
def test_wrong_setting_is_named_before_anything_starts_and_not_remembered(other_stack, settings, named):
    told = other_stack.launch("cluster", want=2, **settings)
    assert all(word in told for word in named) and "pass-word" not in told, told
    assert_nothing_started(other_stack)
    assert not (other_stack.var / "stack.env").exists()


@pytest.mark.parametrize("before, source", [("bitfinex,bitfinex-trades", "synthetic"), ("synthetic-ticker", "binance")])
def test_synthetic_prices_and_real_ones_never_lie_in_one_log(other_stack, before, source):
    other_stack.home.mkdir(parents=True)
    (other_stack.home / "sources").write_text(before + "\n")
    told = other_stack.launch("cluster", want=1, SOURCE=source)
    assert "never mix" in told and f"SOURCE={before} ./launch.sh cluster goes on" in told
    assert_nothing_started(other_stack)


def test_interrupt_while_brokers_start_ends_it_in_a_line_and_down_ends_what_was_started(other_stack):
    """As Ctrl-C does: to the whole foreground group."""
    process = subprocess.Popen([ROOT / "launch.sh", "cluster"], cwd=other_stack.folder, env=other_stack.environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True)
    with process:
        wait_for(lambda: set(other_stack.pids()) == {"kafka-1", "kafka-2", "kafka-3"}, 60, "three brokers on their way")
        os.killpg(process.pid, signal.SIGINT)
        told = process.stdout.read()
        assert process.wait(20) == 130, told
    assert told.splitlines()[-2].endswith("interrupted (%s s)" % told.splitlines()[-2].split("(")[-1].split()[0]), told
    assert "./launch.sh down" in told.splitlines()[-1], told
    pids = list(other_stack.pids().values())
    other_stack.launch("cluster", "down", "--volumes")
    assert [pid for pid in pids if started(pid)] == []


def test_one_port_given_to_two_parts_is_refused(other_stack):
    told = other_stack.launch("cluster", want=2, PAGE_PORT=str(other_stack.ports["REGISTRY_PORT"]))
    assert "given to two parts" in told
    assert_nothing_started(other_stack)


@pytest.mark.parametrize("line, named", [
    ("SOURCE=kraken\r", '"kraken" is not one of'),
    ('export SOURCE="replay:no where.csv"', "SOURCE=replay:"),
    ("  SOURCE = 'kra#ken' # quoted", '"kra#ken" is not one of'),
    ("SOURCE=kraken # not the usual one", '"kraken" is not one of'),
], ids=["CRLF", "export", "quotes", "comment"])
def test_settings_are_read_as_compose_reads_them(other_stack, line, named):
    del other_stack.environment["SOURCE"]
    (other_stack.folder / "env").write_text(line + "\n")
    assert named in other_stack.launch("cluster", want=2)


def test_what_cannot_be_written_down_does_not_run(other_stack):
    """A full disk, say: here a folder is where the first broker's id belongs."""
    (other_stack.home / "pids" / ".kafka-1").mkdir(parents=True)
    assert "FAILED" in other_stack.launch("cluster", want=1)
    wait_for(lambda: not subprocess.run(["pgrep", "-f", str(other_stack.home)], capture_output=True).stdout, 10, "no broker is left")


def test_down_of_the_other_stack_leaves_this_ones_mark(other_stack):
    other_stack.var.mkdir()
    for name in ("stack", "stack.env", "run.env"):
        (other_stack.var / name).write_text("docker\n")
    other_stack.launch("cluster", "down", "--volumes")
    assert {path.name for path in other_stack.var.iterdir()} == {"stack", "stack.env", "run.env", "stack.lock"}


@pytest.mark.parametrize("there", [True, False], ids=["where the user stands", "in the project's folder"])
def test_a_store_named_without_its_folder_is_one_file_for_all(other_stack, there):
    if there:
        (other_stack.folder / "ticks.db").touch()
    other_stack.launch("cluster", "down", STORE="sqlite:ticks.db")
    folder = other_stack.folder if there else ROOT
    assert f"STORE=sqlite:{folder}/ticks.db" in (other_stack.var / "run.env").read_text().splitlines()


def test_launch_through_a_link(tmp_path):
    (tmp_path / "candlewick-stack").symlink_to(ROOT / "launch.sh")
    told = subprocess.run([tmp_path / "candlewick-stack", "--help"], capture_output=True, text=True, timeout=10, check=True)
    assert "./launch.sh status" in told.stdout


def test_missing_java_is_named(other_stack, tmp_path):
    """A PATH with what the checks themselves need, and nothing to install with."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "cat", "cp", "mkdir", "nproc", "sed", "awk", "flock", "setsid", "cmp", "df", "grep", "rm"):
        (tools / name).symlink_to(subprocess.check_output(["which", name], text=True).strip())
    told = other_stack.launch("cluster", want=1, PATH=str(tools), JAVA_HOME="")
    assert "Java is missing: install" in told and "17" in told
    assert_nothing_started(other_stack)


@pytest.mark.parametrize("first", ["", "echo Picked up JAVA_TOOL_OPTIONS: -Xss1m >&2\n"], ids=["plain", "with options of the machine"])
def test_old_java_is_named(other_stack, tmp_path, first):
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f'#!/bin/sh\n{first}echo \'openjdk version "11.0.20" 2023-07-18\' >&2\n')
    java.chmod(0o755)
    told = other_stack.launch("cluster", want=1, JAVA_HOME=str(java.parents[1]))
    assert "Java 11 is too old" in told and "17" in told
    assert_nothing_started(other_stack)


def test_two_commands_at_once_do_not_meet(other_stack):
    other_stack.home.mkdir(parents=True)
    lock = other_stack.var / "stack.lock"
    with subprocess.Popen(["flock", lock, "cat"], stdin=subprocess.PIPE) as holder:
        subprocess.run(["bash", "-c", f'until ! flock -n "{lock}" true; do sleep 0.05; done'], timeout=10, check=True)
        assert "another ./launch.sh is at work" in other_stack.launch("cluster", want=1)
        holder.stdin.close()
    assert_nothing_started(other_stack)


def write_pid(stack, part, pid, start):
    pids = stack.home / "pids"
    pids.mkdir(parents=True, exist_ok=True)
    (pids / part).write_text(f"{pid} {start} -\n")
    (stack.var / "stack").write_text("cluster\n")


def test_down_never_signals_a_stranger_who_got_the_number(other_stack):
    with subprocess.Popen(["sleep", "300"]) as stranger:
        write_pid(other_stack, "page", stranger.pid, int(started(stranger.pid)) - 1)
        assert "page          -         ENDED" in other_stack.launch("status", want=1)
        other_stack.launch("down")
        alive = started(stranger.pid) is not None
        stranger.kill()
    assert alive
    assert_nothing_started(other_stack)


def test_down_ends_what_has_the_number_and_the_start_time(other_stack):
    """The other half of the test above: the very same file with the true time is the stack's own."""
    with subprocess.Popen(["sleep", "300"]) as own:
        write_pid(other_stack, "page", own.pid, started(own.pid))
        other_stack.launch("down")
        assert started(own.pid) is None


def test_what_does_not_heed_the_end_is_killed_and_that_is_said(other_stack):
    deaf = subprocess.Popen(["bash", "-c", 'trap "" TERM; echo deaf; while :; do sleep 60; done'], stdout=subprocess.PIPE)
    with deaf:
        assert deaf.stdout.readline() == b"deaf\n"
        write_pid(other_stack, "producer", deaf.pid, started(deaf.pid))
        told = other_stack.launch("down", STOP_SECONDS="1")
        assert f"warning: producer (pid {deaf.pid})" in told and "SIGKILL" in told
        assert started(deaf.pid) is None


def test_verbs_without_a_stack_say_how_to_start_one(other_stack):
    for words in (("status",), ("scale", "3"), ("strategy", "range"), ("logs", "page")):
        assert "./launch.sh cluster" in other_stack.launch(*words, want=1)


def test_down_with_nothing_up_is_done(other_stack):
    assert "no stack is up" in other_stack.launch("down")


def test_status_tells_of_a_part_that_was_left_stopped(other_stack):
    """A drill that was killed with -9 while it held a member."""
    with subprocess.Popen(["sleep", "300"]) as part:
        write_pid(other_stack, "page", part.pid, started(part.pid))
        part.send_signal(signal.SIGSTOP)
        wait_for(lambda: state(part.pid) == "T", 10, "it is stopped")
        told = other_stack.launch("status", want=1)
        assert "STOPPED by a signal" in told and "./launch.sh cluster" in told
        part.kill()


@pytest.mark.parametrize("word", ["--help", "help", "-h"])
def test_help_names_the_verbs(tmp_path, word):
    told = Stack(tmp_path).launch(word)
    for verb in ("status", "logs", "strategy", "scale", "down [--volumes]"):
        assert f"./launch.sh {verb}" in told
    assert (ROOT / "launch.sh").exists()
