"""The promises of docs/architecture.md as functions over books: what Kafka acknowledged, what its log holds, what the store holds.

A tick is a text, as the ledger writes it: symbol, time, the bits of its numbers, seq and run_id.
"""

import struct
from collections import defaultdict

from parts import Failed

SHOWN = 5


def ledger_of(path):
    """A feed that was killed in the midst of a line has not told of its tick."""
    return path.read_text().split("\n")[:-1]


class Books:
    """Everything that is compared after a run."""

    def __init__(self, ledgers, log, stored, letters, samples, counts):
        self.ledgers = ledgers  # of each feed: [tick]
        self.ledger = [tick for one in ledgers for tick in one]
        self.log = log  # [(partition, offset, tick or None)]
        self.stored = stored  # {tick: (first write, ns; writes)}
        self.letters = letters  # {(partition, offset): [reason]}
        self.samples = samples  # [(ns, {partition: committed})]
        self.counts = counts  # the store's
        self.ticks = {tick for place in log if (tick := place[2]) is not None}
        self.dead = {tick for partition, offset, tick in log if tick and (partition, offset) in letters}


def _some(items):
    items = sorted(items)
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return "; ".join(" ".join(item.split()[:2] + item.split()[-2:]) if isinstance(item, str) else str(item) for item in items[:SHOWN]) + more


def i1_nothing_is_lost(books):
    gone = set(books.ledger) - books.ticks
    if gone:
        raise Failed(f"I1: {len(gone)} ticks were acknowledged by Kafka and are not in its log: {_some(gone)}")
    lost = books.ticks - books.stored.keys() - books.dead
    if lost:
        raise Failed(f"I1: {len(lost)} ticks of the log are neither stored nor dead letters: {_some(lost)}")


def i2_nothing_is_twice(books):
    if any(len(set(ledger)) != len(ledger) for ledger in books.ledgers):
        raise Failed("I2: the ledger names a tick twice: the producer told one delivery twice")
    made_up = books.stored.keys() - books.ticks
    if made_up:
        raise Failed(f"I2: {len(made_up)} points are stored that no message of the log tells: {_some(made_up)}")
    identities = {tuple(tick.split(" ", 2)[:2]) for tick in books.stored}
    if len(identities) != len(books.stored):
        raise Failed(f"I2: {len(books.stored)} points, {len(identities)} identities")
    uids = {(words[0], words[-2], words[-1]) for words in (tick.split() for tick in books.stored)}
    if len(uids) != len(books.stored):
        raise Failed(f"I2: {len(books.stored) - len(uids)} ticks are stored under two times")


def price_sums(ticks):
    """Per coin: the bits of last_price, summed and xored."""
    sums = defaultdict(lambda: [0, 0])
    for tick in ticks:
        words = tick.split(" ", 3)
        bits = int(words[2], 16)
        sums[words[0]][0] = (sums[words[0]][0] + bits) % 2**64
        sums[words[0]][1] ^= bits
    return {coin: tuple(pair) for coin, pair in sums.items()}


def i3_values_are_the_same_bits(books):
    want, got = price_sums(books.ticks - books.dead), price_sums(books.stored)
    wrong = [coin for coin in want.keys() | got.keys() if want.get(coin) != got.get(coin)]
    if wrong:
        raise Failed(f"I3: the prices of {_some(wrong)} differ from the log's")
    if books.counts["conflicts"] != 0:
        raise Failed(f"I3b: {books.counts['conflicts']} times one identity was written with other fields")


def fold(ticks, interval_ns):
    """{(coin, bucket start): (open, high, low, close, ticks)} by the definition."""
    by_bucket = defaultdict(list)
    for tick in ticks:
        coin, time_ns, price, _ = tick.split(" ", 3)
        time_ns = int(time_ns)
        value = struct.unpack(">d", bytes.fromhex(price))[0]
        by_bucket[coin, time_ns // interval_ns * interval_ns].append((time_ns, value))
    candles = {}
    for key, points in by_bucket.items():
        prices = [price for _, price in sorted(points)]
        candles[key] = (prices[0], max(prices), min(prices), prices[-1], len(prices))
    return candles


def i4_candles_are_the_logs(books, shown, interval_ns):
    """`shown` is what `candlewick candles` says of the stored set, as fold() gives it."""
    want = fold(books.ticks - books.dead, interval_ns)
    wrong = [key for key in want.keys() | shown.keys() if want.get(key) != shown.get(key)]
    if wrong:
        raise Failed(f"I4: {len(wrong)} of {len(want)} candles differ from those of the log: {_some(wrong)}")


def i5_commits_are_behind_the_store(books):
    """At every sample everything below the committed offset was stored, or is a dead letter."""
    never = float("inf")
    durable = defaultdict(dict)
    for partition, offset, tick in books.log:
        stored = books.stored.get(tick)
        dead = (partition, offset) in books.letters
        durable[partition][offset] = 0 if dead else stored[0] if stored else never
    latest = {}  # per partition: offsets, and when all up to each were durable
    for partition, offsets in durable.items():
        worst, line = 0, {}
        for offset in sorted(offsets):
            worst = max(worst, offsets[offset])
            line[offset] = worst
        latest[partition] = line
    for at_ns, committed in books.samples:
        for partition, offset in committed.items():
            line = latest.get(partition, {})
            below = line.get(offset - 1)
            if below is not None and below > at_ns:
                raise Failed(
                    f"I5: partition {partition} was committed up to {offset} while a point below was not stored"
                    f" ({'never was' if below == never else f'{(below - at_ns) / 1e6:.1f} ms later'})")


def i6_ends_well(members, peak_mib, files, threads):
    """`members`: [(name, exit code, figures at its end or None)]; the others are at most."""
    for name, code, last in members:
        if code != 0:
            raise Failed(f"I6: {name} ended with exit code {code}")
        for what, most in (("peak_mib", peak_mib), ("files", files), ("threads", threads)):
            if last and last[what] > most:
                raise Failed(f"I6: {name} has {last[what]:.0f} {what}; {most} at most")


def i7_books_balance(books, feeds, summaries):
    for feed in feeds:
        if feed["ticks"] < feed["produced"] + feed["dropped"]:
            raise Failed(f"I7: more was produced than there was: {feed}")
        if feed["produced"] != feed["acknowledged"] + feed["given_up"] or not feed["ledger_complete"]:
            raise Failed(f"I7: what was produced is neither acknowledged nor told as given up: {feed}")
    if len(feeds) == len(books.ledgers) and sum(feed["acknowledged"] for feed in feeds) != len(books.ledger):
        raise Failed(f"I7: {len(books.ledger)} ticks in the ledger, {feeds} acknowledged")
    for summary in summaries:
        consumed, written, dead = (int(summary[key]) for key in ("consumed", "written", "dead_lettered"))
        if written + dead > consumed:
            raise Failed(f"I7: more was written than consumed: {summary}")
    if len(books.stored) + len(books.letters) < len(books.ticks):
        raise Failed(f"I7: {len(books.ticks)} ticks, {len(books.stored)} points, {len(books.letters)} dead letters")


def i8_secret_is_nowhere(secret, texts):
    """`texts`: {where: what}"""
    for where, text in texts.items():
        if secret in text:
            raise Failed(f"I8: the secret is in {where}")


def i9_no_sanitizer_speaks(texts):
    for where, text in texts.items():
        for mark in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:"):
            if mark in text:
                raise Failed(f"I9: {mark} in {where}:\n{text[text.index(mark):][:2000]}")
