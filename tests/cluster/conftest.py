"""./launch.sh cluster as a user runs it: on free ports, with its state and settings in a folder of its own."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from local_ports import free_ports

# A shell that starts tests in the background has them ignore Ctrl-C; what they start is to heed it again.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[2]
BINARY = Path(os.environ["CANDLEWICK_BINARY"]).resolve()
COINS = ("tBTCUSD", "tETHUSD", "tXRPUSD", "tLTCUSD", "tSOLUSD", "tADAUSD", "tDOTUSD", "tEOSUSD")
PORTS = (
    *(f"KAFKA_{n}_{kind}PORT" for n in (1, 2, 3) for kind in ("", "CONTROLLER_", "JMX_")),
    "REGISTRY_PORT", "PAGE_PORT", "PROMETHEUS_PORT", "INFLUX_PORT", "PRODUCER_METRICS_PORT", "CONSUMER_METRICS_PORT",
)
BROKERS = ("kafka-1", "kafka-2", "kafka-3")

sys.path.insert(0, str(ROOT / "tests" / "stack"))  # promql.py: the metrics that the dashboards name

PATIENCE_S = 60  # a busy machine takes many times longer than a quiet one, and a wait that ends well costs no more for it


def pytest_configure(config):
    config.addinivalue_line("markers", "walk: a start, a broker that dies and comes back, an end: tests/run.sh's part of that name")


def wait_for(condition, timeout, what):
    """The first true answer of condition(), for which the timeout is enough on a quiet machine; fails the test when there is none."""
    deadline = time.monotonic() + timeout + PATIENCE_S
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {timeout + PATIENCE_S} s")
        time.sleep(0.1)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def started(pid):
    """A process's start time in the kernel's clock, as /proc tells it; None when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except FileNotFoundError:
        return None
    return None if fields[0] in "ZX" else fields[19]


class Stack:
    """One stack: its folder, its settings, and launch.sh on it."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.var = folder / "var"
        self.home = self.var / "cluster"
        self.ports = dict(zip(PORTS, free_ports(len(PORTS) + 5)))  # and five more behind the members'
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "JAVA_HOME") if key in os.environ}
        self.environment = {
            **kept,
            "VAR_DIR": str(self.var),
            "ENV_FILE": str(folder / "env"),
            "CANDLEWICK_PROGRAM": str(BINARY),
            "SOURCE": "synthetic-ticker",
            "COINS": ",".join(COINS),
            "POLL_INTERVAL": "100ms",
            **{name: str(port) for name, port in self.ports.items()},
            **settings,
        }

    def launch(self, *arguments, want=0, timeout=180, **settings):
        """Standard output and error of ./launch.sh, once it has ended as wanted; None: in whichever way."""
        launch = subprocess.Popen(
            [ROOT / "launch.sh", *map(str, arguments)],
            cwd=self.folder, env={**self.environment, **settings}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        try:
            said, _ = launch.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            launch.send_signal(signal.SIGINT)  # so that it lets go of the stack, which `down` then ends
            said, _ = launch.communicate(timeout=60)
            pytest.fail(f"launch.sh {' '.join(map(str, arguments))}: not done after {timeout} s\n{said}")
        assert want is None or launch.returncode == want, said
        return said

    def run(self, *arguments):
        """The program once it has ended; it finds this stack by var/run.env in its folder."""
        bare = {"PATH": os.environ["PATH"]}
        return subprocess.run(
            [BINARY, *arguments], cwd=self.folder, env=bare, capture_output=True, text=True, timeout=30 + PATIENCE_S
        )

    def candlewick(self, *arguments):
        """Standard output of the program, which does what it is to."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def group(self):
        """The group's status. Brokers that have just started, on a busy machine, may not answer in its time at once."""
        def ask():
            done = self.run("status", "--format", "json")
            assert done.returncode in (0, 1), done.stderr
            return json.loads(done.stdout) if done.returncode == 0 else None

        return wait_for(ask, 20, "the brokers tell the group's status")

    def settled_group(self, members):
        """The group's status once so many members share all partitions of all topics, each at least one of some topic."""
        def settled():
            group = self.group()
            topics = group["streams"]
            owned = [sorted(p for member in topic["members"] or [] for p in member["partitions"]) for topic in topics]
            owners = {member["client_id"] for topic in topics for member in topic["members"] or [] if member["partitions"]}
            whole = all(partitions == list(range(6)) for partitions in owned)
            return group if whole and len(owners) == len(group["members"] or []) == members else None

        return wait_for(settled, 60, f"{members} members that share all partitions")

    def page(self, path):
        return get(f"http://127.0.0.1:{self.ports['PAGE_PORT']}{path}")

    def metrics(self, part):
        """The exposition text of a part: a broker's JMX agent, or one of ours."""
        if part in BROKERS:
            port = self.ports[f"KAFKA_{part[-1]}_JMX_PORT"]
        elif part.startswith("consumer-"):
            port = self.ports["CONSUMER_METRICS_PORT"] + int(part.removeprefix("consumer-")) - 1
        else:
            port = self.ports[{"producer": "PRODUCER_METRICS_PORT", "page": "PAGE_PORT"}[part]]
        return get(f"http://127.0.0.1:{port}/metrics")

    def figure(self, part, name):
        """The sum of a metric's samples."""
        samples = [line for line in self.metrics(part).splitlines() if line.split("{")[0].split(" ")[0] == name]
        return sum(float(line.rpartition(" ")[2]) for line in samples)

    def pids(self):
        """{part: pid} of what launch.sh has written down."""
        folder = self.home / "pids"
        return {path.name: int(path.read_text().split()[0]) for path in folder.iterdir()} if folder.exists() else {}

    def alive(self):
        return {part for part, pid in self.pids().items() if started(pid)}

    def end(self, part, number=signal.SIGTERM):
        """Signals a part behind launch.sh's back."""
        os.kill(self.pids()[part], number)
        wait_for(lambda: part not in self.alive(), 20, f"{part} ends")

    def stored(self):
        """(coin, time) of every tick in the store."""
        # A member that has just opened the file may hold it for long on a busy machine.
        with sqlite3.connect(f"file:{self.home}/store.db?mode=ro", uri=True, timeout=PATIENCE_S) as store:
            return store.execute("SELECT coin, time FROM ticker").fetchall()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """The stack that most tests share, up with two members."""
    stack = Stack(tmp_path_factory.mktemp("cluster"))
    try:
        stack.first_output = stack.launch("cluster", timeout=600)  # on a fresh machine it gets Kafka first
        yield stack
    finally:
        pids = stack.pids().values()
        stack.launch("cluster", "down", "--volumes")
        assert [pid for pid in pids if started(pid)] == []


@pytest.fixture
def other_stack(tmp_path):
    """A stack that was never started."""
    return Stack(tmp_path)
