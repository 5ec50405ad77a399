"""Rows 30, 31 and 35: ticks in one instant, messages that are none, a log that has moved on."""

import json
import signal
import struct
import time
import urllib.request

import pytest
from confluent_kafka import Producer

import invariants
from columns import FIGURES
from parts import Failed, wait_for
from test_store_answers import finish


@pytest.mark.quick
def test_row_30_thousands_of_ticks_in_one_millisecond(make_rig, passed, scaled):
    rig = make_rig(partitions=12)
    rig.member("consumer-1")
    rig.member("consumer-2")
    rows = scaled(6000, 1000)
    rig.feed(rows, None, "--step", "1ns")
    rig.feed_done(rig.feeds[0])
    books = finish(rig, passed, "30", f"all {8 * rows:,} ticks within one millisecond", "1 ms")
    times = [int(tick.split(" ", 2)[1]) for tick in books.stored]
    assert max(times) - min(times) < 10**6 and len(books.stored) == 8 * rows


def long_of(number):
    number = (number << 1) ^ (number >> 63)
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def text_of(text):
    data = text if isinstance(text, bytes) else text.encode()
    return long_of(len(data)) + data


def body(symbol="tBTCUSD", time_ns=1767225500 * 10**9, seq=1, price=30000.0, figures=b"\0" * len(FIGURES)):
    return text_of(symbol) + long_of(time_ns) + long_of(seq) + long_of(99) + text_of("poison") + struct.pack("<d", price) + figures


def framed_tick(schema, time_ns, seq):
    """A tick of tBTCUSD as another live producer would send it."""
    return struct.pack(">bi", 0, schema) + body(time_ns=time_ns, seq=seq)


def poison(schema_id):
    """{what: (key, value)}: each of these must become a dead letter."""
    def framed(data):
        return struct.pack(">bi", 0, schema_id) + data

    good = body()
    values = {
        "nothing": b"",
        "a frame cut short": b"\0\0\0",
        "another magic byte": b"\1" + framed(good)[1:],
        "JSON": b'{"symbol":"tBTCUSD","last_price":1}',
        "cut in the middle": framed(good[:-20]),
        "cut in a number": framed(good[:9]),
        "bytes behind the record": framed(good + b"\0"),
        "a text of 2^31 bytes": framed(long_of(2**31) + b"tBTCUSD"),
        "a text of 2^62 bytes": framed(long_of(2**62) + b"tBTCUSD"),
        "a text of -1 byte": framed(long_of(-1) + b"tBTCUSD"),
        "a varint without end": framed(b"\xff" * 30),
        "a branch of 2": framed(body(figures=long_of(2) + b"\0" * (len(FIGURES) - 1))),
        "a branch of 2^40": framed(body(figures=long_of(2**40) + b"\0" * (len(FIGURES) - 1))),
        "a figure that is NaN": framed(body(figures=long_of(1) + struct.pack("<d", float("nan")) + b"\0" * (len(FIGURES) - 1))),
        "a figure that is infinite": framed(body(figures=long_of(1) + struct.pack("<d", float("-inf")) + b"\0" * (len(FIGURES) - 1))),
        "price NaN": framed(body(price=float("nan"))),
        "price infinite": framed(body(price=float("inf"))),
        "price 0": framed(body(price=0.0)),
        "price -0": framed(body(price=-0.0)),
        "price below 0": framed(body(price=-1.0)),
        "a coin with a line feed": framed(body("tBTC\nUSD")),
        "a coin with a comma": framed(body("tBTC,USD")),
        "a coin with a blank and an equals sign": framed(body("tBTC US=D")),
        "a coin in UTF-8": framed(body("tBTC\u20acUSD")),
        "a coin that is no UTF-8": framed(body(b"t\xff\xfeUSD")),
        "a coin of 400 letters": framed(body("t" * 400)),
        "a coin of 65 letters": framed(body("t" * 65)),
        "a megabyte": framed(good) + b"\0" * 900000,
        "a tombstone": None,
    }
    letters = {what: (b"tBTCUSD", value) for what, value in values.items()}
    letters["no key"] = (None, framed(good))
    return letters


def schema_id(rig):
    with urllib.request.urlopen(f"{rig.registry()}/subjects/{rig.topic}-value/versions/latest", timeout=10) as answer:
        return json.load(answer)["id"]


def send(rig, messages):
    producer = Producer({"bootstrap.servers": rig.brokers.bootstrap, "message.max.bytes": 2000000, "linger.ms": 5,
                         "queue.buffering.max.messages": 2000000})
    for key, value in messages:
        while True:
            try:
                producer.produce(rig.topic, value, key)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    assert producer.flush(60) == 0


@pytest.mark.quick
def test_row_31_every_poison_is_one_dead_letter_with_its_reason(rig, passed, scaled):
    rig.member("consumer-1")
    rig.member("consumer-2")
    rig.feed(400, 1000)
    rig.group_works()
    bad = poison(schema_id(rig))
    rounds = scaled(4, 2)  # a megabyte each: more would fall out of the in-process log
    for _ in range(rounds):
        send(rig, bad.values())
    # The least double above 0, and the largest: ticks like all others, bit for bit.
    odd = [struct.pack(">bi", 0, schema_id(rig)) + body(seq=1000 + i, time_ns=1767225400 * 10**9 + i, price=price)
           for i, price in enumerate((5e-324, 1.7976931348623157e308, 1e-310))]
    send(rig, [(b"tBTCUSD", value) for value in odd])
    rig.cleared()
    rig.settle()
    books = rig.check()
    if len(books.letters) != rounds * len(bad):
        raise Failed(f"{len(books.letters)} dead letters for {rounds * len(bad)} messages that are none")
    without = [place for place, reasons in books.letters.items() if not all(reasons) or len(set(reasons)) != 1]
    if without:
        raise Failed(f"dead letters without a reason, or with two: {without[:5]}")
    kinds = len({reasons[0] for reasons in books.letters.values()})
    passed(rig, books, "31", f"{len(bad)} kinds of messages that are no ticks", f"{rounds * len(bad)} messages", f"{kinds} reasons told.")


def test_row_31_no_commit_passes_a_dead_letter_that_is_not_kept(rig, passed, scaled):
    """While the dead-letter topic takes nothing the group stands before the message."""
    member = rig.member("consumer-1")
    rig.feed(100, 2000)
    rig.group_works()
    rig.settle()
    bad = poison(schema_id(rig))["a tombstone"]
    rounds = scaled(5, 1)
    for number in range(rounds):
        before = rig.log.ends()
        member.send(signal.SIGSTOP)
        send(rig, [bad])
        place, = (p for p, (_, end) in rig.log.ends().items() if end != before[p][1])
        rig.feed_done(rig.feed(400, None, "--start", f"2026-02-{number + 1:02}T00:00:00Z"))
        rig.brokers.tell("errors", "Produce", *["NOT_ENOUGH_REPLICAS"] * 500)
        points = rig.store.counts()["points"]
        member.send(signal.SIGCONT)
        # The batches behind it are written, the group stands before it.
        wait_for(lambda points=points: rig.store.counts()["points"] >= points + 2000, 30, "ticks behind it are stored")
        time.sleep(1)
        committed = (rig.prober.sample() or rig.prober.newest)[place]
        if committed > before[place][1] or len(rig.log.dead_letters()) != number:
            raise Failed(f"committed up to {committed} past the message at {before[place][1]}, while the dead-letter topic took nothing")
        rig.brokers.tell("clear", "Produce")
        rig.cleared()
        rig.settle()
    books = rig.check()
    assert len(books.letters) == rounds
    passed(rig, books, "31", "the dead-letter topic takes nothing for 3 s (NOT_ENOUGH_REPLICAS)", f"{rounds} times")


def test_row_31_a_flood_of_poison_takes_no_memory(rig, passed, scaled):
    rig.member("consumer-1")
    rig.member("consumer-2")
    rig.feed(400, 1000)
    rig.group_works()
    before = max(member.figures()["rss_mib"] for member in rig.members.values())
    count = scaled(20000, 2000)
    send(rig, (((f"k{i}").encode(), b"\1no tick") for i in range(count)))
    rig.cleared()
    rig.settle()
    grown = max(member.figures()["rss_mib"] for member in rig.members.values()) - before
    if grown > 64:
        raise Failed(f"{count} messages that are no ticks took {grown:.0f} MiB")
    books = rig.check()
    assert len(books.letters) == count
    passed(rig, books, "31", "a flood of one kind", f"{count} messages", f"resident memory grew by {grown:.0f} MiB.")


def test_row_35_a_log_that_has_moved_on_is_counted_exactly(rig, passed):
    """The in-process cluster keeps 5 MiB a partition: what the group has not read by then is gone, as with retention."""
    rig.member("consumer-1")
    rig.feed(500, 4000)
    rig.group_works()
    rig.settle()
    if rig.members["consumer-1"].stop() != 0:
        raise Failed(rig.members["consumer-1"].tail())
    committed = dict(rig.prober.newest)
    rig.feed(20000, None, "--start", "2026-01-02T00:00:00Z", "-X", "compression.type=none")
    rig.feed_done(rig.feeds[1])
    ends = rig.log.ends()
    # Of a partition that the group never committed the log's first offset is all there is to go by.
    gap = sum(max(0, ends[p][0] - offset) for p, offset in committed.items())
    if gap == 0:
        raise Failed(f"nothing fell out of the log: {ends}")
    member = rig.member("consumer-1")
    wait_for(lambda: member.events("assigned"), 30, "the member has partitions")
    rig.cleared()
    rig.settle()
    rig.stop_members()
    told = int(member.events("summary")[-1]["gap_messages"])
    if told != gap:
        raise Failed(f"{gap} messages were gone from the log, {told} were counted")
    books = rig.books()
    lost = books.ticks - books.stored.keys()
    if lost:
        raise Failed(f"I1: {len(lost)} ticks that the log still has are not stored")
    invariants.i3_values_are_the_same_bits(invariants.Books(
        [], [(0, n, tick) for n, tick in enumerate(books.stored)], books.stored, {}, [], books.counts))
    rig.feeds.clear()
    books.ledger, books.ledgers = [], []
    passed(rig, books, "35", "retention passed the committed offset while no member ran", f"{gap} messages gone",
           "counted exactly by the member (gap_messages); what the log still has is stored. Lost by retention, not by a fault of ours.")
