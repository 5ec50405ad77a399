"""Row 42: an exchange that does all wrong that a stream of trades can, and its producer killed in between."""

import os
import time

import pytest

import invariants
from live_trades import MS, LiveTrades, brokers_with_topics
from parts import Failed, wait_for
from rig import programs_of

COINS = ("tBTCUSD", "tETHUSD", "tXRPUSD", "tLTCUSD", "tSOLUSD", "tADAUSD")
# By chance, one in so many streamed trades, or requests of the kind.
FAULTS = (
    "drop@1/900;seq-jump=20@1/900;silent=60s@1/2500;20051=500ms@1/1200;20060=2s@1/2000;"
    "duplicate@1/300;reorder@1/200;tu-alone@1/300;tu-changed@1/1000;late=1s@1/300;"
    "trades/429@1/12;trades/truncated@1/12;trades/html@1/20;trades/slow=1s@1/20;connect/408@1/12;candles/changed-bar@1/3;candles/html@1/9")
SECOND = 10**9
MARGIN_NS = 5 * SECOND  # so much before and behind a hole is asked for, too, since trades come late
CLOCK_NS = 2 * SECOND  # the exchange's log and its clock, on a busy machine
SNAPSHOT = 30  # trades of the past that a coin begins with


@pytest.fixture
def live(make_rig, tmp_path):
    brokers = brokers_with_topics(programs_of(os.environ)["brokers"], tmp_path)
    made = LiveTrades(make_rig(brokers=brokers), COINS)
    yield made
    made.rig.end()
    brokers.end()


def begin_producer(live):
    live.begin("--source", "bitfinex-trades,bitfinex-bars", "--exchange-silence", "2s", "--reconnect-wait", "200ms",
               "--connects-per-minute", "200", "--refill-per-minute", "600", "--requests-per-minute", "200", "--history", "10m")


def check_spans(live, messages):
    """What was missed lies in holes of its coin, each of which begins at the trade before it; no break of the stream and no kill is
    outside of one."""
    time_of = {(coin, number): stored // MS * MS for coin, stored, number, *_ in live.book()}
    breaks = [*live.breaks(), *live.kills]
    for coin, holes in live.holes().items():
        for hole in holes.values():
            if hole.closed != "whole":
                raise Failed(f"{coin}: {hole} was not closed as whole")
            if time_of.get((coin, hole.last_id)) != hole.begin:
                raise Failed(f"{coin}: {hole} does not begin at its last known trade")
        of_coin = messages[coin]
        for message in of_coin[SNAPSHOT:]:
            if not message.live and not any(hole.holds(message.trade[1], MARGIN_NS) for hole in holes.values()):
                raise Failed(f"{coin}: {message.trade} was refilled and lies in no hole")
        begun = next((message.trade[1] for message in of_coin if message.live), max(breaks))
        for at_ns in breaks:
            if at_ns > begun + CLOCK_NS and not any(hole.holds(at_ns, CLOCK_NS) for hole in holes.values()):
                raise Failed(f"{coin}: the stream broke at {at_ns}, and no hole tells of it: {sorted(holes)}")


def play(live, seconds, breaks, kills):
    """The whole book of the exchange, and the kills in its first half: of a minute with one in it the coverage is not known, and nothing
    is to be compared."""
    random = live.rig.random
    live.begin_exchange("--trades-per-minute", 1200, "--history", "10m", "--length", f"{seconds}s", "--heartbeat", "500ms", "--fault", FAULTS,
                        "--limit", "trades=600,connects=200,candles=200,block=5")
    live.begin_member()
    begin_producer(live)
    for number in range(kills):
        at = breaks * (number + 1) / kills / 2
        wait_for(lambda at=at: len(live.breaks()) >= at, seconds, lambda: f"the stream breaks; {live.program.tail()}")
        time.sleep(random.uniform(0, 0.5))
        live.kill()
        begin_producer(live)
    wait_for(live.at_its_end, seconds + 60, "the book is at its end", 0.5)
    ended_s = time.monotonic()
    wait_for(live.is_whole, 90, lambda: f"the store is the exchange's book: {live.open_holes()[:3]}; {live.program.tail()}", 0.5)
    live.rig.recovered_s = time.monotonic() - ended_s
    if len(live.breaks()) < breaks:
        raise Failed(f"{breaks} breaks were wanted: {live.progress()['faults']}")
    live.stop(live.program)


def test_row_42_a_stream_that_breaks_and_a_producer_killed_miss_no_trade(live, passed, scaled):
    """The system tests have one of 10 faults and 2 kills."""
    breaks, kills, seconds = scaled(100, 10), scaled(10, 2), scaled(420, 60)
    play(live, seconds, breaks, kills)
    messages = live.messages()
    check_spans(live, messages)
    live.run("verify", "--wait", "20s")  # the member is there yet: what it says at its end would be lag
    pairs = [live.compared(coin) for coin in COINS]
    whole = sum(pair["whole"] for pair in pairs)
    if whole == 0 and seconds > 300:
        raise Failed(f"no candle of whole coverage was compared: {pairs}")
    live.stop(*live.members)
    books = live.books(messages)
    invariants.i1_nothing_is_lost(books)
    invariants.i2_nothing_is_twice(books)
    invariants.i3_values_are_the_same_bits(books)
    faults = live.progress()["faults"]
    refilled = sum(not message.live for of_coin in messages.values() for message in of_coin)
    passed(live.rig, books, "42", f"the streaming exchange: {', '.join(sorted(faults))}; SIGKILL of the producer in between",
           f"{sum(faults.values())} faults, {len(live.breaks())} of which break the stream; {kills} kills",
           f"{sum(map(len, live.holes().values()))} holes, each with its event and its closing, brought {refilled} trades; of"
           f" {sum(pair['candles'] for pair in pairs)} candles of trades or bars {whole} were of whole coverage, and none differs without"
           " a reason.")
