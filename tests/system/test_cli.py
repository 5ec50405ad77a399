"""Mistakes on purpose: one line that says what was wrong and what is allowed, and the right exit code."""

import os
import subprocess
from pathlib import Path

import pytest

from conftest import BINARY

COMMANDS = ("prepare", "produce", "consume", "serve", "demo", "candles", "compare", "status", "top", "tail", "verify", "replay", "dlq", "registry", "fake-exchange")


@pytest.mark.parametrize(
    "arguments, environment, words",
    [
        (["prodcue"], {}, ["prodcue", "produce"]),
        (["demo", "--straetgy", "range"], {}, ["--straetgy", "--strategy"]),
        (["demo", "--strategy", "stiky"], {}, ["stiky", "range", "roundrobin", "sticky"]),
        (["candles", "--interval", "5 parsecs"], {}, ["--interval", "5 parsecs"]),
        (["produce", "--poll-interval"], {}, ["--poll-interval"]),
        (["produce"], {"POLL_INTERVAL": "soon"}, ["POLL_INTERVAL", "soon"]),
        (["produce", "-X", "acks=1"], {}, ["acks", "pinned"]),
        (["produce", "-X", "no.such.thing=1"], {}, ["no.such.thing"]),
        (["produce", "-X", "plugin.library.paths=/tmp/x.so"], {}, ["plugin.library.paths"]),
        (["consume", "--store", "mysql:x"], {}, ["mysql:x", "sqlite:"]),
        (["demo", "--source", "kraken"], {}, ["kraken", "bitfinex", "replay:", "synthetic"]),
        (["demo", "--coins", "tBTCUSD,b tc"], {}, ["b tc"]),
        (["fake-exchange", "--data", "x.csv", "--fault", "429@0"], {}, ["429@0"]),
        (["consume", "--token-file", "/nowhere/token"], {}, ["/nowhere/token"]),
        (["demo", "--listen", "nonsense"], {}, ["nonsense"]),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_2(run, arguments, environment, words):
    code, out, err = run(*arguments, environment=environment)
    assert code == 2, err
    assert out == ""
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    for word in words:
        assert word in lines[0], err


def test_no_arguments_is_help_and_exit_2(run):
    code, _, err = run()
    assert code == 2
    assert "produce" in err


def test_version(run):
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("candlewick 0.")


@pytest.mark.parametrize("command, flag", (("lab predict", "--steps"), ("lab run", "--scenario"), ("lab member", "--topics")))
def test_help_of_a_command_of_two_words(run, command, flag):
    for arguments in ([*command.split(), "--help"], ["help", *command.split()]):
        code, out, err = run(*arguments)
        assert code == 0 and err == ""
        assert f"Usage: candlewick {command}" in out
        assert flag in out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_flag_of_a_command(run, command):
    code, out, err = run(command, "--help")
    assert code == 0 and err == ""
    assert f"candlewick {command}" in out
    assert "--log-level" in out


def test_candles_of_a_store_that_is_not_there_is_an_error_not_no_data(run):
    code, out, err = run("candles", "--store", "sqlite:/nowhere/x.sqlite", "--coin", "tBTCUSD")
    assert code == 1
    assert out == ""
    assert "/nowhere/x.sqlite" in err


def test_status_of_brokers_that_are_away_fails_in_time(run):
    code, _, err = run("status", "--brokers", "127.0.0.1:9", timeout=30)
    assert code == 1
    assert "127.0.0.1:9" in err


def test_port_in_use_names_the_flag(start, run, tmp_path):
    first = start("registry", "--listen", "127.0.0.1:0", "--registry-data", tmp_path / "a.sqlite")
    address = first.wait_event("listening")["url"].removeprefix("http://")
    code, _, err = run("registry", "--listen", address, "--registry-data", tmp_path / "b.sqlite")
    assert code == 1
    assert address in err and "--listen" in err


def test_manual_table_is_the_programs(run):
    """UPDATE_MANUAL=1 writes it."""
    manual = Path(__file__).parents[2] / "docs/manual.md"
    begin, end = "<!-- options: made by `candlewick --help-markdown`; a test compares them -->\n", "<!-- end of options -->"
    code, table, _ = run("--help-markdown")
    assert code == 0
    before, _, rest = manual.read_text().partition(begin)
    shown, _, after = rest.partition(end)
    if os.environ.get("UPDATE_MANUAL"):
        manual.write_text(before + begin + table + end + after)
    else:
        assert shown == table


@pytest.mark.parametrize("flag", ["--help-markdown", "--help", "--version"])
def test_help_into_a_closed_pipe_is_no_failure(flag):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run([BINARY, flag], stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=20)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([BINARY, flag], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
    assert done.returncode == 1 and "No space left" in done.stderr
