"""What the rows share: a rig for each, the seed, how often, and the report of the run."""

import os
import re
import signal
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

import report
from real import RealBrokers
from report import Line
from rig import Rig, programs_of

ON_REAL_BROKERS = ("test_day_of_trades.py", "test_markers.py", "test_real_brokers.py", "test_real_groups.py", "test_topic_made_again.py")
ROWS = pytest.StashKey()
NOTED = "row"  # the user property of a test's report in which its line travels to the process that writes the report


def pytest_addoption(parser):
    parser.addoption("--seed", type=int, default=20261121, help="of everything that is random here")
    parser.addoption("--rounds", type=float, default=1.0, help="scale of the counts; 1: the full ones")
    parser.addoption("--report", default="", help="write what was done to this file (Markdown)")
    parser.addoption("--books", default="", help="keep the lines of several runs here (JSON), for --report")


def interrupt(*_):
    raise KeyboardInterrupt


def pytest_configure(config):
    # However the run is ended, what it has started is ended too.
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    config.addinivalue_line("markers", "quick: takes a few seconds, at any --rounds below 0.1")
    config.addinivalue_line("markers", "real: on real brokers, which need Java")
    config.stash[ROWS] = []
    if not on_worker(config):
        config.pluginmanager.register(Reports(config))


def pytest_report_header(config):
    return f"seed {config.getoption('seed')}, rounds {config.getoption('rounds'):g}"


class Scheduling(LoadScopeScheduling):
    """Side by side (-n), the files with rows on real brokers share one process, and with it the brokers."""

    def _split_scope(self, nodeid):
        return "real" if nodeid.split("::")[0] in ON_REAL_BROKERS else nodeid


def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)


def on_worker(config):
    """With -n: a process that runs tests for another one, which writes the report."""
    return hasattr(config, "workerinput")


class Reports:
    def __init__(self, config):
        self.config = config

    def pytest_runtest_logreport(self, report):
        if report.passed and report.when == "call":
            self.config.stash[ROWS] += [Line(**noted) for name, noted in report.user_properties if name == NOTED]


def pytest_terminal_summary(terminalreporter, config):
    lines = config.stash[ROWS]
    for line in sorted(lines, key=report.order):
        terminalreporter.write_line(
            f"row {line.row}: {line.fault}; {line.injected}: {line.messages} messages, lost {line.lost}, twice {line.duplicated},"
            f" conflicts {line.conflicts}, written again {line.rewritten}, dead letters {line.dead_letters},"
            f" recovered in {line.recovered_s:.1f} s; took {line.seconds:.0f} s")


def pytest_sessionfinish(session):
    config = session.config
    if on_worker(config):
        return
    lines = report.merged(config.getoption("books"), config.stash[ROWS])
    if config.getoption("report") and lines:
        text = report.markdown(lines, config.getoption("seed"), config.getoption("rounds"), f"{os.cpu_count()} cores")
        Path(os.environ.get("FAULTS_FROM", "."), config.getoption("report")).write_text(text)


@pytest.fixture
def seed(request):
    return f"{request.config.getoption('seed')}/{request.node.name}"


@pytest.fixture
def scaled(request):
    """scaled(full, least=1): how often, of the full count, at this run's scale."""
    scale = request.config.getoption("rounds")
    return lambda full, least=1: max(least, round(full * scale))


@pytest.fixture
def make_rig(request, tmp_path, seed):
    rigs = []

    def make(**settings):
        folder = Path(tmp_path) / f"rig-{len(rigs)}"
        folder.mkdir()
        rig = Rig(programs_of(os.environ), folder, seed, **settings)
        rig.began = time.monotonic()
        rigs.append(rig)
        return rig

    yield make
    for rig in rigs:
        rig.end()


@pytest.fixture
def rig(make_rig):
    return make_rig()


@pytest.fixture(scope="session")
def real_brokers(tmp_path_factory):
    brokers = RealBrokers(tmp_path_factory.mktemp("brokers"))
    yield brokers
    brokers.end()


@pytest.fixture
def real_rig(make_rig, real_brokers, request):
    """As rig, on the real brokers, with a topic and a group of its own."""
    def make(**settings):
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        rig = make_rig(**{"brokers": real_brokers, "topic": name, "group": name, "session_ms": 3000, **settings})
        rig.prepare()
        return rig

    assert request.node.path.name in ON_REAL_BROKERS
    real_brokers.whole_again()
    return make


@pytest.fixture
def passed(request):
    """passed(rig, books, row, fault, injected, note): a line of the report."""

    def note_down(rig, books, row, fault, injected, note=""):
        request.node.user_properties.append((NOTED, asdict(Line(
            row=row, fault=fault, injected=injected, messages=len(books.log), acknowledged=len(books.ledger),
            lost=len((set(books.ledger) | books.ticks) - books.stored.keys() - books.dead),
            duplicated=sum(len(ledger) - len(set(ledger)) for ledger in books.ledgers), rewritten=books.counts["rewrites"],
            conflicts=books.counts["conflicts"], dead_letters=len(books.letters),
            recovered_s=rig.recovered_s or 0.0, seconds=time.monotonic() - rig.began, note=note))))

    return note_down
