"""The bars that --check judges: what of them the rounds have not measured already is measured here."""

import json
import time
import urllib.request
from dataclasses import dataclass
from statistics import median

import table
from contenders import OURS, PRODUCE, RAW_READ, RAW_WRITE, TUNED, Run, consume
from measure import Timed, to_its_end
from stage import Failed, Part, Sink, address_in, say, wait_for

AWAY_S = 60
LIVE_S, STARTING_S = 30, 3
DAY_ROWS, MONTH_ROWS, POLL_MS = 10 * 17_280, 3 * 518_400, 5000


@dataclass
class Bar:
    what: str
    wanted: str
    seen: str
    met: bool
    hard: bool = False


def at_least(what, seen, least, form="{:.2f}", hard=False):
    return Bar(what, f"≥ {form.format(least)}", form.format(seen), seen >= least, hard)


def at_most(what, seen, most, form="{:.0f} MiB", hard=False):
    return Bar(what, f"≤ {form.format(most)}", form.format(seen), seen <= most, hard)


NEEDED = (OURS, TUNED, PRODUCE, RAW_WRITE, RAW_READ)  # of the rounds


def from_rounds(results):
    speed = table.of(results[OURS], "rate") / table.of(results[TUNED], "rate")
    cost = table.of(results[OURS], "cpu_per_million") / table.of(results[TUNED], "cpu_per_million")
    return [
        at_most("consume, most memory at full speed", max(run.rss_mib for run in results[OURS]), 96, hard=True),
        at_least("consume, ticks/s of tuned Python's", speed, 6, hard=True),
        at_most("consume, CPU of tuned Python's", cost, 0.25, "{:.3f}", hard=True),
        at_least("produce, ticks/s of librdkafka's alone", table.produce_share(results), 0.5),
    ]


def sink_away(stage, sink, *options):
    """The sink ends and comes back on its port after a minute."""
    sink.end()
    time.sleep(AWAY_S)
    return Sink(stage, *options, port=sink.port)


def away_at_full_speed(stage, topic, messages):
    say(f"==> consume at full speed, the store away for {AWAY_S} s")
    sink = Sink(stage)
    group = stage.new_group("away")
    part = Timed(stage, "consume-away", consume(Run(stage, topic, group, sink.url, messages)))
    wait_for(lambda: sink.counts()["lines"] > messages // 10, 60, "a tenth of the lines")
    left = messages - sink.counts()["lines"]
    if left < messages // 10:
        raise Failed(f"the store was to go away at full speed, and {left} of {messages} messages were left then: give more --messages")
    sink = sink_away(stage, sink)
    wait_for(lambda: stage.committed(topic, group) == messages, 180, "all committed after the store came back", every=0.2)
    part.end_well()
    sink.end()
    return [at_most("consume, most memory at full speed with the store away for a minute", part.costs()[3], 96, hard=True)]


def kept_lines(path):
    """(line, when it was there) of what a sink has kept."""
    waiting = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("# "):
                came_ns = int(line[2:])
                yield from ((text, came_ns) for text in waiting)
                waiting = []
            else:
                waiting.append(line)


def point_of(line):
    return line.split(" ", 1)[0], int(line.rsplit(" ", 1)[1])


def live(stage):
    """Ten coins a second from an exchange over HTTP into a sink, which then is away for a minute."""
    say(f"==> ten coins every second for {LIVE_S} s, then the store away for {AWAY_S} s")
    topic, group = "bench-live", stage.new_group("live")
    kept = [stage.folder / "kept-1", stage.folder / "kept-2"]
    sink = Sink(stage, "--keep", kept[0])
    stage.make_topic(topic, 6, sink.url)
    part = Timed(stage, "consume-live", consume(Run(stage, topic, group, sink.url, 0)))
    data = stage.make_ticks(1000)
    exchange = Part(stage, "exchange", [stage.program, "fake-exchange", "--data", data, "--listen", "127.0.0.1:0"])
    url = wait_for(lambda: address_in(exchange, "http://127.0.0.1:"), 20, "the exchange")
    source = ["--exchange-url", url, "--coins", "ALL", "--poll-interval", "1s", "--requests-per-minute", "120"]
    producer = Part(stage, "produce-live", stage.candlewick("produce", *stage.kafka(topic), *source))
    wait_for(lambda: sink.counts()["lines"] >= 10 * (STARTING_S + LIVE_S), LIVE_S + 60, "the ticks of the first seconds")
    sink = sink_away(stage, sink, "--keep", kept[1])
    producer.end()
    messages = stage.messages_in(topic)
    wait_for(lambda: stage.committed(topic, group) == messages, 90, "all committed after the store came back", every=0.2)
    part.end_well()
    exchange.end()
    sink.end()
    stored = {point_of(line) for path in kept for line, _ in kept_lines(path)}
    if len(stored) != messages:
        raise Failed(f"{messages} ticks in the log, {len(stored)} different ones in the sink")
    times = [(point_of(line)[1], came_ns) for line, came_ns in kept_lines(kept[0])]
    steady_ns = min(times)[0] + STARTING_S * 10**9  # the group has been joined, the schema been fetched
    waits_ms = sorted((came_ns - time_ns) / 1e6 for time_ns, came_ns in times if time_ns >= steady_ns)
    p99 = waits_ms[int(len(waits_ms) * 0.99)]
    return [
        at_most("consume, most memory at 10 ticks/s, the store away for a minute too", part.costs()[3], 32, hard=True),
        at_most(f"from poll to stored, 99 of 100 ticks, once {STARTING_S} s have passed", p99, 250, "{:.0f} ms"),
    ]


def fill_sqlite(stage, topic, messages):
    """Everything of the topic in a SQLite file, committed."""
    store, group = f"sqlite:{stage.folder / topic}.db", f"sqlite-{topic}"
    part = Timed(stage, f"consume-{topic}", consume(Run(stage, topic, group, store, messages)))
    wait_for(lambda: stage.committed(topic, group) == messages, 300, f"{messages} ticks of {topic} in SQLite", every=0.2)
    part.end_well()
    part.costs()
    return store, group


def made_store(stage, sink, topic, rows, coins):
    stage.make_topic(topic, 2, sink.url)
    stage.run("fill", stage.produce_command(topic, stage.make_ticks(rows, coins, POLL_MS)), 300)
    return fill_sqlite(stage, topic, rows)[0]


def verify(stage, topic, messages, alone):
    """`alone`: messages/s that librdkafka reads of the same topic. The bar was set where it read 2,180,000, so that the second one means
    the same on another machine."""
    say("==> verify")
    store, group = fill_sqlite(stage, topic, messages)
    command = stage.candlewick("verify", *stage.kafka(topic), "--group", group, "--store", store)
    result = to_its_end(stage, "verify", command, messages, 300)
    return [
        at_least("verify, messages/s (SQLite)", result.rate, 500_000, "{:,.0f}"),
        at_least("verify, messages/s of librdkafka's alone (our settings)", result.rate / alone, 0.23),
        at_most("verify, most memory", result.rss_mib, 192),
    ]


def candles(stage, sink):
    say("==> candles of a day")
    store = made_store(stage, sink, "bench-day", DAY_ROWS, 10)
    took_ms = []
    with open(stage.make_ticks(DAY_ROWS, 10, POLL_MS), encoding="utf-8") as rows:
        next(rows)
        coins = [next(rows).split(",")[1] for _ in range(10)]
    for coin in coins:
        command = stage.candlewick("candles", "--coin", coin, "--store", store, "--format", "csv")
        took_ms.append(median(to_its_end(stage, "candles", command, 1, 30).seconds * 1e3 for _ in range(5)))
    return [at_most("candles, a day of one of 10 coins (5 s polls) from SQLite, the whole process", max(took_ms), 20, "{:.0f} ms")]


def page(stage, sink):
    say("==> the page's first candles")
    store = made_store(stage, sink, "bench-month", MONTH_ROWS, 3)
    options = ["--store", store, "--listen", "127.0.0.1:0", "--brokers", stage.brokers, "--registry", stage.registry, "--topic", "bench-month"]
    server = Part(stage, "serve", [stage.program, "serve", *options])
    url = wait_for(lambda: address_in(server, "http://127.0.0.1:"), 20, "the page")
    began = time.monotonic()
    with urllib.request.urlopen(f"{url}/api/candles?coin=tBTCUSD&interval=5m&limit=1000", timeout=30) as answer:
        got = len(json.load(answer))
    took_ms = (time.monotonic() - began) * 1e3
    server.end()
    if got != 1000:
        raise Failed(f"the page gave {got} candles, not 1000")
    return [at_most("page, its first 1,000 of a month of 5-minute candles (5 s polls)", took_ms, 300, "{:.0f} ms")]


def judge(stage, sink, options, results, topic, more):
    """One that cannot be measured is missed, and hides none of the others. `more`: soft ones of other files, by name."""
    bars = from_rounds(results)
    measures = {
        "consume, the store away at full speed": (True, lambda: away_at_full_speed(stage, topic, options.messages)),
        "consume at 10 ticks/s": (True, lambda: live(stage)),
        "verify": (False, lambda: verify(stage, topic, options.messages, table.of(results[RAW_READ], "rate"))),
        "candles": (False, lambda: candles(stage, sink)),
        "page": (False, lambda: page(stage, sink)),
        **{what: (False, measure) for what, measure in more.items()},
    }
    for what, (hard, measure) in measures.items():
        try:
            bars += measure()
        except Failed as failure:
            say(f"error: {what}: {failure}")
            bars.append(Bar(what, "measured", "failed", False, hard))
    return bars


def render(bars):
    lines = ["| bar | wanted | seen | |", "|---|--:|--:|---|"]
    for bar in bars:
        lines.append(f"| {bar.what}{' (hard)' if bar.hard else ''} | {bar.wanted} | {bar.seen} | {'met' if bar.met else '**missed**'} |")
    return "\n".join(lines) + "\n"
