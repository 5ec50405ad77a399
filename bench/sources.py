"""What comes from a file of bars and from a feed of news: records a second, on the way to Kafka and to the store."""

import random
import sys
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import bars
from measure import NS, Timed, to_its_end
from stage import Part, say, wait_for

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from feed_server import Answer, FeedServer  # noqa: E402

BARS, COINS, MINUTE_MS = 1_000_000, 10, 60_000
ITEMS = 20_000
PARTITIONS = 6


def kafka(stage, kind, topic):
    return ["--brokers", stage.brokers, "--registry", stage.registry, "--topic", f"{kind}={topic},event={topic}-events"]


def make_topics(stage, kind, topic, store):
    stage.topics |= {topic, f"{topic}-events"}
    options = ["--streams", f"{kind},event", "--store", store, "--topic-partitions", PARTITIONS, "--topic-replication", 3, "--topic-min-isr", 2]
    stage.run("prepare", stage.candlewick("prepare", *kafka(stage, kind, topic), *options), 120)


def write_bars(path, count, seed=16):
    """One-minute bars of ten coins, in the order of their time."""
    chance = random.Random(seed)
    prices = [100.0 * (number + 1) for number in range(COINS)]
    with open(path, "w", encoding="utf-8") as file:
        file.write("time,symbol,timeframe,open,high,low,close,volume,quote_volume,trades\n")
        for number in range(count):
            coin, opened = number % COINS, prices[number % COINS]
            closed = round(opened * (1 + chance.uniform(-0.001, 0.001)), 2)
            high, low = round(max(opened, closed) * 1.0003, 2), round(min(opened, closed) * 0.9997, 2)
            volume = round(chance.uniform(0.1, 500), 8)
            at_ms = 1_700_000_040_000 + number // COINS * MINUTE_MS
            file.write(f"{at_ms},C{coin:02}USDT,1m,{opened},{high},{low},{closed},{volume},{round(volume * closed, 8)},{chance.randrange(1, 2000)}\n")
            prices[coin] = closed


def replayed_bars(stage, sink, count=BARS):
    """A whole process, from its start to its end, with every bar acknowledged."""
    say(f"==> {count:,} bars by replay")
    topic, path = "bench-bars", stage.folder / "bars.csv"
    make_topics(stage, "bar", topic, sink.url)
    write_bars(path, count)
    command = stage.candlewick("produce", *kafka(stage, "bar", topic), "--source", f"replay:{path}", "--coins", "ALL", "--speed", "max")
    result = to_its_end(stage, "produce-bars", command, count, 300)
    held = stage.messages_in(topic)
    stage.drop_topics(topic, f"{topic}-events")
    path.unlink()
    say(f"    {result.rate:,.0f} bars/s, {result.cpu_per_million:.2f} CPU s per million")
    return [
        bars.Bar("bars that replay has to send, all of them in the log", f"{count:,}", f"{held:,}", held == count),
        bars.at_least("replay, bars/s from a file to Kafka's acknowledgement", result.rate, 100_000, "{:,.0f}"),
    ]


def feed(first, count):
    now = datetime.now(timezone.utc).replace(microsecond=0)
    items = "".join(
        f"<item><title>Headline {number}: Bitcoin &amp;amp; Ether</title><link>https://a.example/news/{number}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>g-{number}</guid><pubDate>{format_datetime(now - timedelta(seconds=number))}</pubDate></item>"
        for number in range(first, first + count))
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{items}</channel></rss>".encode()


def news(stage, sink, count=ITEMS):
    """From the request of the feed to its last item's line in the sink. The group has joined before: it has stored another feed."""
    say(f"==> one feed of {count:,} news")
    topic = "bench-news"
    make_topics(stage, "news", topic, sink.url)
    sink.reset()
    options = [*kafka(stage, "news", topic), "--store", sink.url, "--streams", "news", "--group", stage.new_group("news")]
    consumer = Timed(stage, "consume-news", stage.candlewick("consume", *options))
    with FeedServer() as feeds:
        feeds.answers |= {"/first": Answer(feed(0, 1)), "/all": Answer(feed(1, count))}
        for path, lines in (("/first", 1), ("/all", count + 1)):
            source = ["--source", f"rss:{feeds.url}{path}", "--poll-interval", "rss=10m"]
            producer = Part(stage, "produce-news", stage.candlewick("produce", *kafka(stage, "news", topic), *source))
            wait_for(lambda: feeds.count(path), 60, "the request of the feed", every=0.001)
            began_ns = time.monotonic_ns()
            wait_for(lambda: sink.counts()["lines"] >= lines, 60, f"{lines} news in the sink", every=0.005)
            producer.end()
            stage.parts.remove(producer)
    seconds = (sink.counts()["last_ns"] - began_ns) / NS
    consumer.end_well()
    consumer.costs()
    stage.drop_topics(topic, f"{topic}-events")
    say(f"    {count / seconds:,.0f} news/s")
    return [bars.at_least("news/s of one feed, from its request to the sink", count / seconds, 20_000, "{:,.0f}")]


def measure(stage, sink):
    return [*replayed_bars(stage, sink), *news(stage, sink)]
