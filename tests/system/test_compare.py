"""Candles of trades against an exchange's bars, and how much of their time was covered: by the events in the store. The page's API
shows what `candles`, `compare` and `status` show."""

import csv
import io
import json
import re
import sqlite3
import struct
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from confluent_kafka import Producer

from conftest import get, get_json, wait_for
from test_bars import long_of
from test_trades import START_MS, TradeBooks, candles_of, make_trades, write_trades

ROOT = Path(__file__).parent.parent.parent
COIN = "tBTCUSD"
MINUTE_NS = 60 * 10**9
START_NS = START_MS * 10**6
BARE = ("forming", "cut", "synthetic")  # which the page finds out itself


class CompareBooks(TradeBooks):
    """Trades of one coin, the bars that they give, and the events of their source."""

    def __init__(self, start, run, brokers, folder):
        super().__init__(start, run, brokers, folder, more=("bars:2", "bars.dlq:1"))
        self.environment["STREAMS"] = "ticker,trade,bar,event"
        self.rows = make_trades(900, seed=11, coins=(COIN,))
        self.candles = candles_of(self.rows, COIN)
        write_trades(folder / "trades.csv", self.rows)
        with open(folder / "bars.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("open_time", "symbol", "timeframe", "open", "high", "low", "close", "volume", "trades"))
            writer.writerows((c["time"], COIN, "1m", *(repr(c[name]) for name in ("open", "high", "low", "close", "volume")), c["ticks"])
                             for c in self.candles)
        self.send(folder / "trades.csv")
        self.send(folder / "bars.csv")
        schema = (ROOT / "schemas" / "event.avsc").read_text()
        request = urllib.request.Request(f"{self.registry}/subjects/events-value/versions", json.dumps({"schema": schema}).encode(),
                                         {"Content-Type": "application/vnd.schemaregistry.v1+json"}, method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            self.schema_id = json.loads(answer.read())["id"]

    def tell(self, *events):
        """Events of the source of the trades."""
        producer = Producer({"bootstrap.servers": self.bootstrap})
        for number, (subject, what, begin, end, detail) in enumerate(events):
            text = [part.encode() for part in (subject, what, "replay-trades", detail)]
            longs = b"".join(long_of(1) + long_of(value) if value is not None else long_of(0) for value in (begin, end, 0))
            value = b"".join((*(long_of(len(part)) + part for part in text[:2]), long_of((end or START_NS) // 10**6 * 10**6 + number),
                              long_of(len(text[2])) + text[2], longs, long_of(1) + long_of(len(text[3])) + text[3]))
            producer.produce("events", key=subject.encode(), value=b"\0" + struct.pack(">I", self.schema_id) + value)
        assert producer.flush(20) == 0
        self.write()

    def sql(self, text, *values):
        with sqlite3.connect(self.file, timeout=20) as store:
            store.execute(text, values)

    def pairs(self, code=0, *more):
        got, out, err = self.run("compare", "--coin", COIN, "--format", "json", *more)
        assert got == code, f"{out}\n{err}"
        return {(pair["ours"], pair["theirs"]): pair for pair in json.loads(out)["pairs"]}

    def compare(self, code=0, *more):
        return self.pairs(code, *more)["trades", "bars"]


@pytest.fixture
def books(start, run, brokers, tmp_path):
    return CompareBooks(start, run, brokers, tmp_path)


def minute_ns(number):
    return START_NS + number * MINUTE_NS


def test_every_bar_equals_our_candle_and_each_difference_has_its_reason(books):
    count = len(books.candles)
    assert count > 5
    # Without a word of the source nothing is known to be whole; what differs could be a hole.
    books.write()
    pair = books.compare()
    assert pair["whole"] == 0 and pair["equal"] == count
    code, out, err = books.run("compare", "--coin", COIN)
    assert code == 0 and f"0 of {count} candles" in " ".join(out.split()), out + err
    books.sql("UPDATE bar SET high = high * 2 WHERE open_time_ns = ?", minute_ns(2))
    assert [found["reason"] for found in books.compare()["differences"]] == ["unknown"]
    books.sql("UPDATE bar SET high = high / 2 WHERE open_time_ns = ?", minute_ns(2))
    books.tell(("replay-trades", "coins", None, None, f"tETHUSD,{COIN}"),
               ("replay-trades/0", "covered", START_NS, minute_ns(10**4), f"{START_NS}:1-1"))
    pair = books.compare()
    assert (pair["candles"], pair["equal"], pair["whole"], pair["volumes_off"]) == (count, count, count, 0)
    code, out, err = books.run("compare", "--coin", COIN)
    assert code == 0 and "trades, bars" in out and "newest candles" not in out, err

    changed = books.candles[3]
    books.sql("UPDATE bar SET high = high * 2, volume = volume + 1 WHERE open_time_ns = ?", minute_ns(0) + 3 * MINUTE_NS)
    books.sql("DELETE FROM bar WHERE open_time_ns = ?", minute_ns(1))
    pair = books.compare(1)
    assert [(found["time"], found["reason"]) for found in pair["differences"]] == [
        (books.candles[1]["time"], "unexplained"), (changed["time"], "unexplained")]
    assert pair["volumes_off"] == 1 and pair["worst_bp"] == pytest.approx(5000) and pair["only_ours"] == 1
    assert pair["differences"][1]["ours"]["volume"] == changed["volume"] and pair["differences"][0]["theirs"] is None
    # What one side lacks was not compared: it is neither equal nor off by 0.
    assert [(found["bp"] is None, found["equal_volume"]) for found in pair["differences"]] == [(True, None), (False, False)]
    others = books.pairs(1)
    assert [(others["ticks", side][name]) for side in ("bars", "trades") for name in ("median_bp", "worst_bp", "whole", "volumes_off")] == [None] * 8
    code, out, err = books.run("compare", "--coin", COIN)
    assert code == 1 and "unexplained" in out and "2 of" in err, err

    # A hole explains them, and a bar that was published again.
    books.tell((COIN, "hole", minute_ns(1) + 5, minute_ns(1) + 6, "connection lost"))
    books.sql("UPDATE bar SET revision = 1, time = time + 1 WHERE open_time_ns = ?", minute_ns(3))
    pair = books.compare()
    assert [found["reason"] for found in pair["differences"]] == ["hole", "bar_changed"] and pair["whole"] == count - 1
    assert books.compare(0, "--from", "2026-01-01T00:03:30Z")["candles"] == count - 4
    for more in (("--coin", "NOSUCH"), ("--coin", COIN, "--interval", "5m"), ("--coin", COIN, "--store", "sqlite:/nowhere/there")):
        code, out, err = books.run("compare", *more)
        assert code == 2 and out == "" and err, err


def test_candles_say_how_much_of_their_time_was_covered(books):
    half = MINUTE_NS // 2
    books.tell(("replay-trades", "coins", None, None, COIN), ("replay-trades/0", "covered", START_NS, minute_ns(3), f"{START_NS}:0-0"),
               (COIN, "hole", minute_ns(1), minute_ns(1) + half, "restart"), (COIN, "hole_closed", minute_ns(1), minute_ns(1) + half, "whole"),
               (COIN, "hole", minute_ns(2), minute_ns(2) + half, "restart"))
    # verify names it, and it is no fault.
    (found,) = books.json("verify", "--wait", "1s", "--streams", "trade")["covered"]
    assert found["coin"] == COIN and found["hole"] > 0 and found["unknown"] > 0
    assert sum(found[name] for name in ("live", "refilled", "hole", "unknown")) == pytest.approx(1)
    code, out, err = books.run("verify", "--wait", "1s", "--streams", "trade")
    assert code == 0 and re.search(rf"^{COIN} replay: [0-9.]+ % live, [0-9.]+ % refilled, [0-9.]+ % hole, [0-9.]+ % unknown$", out, re.M), out + err
    asked = ("candles", "--of", "trade", "--coin", COIN, "--interval", "1m", "--to", "2026-01-01T00:04Z")
    covered = [candle["covered"] for candle in books.json(*asked)]
    assert covered[:4] == [{"unknown": 0, "live": 1, "refilled": 0, "hole": 0}, {"unknown": 0, "live": 0.5, "refilled": 0.5, "hole": 0},
                       {"unknown": 0, "live": 0.5, "refilled": 0, "hole": 0.5}, {"unknown": 1, "live": 0, "refilled": 0, "hole": 0}]
    code, out, err = books.run(*asked, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0 and [(row["live"], row["refilled"], row["hole"], row["unknown"]) for row in rows][1:3] == [
        ("0.5", "0.5", "0", "0"), ("0.5", "0", "0.5", "0")], err
    code, out, err = books.run(*asked)
    assert code == 0 and "covered" in out and "50 %, hole" in out and "0 %, unknown" in out, err


def bare(candles):
    return [{name: value for name, value in candle.items() if name not in BARE} for candle in candles]


def test_the_api_gives_what_the_commands_give(books):
    books.tell(("replay-trades", "coins", None, None, COIN), ("replay-trades/0", "covered", START_NS, minute_ns(8), f"{START_NS}:0-0"),
               (COIN, "hole", minute_ns(1), minute_ns(1) + MINUTE_NS // 2, "restart"))
    page = books.start("serve", "--listen", "127.0.0.1:0", environment=books.environment).wait_event("ready")["page"]

    def ask(path, **parameters):
        return get_json(f"{page}/api/{path}?{urllib.parse.urlencode(parameters)}")

    def candles(*more):
        return bare(books.json("candles", "--coin", COIN, *more))

    (coin,) = ask("coins")
    assert coin["candles"] == [{"of": "trade", "source": "replay"}, {"of": "bar", "source": "replay", "timeframe": "1m"}]
    assert (coin["coin"], coin["name"], coin["last"]) == (COIN, "BTC/USD", books.candles[-1]["close"])
    trades = ask("candles", coin=COIN, of="trade")
    assert trades == candles("--of", "trade", "--interval", "1m") and len(trades) == len(books.candles)
    assert trades[1]["covered"] == {"unknown": 0, "live": 0.5, "refilled": 0, "hole": 0.5}
    assert ask("candles", coin=COIN, of="trade", source="replay", limit=2, interval="2m") == candles("--of", "trade", "--interval", "2m", "--limit", "2")
    assert ask("candles", coin=COIN, of="bar", interval="5m") == candles("--of", "bar", "--interval", "5m")
    assert ask("candles", coin=COIN) == []  # no ticks
    assert ask("candles", coin=COIN, of="trade", fill="bar") == trades
    books.sql("DELETE FROM trade WHERE time < ?", minute_ns(2))
    filled = ask("candles", coin=COIN, of="trade", fill="bar")
    assert [candle.get("filled", False) for candle in filled] == [True, True] + [False] * (len(trades) - 2)
    assert [(candle["time"], candle["close"], candle["volume"]) for candle in filled] == [(c["time"], c["close"], c["volume"]) for c in trades]
    assert ask("candles", coin=COIN, of="trade", fill="bar", limit=3) == filled[-3:]
    asked = {"coin": COIN, "from": "2026-01-01T00:00Z", "to": "2026-01-02T00:00Z"}
    _, out, _ = books.run("compare", "--coin", COIN, "--from", asked["from"], "--to", asked["to"], "--format", "json")
    pairs = ask("compare", **asked)
    assert pairs == json.loads(out) and pairs["pairs"][0]["equal"] == len(books.candles) - 2
    for path, said in ((f"candles?coin={COIN}&of=trade&source=kraken", "its sources are: replay"), (f"compare?coin={COIN}&interval=3m", "no bar of"),
                       ("compare?coin=NOSUCH", "no trade of NOSUCH")):
        status, _, body = get(f"{page}/api/{path}")
        assert status == 400 and said in body.decode()


def test_the_truth_lag_reaches_to_the_page_and_status_tells_it(start, run, tmp_path):
    store = tmp_path / "store.db"
    exchange = start("fake-exchange", "--listen", "127.0.0.1:0", "--seed", "5", "--coins", COIN, "--speed", "30").wait_event("listening")
    demo = start("demo", "--listen", "127.0.0.1:0", "--exchange-url", exchange["url"], "--exchange-ws-url", exchange["url"].replace("http", "ws") + "/ws/2",
                 "--source", "bitfinex,bitfinex-trades", "--coins", COIN, "--poll-interval", "200ms", "--store", f"sqlite:{store}",
                 "--data-dir", str(tmp_path / "data"))
    page = demo.wait_event("ready")["page"]
    steps = {"frame_to_kafka", "kafka_to_store", "kafka_to_page"}
    whole = {"exchange_to_frame", "exchange_to_store", "exchange_to_page"}

    def lags():
        return {stream["kind"]: stream["truth_lag"] for stream in get_json(f"{page}/api/status")["streams"]}

    wait_for(lambda: set(lags()["trade"]) == steps | whole and set(lags()["ticker"]) == steps, 30, "each step of trades and ticks")
    with urllib.request.urlopen(f"{page}/metrics", timeout=10) as answer:
        assert 'candlewick_truth_lag_seconds_count{stream="ticker",step="kafka_to_page"}' in answer.read().decode()
    code, out, err = run("status", "--data-dir", str(tmp_path / "data"))
    assert code == 0 and "Kafka to page" in out and "truth lag" in out, out + err
    code, out, err = run("status", "--data-dir", str(tmp_path / "data"), "--format", "json")
    assert code == 0 and steps <= set(json.loads(out)["truth_lag"]["trade"]), out + err
    assert get_json(f"{page}/api/coins")[0]["candles"][0] == {"of": "trade", "source": "bitfinex"}
