"""The fake exchange from outside: its answers, its stream and its book of trades are one and the same."""

import base64
import collections
import contextlib
import csv
import decimal
import io
import json
import os
import socket
import urllib.error
import urllib.request

import pytest
from conftest import get_json, wait_for

COINS = ("tBTCUSD", "tDOGE:USD")
ARGUMENTS = ("fake-exchange", "--listen", "127.0.0.1:0", "--coins", ",".join(COINS), "--seed", "9", "--limit", "trades=0,candles=0,tickers=0")


class WebSocket:
    """Just enough of RFC 6455 to hear an honest server: short frames of text, none of them in fragments."""

    def __init__(self, url):
        host, port = url.removeprefix("ws://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /ws/2 HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.stream = self.socket.makefile("rb")
        assert self.stream.readline().startswith(b"HTTP/1.1 101 ")
        while self.stream.readline().strip():
            pass

    def say(self, **message):
        text = json.dumps(message).encode()
        assert len(text) < 126
        self.socket.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)

    def hear(self):
        first, length = self.stream.read(2)
        assert first == 0x81 and length < 127
        if length == 126:
            length = int.from_bytes(self.stream.read(2), "big")
        return json.loads(self.stream.read(length), parse_float=decimal.Decimal)


def book_of(url, symbol=None):
    """[(id, time in ms, symbol, amount, price)], as text but for the first two."""
    with urllib.request.urlopen(url + "/candlewick/trades" + (f"?symbol={symbol}" if symbol else "")) as answer:
        return [(int(row[0]), int(row[1]), *row[2:]) for row in csv.reader(io.TextIOWrapper(answer))]


def exact_json(url):
    with urllib.request.urlopen(url) as answer:
        return json.loads(answer.read(), parse_float=decimal.Decimal, parse_int=decimal.Decimal)


def fold(trades, length_ms):
    """Rows of candles, oldest first."""
    buckets = collections.defaultdict(list)
    for trade in trades:
        buckets[trade[1] // length_ms * length_ms].append(trade)
    candles = []
    for begin, inside in sorted(buckets.items()):
        prices = [decimal.Decimal(trade[4]) for trade in sorted(inside)]
        inside.sort(key=lambda trade: (trade[1], trade[0]))
        open_, close = decimal.Decimal(inside[0][4]), decimal.Decimal(inside[-1][4])
        candles.append([begin, open_, close, max(prices), min(prices), sum(abs(decimal.Decimal(trade[3])) for trade in inside)])
    return candles


def test_candles_and_tickers_are_the_fold_of_the_book(start):
    exchange = start(*ARGUMENTS, "--start", "2026-11-21T12:00:00Z", "--history", "6h", "--length", "1ms", "--trades-per-minute", "20")
    url = exchange.wait_event("listening")["url"]
    for coin in COINS:
        book = book_of(url, coin)
        assert len(book) > 6 * 60 * 10
        for timeframe, minutes in (("1m", 1), ("15m", 15), ("1h", 60)):
            want = fold(book, minutes * 60000)
            assert exact_json(f"{url}/v2/candles/trade:{timeframe}:{coin}/hist?limit=10000&sort=1") == want
            assert exact_json(f"{url}/v2/candles/trade:{timeframe}:{coin}/hist?limit=7") == want[:-8:-1]
        assert len(fold(book, 60000)) < 6 * 60  # some minutes have no trade, and no candle
        (ticker,) = exact_json(f"{url}/v2/tickers?symbols={coin}")
        assert ticker[0] == coin and ticker[7] == decimal.Decimal(book[-1][4])
        assert ticker[9] == max(decimal.Decimal(trade[4]) for trade in book)
        newest = exact_json(f"{url}/v2/trades/{coin}/hist?limit=10000")
        assert [(*row[:2], row[2], row[3]) for row in newest] == [
            (trade[0], trade[1], decimal.Decimal(trade[3]), decimal.Decimal(trade[4])) for trade in book[:-10001:-1]
        ]


def test_same_seed_is_the_same_book_and_a_written_book_can_be_served(start, tmp_path):
    same = ("--start", "2026-11-21T12:00:00Z", "--history", "1h", "--length", "1ms")
    first, second = (start(*ARGUMENTS, *same).wait_event("listening")["url"] for _ in range(2))
    book = book_of(first)
    assert book == book_of(second)
    file = tmp_path / "trades.csv"
    file.write_text("id,time_ms,symbol,amount,price\n" + "".join(",".join(map(str, trade)) + "\n" for trade in book))
    third = start("fake-exchange", "--listen", "127.0.0.1:0", "--data", file).wait_event("listening")["url"]
    assert book_of(third) == book


def subscribe(url, coins):
    """A connection with these coins, and which channel is whose; all of the snapshots is read."""
    connection = WebSocket(url)
    assert connection.hear()["event"] == "info"
    connection.say(event="conf", flags=65536)
    assert connection.hear() == {"event": "conf", "status": "OK", "flags": 65536}
    channels = {}
    for coin in coins:
        connection.say(event="subscribe", channel="trades", symbol=coin, subId=coin)
        answer = connection.hear()
        assert answer["event"] == "subscribed" and answer["subId"] == coin
        channels[answer["chanId"]] = coin
        assert len(connection.hear()[1]) == 30
    return connection, channels


@pytest.mark.parametrize("speed", ["1000", "1000000"])
def test_what_is_streamed_is_the_book(start, speed):
    exchange = start(*ARGUMENTS, "--start", "2026-11-21T12:00:00Z", "--history", "10m", "--length", "1h", "--speed", speed,
                     "--start-channels", "2")
    urls = exchange.wait_event("listening")
    before = book_of(urls["url"])
    connection, channels = subscribe(urls["ws_url"], COINS)
    wait_for(lambda: get_json(urls["url"] + "/candlewick/progress")["happened"] == get_json(urls["url"] + "/candlewick/progress")["trades"],
             30, "the end of the book")
    want = book_of(urls["url"])[len(before):]
    streamed = {"te": [], "tu": []}
    seq = len(COINS)
    while len(streamed["tu"]) < len(want):
        channel, kind, *rest = connection.hear()
        seq += 1
        assert rest[-1] == seq
        if kind != "hb":
            number, time_ms, amount, price = rest[0]
            streamed[kind].append((number, time_ms, channels[channel], decimal.Decimal(amount), decimal.Decimal(price)))
    want = [(*trade[:3], decimal.Decimal(trade[3]), decimal.Decimal(trade[4])) for trade in want]
    assert streamed["te"] == want and streamed["tu"] == want


def test_faults_are_counted_by_their_names(start):
    exchange = start(*ARGUMENTS, "--fault", "trades/429@1;candles/500@1;drop@c2", "--trades-per-minute", "6000")
    urls = exchange.wait_event("listening")
    for path, status in (("/v2/trades/tBTCUSD/hist", 429), ("/v2/candles/trade:1m:tBTCUSD/hist", 500)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urls["url"] + path)
        assert refused.value.code == status
    first, _ = subscribe(urls["ws_url"], COINS[:1])
    second, _ = subscribe(urls["ws_url"], COINS[:1])
    with contextlib.suppress(ConnectionResetError):
        second.stream.read()  # until the connection ends
    progress = get_json(urls["url"] + "/candlewick/progress")
    assert progress["faults"] == {"429": 1, "500": 1, "drop": 1}
    assert progress["connections"] == 2 and wait_for(
        lambda: get_json(urls["url"] + "/candlewick/progress")["open"] == 1, 5, "the end of the connection")
