"""A client of the exchange's trades as fast as plain Python gets: asyncio and websockets, orjson, `struct` for the Avro, confluent-kafka.

    tuned_trades.py BROKERS TOPIC SCHEMA_ID WS_URL COINS

Sends each te at once and a tu of an unknown trade, as candlewick does; holes it neither finds nor fills. Runs until SIGTERM.
"""

import asyncio
import signal
import struct
import sys
from collections import deque

import orjson
import websockets
from confluent_kafka import Producer

SEQ_ALL_AND_TIMESTAMP = 98304
KNOWN = 1024  # trades of a coin
FIGURES = struct.Struct("<dd")


def long_of(value):
    """Avro's zigzag of a number that is 0 or more."""
    value <<= 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def text_of(text):
    return long_of(len(text)) + text


class Coin:
    """What repeats from trade to trade is made once."""

    def __init__(self, symbol, schema_id):
        self.key = symbol.encode()
        self.start = struct.pack(">bi", 0, schema_id) + text_of(self.key) + text_of(b"bitfinex")
        self.known, self.order = set(), deque()

    def value(self, row):
        """Framing, symbol, source, id, time, price, amount; None: it is known."""
        number, time_ms, amount, price = row
        if number in self.known:
            return None
        self.known.add(number)
        self.order.append(number)
        if len(self.order) > KNOWN:
            self.known.remove(self.order.popleft())
        return b"".join((self.start, long_of(number), long_of(time_ms * 1000000), FIGURES.pack(price, amount)))


class Client:
    def __init__(self, brokers, topic, schema_id, coins):
        self.topic = topic
        self.coins = {symbol: Coin(symbol, schema_id) for symbol in coins}
        self.channels = {}
        self.producer = Producer({
            "bootstrap.servers": brokers, "enable.idempotence": True, "linger.ms": 20, "queue.buffering.max.messages": 1000000,
            "delivery.report.only.error": True})

    def send(self, coin, row):
        value = coin.value(row)
        while value is not None:
            try:
                self.producer.produce(self.topic, value, coin.key)
                return
            except BufferError:
                self.producer.poll(0.01)

    def take(self, text):
        frame = orjson.loads(text)
        if type(frame) is dict:
            if frame["event"] == "subscribed":
                self.channels[frame["chanId"]] = self.coins[frame["symbol"]]
            return
        coin, word = self.channels[frame[0]], frame[1]
        if word == "te" or word == "tu":
            self.send(coin, frame[2])
        elif type(word) is list:
            for row in reversed(word):
                self.send(coin, row)

    async def run(self, url):
        async with websockets.connect(url, compression=None, max_queue=1024, max_size=None, ping_interval=None) as socket:
            await socket.send(orjson.dumps({"event": "conf", "flags": SEQ_ALL_AND_TIMESTAMP}).decode())
            for symbol in self.coins:
                await socket.send(orjson.dumps({"event": "subscribe", "channel": "trades", "symbol": symbol}).decode())
            number = 0
            async for text in socket:
                self.take(text)
                number += 1
                if number % 1000 == 0:
                    self.producer.poll(0)


async def main():
    brokers, topic, schema_id, url, coins = sys.argv[1:]
    client = Client(brokers, topic, int(schema_id), coins.split(","))
    reading = asyncio.ensure_future(client.run(url))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, reading.cancel)
    try:
        await reading
    except asyncio.CancelledError:
        pass
    if client.producer.flush(60) > 0:
        raise SystemExit("not everything was acknowledged")


if __name__ == "__main__":
    asyncio.run(main())
