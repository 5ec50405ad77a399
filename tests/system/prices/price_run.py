"""A source of prices between a fake service (feed_server.py) and a SQLite store, over brokers that outlive it."""

import json
import sqlite3

from conftest import wait_for


class PriceRun:
    """`options` are those of every producer."""

    def __init__(self, start, run, brokers, folder, *options):
        self.start, self.run_once, self.folder, self.options = start, run, folder, options
        registry = start("registry", "--listen", "127.0.0.1:0").wait_event("listening")["url"]
        self.kafka = ("--brokers", brokers("tickers:3", "tickers.dlq:1"), "--registry", registry)
        self.store = folder / "store.db"
        self.consumer = start("consume", *self.kafka, "--store", f"sqlite:{self.store}", "--batch-age", "50ms")

    def produce(self, *more):
        return self.start("produce", *self.kafka, *self.options, "--requests-per-minute", "60000", "--log-level", "debug", *more)

    def key_file(self, key):
        path = self.folder.parent / f"{self.folder.name}.key"
        path.write_text(key + "\n")
        path.chmod(0o600)
        return path

    def rows(self, query="SELECT coin, time, last_price, market_cap FROM ticker ORDER BY coin, time"):
        if not self.store.exists():
            return []
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=20) as database:
            try:
                return database.execute(query).fetchall()
            except sqlite3.OperationalError:  # there is no table yet
                return []

    def wait_rows(self, count):
        wait_for(lambda: len(self.rows()) >= count, 30, f"{count} ticks")

    def verify(self):
        """The number of ticks, which the log and the store both have."""
        code, out, err = self.run_once("verify", *self.kafka, "--store", f"sqlite:{self.store}", "--wait", "5s", "--format", "json")
        assert code == 0, out + err
        proof = json.loads(out)
        assert proof["balanced"] and proof["ticks"] == proof["points"], out
        return proof["ticks"]

    def files_with(self, text):
        """The files of the run that have it."""
        return [path for path in self.folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
