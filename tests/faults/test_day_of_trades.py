"""Row 43, without faults: a day of ten coins' trades, as fast as it goes, and a minute at the pace of real time; then the exchange's bars
of it. Every trade once in the store, candles and comparison bit for bit."""

import json
import struct
import time
from collections import Counter, defaultdict
from datetime import datetime, timezone

import pytest

import invariants
from live_trades import NAMES, LiveTrades
from parts import Failed, wait_for

pytestmark = pytest.mark.real
COINS = ("tBTCUSD", "tETHUSD", "tXRPUSD", "tLTCUSD", "tSOLUSD", "tADAUSD", "tDOTUSD", "tEOSUSD", "tNEOUSD", "tTRXUSD")
MINUTE_NS = 60 * 10**9


def number(word):
    return struct.unpack(">d", bytes.fromhex(word))[0]


def fold(book):
    """{coin: {minute: (open, high, low, close, volume, trades)}} of trades in the order of their stored times."""
    minutes = defaultdict(lambda: defaultdict(list))
    for coin, stored, _, price, amount in sorted(book):
        minutes[coin][stored // MINUTE_NS].append((number(price), abs(number(amount))))
    candles = defaultdict(dict)
    for coin, of_coin in minutes.items():
        for minute, trades in of_coin.items():
            prices, volume = [price for price, _ in trades], 0.0
            for _, amount in trades:
                volume += amount
            candles[coin][minute] = (prices[0], max(prices), min(prices), prices[-1], volume, len(prices))
    return candles


def shown(live, coin):
    """The same of `candlewick candles`."""
    found = {}
    for candle in json.loads(live.run("candles", "--of", "trade", "--coin", coin, "--interval", "1m", "--format", "json")):
        start = datetime.strptime(candle["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
        figures = (float(candle[name]) for name in ("open", "high", "low", "close", "volume"))
        found[int(start.timestamp()) // 60] = (*figures, candle["ticks"])
    return found


def play(live, length, speed, per_minute):
    """The book through the WebSocket, then its bars through HTTP; gives the candles that are wanted."""
    began = int(time.time()) // 60 * 60 - 25 * 3600  # in the past, so that its bars are finished when it is over
    live.begin_exchange("--start", datetime.fromtimestamp(began, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "--start-channels", len(COINS),
                        "--history", "1ms", "--length", length, "--speed", speed, "--trades-per-minute", per_minute)
    live.begin_member("--client-id", "consumer-1")
    live.begin_member("--client-id", "consumer-2")
    live.begin("--source", "bitfinex-trades", "--refill-max-age", "48h")
    trades = live.progress()["trades"]
    wait_for(lambda: live.count("trade") >= trades, 600,
             lambda: f"{trades} trades of the exchange in the store, and not {live.count('trade')}; {live.program.tail()}", 0.5)
    live.stop(live.program)
    candles = fold(live.wanted())
    live.begin("--source", "bitfinex-bars", "--history", "26h")
    least = sum(map(len, candles.values()))
    wait_for(lambda: live.count("bar") >= least, 120, lambda: f"{least} bars; {live.program.tail()}", 0.5)
    live.stop(live.program)
    return candles


@pytest.mark.quick
@pytest.mark.parametrize("name, length, speed", [("a minute at the pace of real time", "1m", 1), ("a day, as fast as it goes", "1d", 1000000)],
                         ids=("minute", "day"))
def test_row_43_a_day_of_trades_is_the_exchanges_book_and_its_bars(real_rig, passed, scaled, name, length, speed):
    rig = real_rig()
    live = LiveTrades(rig, COINS, {kind: f"{rig.topic}-{kind}" for kind in NAMES})
    live.run("prepare")
    candles = play(live, length, speed, scaled(20, 6) if length == "1d" else 600)
    differ = Counter()
    for coin in COINS:
        differ["candles"] += shown(live, coin) != candles[coin]
        pair = live.compared(coin)
        differ["bars"] += (pair["both"], pair["equal"], pair["only_ours"], pair["only_theirs"]) != (len(candles[coin]), len(candles[coin]), 0, 0)
    if any(differ.values()):
        raise Failed(f"{differ} coins of {len(COINS)} differ from the exchange's book")
    live.run("verify", "--wait", "20s")
    live.stop(*live.members)
    messages = live.messages()
    books = live.books(messages)
    invariants.i1_nothing_is_lost(books)
    invariants.i2_nothing_is_twice(books)
    invariants.i3_values_are_the_same_bits(books)
    passed(rig, books, "43", f"none: {name}: trades of ten coins, two members", "nothing",
           f"{sum(map(len, candles.values()))} candles of trades, each equal to those that Python folds, and to the exchange's bar.")
