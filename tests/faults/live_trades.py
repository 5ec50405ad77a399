"""An exchange that streams trades and bars, their producer, members, log and store, all compared by trades: (coin, stored time in ns,
id, price's bits, amount's bits)."""

import csv
import json
import sqlite3
import struct
import time
import urllib.request
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from ends import InProcessBrokers
from invariants import Books
from log_reader import Log, read_long, read_text
from parts import Failed, run
from rig import environment

PARTITIONS = {"ticker": 1, "trade": 6, "bar": 2, "event": 1}
NAMES = {"ticker": "tickers", "trade": "trades", "bar": "bars", "event": "events"}
BREAKS = ("drop", "silent", "seq-jump", "20051", "20060")  # after which trades are missing
MS = 10**6


def brokers_with_topics(program, folder):
    """In process."""
    topics = [text for kind, name in NAMES.items() for text in (f"{name}:{PARTITIONS[kind]}", f"{name}.dlq:1")]
    return InProcessBrokers(program, folder, topics)


def bits(value):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", value))


def text_of(trade):
    """As invariants.py has a tick: the id in the place of what tells ticks apart."""
    coin, stored, number, price, amount = trade
    return f"{coin} {stored} {price} {amount} {number} 0"


def stamp_ns(text):
    """Of a log line's time, 2026-11-30T12:59:06.033Z."""
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000) * MS


@dataclass
class Message:
    """A trade in the log."""

    coin: str
    trade: tuple
    live: bool  # its frame's arrival is told: it came neither in a snapshot nor from the history
    value: bytes


def decode(message):
    data = message.value()
    coin, at = read_text(data, 5)
    _, at = read_text(data, at)
    number, at = read_long(data, at)
    time_ns, at = read_long(data, at)
    price, amount = (f"{whole:016x}" for whole in struct.unpack_from("<QQ", data, at))
    live = "arrived" in dict(message.headers() or [])
    return Message(coin, (coin, time_ns + number % MS, number, price, amount), live, data)


@dataclass
class Hole:
    """A hole of a coin, as its newest events tell it; times in ns."""

    begin: int
    end: int
    last_id: int
    closed: str = ""  # how

    def holds(self, time_ns, margin_ns):
        return self.begin - margin_ns <= time_ns <= self.end + margin_ns


class LiveTrades:
    """`topics`: names by kind."""

    def __init__(self, rig, coins, topics=None):
        self.rig, self.coins, self.topics = rig, coins, topics or NAMES
        self.file = rig.folder / "live.db"
        self.exchange = self.url = self.program = None
        self.members = []
        self.kills = []  # when, ns of the exchange's clock
        self.environment = environment(
            KAFKA_BROKERS=rig.brokers.bootstrap, SCHEMA_REGISTRY_URL=rig.registry(), STORE=f"sqlite:{self.file}", STREAMS=",".join(NAMES),
            TOPIC=",".join(f"{kind}={name}" for kind, name in self.topics.items()), GROUP_ID=f"live-{rig.group}")

    def part(self, name, *arguments):
        number = sum(part.name.startswith(name + ".") for part in self.rig.parts)
        return self.rig.part(f"{name}.{number}", [self.rig.programs["candlewick"], *arguments], environment=self.environment)

    def run(self, *arguments):
        return run([self.rig.programs["candlewick"], *arguments], self.rig.folder, self.environment, 300)

    def begin_exchange(self, *more):
        self.exchange = self.part("exchange", "fake-exchange", "--listen", "127.0.0.1:0", "--coins", ",".join(self.coins), "--seed",
                                  self.rig.random.getrandbits(31), *more)
        self.url = self.exchange.wait_event("listening", 60)["url"]

    def begin_member(self, *more):
        self.members.append(self.part("consumer", "consume", *more))

    def begin(self, *more):
        """A producer."""
        self.program = self.part("producer", "produce", "--coins", ",".join(self.coins), "--exchange-url", self.url, "--exchange-ws-url",
                                 self.url.replace("http", "ws"), *more)

    def kill(self):
        self.kills.append(self.progress()["time_ms"] * MS)
        self.program.kill()

    def stop(self, *parts):
        for part in parts:
            if part.stop(30) != 0:
                raise Failed(part.tail())

    # --- what there is

    def ask(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read().decode()

    def progress(self):
        return json.loads(self.ask("/candlewick/progress"))

    def at_its_end(self):
        progress = self.progress()
        return progress["happened"] == progress["trades"]

    def book(self):
        """The exchange's book until now."""
        rows = csv.reader(self.ask("/candlewick/trades").splitlines())
        return {(coin, int(time_ms) * MS + int(number) % MS, int(number), bits(float(price)), bits(float(amount)))
                for number, time_ms, coin, amount, price in rows}

    def select(self, query):
        if not self.file.exists():
            return []
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30) as store:
            tables = store.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('trade', 'bar', 'event')").fetchone()
            return store.execute(query).fetchall() if tables == (3,) else []

    def count(self, table):
        return sum(row[0] for row in self.select(f"SELECT count(*) FROM {table}"))

    def stored(self):
        rows = self.select("SELECT coin, time, trade_id, price, amount FROM trade")
        return [(coin, stored, number, bits(price), bits(amount)) for coin, stored, number, price, amount in rows]

    def holes(self):
        """{coin: {begin: Hole}}"""
        found = defaultdict(dict)
        for what, coin, begin, end, number, detail in self.select(
                "SELECT what, subject, begin_ns, end_ns, number, detail FROM event WHERE what IN ('hole', 'hole_closed') ORDER BY time"):
            if what == "hole":
                found[coin][begin] = Hole(begin, end, number)
            elif begin in found[coin]:
                hole = found[coin][begin]
                hole.end, hole.closed = end, detail
            else:
                raise Failed(f"a hole of {coin} was closed that was never told of: {begin}")
        return found

    def open_holes(self):
        return [(coin, hole) for coin, holes in self.holes().items() for hole in holes.values() if not hole.closed]

    def wanted(self):
        """The book from each coin's first stored trade on."""
        firsts = {}
        for coin, stored, *_ in self.stored():
            firsts[coin] = min(stored, firsts.get(coin, stored))
        return {trade for trade in self.book() if trade[1] >= firsts.get(trade[0], 0)}

    def is_whole(self):
        return set(self.stored()) == self.wanted() and not self.open_holes()

    def messages(self):
        """{coin: [Message]} in the log's order."""
        found = defaultdict(list)
        for message in Log(self.rig.brokers.bootstrap, self.topics["trade"], PARTITIONS["trade"]).messages():
            one = decode(message)
            found[one.coin].append(one)
        return found

    def breaks(self):
        """When each break was, ns of the exchange's clock: its log has the wall clock's times. One that was silent goes on long after its
        client has left it."""
        ahead_ns = self.progress()["time_ms"] * MS - time.time_ns()
        found, newest = [], 0
        for event in self.exchange.events("fault"):
            connection = int(event["connection"])
            newest = max(newest, connection)
            if event["of"] == "stream" and event["kind"] in BREAKS and connection == newest:
                found.append(stamp_ns(event["time"]) + ahead_ns)
        return found

    def books(self, messages):
        """As invariants.py wants them: what the exchange had is what Kafka is to have."""
        every = [one for of_coin in messages.values() for one in of_coin]
        values = defaultdict(set)
        for one in every:
            values[one.trade[:2]].add(one.value)
        log = [(0, offset, text_of(one.trade)) for offset, one in enumerate(every)]
        counts = {"conflicts": sum(len(different) - 1 for different in values.values()), "rewrites": len(every) - len(values)}
        return Books([sorted(map(text_of, self.wanted()))], log, {text_of(trade): (0, 1) for trade in self.stored()}, {}, [], counts)

    def compared(self, coin):
        """The pair of trades and bars; `compare` ends well."""
        told = json.loads(self.run("compare", "--coin", coin, "--format", "json"))
        return {(pair["ours"], pair["theirs"]): pair for pair in told["pairs"]}["trades", "bars"]
