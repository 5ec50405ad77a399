"""Binance's bars: history by REST, then by WebSocket, with a connection that is lost before a minute is finished."""

import csv
import io
import json
import sqlite3
import time
from decimal import Decimal

import pytest

from conftest import get_json, wait_for
from fake_binance import MINUTE_MS, FakeBinance, make_minutes

COINS = ("BTCUSDT", "ETHUSDT")
COUNT = 25000  # minutes of each coin
HISTORY = COUNT - 40  # of which so many are over at the start
HOLE = range(500, 560)


@pytest.fixture
def begin_ms():
    """A whole hour, so long ago that all minutes are past."""
    return (int(time.time()) - (COUNT + 2000) * 60) // 3600 * 3600 * 1000


@pytest.fixture
def exchange(begin_ms):
    markets = {coin: make_minutes(coin, begin_ms, COUNT, HOLE) for coin in COINS}
    fake = FakeBinance(markets, begin_ms + HISTORY * MINUTE_MS + 15000)
    yield fake
    fake.close()


def rows_of(store, query):
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10) as database:
        return database.execute(query).fetchall()


def stored(store):
    try:
        return rows_of(store, "SELECT count(*) FROM bar")[0][0]
    except sqlite3.OperationalError:
        return 0  # not there yet


def fold(minutes, length_ms):
    """{begin: (open, high, low, close, volume)} in decimals; prices are compared as they are, volumes to 8 decimals."""
    folded = {}
    for time_ms in sorted(minutes):
        opened, high, low, close, volume = (Decimal(text) for text in minutes[time_ms][:5])
        begin = time_ms - time_ms % length_ms
        before = folded.get(begin)
        folded[begin] = (opened, high, low, close, volume) if before is None else (
            before[0], max(before[1], high), min(before[2], low), close, before[4] + volume)
    return folded


def start_demo(start, exchange, store, *arguments):
    return start("demo", "--listen", "127.0.0.1:0", "--source", "binance", "--binance-url", f"http://{exchange.address}",
                 "--binance-ws-url", f"ws://{exchange.address}", "--store", f"sqlite:{store}", "--history", "60d",
                 "--poll-interval", "200ms", "--requests-per-minute", "60000", "--reconnect-wait", "100ms", *arguments)


def go_on(exchange, begin_ms, store):
    """Pushes what comes after the history; the connection is lost in the middle of a minute, and no minute of then is pushed as finished."""
    for number in range(HISTORY, COUNT):
        time_ms = begin_ms + number * MINUTE_MS
        lost = number in (HISTORY + 20, HISTORY + 21)
        for coin in COINS:
            exchange.push(coin, time_ms, final=False)
        if number == HISTORY + 20:
            exchange.drop()
        exchange.now_ms = time_ms + MINUTE_MS + 15000
        for coin in COINS if not lost else ():
            exchange.push(coin, time_ms, final=True)
            exchange.push(coin, time_ms, final=True)
        if number == HISTORY + 21:
            wait_for(lambda: exchange.connects == 2, 20, "a second connection")
    wait_for(lambda: stored(store) == len(COINS) * (COUNT - len(HOLE)), 30, "every minute")


def test_every_minute_is_stored_once_and_folds_as_decimals_do(start, run, tmp_path, exchange, begin_ms):
    store = tmp_path / "store.db"
    demo = start_demo(start, exchange, store, "--coins", ",".join(COINS), "--verify")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: exchange.connects == 1 and stored(store) >= len(COINS) * (HISTORY - len(HOLE)), 60, "the history")
    go_on(exchange, begin_ms, store)
    assert get_json(f"{url}/api/status")["streams"]
    code, out, err = run("candles", "--coin", COINS[0], "--of", "bar", "--interval", "5m", "--store", f"sqlite:{store}", "--limit", "all",
                         "--format", "csv")
    assert demo.stop(60) == 0, demo.log()
    for coin in COINS:
        rows = rows_of(store, "SELECT open_time_ns, open, high, low, close, volume, quote_volume, trades FROM bar "
                              f"WHERE coin = '{coin}' AND source = 'binance' AND timeframe = '1m' AND revision = 0 ORDER BY 1")
        want = [(time_ms * 10**6, *(float(text) for text in figures[:6]), figures[6])
                for time_ms, figures in sorted(exchange.markets[coin].items())]
        assert rows == want
    holes = rows_of(store, "SELECT coin, what, begin_ns, end_ns FROM (SELECT subject AS coin, what, begin_ns, end_ns FROM event) "
                           "WHERE what LIKE 'hole%' ORDER BY coin, what")
    span = (begin_ms + HOLE.start * MINUTE_MS) * 10**6, (begin_ms + HOLE.stop * MINUTE_MS) * 10**6
    assert holes == [(coin, what, *span) for coin in COINS for what in ("hole", "hole_closed")]
    assert code == 0, err
    folded = {row["time"]: row for row in csv.DictReader(io.StringIO(out))}
    want = fold(exchange.markets[COINS[0]], 5 * MINUTE_MS)
    assert len(folded) == len(want)
    for begin, (*prices, volume) in want.items():
        row = folded[time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin // 1000))]
        assert [float(row[name]) for name in ("open", "high", "low", "close")] == [float(price) for price in prices]
        assert round(Decimal(row["volume"]), 8) == volume


def test_ban_is_told_and_the_coins_are_those_of_the_assets(start, tmp_path, exchange):
    exchange.answer = (418, {"Retry-After": "7200"}, b'{"code":-1003,"msg":"Way too much request weight used"}')
    demo = start_demo(start, exchange, tmp_path / "store.db", "--coins", "tBTCUSD,cg:ethereum")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: any("banned this address for a while (HTTP 418): waiting 7200 s" in event["reason"]
                         for event in demo.events("ask_retry")), 20, "the ban")
    wait_for(lambda: "banned this address" in json.dumps(get_json(f"{url}/api/status")), 20, "the page's word of it")
    assert [query["symbol"] for query in exchange.requests] == ["BTCUSDT"]
    assert demo.stop() == 0, demo.log()
