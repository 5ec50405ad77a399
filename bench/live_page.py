"""Live trades on the page: how long one takes from its frame to a browser, and when the bars of the last day are there."""

import json
import threading
import time
import urllib.error
import urllib.request

import bars
from measure import NS
from stage import Failed, Part, address_in, say, wait_for
from trades import COINS, Exchange, kafka, make_topics, produce

LIVE_S, STARTING_S = 60, 5
A_MINUTE = 120  # trades of each of ten coins: 20 a second


class Reader(threading.Thread):
    """A browser's connection: [(when a trade came, ns; its own time, ns)]."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.seen = []
        self.answer = urllib.request.urlopen(url + "/api/events", timeout=30)

    def run(self):
        event = b""
        for line in self.answer:
            if line.startswith(b"event:"):
                event = line[6:].strip()
            elif line.startswith(b"data:") and event == b"trade":
                self.seen.append((time.time_ns(), int(json.loads(line[5:])["exchange_time_ns"])))


def begin_page(stage, topic, store):
    options = ["--store", store, "--streams", "trade,event", "--listen", "127.0.0.1:0"]
    server = Part(stage, "serve", [stage.program, "serve", *kafka(stage, topic), *options])
    return server, wait_for(lambda: address_in(server, "http://127.0.0.1:"), 30, "the page")


def frame_to_page(stage, sink):
    say(f"==> 20 trades a second of ten coins for {LIVE_S} s, from the frame to the page")
    topic, store = "bench-page", f"sqlite:{stage.folder}/page.db"
    make_topics(stage, topic, sink.url)
    exchange = Exchange(stage, "--history", "1m", "--length", f"{LIVE_S + 60}s", "--trades-per-minute", A_MINUTE)
    group = ["--group", stage.new_group("page"), "--store", store, "--streams", "trade,event"]
    consumer = Part(stage, "consume-page", stage.candlewick("consume", *kafka(stage, topic), *group))
    wait_for(lambda: (stage.folder / "page.db").exists(), 30, "the store")
    server, url = begin_page(stage, topic, store)
    producer = Part(stage, "produce-page", produce(stage, topic, exchange))
    wait_for(lambda: exchange.progress()["streamed"] > 0, 30, "the first trade")
    behind_ns = time.time_ns() - exchange.progress()["time_ms"] * 1_000_000  # the wall clock, before that of the exchange
    reader = Reader(url)
    reader.start()
    wait_for(lambda: reader.seen, 30, "a trade on the page")
    steady_ns = time.time_ns() + STARTING_S * NS  # the group has been joined, the schema been fetched
    time.sleep(STARTING_S + LIVE_S)
    waits_ms = sorted((came_ns - time_ns - behind_ns) / 1e6 for came_ns, time_ns in list(reader.seen) if came_ns > steady_ns)
    for part in (producer, server, consumer, exchange):
        part.end()
        stage.parts.remove(part)
    if len(waits_ms) < 5 * LIVE_S:
        raise Failed(f"{len(waits_ms)} trades came to the page in {LIVE_S} s")
    say(f"    {len(waits_ms)} trades: {waits_ms[len(waits_ms) // 2]:.0f} ms, half of them; {waits_ms[-1]:.0f} ms at most")
    return [bars.at_most("from the exchange's frame to the page, 99 of 100 trades, 20 a second", waits_ms[int(len(waits_ms) * 0.99)], 150, "{:.0f} ms")]


def ask(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def first_day(stage):
    """A demo on an empty store, until its page has all bars of the last day of one coin."""
    say("==> the bars of the last day, on an empty store")
    exchange = Exchange(stage, "--history", "1d", "--length", "10m")
    addresses = ["--exchange-url", exchange.url, "--exchange-ws-url", exchange.ws_url, "--coins", COINS]
    demo = Part(stage, "demo", [stage.program, "demo", "--listen", "127.0.0.1:0", "--store", f"sqlite:{stage.folder}/day.db", *addresses])
    page = wait_for(lambda: next((word.removeprefix("page=") for word in demo.log.read_text().split() if word.startswith("page=http")), None), 60,
                    "the page")
    began = time.monotonic()
    since = int(time.time() - 86_400 + 120) // 60 * 60
    until = int(time.time()) // 60 * 60 - 120
    wanted = {row[0] // 1000 for row in ask(f"{exchange.url}/v2/candles/trade:1m:tBTCUSD/hist?limit=10000") if since <= row[0] // 1000 < until}

    def shown():
        try:
            candles = ask(f"{page}/api/candles?coin=tBTCUSD&of=bar&interval=1m&from={since}&to={until}")
        except urllib.error.HTTPError:
            return False
        return len(candles) >= len(wanted)

    wait_for(shown, 120, f"{len(wanted)} bars on the page", 0.1)
    seconds = time.monotonic() - began
    for part in (demo, exchange):
        part.end()
        stage.parts.remove(part)
    return [bars.at_most(f"from the page's first answer to the {len(wanted):,} bars of the last day of a coin, ten coins asked for", seconds, 5, "{:.1f} s")]


def measure(stage, sink):
    """One that cannot be measured is missed, and hides none of the others."""
    judged = []
    for what, one in (("from the frame to the page", lambda: frame_to_page(stage, sink)), ("the last day's bars", lambda: first_day(stage))):
        try:
            judged += one()
        except Failed as failure:
            say(f"error: {what}: {failure}")
            judged.append(bars.Bar(what, "measured", "failed", False))
    return judged
