"""A pipeline of real processes for one row of the fault matrix: brokers, registry, store, members, feeds, prober."""

import json
import os
import random
import sqlite3
import struct
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

import invariants
from columns import NUMBERS, VERSION, ticker_table
from ends import InProcessBrokers, Store
from log_reader import Log
from parts import Failed, Part, run, wait_for
from prober import Prober

TOPIC, GROUP = "tickers", "coins"  # on the in-process cluster, where each test has its own
COINS = "tBTCUSD,tETHUSD,tXRPUSD,tLTCUSD,tSOLUSD,tADAUSD,tDOTUSD,tTRXUSD"
SESSION_MS = 2000
START = "2026-01-01T00:00:00Z"
CANDLE_NS, CANDLE_TEXT = 60 * 10**9, "1m"
PEAK_MIB = 200  # the program, 64 MiB that librdkafka may read ahead, and what a full queue of batches holds
FILES, THREADS = 96, 40  # a member has about 40 and 20
RECOVER_S = 60
KILLED = -9  # the exit code of what a test killed
SECRET = "canary-5f1e7a90c2"


def environment(**more):
    """What the user has set is none of a test's business."""
    kept = ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
    return {**{key: os.environ[key] for key in kept if key in os.environ}, **more}


class Rig:
    def __init__(self, programs, folder, seed, partitions=6, brokers=None, strategy="range", topic=TOPIC, group=GROUP, session_ms=SESSION_MS):
        self.programs, self.folder, self.partitions, self.strategy = programs, folder, partitions, strategy
        self.topic, self.group, self.session_ms = topic, group, session_ms
        self.topic_id = None  # where a topic of that name was deleted: offsets that are of another one count as none
        self.random = random.Random(seed)
        self.parts, self.members, self.ended, self.feeds = [], {}, [], []
        self.cleared_s = None
        self.recovered_s = None
        self.brokers = brokers or InProcessBrokers(programs["brokers"], folder, [f"{TOPIC}:{partitions}", f"{TOPIC}.dlq:1"])
        self.own_brokers = brokers is None
        self.log = Log(self.brokers.bootstrap, topic, partitions)
        self.registry_url = None
        self.store = Store(programs["store"], folder, seed=self.random.getrandbits(32))
        self.store_address = self.store.url
        self.token = folder / "token"
        self.token.write_text(SECRET + "\n")
        self.token.chmod(0o600)
        self.prober = None

    # --- the parts

    def part(self, name, arguments, **popen):
        part = Part(name, arguments, self.folder, **{"environment": environment(), **popen})
        self.parts.append(part)
        return part

    def registry(self):
        if self.registry_url is None:
            part = self.part("registry", [self.programs["candlewick"], "registry", "--listen", "127.0.0.1:0",
                                          "--registry-data", self.folder / "registry.db"])
            self.registry_url = part.wait_event("listening")["url"]
        return self.registry_url

    def kafka(self, session=True):
        settings = ["--brokers", self.brokers.bootstrap, "--registry", self.registry(), "--topic", self.topic,
                    "--topic-partitions", self.partitions]
        if session and self.strategy != "consumer":  # there the broker says how long
            settings += ["-X", f"session.timeout.ms={self.session_ms}", "-X", f"heartbeat.interval.ms={self.session_ms // 6}"]
        return settings

    def member(self, name, *more, popen=None, preload=None):
        """A member of the group; one of that name that ended before has its books kept."""
        if name in self.members:
            self.part_ended(name)
        count = sum(part.name.startswith(name + ".") for part in self.parts)
        arguments = [self.programs["candlewick"], "consume", *self.kafka(), "--group", self.group, "--client-id", name,
                     "--strategy", self.strategy, "--store", self.store_address, "--token-file", self.token,
                     "--batch-age", "50ms", "--batch-ticks", "500", *more]
        env = environment(**(preload or {}))
        part = self.part(f"{name}.{count}", arguments, environment=env, **(popen or {}))
        self.members[name] = part
        self.ensure_prober()
        return part

    def part_ended(self, name):
        part = self.members.pop(name)
        if part.runs():
            raise Failed(f"{name} still runs")
        self.ended.append((part.name, part.process.returncode, None))

    def ensure_prober(self):
        if self.prober is None:
            self.prober = Prober(self.brokers.bootstrap, self.group, self.topic, self.partitions)

    def group_works(self, seconds=RECOVER_S):
        """Something was read, stored and committed."""
        self.ensure_prober()
        wait_for(lambda: self.prober.newest, seconds,
                 lambda: "a first commit of the group; " + "; ".join(m.tail(3) for m in self.members.values()))

    def feed(self, rows, rate=None, *more, coins=COINS, seed=None, name="feed"):
        """So many ticks a coin; `rate` ticks a second, None: as fast as it can."""
        number = len(self.feeds)
        step = f"{round(10**9 * len(coins.split(',')) / rate)}ns" if rate else "100ms"
        ledger = self.folder / f"ledger-{number}"
        arguments = [self.programs["feed"], ledger, "produce", *self.kafka(session=False), "--client-id", name,
                     "--source", "synthetic", "--coins", coins, "--seed", seed or self.random.getrandbits(31),
                     "--start", START, "--step", step, "--speed", "1" if rate else "max", "--rows", rows, *more]
        part = self.part(f"{name}.{number}", arguments)
        part.ledger = ledger
        self.feeds.append(part)
        return part

    def feed_done(self, part, seconds=120):
        code = part.wait(seconds)
        if code != 0:
            raise Failed(f"the feed failed: {part.tail()} {part.out.read_text()}")

    def feed_figures(self):
        """Of those that came to their end."""
        return [json.loads(part.out.read_text().splitlines()[-1]) for part in self.feeds if part.process.poll() != KILLED]

    def shim(self):
        """The folder of the shim's demands: fault_shim.c. A sanitizer's build has none."""
        if not self.programs["shim"].exists():
            pytest.skip("needs a build without sanitizers")
        folder = self.folder / "shim"
        folder.mkdir(exist_ok=True)
        return folder

    def preload(self):
        """The environment of a program that is under the shim."""
        return {"LD_PRELOAD": str(self.programs["shim"]), "FAULT_SHIM": str(self.shim())}

    def prepare(self):
        """Topics, on brokers that do not make them by themselves."""
        run([self.programs["candlewick"], "prepare", *self.kafka(session=False), "--store", self.store_address, "--token-file", self.token],
            self.folder, environment(), 90)

    # --- waiting

    def acknowledged(self):
        return sum(part.ledger.read_bytes().count(b"\n") for part in self.feeds if part.ledger.exists())

    def stop_feeds(self):
        for part in self.feeds:
            part.stop(150)

    def cleared(self):
        """The last fault is over: from here on it counts how long everything takes to be well again."""
        self.cleared_s = time.monotonic()

    def lag(self):
        ends = self.log.ends()
        topics = self.prober.newest_topics if self.topic_id else {}
        committed = {p: offset for p, offset in self.prober.newest.items() if topics.get(p) in (self.topic_id, None)}
        return sum(max(0, end - max(first, committed.get(p, -1))) for p, (first, end) in ends.items())

    def settle(self, seconds=RECOVER_S):
        """All feeds have ended and the group has committed all there is: I6's first half. Counted from cleared(), or from
        the feeds' end where nothing is left to clear."""
        for part in self.feeds:
            if part.process.poll() != KILLED:
                self.feed_done(part)
        since = self.cleared_s or time.monotonic()
        wait_for(lambda: self.lag() == 0, seconds, lambda: f"lag 0 (now {self.lag()}); " + "; ".join(m.tail(3) for m in self.members.values()), 0.2)
        self.recovered_s = time.monotonic() - since

    # --- the books

    def stop_members(self, seconds=30):
        for name, part in list(self.members.items()):
            last = part.figures() if part.runs() else None
            code = part.stop(seconds)
            self.ended.append((part.name, code, last))
            del self.members[name]

    def stored(self):
        """{tick: (first write ns, writes)} of the fault store."""
        found = {}
        for line in self.store.get("/dump").splitlines():
            tick, first, _, writes, _ = line.rsplit(" ", 4)
            found[tick] = int(first), int(writes)
        return found

    def candles(self, stored):
        """What the program makes of the stored set: fold()'s answer from its own mouth."""
        path = self.folder / "stored.db"
        path.unlink(missing_ok=True)
        sqlite_of(path, stored)
        shown = {}
        for coin in sorted({tick.split(" ", 1)[0] for tick in stored}):
            text = run([self.programs["candlewick"], "candles", "--store", f"sqlite:{path}", "--coin", coin,
                        "--interval", CANDLE_TEXT, "--format", "json"], self.folder, environment())
            for candle in json.loads(text):
                start = datetime.strptime(candle["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
                shown[coin, int(start.timestamp()) * 10**9] = (
                    *(float(candle[key]) for key in ("open", "high", "low", "close")), candle["ticks"])
        return shown

    def texts(self):
        found = {}
        for part in self.parts:
            found[part.name + "'s log"] = part.log()
            found[part.name + "'s output"] = part.out.read_text(errors="replace")
            found[part.name + "'s arguments"] = " ".join(part.arguments)
        return found

    def books(self):
        self.stop_members()
        self.prober.stop()
        ledgers = [invariants.ledger_of(part.ledger) for part in self.feeds]
        return invariants.Books(ledgers, self.log.ticks(), self.stored(), self.log.dead_letters(), self.prober.samples, self.store.counts())

    def check(self, codes_matter=True, peak_mib=PEAK_MIB, candles=True):
        """I1 to I9. The books, for what a row wants to know beyond."""
        books = self.books()
        gone = {p: first for p, (first, _) in self.log.ends().items() if first > 0}
        if gone:
            raise Failed(f"the brokers have dropped messages (5 MiB a partition in process): nothing can be proved; {gone}")
        invariants.i1_nothing_is_lost(books)
        invariants.i2_nothing_is_twice(books)
        invariants.i3_values_are_the_same_bits(books)
        if candles and books.stored:
            invariants.i4_candles_are_the_logs(books, self.candles(books.stored), CANDLE_NS)
        invariants.i5_commits_are_behind_the_store(books)
        if not self.programs["shim"].exists():
            peak_mib = float("inf")  # a sanitizer takes what it needs
        if codes_matter:
            invariants.i6_ends_well([member for member in self.ended if member[1] != KILLED], peak_mib, FILES, THREADS)
        summaries = [event for part in self.parts for event in part.events("summary")[-1:] if "consumed" in event]
        invariants.i7_books_balance(books, self.feed_figures(), summaries)
        invariants.i8_secret_is_nowhere(SECRET, self.texts())
        invariants.i9_no_sanitizer_speaks(self.texts())
        return books

    def end(self):
        for part in reversed(self.parts):
            part.end()
        if self.prober is not None:
            self.prober.stop()
        self.store.end()
        if self.own_brokers:
            self.brokers.end()


def sqlite_of(path, stored):
    """The stored set in the layout of the program's SQLite store."""
    with sqlite3.connect(path) as db:
        db.execute(ticker_table())
        db.execute("PRAGMA application_id = 1129794353")
        db.execute(f"PRAGMA user_version = {VERSION}")

        def rows():
            for tick in stored:
                coin, time_ns, *numbers, seq, run_id = tick.split()
                values = (None if word == "-" else struct.unpack(">d", bytes.fromhex(word))[0] for word in numbers)
                yield (coin, int(time_ns), *values, int(seq), int(run_id))

        names = ("coin", "time", *NUMBERS, "seq", "run_id")
        db.executemany(f"INSERT INTO ticker ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows())
    db.close()


def programs_of(environ):
    return {name: Path(environ[f"CANDLEWICK_{key}"]) for name, key in (
        ("candlewick", "BINARY"), ("brokers", "BROKERS"), ("feed", "FEED"), ("store", "FAULT_STORE"), ("shim", "FAULT_SHIM"))}
