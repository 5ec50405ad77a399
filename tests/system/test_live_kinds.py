"""Every kind at once: the exchange's own bars from a fake exchange, and all of it made up where there is no exchange."""

import csv
import io
import json
import math
import re
import sqlite3
import time
from datetime import datetime
from itertools import groupby

from conftest import get, get_json, wait_for

MINUTE_NS = 60 * 10**9
NO_EXCHANGE = "http://127.0.0.1:9"


def rows_of(store, query):
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10) as database:
        return database.execute(query).fetchall()


def bars_of(store):
    """(coin, minute) -> open, high, low, close, volume, of the highest revision."""
    rows = rows_of(store, "SELECT coin, open_time_ns, open, high, low, close, volume FROM bar ORDER BY revision")
    return {(coin, time_ns // MINUTE_NS): tuple(figures) for coin, time_ns, *figures in rows}


def fold(trades):
    """The same of trades (coin, time_ns, price, amount) in the order of their times; volume rounded as the exchange rounds it."""
    bars = {}
    for key, of_minute in groupby(trades, key=lambda trade: (trade[0], trade[1] // MINUTE_NS)):
        prices, amounts = zip(*((price, abs(amount)) for _, _, price, amount in of_minute))
        bars[key] = (prices[0], max(prices), min(prices), prices[-1], round(math.fsum(amounts), 8))
    return bars


def rounded(bars):
    return {key: (*figures[:4], round(figures[4], 8)) for key, figures in bars.items()}


def test_without_exchange_every_kind_is_made_up_and_marked(start, run, tmp_path):
    """Of an exchange that refuses at each of its addresses."""
    store = tmp_path / "store.db"
    demo = start("demo", "--listen", "127.0.0.1:0", "--exchange-url", NO_EXCHANGE, "--exchange-ws-url", "ws://127.0.0.1:9",
                 "--store", f"sqlite:{store}", "--poll-interval", "200ms", "--coins", "tBTCUSD,tXRPUSD", "--history", "3h")
    url = demo.wait_event("ready")["page"]
    assert get_json(f"{url}/api/info")["synthetic"] is True
    assert demo.events("exchange_unreachable")
    time_of = {"ticker": "time", "trade": "time", "bar": "open_time_ns"}
    tables = {kind: f"SELECT count(*), max({column}) - min({column}) FROM {kind}" for kind, column in time_of.items()}

    def whole():  # of the three hours
        spans = {kind: rows_of(store, query)[0] for kind, query in tables.items()}
        return all(count > 300 and span > 178 * MINUTE_NS for count, span in spans.values())

    wait_for(whole, 30, "three hours of each kind")
    assert "synthetic data" in run("candles", "--coin", "tBTCUSD", "--limit", "1")[1]
    assert demo.stop() == 0, demo.log()
    for kind in ("trade", "bar"):  # ticks have no source: the whole store is marked by its name and the page
        assert rows_of(store, f"SELECT DISTINCT source FROM {kind}") == [("synthetic",)]
    assert rows_of(store, "SELECT count(*) FROM event WHERE source LIKE 'bitfinex%'") == [(0,)]  # no word of who never came
    trades = fold(rows_of(store, "SELECT coin, time, price, amount FROM trade ORDER BY coin, time"))
    bars = rounded(bars_of(store))
    first, last = min(minute for _, minute in bars), max(minute for _, minute in bars)
    assert bars == {key: figures for key, figures in trades.items() if first <= key[1] <= last}


def test_only_ticks_are_made_up_for_a_run_of_ticks(start, tmp_path):
    store = tmp_path / "store.db"
    demo = start("demo", "--listen", "127.0.0.1:0", "--source", "synthetic", "--store", f"sqlite:{store}", "--poll-interval", "100ms")
    demo.wait_event("ready")
    wait_for(lambda: rows_of(store, "SELECT count(*) FROM ticker")[0][0] > 5, 20, "ticks")
    assert demo.stop() == 0, demo.log()
    others = [name for (name,) in rows_of(store, "SELECT name FROM sqlite_master WHERE type = 'table'")
              if name in ("trade", "bar") and rows_of(store, f"SELECT count(*) FROM {name}")[0][0] > 0]
    assert others == []
    low, high = rows_of(store, "SELECT min(time), max(time) FROM ticker")[0]
    assert high - low < 10 * MINUTE_NS  # nothing of the past


def test_what_synthetic_sources_cover_is_in_their_events_and_candles(start, run, tmp_path):
    store = tmp_path / "store.db"
    demo = start("demo", "--listen", "127.0.0.1:0", "--source", "synthetic", "--streams", "ticker,trade,bar,event", "--store",
                 f"sqlite:{store}", "--poll-interval", "200ms", "--coins", "tBTCUSD,tXRPUSD", "--history", "1h")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: rows_of(store, "SELECT count(*) FROM ticker WHERE coin = 'tBTCUSD'")[0][0] > 380, 30, "an hour, and live ticks")
    late = int(re.search(r'late_rounds_total{source="synthetic"} (\d+)', get(f"{url}/metrics")[2].decode())[1])
    assert demo.stop() == 0, demo.log()
    names = ["synthetic", "synthetic-bar", "synthetic-trade"]
    for what in ("started", "coins", "ended"):
        assert [name for (name,) in rows_of(store, f"SELECT source FROM event WHERE what = '{what}' ORDER BY source")] == names, what
    spans = rows_of(store, "SELECT begin_ns, end_ns, number FROM event WHERE what = 'covered' AND source = 'synthetic' ORDER BY begin_ns")
    past_begin, past_end, past_interval = spans.pop(0)  # of the hour before the start, made up in larger steps
    assert spans and {interval for _, _, interval in spans} == {200} and past_end == spans[0][0]
    past = [time for (time,) in rows_of(store, f"SELECT time FROM ticker WHERE coin = 'tBTCUSD' AND time < {past_end}")]
    assert past_begin <= min(past) and abs(len(past) - (past_end - past_begin) / (past_interval * 1e6)) <= 2, (past_begin, past_end, len(past))
    live = [time for (time,) in rows_of(store, f"SELECT time FROM ticker WHERE coin = 'tBTCUSD' AND time >= {spans[0][0]}")]
    assert all(any(begin <= time < end for begin, end, _ in spans) for time in live)
    expected = sum(-(-(end - begin) // 200_000_000) for begin, end, _ in spans)
    # A late poll moves the rest by less than one.
    assert -len(spans) <= expected - len(live) <= len(spans) + late + 5, (expected, len(live), late, spans)
    candles = json.loads(run("candles", "--coin", "tBTCUSD", "--of", "trade", "--interval", "1m", "--format", "json")[1])
    assert len(candles) > 50 and all(candle["covered"]["live"] == 1 for candle in candles[1:-2]), candles


def test_bars_of_the_exchange_are_its_trades_folded(start, tmp_path):
    store = tmp_path / "store.db"
    exchange = start("fake-exchange", "--listen", "127.0.0.1:0", "--seed", "5", "--coins", "tBTCUSD,tETHUSD",
                     "--fault", "candles/html@2;candles/500@4")
    exchange_url = exchange.wait_event("listening")["url"]
    demo = start("demo", "--listen", "127.0.0.1:0", "--source", "bitfinex-bars", "--exchange-url", exchange_url,
                 "--coins", "tBTCUSD,tETHUSD,tNONEUSD", "--store", f"sqlite:{store}", "--history", "2h", "--verify")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: len({coin for coin, _ in bars_of(store)}) == 2, 20, "bars of both coins")
    status = get_json(f"{url}/api/status")
    assert [stream["kind"] for stream in status["streams"]].count("bar") == 1
    assert demo.stop(60) == 0, demo.log()
    _, _, book = get(f"{exchange_url}/candlewick/trades")
    trades = [(symbol, int(time_ms) * 10**6, float(price), float(amount), int(number))
              for number, time_ms, symbol, amount, price in csv.reader(io.StringIO(book.decode()))]
    trades.sort(key=lambda trade: (trade[0], trade[1], trade[4] % 10**6))
    folded = fold(trade[:4] for trade in trades)
    bars = rounded(bars_of(store))
    for coin in ("tBTCUSD", "tETHUSD"):
        of_coin = {minute: figures for (name, minute), figures in bars.items() if name == coin}
        first, last = min(of_coin), max(of_coin)
        assert last - first > 110
        assert of_coin == {minute: figures for (name, minute), figures in folded.items() if name == coin and first <= minute <= last}
    whats = {what for (what,) in rows_of(store, "SELECT DISTINCT what FROM event WHERE source = 'bitfinex-bars'")}
    assert {"started", "coins", "covered"} <= whats
    exchange.stop()


def test_bars_of_the_last_day_are_on_the_page_at_once(start):
    """On an empty store, with all the default sources; in 5 s on a quiet machine, as bench/run.sh --trades measures."""
    exchange_url = start("fake-exchange", "--listen", "127.0.0.1:0", "--coins", "tBTCUSD,tETHUSD", "--history", "25h").wait_event("listening")["url"]
    demo = start("demo", "--listen", "127.0.0.1:0", "--coins", "tBTCUSD,tETHUSD", "--exchange-url", exchange_url,
                 "--exchange-ws-url", exchange_url.replace("http", "ws"), "--data-dir", "var/demo")
    page = demo.wait_event("ready")["page"]
    newest = int(time.time()) // 60 - 3
    published = {row[0] // 60000: tuple(row[1:5]) for row in get_json(f"{exchange_url}/v2/candles/trade:1m:tETHUSD/hist?limit=10000")}
    wanted = {minute: candle for minute, candle in published.items() if newest - 1430 < minute < newest}
    assert len(wanted) > 1200

    def drawn():
        status, _, body = get(f"{page}/api/candles?coin=tETHUSD&of=bar&interval=1m")
        candles = json.loads(body) if status == 200 else []
        shown = {int(datetime.fromisoformat(candle["time"].replace("Z", "+00:00")).timestamp()) // 60:
                 tuple(candle[name] for name in ("open", "close", "high", "low")) for candle in candles}
        return all(shown.get(minute) == candle for minute, candle in wanted.items())

    wait_for(drawn, 5, "the bars of the last day")
    assert demo.stop() == 0, demo.log()
