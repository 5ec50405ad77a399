"""Every signal whose default action would end or stop the program without a drain, by table."""

import signal
from pathlib import Path

import pytest

ENDS = ["HUP", "INT", "TERM"]
IGNORED = ["USR1", "USR2", "ALRM", "PIPE", "PROF", "VTALRM", "IO", "PWR", "STKFLT", "XCPU", "XFSZ", "TTIN", "TTOU",
           "RTMIN", "RTMAX"]


@pytest.fixture
def programs(start, brokers):
    """programs("consume"): the command, running against an in-process cluster and a registry of its own."""
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", "registry.db")
    ends = ["--brokers", brokers("tickers:6", "tickers.dlq:1"), "--registry", registry.wait_event("listening")["url"]]
    commands = {
        "consume": ("consuming", [*ends, "--store", "sqlite:market.db", "--strategy", "range"]),
        "produce": ("producing", [*ends, "--source", "synthetic", "--poll-interval", "100ms"]),
        "serve": ("ready", [*ends, "--store", "sqlite:market.db", "--listen", "127.0.0.1:0"]),
        "demo": ("ready", ["--source", "synthetic", "--listen", "127.0.0.1:0", "--poll-interval", "100ms"]),
        "registry": ("listening", ["--listen", "127.0.0.1:0", "--registry-data", "other.db"]),
    }

    def run(name):
        event, arguments = commands[name]
        program = start(name, *arguments)
        program.wait_event(event)
        return program

    return run


def send(program, name):
    program.process.send_signal(getattr(signal, f"SIG{name}"))


def goes_on(program):
    state = Path(f"/proc/{program.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return program.process.poll() is None and state not in "TZ"


@pytest.mark.parametrize("command", ["consume", "produce", "serve", "demo", "registry"])
def test_signals_that_mean_nothing_are_ignored_and_the_three_that_end_it_drain(programs, command):
    program = programs(command)
    for name in IGNORED:
        send(program, name)
        assert goes_on(program), f"{name} ended or stopped {command}:\n{program.log()}"
    for name in ENDS:
        if program.process.poll() is not None:
            program = programs(command)
        send(program, name)
        assert program.wait(12) == 0, f"{name}:\n{program.log()}"

