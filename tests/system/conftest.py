"""Starts Candlewick's parts as a user would, finds their addresses in their logs, stops them by pid."""

import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

BINARY = Path(os.environ["CANDLEWICK_BINARY"])
BROKERS = Path(os.environ["CANDLEWICK_BROKERS"])
FIXTURES = Path(__file__).parents[1] / "fixtures"
LONGEST = ("test_lab_run", "test_add_field", "test_replay", "test_store_emptied", "test_dlq", "test_verify", "test_trades", "test_streams",
           "test_terminal", "test_verify_store")
PATIENCE_S = 60  # a busy machine takes many times longer than a quiet one, and a wait that ends well costs no more for it


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out by tests/run.sh without arguments")


def pytest_collection_modifyitems(items):
    """Side by side, the files that take longest begin first, so that none runs alone at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


def wait_for(condition, timeout, what):
    """The first true answer of condition(), for which the timeout is enough on a quiet machine; fails the test when there is none."""
    deadline = time.monotonic() + timeout + PATIENCE_S
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {timeout + PATIENCE_S} s")
        time.sleep(0.05)


def get(url, timeout=10):
    """Status, headers and body of a GET; an HTTP error is an answer too."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def get_json(url, timeout=10):
    status, _, body = get(url, timeout)
    assert status == 200, f"{url}: {status} {body!r}"
    return json.loads(body)


def parse_logfmt(line):
    """A log line's key=value pairs; quoted values are unescaped like JSON strings."""
    pairs, rest = {}, line.strip()
    while rest:
        key, _, rest = rest.partition("=")
        if rest.startswith('"'):
            value, end = json.JSONDecoder().raw_decode(rest)
            rest = rest[end:]
        else:
            value, _, rest = rest.partition(" ")
            rest = " " + rest if rest else ""
        pairs[key.strip()] = value
        rest = rest.lstrip()
    return pairs


class Program:
    """One running part. Its log is read as it comes; stop() sends SIGTERM to this pid alone."""

    def __init__(self, arguments, cwd, env):
        self.arguments = [str(a) for a in arguments]
        self.process = subprocess.Popen(
            self.arguments,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines = []
        self.output = []
        self.readers = [
            threading.Thread(target=self._read, args=(self.process.stderr, self.lines)),
            threading.Thread(target=self._read, args=(self.process.stdout, self.output)),
        ]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.append(line)

    def events(self, name):
        parsed = (parse_logfmt(line) for line in list(self.lines) if line.startswith("time="))
        return [event for event in parsed if event.get("event") == name]

    def wait_event(self, name, timeout=20):
        def look():
            found = self.events(name)
            if not found and self.process.poll() is not None:
                pytest.fail(f"{self.arguments[1:]} ended with {self.process.returncode}:\n{self.log()}")
            return found

        return wait_for(look, timeout, f"event {name} in\n{self.log()}")[0]

    def log(self):
        return "".join(self.lines)

    def wait(self, timeout):
        """Its exit code, once it has ended by itself and its log is complete."""
        code = self.process.wait(timeout + PATIENCE_S)
        for reader in self.readers:
            reader.join()
        return code

    def stop(self, timeout=12):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.wait(10)


@pytest.fixture
def start(tmp_path):
    """start("demo", "--coins", …): a Program in an empty folder, with none of the user's settings."""
    programs = []
    env = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS") if key in os.environ}

    def run(*arguments, cwd=tmp_path, environment=None, binary=BINARY):
        program = Program([binary, *arguments], cwd, {**env, **(environment or {})})
        programs.append(program)
        return program

    yield run
    for program in reversed(programs):
        program.kill()


@pytest.fixture
def run(tmp_path):
    """run("candles", …): runs to the end, gives exit code, stdout and stderr."""
    env = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}

    def call(*arguments, cwd=tmp_path, environment=None, timeout=30, binary=BINARY):
        done = subprocess.run(
            [str(binary), *map(str, arguments)],
            cwd=cwd,
            env={**env, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout + PATIENCE_S,
        )
        return done.returncode, done.stdout, done.stderr

    return call


@pytest.fixture
def brokers():
    """brokers("tickers:6", …): an in-process cluster in a process of its own; gives its broker list. brokers.close() ends it."""
    processes = []

    def create(*topics):
        process = subprocess.Popen(
            [str(BROKERS), *topics], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        return process.stdout.readline().strip()

    def close():
        for process in processes:
            process.stdin.close()
            assert process.wait(20) == 0
            process.stdout.close()
        processes.clear()

    create.close = close
    yield create
    close()
