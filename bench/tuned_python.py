"""A consumer as fast as plain Python gets: confluent-kafka in batches, `struct` for the Avro, f-strings (with !r, which is faster),
one kept connection, large requests, commit after the write.

    tuned_python.py BROKERS TOPIC GROUP STORE_URL

Reads the one schema of schemas/ticker.avsc. Runs until SIGTERM.
"""

import http.client
import signal
import struct
import sys
from urllib.parse import urlsplit

from confluent_kafka import Consumer

BATCH = 20000
# last_price, then nine times the branch of ["null", "double"] and its value.
FIGURES = struct.Struct("<d" + "Bd" * 9)
ALL_PRESENT = b"\x02" * 9
NAMES = ("bid", "bid_size", "ask", "ask_size", "daily_change", "daily_change_relative", "volume", "high", "low")


def read_long(value, at):
    byte = value[at]
    number, shift = byte & 127, 7
    while byte > 127:
        at += 1
        byte = value[at]
        number |= (byte & 127) << shift
        shift += 7
    return (number >> 1) ^ -(number & 1), at + 1


def line_with_nulls(value, at, start, seq, run_id, time):
    fields = [f" last_price={struct.unpack_from('<d', value, at)[0]}"]
    at += 8
    for name in NAMES:
        if value[at]:
            fields.append(f"{name}={struct.unpack_from('<d', value, at + 1)[0]}")
            at += 8
        at += 1
    return f"{start}{','.join(fields)},seq={seq}i,run_id={run_id}i {time}\n"


class Lines:
    """What repeats from message to message is read once."""

    def __init__(self):
        self.starts, self.runs = {}, {}

    def line(self, value):
        """Framing (5 bytes), symbol, event time, seq, run id, source, figures."""
        at = 6 + (value[5] >> 1)
        symbol = value[6:at]
        start = self.starts.get(symbol)
        if start is None:
            start = self.starts[symbol] = f"ticker,coin={symbol.decode()}"
        time, at = read_long(value, at)
        seq, at = read_long(value, at)
        end = len(value) - FIGURES.size
        run_id = self.runs.get(value[at:end])
        if run_id is None or value[end + 8 :: 9] != ALL_PRESENT:
            run_id, source_at = read_long(value, at)
            figures_at = source_at + 1 + (value[source_at] >> 1)
            if figures_at != end or value[end + 8 :: 9] != ALL_PRESENT:
                return line_with_nulls(value, figures_at, start, seq, run_id, time)
            self.runs[value[at:end]] = run_id
        last, _, bid, _, bid_size, _, ask, _, ask_size, _, change, _, relative, _, volume, _, high, _, low = FIGURES.unpack_from(
            value, end
        )
        return (
            f"{start} last_price={last!r},bid={bid!r},bid_size={bid_size!r},ask={ask!r},ask_size={ask_size!r},daily_change={change!r},"
            f"daily_change_relative={relative!r},volume={volume!r},high={high!r},low={low!r},seq={seq}i,run_id={run_id}i {time}\n"
        )


def post(connection, body):
    connection.request("POST", "/api/v3/write_lp?db=market&precision=nanosecond", body)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 204:
        raise SystemExit(f"the store answered {response.status}: {answer[:200]!r}")


def main():
    brokers, topic, group, store = sys.argv[1:]
    going = True

    def end(*_):
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, end)
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "queued.min.messages": 200000,
            "queued.max.messages.kbytes": 131072,
            "fetch.message.max.bytes": 8388608,
            "fetch.queue.backoff.ms": 5,
        }
    )
    consumer.subscribe([topic])
    connection = http.client.HTTPConnection(urlsplit(store).netloc)
    line = Lines().line
    while going:
        values = [message.value() for message in consumer.consume(BATCH, 0.25) if message.error() is None]
        if values:
            post(connection, "".join(map(line, values)).encode())
            consumer.commit(asynchronous=True)
    consumer.close()


if __name__ == "__main__":
    main()
