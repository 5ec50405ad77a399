"""Ends: a signal while what the program needs is away, frozen or locked; what a dead demo leaves behind."""

import os
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request

import pytest

from conftest import get_json, wait_for

AWAY = "127.0.0.1:1"


@pytest.fixture
def frozen():
    """The address of a server that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield "127.0.0.1:%d" % server.getsockname()[1]


def end(program, wait=10):
    """Exit code and seconds from SIGTERM to the end."""
    begin = time.monotonic()
    program.process.send_signal(signal.SIGTERM)
    return program.wait(wait), time.monotonic() - begin


def commands(away):
    return {
        "produce": ["produce", "--source", "synthetic", "--brokers", away, "--registry", f"http://{away}"],
        "consume": ["consume", "--brokers", away, "--registry", f"http://{away}", "--store", f"http://{away}"],
        "serve": ["serve", "--brokers", away, "--registry", f"http://{away}", "--store", f"http://{away}",
                  "--listen", "127.0.0.1:0"],
    }


@pytest.mark.parametrize("name", ["produce", "consume", "serve"])
@pytest.mark.parametrize("kind", ["away", "frozen"])
def test_sigterm_while_all_ends_are_gone_exits_0_in_time(start, frozen, name, kind):
    program = start(*commands(AWAY if kind == "away" else frozen)[name])
    program.wait_event({"produce": "producing", "consume": "consuming", "serve": "ready"}[name])
    time.sleep(0.5)  # into the first question to the brokers
    code, seconds = end(program)
    assert code == 0, program.log()
    assert seconds < 8, program.log()


@pytest.mark.parametrize("command", ["candles", "demo"])
def test_sigterm_during_a_first_question_ends_at_once(start, frozen, command):
    arguments = {
        "candles": ["candles", "--store", f"http://{frozen}"],
        "demo": ["demo", "--exchange-url", f"http://{frozen}", "--exchange-ws-url", f"ws://{frozen}", "--listen", "127.0.0.1:0"],
    }[command]
    program = start(*arguments)
    time.sleep(1)  # asking; there is no line about it
    _, seconds = end(program)
    assert seconds < 4, program.log()


def test_demo_with_a_locked_store_ends_in_time_and_says_what_is_lost(start, tmp_path):
    demo = start("demo", "--source", "synthetic", "--poll-interval", "50ms", "--listen", "127.0.0.1:0",
                 "--store", "sqlite:locked.db")
    demo.wait_event("ready")
    wait_for(lambda: (tmp_path / "locked.db").exists(), 10, "a store")
    with sqlite3.connect(tmp_path / "locked.db", isolation_level=None, timeout=20) as store:
        store.execute("begin exclusive")
        wait_for(lambda: demo.events("write_failed"), 20, "a write that fails")
        code, seconds = end(demo, 14)
        assert code == 1, demo.log()
        assert seconds < 12, demo.log()
        assert "not known to be stored" in demo.log()


def test_second_signal_ends_at_once(start, frozen):
    program = start(*commands(frozen)["produce"])
    program.wait_event("producing")
    time.sleep(0.5)
    program.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)  # copies of the first one are taken for 50 ms
    program.process.send_signal(signal.SIGTERM)
    assert program.wait(1) == -signal.SIGTERM


def test_produce_whose_schema_is_refused_exits_1(start, brokers):
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", "registry.db")
    url = registry.wait_event("listening")["url"]
    other = b'{"schema": "{\\"type\\":\\"record\\",\\"name\\":\\"Other\\",\\"fields\\":[{\\"name\\":\\"symbol\\",\\"type\\":\\"boolean\\"}]}"}'
    urllib.request.urlopen(urllib.request.Request(
        f"{url}/subjects/tickers-value/versions", data=other,
        headers={"Content-Type": "application/vnd.schemaregistry.v1+json"}), timeout=10).read()
    produce = start("produce", "--source", "synthetic", "--registry", url, "--brokers",
                    brokers("tickers:6", "tickers.dlq:1"))
    assert produce.wait(30) == 1, produce.log()
    assert "the schema registry" in produce.lines[-1] and "409" in produce.lines[-1], produce.log()


ENDED = ("the stack of var/run.env has ended, and its log with it: candlewick candles shows what it stored; for a log start it again "
         "(./launch.sh), or name the --brokers (and --registry) of another")
AFTER_THE_END = (["status"], ["tail"], ["verify"], ["dlq"], ["dlq", "retry"], ["replay", "--since", "first"], ["event", "drill", "x"])


def test_every_command_says_the_same_of_a_demo_that_has_ended(start, run):
    demo = start("demo", "--source", "synthetic", "--poll-interval", "100ms", "--listen", "127.0.0.1:0")
    demo.wait_event("ready")
    reading = [start("tail", "--follow"), start("tail", "--follow", "--streams", "ticker,event"), start("status", "--watch")]
    wait_for(lambda: all(reader.output for reader in reading), 30, "all of them read")
    assert demo.stop() == 0
    for reader in reading:
        assert reader.wait(30) == 1
        told = [line.strip() for line in reader.lines if "has ended" in line]
        assert told == ["candlewick: " + ENDED], reader.log()
    for command in AFTER_THE_END:
        code, out, err = run(*command)
        assert (code, out) == (2, "") and err.splitlines()[-1] == "candlewick: " + ENDED, err
    assert run("candles")[0] == 0


def test_reading_after_a_demo_was_killed_names_run_env_and_the_remedy(start, run):
    demo = start("demo", "--source", "synthetic", "--poll-interval", "100ms", "--listen", "127.0.0.1:0")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: "tBTCUSD" in [c["coin"] for c in get_json(f"{url}/api/coins")], 10, "a stored tick")
    demo.kill()
    for command in AFTER_THE_END:
        code, out, err = run(*command)
        assert (code, out) == (2, "") and err.splitlines()[-1] == "candlewick: " + ENDED, err
    code, out, err = run("candles", "--format", "csv")
    assert code == 0 and out.count("\n") >= 2, err


def test_two_demos_are_read_each_by_its_folder(start, run, tmp_path):
    arguments = ["demo", "--source", "synthetic", "--poll-interval", "100ms", "--listen", "127.0.0.1:0", "--data-dir"]
    first = start(*arguments, "one")
    pages = {"one": first.wait_event("ready")["page"]}
    second = start(*arguments, "two")
    pages["two"] = second.wait_event("ready")["page"]
    assert pages["one"] in (tmp_path / "var/run.env").read_text()
    for folder in pages:
        code, _, err = run("status", "--data-dir", folder)
        assert code == 0 and f"{folder}/run.env" in err, err
    assert first.stop() == 0
    code, _, err = run("status", "--data-dir", "two")
    assert code == 0, err
    wait_for(lambda: pages["two"] in (tmp_path / "var/run.env").read_text(), 10, "the second takes the first one's place")
    assert run("status")[0] == 0
    for command in ("status", "verify", "tail"):
        code, out, err = run(command, "--data-dir", "one")
        assert code == 2 and "the stack of one/run.env has ended" in err and "candles --data-dir one" in err and out == "", err
    assert second.stop() == 0
    for folder in ("one", "two"):
        code, out, err = run("candles", "--format", "csv", "--data-dir", folder)
        assert code == 0 and out.count("\n") >= 2, err  # its store outlives it
    code, _, err = run("status", "--data-dir", "three")
    assert code == 2 and "there is no three/run.env" in err
    # A third takes the place that nobody has any more.
    third = start(*arguments, "three")
    third.wait_event("ready")
    assert run("status")[0] == 0
    assert third.stop() == 0


def test_status_of_another_cluster_does_not_ask_the_demo_for_members(start, run, brokers):
    demo = start("demo", "--source", "synthetic", "--poll-interval", "100ms", "--listen", "127.0.0.1:0")
    demo.wait_event("ready")
    wait_for(lambda: "consumer-1" in run("status")[1], 15, "the demo's own members")
    code, out, err = run("status", "--brokers", brokers("tickers:6"))
    assert code == 0, err
    assert "consumer-1" not in out, out
    assert demo.stop() == 0


def test_demo_shows_all_partitions_of_a_member(start, run):
    demo = start("demo", "--source", "synthetic", "--poll-interval", "100ms", "--listen", "127.0.0.1:0",
                 "--topic-partitions", "200")
    demo.wait_event("ready")

    def owned():
        code, out, _ = run("status")
        rows = [line for line in out.splitlines() if "this machine" in line]
        return code == 0 and sum(len(row.split()[-1].split(",")) for row in rows) == 200

    wait_for(owned, 30, "two members that own 200 partitions")
    assert demo.stop() == 0


def test_replays_of_two_files_of_one_name_do_not_mix(start, run, tmp_path):
    for folder, price in (("a", "100"), ("b", "200")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ticks.csv").write_text(f"time,symbol,last_price\n1700000000,tBTCUSD,{price}\n")
        demo = start("demo", "--source", f"replay:{folder}/ticks.csv", "--speed", "max", "--listen", "127.0.0.1:0")
        assert demo.wait(30) == 0, demo.log()
        code, out, err = run("candles", "--format", "csv")
        assert code == 0, err
        assert out.splitlines()[1:] == [f"2023-11-14T22:10:00Z,tBTCUSD,{price},{price},{price},{price},1,false,false,false"]


def test_help_that_cannot_be_written_exits_1(start):
    with open("/dev/full", "w") as full:
        assert subprocess.run([os.environ["CANDLEWICK_BINARY"], "--help"], stdout=full, timeout=10).returncode == 1
