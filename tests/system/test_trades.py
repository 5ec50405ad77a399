"""Trades of a CSV: to the topic, into both stores, and out again; what comes late lies where it belongs. And live ones."""

import csv
import datetime
import io
import json
import random
import sqlite3
import time
from collections import Counter

import pytest

import ticks
from conftest import get, get_json, wait_for
from test_bars import BarBooks, query
from test_dlq import POISON, send_raw
from test_metrics import metrics_url, samples
from test_store_faults import TestStore, read_topic

START_MS = 1767225600000  # 2026-01-01T00:00:00Z
COLUMNS = ("time", "symbol", "trade_id", "price", "amount", "source")
COINS = ("tBTCUSD", "tETHUSD", "AAPL")


def make_trades(count, seed, coins=COINS):
    """Trades in the order in which they came: a tenth of them later than their time, as after a hole; ids that fall within a
    millisecond, and that pass a million."""
    chance = random.Random(seed)
    rows, time_ms = [], START_MS
    for number in range(count):
        time_ms += chance.choice((0, 0, 0, 1, 40, 3000))
        rows.append({"time": time_ms, "symbol": chance.choice(coins), "trade_id": 1_999_000 + number * 7, "source": "replay",
                     "price": round(30000 * chance.uniform(0.9, 1.1), 5), "amount": round(chance.uniform(-2, 2), 8) or 1.0})
    same = [row for row in rows if row["time"] == rows[0]["time"]]
    ids = [row["trade_id"] for row in reversed(same)]
    for row, trade_id in zip(same, ids):
        row["trade_id"] = trade_id
    late = [row for row in rows[1:] if chance.random() < 0.1]
    return [row for row in rows if row not in late] + late


def write_trades(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([repr(row[name]) if isinstance(row[name], float) else row[name] for name in COLUMNS] for row in rows)


def stored_ns(row):
    return row["time"] * 10**6 + row["trade_id"] % 10**6


def points_of(rows):
    return sorted({(row["symbol"], row["source"], stored_ns(row), row["trade_id"], row["time"] * 10**6, ticks.bits(row["price"]),
                    ticks.bits(row["amount"])) for row in rows})


class TradeBooks(BarBooks):
    """Brokers with the topics of ticks and trades, a registry and a store."""

    def __init__(self, start, run, brokers, folder, store=None, more=()):
        self.start, self.call = start, run
        self.bootstrap = brokers("tickers:2", "tickers.dlq:1", "trades:4", "trades.dlq:1", "events:1", "events.dlq:1", *more)
        registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", folder / "registry.sqlite")
        self.registry = registry.wait_event("listening")["url"]
        self.file = folder / "store.sqlite"
        self.environment = {"KAFKA_BROKERS": self.bootstrap, "SCHEMA_REGISTRY_URL": self.registry,
                            "STORE": store or f"sqlite:{self.file}", "STREAMS": "ticker,trade"}

    def json(self, *arguments, code=0):
        got, out, err = self.run(*arguments, "--format", "json")
        assert got == code, f"{out}\n{err}"
        return json.loads(out)

    def lag(self):
        return self.json("status")["lag_total"]

    def stored(self):
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as store:
            rows = store.execute("SELECT coin, source, time, trade_id, exchange_time_ns, price, amount FROM trade")
            return sorted((*row[:5], ticks.bits(row[5]), ticks.bits(row[6])) for row in rows)


@pytest.fixture(scope="module")
def trades(tmp_path_factory):
    path = tmp_path_factory.mktemp("trades") / "trades.csv"
    rows = make_trades(900, seed=3)
    write_trades(path, rows)
    return path, rows


@pytest.fixture
def books(start, run, brokers, tmp_path):
    return TradeBooks(start, run, brokers, tmp_path)


def test_trades_are_stored_by_their_time_whenever_they_come_and_a_second_replay_changes_nothing(books, trades):
    path, rows = trades
    want = points_of(rows)
    assert len(want) == len(rows) and [row["time"] for row in rows] != sorted(row["time"] for row in rows)
    summary = books.send(path)
    assert (summary["kind"], summary["produced"]) == ("trade", str(len(rows)))
    written = books.write()
    assert (written["written"], written["dead_lettered"]) == (str(len(rows)), "0")
    assert books.stored() == want
    books.send(path)
    books.write()
    assert books.stored() == want

    tickers, proved = books.json("verify", "--wait", "1s")["streams"]
    assert (proved["stream"], proved["topic"], proved["trades"], proved["points"]) == ("trade", "trades", 2 * len(rows), len(rows))
    assert proved["balanced"] and proved["sent_twice"] == len(rows) and tickers["balanced"]
    assert proved["candles"]["provable"] == proved["candles"]["proved"] > 3
    assert {(coin["coin"], coin["source"]) for coin in proved["coins"]} == {(coin, "replay") for coin in COINS}
    with sqlite3.connect(books.file) as store:
        store.execute("UPDATE trade SET amount = -amount WHERE trade_id = ?", (rows[5]["trade_id"],))
        store.execute("DELETE FROM trade WHERE trade_id = ?", (rows[-1]["trade_id"],))
    _, proved = books.json("verify", "--wait", "1s", code=1)["streams"]
    assert (proved["differing"], proved["missing"]) == (1, 1)
    # What verify names is written again; of a millisecond nothing but that.
    missing = proved["faults"]["missing"][0]["time"]
    assert books.run("replay", "--since", missing[:19] + "Z", "--streams", "trade")[0] == 0
    _, proved = books.json("verify", "--wait", "1s", code=1)["streams"]
    assert (proved["differing"], proved["missing"]) == (1, 0)


def candles_of(rows, coin, seconds=60):
    """An independent fold: buckets of stored times; the volume is summed in their order."""
    buckets = {}
    for row in sorted((row for row in rows if row["symbol"] == coin), key=stored_ns):
        buckets.setdefault(row["time"] // (1000 * seconds), []).append(row)
    candles = []
    for start, trades in sorted(buckets.items()):
        volume = 0.0
        for trade in trades:
            volume += abs(trade["amount"])
        prices = [trade["price"] for trade in trades]
        time = datetime.datetime.fromtimestamp(start * seconds, datetime.timezone.utc).isoformat().replace("+00:00", "Z")
        candles.append({"time": time, "coin": coin, "open": prices[0], "high": max(prices), "low": min(prices), "close": prices[-1],
                        "ticks": len(trades), "volume": volume, "forming": False, "cut": False, "synthetic": False})
    return candles


def check_candles(books, rows):
    for coin in COINS:
        got = books.json("candles", "--of", "trade", "--coin", coin, "--interval", "1m")
        assert len(got) > 3 and got == candles_of(rows, coin)


def test_candles_are_those_of_an_independent_fold_bit_for_bit(books, trades):
    path, rows = trades
    books.send(path)
    books.write()
    check_candles(books, rows)
    newest = candles_of(rows, "AAPL")[-2:]
    code, out, err = books.run("candles", "--of", "trade", "--coin", "AAPL", "--interval", "1m", "--limit", "2", "--format", "csv")
    head, *lines = csv.reader(io.StringIO(out))
    assert code == 0 and head[6:8] == ["ticks", "volume"], err
    assert [(int(line[6]), float(line[7])) for line in lines] == [(candle["ticks"], candle["volume"]) for candle in newest]
    code, out, err = books.run("candles", "--of", "trade", "--coin", "AAPL", "--interval", "1m")
    assert code == 0 and "volume" in out and f"{newest[-1]['volume']!r}"[:8] in out, err
    write_trades(books.file.parent / "more.csv", [{**rows[0], "symbol": "AAPL", "source": "kraken"}])
    books.send(books.file.parent / "more.csv")
    books.write()
    for more, said in ((("--coin", "AAPL"), ("kraken, replay", "--bar-source")), (("--coin", "NOSUCH"), ("no trade of NOSUCH", "AAPL kraken")),
                       (("--coin", "AAPL", "--bar-source", "nyse"), ("nyse", "kraken, replay"))):
        code, out, err = books.run("candles", "--of", "trade", *more)
        assert code != 0 and out == "" and all(words in err for words in said), err
    assert len(books.json("candles", "--of", "trade", "--coin", "AAPL", "--bar-source", "kraken")) == 1
    code, out, err = books.run("candles", "--coin", "AAPL")
    assert code == 1 and "trades are (--of trade)" in err, err


def test_tail_prints_trades(books, trades):
    path, rows = trades
    books.send(path)
    code, out, err = books.run("tail", "--streams", "trade", "--last", "1000", "--format", "json")
    assert code == 0, err
    values = [json.loads(line)["value"] for line in out.splitlines()]
    assert Counter((v["symbol"], v["trade_id"], v["exchange_time_ns"], v["price"], v["amount"]) for v in values) == Counter(
        (row["symbol"], row["trade_id"], str(row["time"] * 10**6), row["price"], row["amount"]) for row in rows)
    code, out, err = books.run("tail", "--streams", "trade", "--last", "1000")
    (line,) = [line for line in out.splitlines() if f"{rows[0]['price']!r}" in line and rows[0]["symbol"] in line]
    assert line.split()[2] == "2026-01-01T00:00:00Z" and f"{rows[0]['amount']!r}" in line, err


def test_a_bad_trade_in_the_log_is_a_dead_letter_of_its_stream(books, trades):
    path, rows = trades
    books.send(path)
    send_raw(books, POISON[:2], topic="trades", partition=1)
    assert books.write()["dead_lettered"] == "2"
    letters = {stream["stream"]: stream["messages"] for stream in books.json("dlq")["streams"]}
    assert letters == {"ticker": 0, "trade": 2}
    assert len(read_topic(books.bootstrap, "trades.dlq", 1)) == 2
    assert books.stored() == points_of(rows)
    assert get_json(f"{books.registry}/subjects") == ["trades-value"]


def test_trades_in_influxdb_are_the_same_points(start, run, brokers, tmp_path, trades):
    path, rows = trades
    server = TestStore()
    try:
        books = TradeBooks(start, run, brokers, tmp_path, server.url)
        books.send(path)
        books.send(path)  # each trade twice in the log, and once in the store
        books.write()
        points = query(server.url, "SELECT * FROM trade")
        assert sorted((point["coin"], point["source"], point["trade_id"], point["exchange_time_ns"], ticks.bits(point["price"]),
                       ticks.bits(point["amount"])) for point in points) == sorted((*row[:2], *row[3:]) for row in points_of(rows))
        assert all(stream["balanced"] for stream in books.json("verify", "--wait", "1s")["streams"])
        check_candles(books, rows)
    finally:
        server.stop()


# Live trades: whatever the exchange does, and however often the producer is killed, the store is the exchange's book of trades.

LIVE = ("tBTCUSD", "tETHUSD", "tXRPUSD")
FAULTS = ("drop@200;silent=60s@500;seq-jump=40@800;20051@1100;20060=4s@1400;drop@2000,2600;seq-jump@2300;20051@2900,3500;"
          "trades/429@2;trades/truncated@4;connect/408@3;duplicate@1/40;reorder@1/50;tu-alone@1/60;tu-changed@1/400;late=1s@1/70")


def start_exchange(start, *arguments):
    exchange = start("fake-exchange", "--coins", ",".join(LIVE), "--seed", "5", "--trades-per-minute", "1800", "--history", "10m",
                     "--limit", "trades=600,connects=200", "--heartbeat", "500ms", "--start-channels", str(len(LIVE)),
                     "--listen", "127.0.0.1:0", *arguments)
    return exchange.wait_event("listening")["url"]


class Trader:
    """A producer of live trades with all that it needs, begun again at will."""

    def __init__(self, start, run, brokers, folder, url):
        self.books = TradeBooks(start, run, brokers, folder, more=("bars:2", "bars.dlq:1"))
        self.books.environment["STREAMS"] = "ticker,trade,bar,event"
        self.start, self.url = start, url
        self.program = None
        self.consumer = start("consume", environment=self.books.environment)

    def produce(self, source, *more):
        return self.start("produce", "--source", source, "--exchange-url", self.url, "--exchange-ws-url", self.url.replace("http", "ws") + "/ws/2",
                          "--coins", ",".join(LIVE), *more, environment=self.books.environment)

    def begin(self):
        self.program = self.produce("bitfinex-trades", "--exchange-silence", "2s", "--reconnect-wait", "200ms", "--connects-per-minute", "200",
                                    "--refill-per-minute", "600", "--metrics", "127.0.0.1:0")

    def bars_meet_trades(self):
        """Whether each coin has one of the exchange's bars of a minute in which trades are stored."""
        with sqlite3.connect(f"file:{self.books.file}?mode=ro", uri=True) as store:
            met = store.execute("SELECT count(DISTINCT bar.coin) FROM bar JOIN trade ON trade.coin = bar.coin"
                                " AND trade.time / 60000000000 = bar.open_time_ns / 60000000000").fetchone()[0]
        return met == len(LIVE)

    def wait(self, condition, timeout, what):
        try:
            wait_for(condition, timeout, what)
        except BaseException:  # a failed wait is told with what the producer said last
            print(self.program.log()[-10000:])
            raise

    def progress(self):
        return get_json(self.url + "/candlewick/progress")

    def faults(self):
        """How often the connection was lost, in whatever way."""
        happened = self.progress()["faults"]
        return sum(happened.get(name, 0) for name in ("drop", "silent", "seq-jump", "20051", "20060"))

    def has_ended(self):
        with sqlite3.connect(f"file:{self.books.file}?mode=ro", uri=True) as store:
            return store.execute("SELECT count(*) FROM event WHERE what = 'ended'").fetchone() == (1,)

    def open_holes(self):
        """Holes in the store without a closing, by coin and begin."""
        with sqlite3.connect(f"file:{self.books.file}?mode=ro", uri=True) as store:
            rows = store.execute("SELECT what, subject, begin_ns FROM event WHERE what IN ('hole', 'hole_closed')").fetchall()
        opened, closed = ({row[1:] for row in rows if row[0] == what} for what in ("hole", "hole_closed"))
        assert closed <= opened
        return opened - closed

    def book(self):
        """The exchange's book of trades until now, as the store has it."""
        status, _, body = get(self.url + "/candlewick/trades")
        assert status == 200
        rows = csv.reader(body.decode().splitlines())
        return {(coin, int(time_ms) * 10**6 + int(number) % 10**6, int(number), ticks.bits(float(price)), ticks.bits(float(amount)))
                for number, time_ms, coin, amount, price in rows}

    def stored(self):
        return {(coin, stored, number, price, amount) for coin, _, stored, number, _, price, amount in self.books.stored()}

    def is_whole(self):
        """Whether the store has each coin's trades from its first one on, no other, and no hole is open."""
        stored, book = self.stored(), self.book()
        assert stored <= book, sorted(stored - book)[:3]
        firsts = {coin: min((row[1] for row in stored if row[0] == coin), default=None) for coin in LIVE}
        return None not in firsts.values() and stored == {row for row in book if row[1] >= firsts[row[0]]} and not self.open_holes()


def test_faults_and_kills_leave_the_store_as_the_exchanges_book(start, run, brokers, tmp_path):
    chance = random.Random(7)
    url = start_exchange(start, "--length", "50s", "--fault", FAULTS)
    trader = Trader(start, run, brokers, tmp_path, url)
    trader.begin()
    trader.wait(lambda: trader.faults() >= 4, 60, "faults happen")
    time.sleep(chance.uniform(0, 0.5))
    trader.program.kill()  # most likely in a hole
    trader.begin()
    trader.wait(lambda: trader.faults() >= 10, 60, "all faults happen")
    time.sleep(2)
    trader.wait(lambda: not trader.open_holes(), 30, "no hole is open")
    trader.program.kill()  # while trades flow
    trader.begin()
    trader.wait(lambda: trader.progress()["happened"] == trader.progress()["trades"], 90, "the book is at its end")
    trader.wait(trader.is_whole, 60, "the store is the exchange's book, and each hole is closed")

    figures = samples(metrics_url(trader.program))
    own = '{source="bitfinex-trades"}'
    assert (figures[f"candlewick_source_open_holes{own}"], figures[f"candlewick_source_connections{own}"]) == (0, 1), figures
    assert trader.program.stop() == 0, trader.program.log()
    trader.wait(trader.has_ended, 30, "its last words are stored")
    with sqlite3.connect(f"file:{trader.books.file}?mode=ro", uri=True) as store:
        events = store.execute("SELECT what, subject, begin_ns, end_ns, number, detail FROM event ORDER BY time").fetchall()
    whys = {row[5] for row in events if row[0] == "hole"}
    assert "restart" in whys and any(why.startswith("sequence ") for why in whys) and "maintenance" in whys, whys
    assert {row[5] for row in events if row[0] == "hole_closed"} == {"whole"}
    assert sum(row[4] for row in events if row[0] == "hole_closed") > 100  # refilled
    assert [row[0] for row in events].count("started") == 3 and [row[0] for row in events].count("ended") == 1
    covered = [row for row in events if row[0] == "covered"]
    assert covered and all(row[1] == "bitfinex-trades/0" and row[2] < row[3] for row in covered)

    bars = trader.produce("bitfinex-bars", "--history", "4m")
    trader.wait(trader.bars_meet_trades, 130, "the exchange's own candle of a minute with trades: it is asked for a minute after its end")
    assert bars.stop() == 0, bars.log()
    # The member is still there: what it says at its end is an event, too, which nobody would read.
    assert all(stream["balanced"] for stream in trader.books.json("verify", "--wait", "10s")["streams"])
    for coin in LIVE:
        pairs = {(pair["ours"], pair["theirs"]): pair for pair in trader.books.json("compare", "--coin", coin)["pairs"]}
        assert pairs["trades", "bars"]["judged"] and pairs["trades", "bars"]["both"] > 0, pairs
    assert trader.consumer.stop() == 0, trader.consumer.log()
