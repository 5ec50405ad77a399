"""What tests of verify, replay and dlq stand on: a topic that is filled, and a store that has it."""

import json
import os
import sqlite3
import subprocess

import ticks
from conftest import wait_for

TOPIC = "tickers"
CONSUME = ("consume", "--batch-age", "100ms")


class Books:
    """Brokers, registry, SQLite store, all ticks of a file sent and written."""

    def __init__(self, start, run, brokers, tmp_path, store=None, partitions=6):
        self.start, self.call, self.tmp_path = start, run, tmp_path
        self.bootstrap = brokers(f"{TOPIC}:{partitions}", f"{TOPIC}.dlq:1")
        registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", tmp_path / "registry.sqlite")
        self.file = tmp_path / "store.sqlite"
        self.environment = {
            "KAFKA_BROKERS": self.bootstrap,
            "SCHEMA_REGISTRY_URL": registry.wait_event("listening")["url"],
            "STORE": store or f"sqlite:{self.file}",
        }

    def run(self, *arguments, timeout=60):
        return self.call(*arguments, environment=self.environment, timeout=timeout)

    def send(self, rows, name="ticks.csv"):
        path = self.tmp_path / name
        ticks.write_csv(path, rows)
        produce = self.start("produce", "--source", f"replay:{path}", "--speed", "max", "--coins", "ALL",
                             environment=self.environment)
        assert produce.wait(60) == 0, produce.log()

    def synthetic(self, rows, coins, *more):
        """`rows` ticks of each coin from 2026 on, 5 s apart."""
        produce = self.start("produce", "--source", "synthetic", "--speed", "max", "--start", "2026-01-01", "--step", "5s",
                             "--rows", rows, "--coins", coins, *more, environment=self.environment)
        assert produce.wait(120) == 0, produce.log()

    def lag(self):
        code, out, _ = self.run("status", "--format", "json")
        return json.loads(out)["lag_total"] if code == 0 else None

    def write(self, *more):
        """A member of the group, until all is committed; what it told."""
        consume = self.start(*CONSUME, *more, environment=self.environment)
        consume.wait_event("consuming")
        wait_for(lambda: self.lag() == 0, 60, "lag 0")
        assert consume.stop() == 0, consume.log()
        return consume

    def verify(self, *more, code):
        """The books as JSON; they must end with `code`."""
        got, out, err = self.run("verify", "--format", "json", "--wait", "1s", *more)
        assert got == code, f"{out}\n{err}"
        books = json.loads(out)
        assert books["balanced"] == (code == 0)
        return books

    def sql(self, text, *values):
        with sqlite3.connect(self.file, timeout=20) as store:
            return store.execute(text, values).fetchall()


def differences(books):
    """All that is wrong, by kind: only what is not 0."""
    kinds = ("missing", "unexpected", "differing", "older", "conflicting", "former", "foreign", "unaccounted", "not_yet_written")
    return {kind: books[kind] for kind in kinds if books[kind]}


def peak_mib(arguments, environment, cwd):
    """Runs a program to its end: its exit code and the most memory that it had, in MiB."""
    process = subprocess.Popen(arguments, env=environment, cwd=cwd, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss / 1024
