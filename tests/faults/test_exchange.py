"""Rows 29, 33 and 41: an exchange that answers nonsense, clocks that step, and stamps of a clock that was wrong."""

import json
import time

import pytest

from parts import Failed, run, wait_for
from rig import environment
from stand_ins import StandIn, bomb
from test_messages import framed_tick, schema_id, send
from test_store_answers import finish

COINS = ("tBTCUSD", "tETHUSD", "tXRPUSD")


def row(symbol, price=100.5, bid=1.5):
    return [symbol, bid, 2.5, 3.5, 4.5, 0.5, 0.01, price, 1000.5, 110.5, 90.5]


def rows(number):
    return [row(coin, 100 + number / 7) for coin in COINS]


def text(value):
    return 200, {"Content-Type": "application/json"}, value if isinstance(value, bytes) else json.dumps(value).encode()


# What is wrong, the answer, and how many of its rows are no ticks.
BAD_ROWS = {
    "price null": ([row("tBTCUSD", None)], 1),
    "price 0, -1": ([row("tBTCUSD", 0), row("tETHUSD", -1)], 2),
    "price a text": ([row("tBTCUSD", "100.5")], 1),
    "price 1e999": (json.dumps([row("tBTCUSD", 17)]).replace("17", "1e999").encode(), None),
    "price an integer": ([row("tBTCUSD", 30000)], 0),
    "a figure null": ([row("tBTCUSD", 5.5, None)], 0),
    "a figure an object": ([row("tBTCUSD", 5.5, {})], 1),
    "fewer columns": ([row("tBTCUSD")[:8]], 1),
    "one coin twice": ([row("tBTCUSD"), row("tBTCUSD")], 1),
    "coins nobody asked for": ([row("tDOGEUSD"), row("fUSD"), row("tX\n,USD")], 3),
    "no rows, but other things": ([1, None, "x", {}, []], 5),
}
BAD_ANSWERS = {
    "500": (500, {}, b'["error",10000,"oops"]'),
    "503 maintenance": (503, {}, b'["error",20060,"maintenance"]'),
    "HTML": (200, {"Content-Type": "text/html"}, b"<html>checking your browser</html>"),
    "an empty body": (200, {}, b""),
    "half of the JSON": (200, {}, b'[["tBTCUSD",1,2'),
    "100 MB": (200, {}, b"[" + b" " * 100_000_000 + b"]"),
    "a gzip bomb of 1 GiB": (200, {"Content-Encoding": "gzip"}, None),
    "a redirect": (302, {"Location": "http://127.0.0.1:9/"}, b""),
    "brackets 100,000 deep": (200, {}, b"[" * 100000),
    "the connection cut": None,
}


class Exchange(StandIn):
    """Answers what is queued, one after the other; then good rows for ever."""

    def __init__(self):
        super().__init__(self._serve)
        self.queue, self.good, self.times = [], 0, []

    def _serve(self, _method, path, _body):
        if "tickers" not in path:
            return text([1])
        self.times.append(time.monotonic())
        if self.queue:
            return self.queue.pop(0)
        self.good += 1
        return text(rows(self.good))


@pytest.fixture
def exchange():
    stand_in = Exchange()
    yield stand_in
    stand_in.end()


def polling(rig, exchange, name, *more, **popen):
    return rig.part(name, [
        rig.programs["candlewick"], "produce", *rig.kafka(session=False), "--source", "bitfinex", "--exchange-url", exchange.url,
        "--coins", ",".join(COINS), "--poll-interval", "50ms", "--requests-per-minute", "60000", *more], **popen)


def producing(rig, exchange, *more, **popen):
    part = polling(rig, exchange, "produce", *more, **popen)
    rig.member("consumer-1")
    wait_for(lambda: exchange.good > 3, 30, lambda: f"the exchange is asked; {part.tail()}")
    return part


def ended(part):
    if part.stop() != 0:
        raise Failed(part.tail())
    return {key: int(value) for key, value in part.events("summary")[-1].items() if value.isdigit()}


def check_books(summary, books):
    """P2 of docs/architecture.md: every row is in the log, or counted with its reason."""
    rejected = sum(value for key, value in summary.items() if key.startswith("rejected_"))
    accounted = summary["produced"] + rejected + summary["undelivered"] + summary["dropped"] + summary["held_back"] + summary["not_taken"]
    if summary["rows"] != accounted:
        raise Failed(f"P2: {summary['rows']} rows, {accounted} accounted for: {summary}")
    if summary["produced"] != len(books.log):
        raise Failed(f"{summary['produced']} ticks acknowledged, {len(books.log)} in the log")
    return rejected


@pytest.mark.quick
def test_row_33_rows_that_are_no_ticks_are_counted_by_reason(rig, exchange, passed, scaled):
    rounds = scaled(20, 2)
    part = producing(rig, exchange)
    exchange.queue += [text(answer) for _ in range(rounds) for answer, _ in BAD_ROWS.values()]
    wait_for(lambda: not exchange.queue, 120, "all bad answers are played")
    at = exchange.good
    wait_for(lambda: exchange.good > at + 5, 60, "it goes on")
    summary = ended(part)
    books = finish(rig, passed, "33", "rows of the exchange that are no ticks: " + ", ".join(BAD_ROWS), f"{rounds * len(BAD_ROWS)} answers")
    want = rounds * sum(count for _, count in BAD_ROWS.values() if count is not None)
    rejected = check_books(summary, books)
    if rejected not in (want, want + rounds):
        raise Failed(f"{rejected} rows rejected, {want} were bad: {summary}")


def test_row_33_answers_that_are_none_are_asked_for_again(rig, exchange, passed):
    part = producing(rig, exchange)
    for what, answer in BAD_ANSWERS.items():
        if what.startswith("a gzip bomb"):
            answer = (*answer[:2], bomb(1024))
        at = exchange.good
        exchange.queue.append(answer)
        wait_for(lambda: not exchange.queue and exchange.good > at + 2, 60, lambda: f"it goes on after {what}; {part.tail()}")
    peak = part.figures()["peak_mib"]
    if peak > 100:
        raise Failed(f"the producer took {peak:.0f} MiB")
    summary = ended(part)
    books = finish(rig, passed, "33", "answers of the exchange: " + ", ".join(BAD_ANSWERS), f"{len(BAD_ANSWERS)} answers",
                   f"the producer took {peak:.0f} MiB at most.")
    check_books(summary, books)


def test_row_33_a_rate_limit_is_waited_out(rig, exchange, passed):
    part = producing(rig, exchange)
    exchange.queue.append((429, {}, b'{"error":"ERR_RATE_LIMIT"}'))
    wait_for(lambda: not exchange.queue, 10, "the 429 is played")
    at = len(exchange.times)
    wait_for(lambda: len(exchange.times) > at, 90, "it asks again")
    waited_s = exchange.times[at] - exchange.times[at - 1]
    if waited_s < 59:
        raise Failed(f"asked again {waited_s:.1f} s after a rate limit")
    summary = ended(part)
    books = finish(rig, passed, "33", "429", "1 answer", f"asked again after {waited_s:.0f} s.")
    check_books(summary, books)


@pytest.fixture
def clock(rig):
    """clock(text): what the shim's clock file says from now on; its environment in clock.environment."""
    folder = rig.shim()

    def say(words):
        (folder / "new").write_text(str(words))
        (folder / "new").rename(folder / "clock")

    say.environment = rig.preload()
    return say


SECOND = 10**9
HOUR = 3600 * SECOND


@pytest.mark.quick
def test_row_29_the_consumers_clock_has_no_effect_on_points(rig, clock, passed):
    clock(-HOUR)
    rig.member("consumer-1", preload=clock.environment)
    rig.member("consumer-2", preload=clock.environment)
    rig.feed(600, 1000)
    rig.group_works()
    for step in (HOUR, -SECOND // 2, f"={1700000000 * SECOND}", 0, -24 * HOUR):
        clock(step)
        time.sleep(0.8)
    rig.feed_done(rig.feeds[0])
    clock(0)
    finish(rig, passed, "29", "members' clocks step by hours, stand still, go back a day", "6 steps")


def test_row_29_the_producers_clock_never_makes_a_wrong_or_second_identity(rig, exchange, clock, passed):
    clock(0)
    part = producing(rig, exchange, environment=environment(**clock.environment))

    def wait_rounds(count):
        at = exchange.good
        wait_for(lambda: exchange.good > at + count, 30, lambda: f"it goes on; {part.tail()}")

    for step in (SECOND // 2, 0, f"={time.time_ns()}", 0, -SECOND // 2, 0):
        clock(step)
        wait_rounds(12)
    clock(-HOUR)
    wait_rounds(20)
    held_from = time.time_ns() - HOUR - 30 * SECOND
    clock(0)
    wait_rounds(12)
    clock(HOUR)  # forward: nobody can tell a leap from the truth
    wait_rounds(12)
    summary = ended(part)
    books = finish(rig, passed, "29", "the producer's clock steps by ±500 ms, ±1 h, and stands still", "8 steps",
                   f"{summary['held_back']} rows were held back while it was an hour behind.")
    check_books(summary, books)
    if summary["held_back"] == 0:
        raise Failed("nothing was held back while the clock was an hour behind")
    newest = {}
    for _, _, tick in sorted(books.log):
        coin, time_ns, _ = tick.split(" ", 2)
        if int(time_ns) <= newest.get(coin, 0):
            raise Failed(f"{coin} was stamped {time_ns} after {newest[coin]}")
        newest[coin] = int(time_ns)
        if int(time_ns) < held_from + HOUR - 600 * SECOND:
            raise Failed(f"{coin} was stamped {time_ns} by a clock that was an hour behind")


def kinds_of_letters(rig):
    text = run([rig.programs["candlewick"], "dlq", "--brokers", rig.brokers.bootstrap, "--topic", rig.topic, "--format", "json"],
               rig.folder, environment())
    return [letter["kind"] for letter in json.loads(text)["letters"]]


@pytest.mark.quick
def test_row_41_a_stamp_of_the_future_stops_nobody(rig, exchange, passed):
    """Neither the producer that runs, nor one that begins when such stamps are in the log's tail."""
    def goes_on(part):
        def counts():
            return {coin: sum(tick.startswith(coin + " ") for tick in rig.stored()) for coin in COINS}

        before = counts()
        wait_for(lambda: all(count > before[coin] + 5 for coin, count in counts().items()), 30,
                 lambda: f"ticks of all coins are stored, {before} so far: {part.tail()}", 0.2)

    part = producing(rig, exchange)
    goes_on(part)
    now_ns = time.time_ns()
    ahead = [now_ns + hours * HOUR for hours in (2, 24, 24 * 365 * 100)]
    near = [now_ns + HOUR // 2]  # stored: a clock may be wrong by so much
    send(rig, [(b"tBTCUSD", framed_tick(schema_id(rig), time_ns, n)) for n, time_ns in enumerate([*ahead, *near])])
    wait_for(lambda: kinds_of_letters(rig) == ["ahead"] * len(ahead), 20, lambda: f"dead letters: {kinds_of_letters(rig)}", 0.2)
    goes_on(part)
    summaries = [ended(part)]
    again = polling(rig, exchange, "produce-again")
    again.wait_event("tail_read")  # what is stored before it may be of the first producer
    goes_on(again)
    summaries.append(ended(again))
    told = again.events("stamp_ahead")
    books = finish(rig, passed, "41", "ticks of the future: 2 h, a day, 100 years (dead letters of kind `ahead`); half an hour (stored)",
                   f"{len(ahead) + len(near)} messages", "the live producer goes on for all coins, and so does one that begins after them.")
    if any(summary["held_back"] or summary["dropped"] for summary in summaries):
        raise Failed(f"ticks were held back: {summaries}")
    if len(told) != len(near) or told[0]["symbol"] != "tBTCUSD":
        raise Failed(f"the stamp that binds nobody is not told: {told}; {again.tail()}")
    if sum(summary["produced"] for summary in summaries) + len(ahead) + len(near) != len(books.log):
        raise Failed(f"{summaries}: the log has {len(books.log)} messages")
