"""Known ticks, and candles computed from them without any of Candlewick's code."""

import csv
import math
import random
import struct
from collections import defaultdict
from datetime import datetime, timezone

from columns import FIGURES

COINS = ("tBTCUSD", "tETHUSD", "tXRPUSD", "tDOGE:USD", "tSHIB:USD", "tLTCUSD")
START_MS = 1767225600000  # 2026-01-01T00:00:00Z


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def make_rows(count, seed, coins=COINS):
    """Random ticks in time order: same-millisecond ties, gaps, tiny and huge prices, absent figures."""
    chance = random.Random(seed)
    prices = {coin: 10 ** chance.uniform(-8, 5) for coin in coins}
    time_ms, rows = START_MS, []
    for _ in range(count):
        time_ms += chance.choice((0, 0, 1, 137, 999, 5000, 61000))
        coin = chance.choice(coins)
        prices[coin] *= math.exp(chance.gauss(0, 0.002))
        digits = chance.choice((2, 4, 8, 17))
        price = float(f"{prices[coin]:.{digits}g}")
        row = {"time": time_ms, "symbol": coin, "last_price": price}
        for figure in FIGURES:
            if chance.random() < 0.8:
                row[figure] = chance.uniform(-5, 1e6) if figure == "daily_change" else chance.uniform(0, 1e6)
        rows.append(row)
    return rows


def write_csv(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ("time", "symbol", "last_price", *FIGURES), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: repr(value) if isinstance(value, float) else value for key, value in row.items()} for row in rows)


def candles(rows, interval_ms):
    """{coin: [(bucket start in ms, open, high, low, close, ticks)]} by the definition, in file order."""
    buckets = defaultdict(lambda: defaultdict(list))
    for row in rows:
        buckets[row["symbol"]][row["time"] // interval_ms * interval_ms].append(row["last_price"])
    return {
        coin: [(start, prices[0], max(prices), min(prices), prices[-1], len(prices)) for start, prices in sorted(by_start.items())]
        for coin, by_start in buckets.items()
    }


def rfc3339_ms(text):
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()) * 1000


def without_marks(items):
    """What the page's candles have, of those that `candles --format json` gives."""
    return [{name: value for name, value in item.items() if name not in ("forming", "cut", "synthetic")} for item in items]


def candles_of_json(items):
    return [
        (rfc3339_ms(c["time"]), float(c["open"]), float(c["high"]), float(c["low"]), float(c["close"]), c["ticks"])
        for c in items
    ]
